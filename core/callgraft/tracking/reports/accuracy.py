"""How right matches are: as the model expects it, and against what is known otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import sqrt

from callgraft.stores.protocol import Store, Transaction
from callgraft.tracking.attribution import NAMED
from callgraft.tracking.exposures import exposures_of
from callgraft.tracking.learned import tables_in_force
from callgraft.tracking.posterior import posterior
from callgraft.tracking.reports.reading import calls_read
from callgraft.tracking.states import Exposure, SignKind, conduct_of
from callgraft.tracking.values import Call, CallMark, Proof

_SHARED_OUT = ("posterior", "known_phone", "proof")
_CHECKED = 300
"""So many of the newest calls are weighed again for each check; each takes milliseconds."""
_JUST = timedelta(seconds=20)
_SURELY = 1.959964
_OUT = (CallMark.SERVICE, CallMark.CLIENT, CallMark.SPAM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """
    How often the model alone was right of calls whose visitor is known in another way.

    ``named`` is of how many of the ``calls`` it named somebody; ``right`` how many of those were
    right; ``accuracy`` lies between ``low`` and ``high`` in 95 of 100 cases.
    """

    name: str
    calls: int
    named: int
    right: int
    accuracy: float | None
    low: float | None
    high: float | None
    means: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """
    Three figures that are not one: of the ``calls`` on pools' numbers, ``matched`` name a visitor;
    ``estimated`` is how many of those are right, as the model expects (mean confidence), and
    ``recall`` how many of all calls are matched and right, by the same estimate.

    ``checks`` hold this against ground truth, where there is some.
    """

    calls: int
    matched: int
    estimated: float | None
    recall: float | None
    checks: tuple[Check, ...] = ()


def accuracy_of(store: Store, site: str, *, since: datetime, until: datetime) -> Accuracy:
    """Tell how right the matches of a period are."""
    calls = matched = 0
    sure = 0.0
    newest: list[Call] = []
    for page in calls_read(store, site, since=since, until=until):
        for call in page.calls:
            found = call.attribution
            if found.method not in _SHARED_OUT or not set(_OUT).isdisjoint(call.marks):
                continue
            calls += 1
            newest.append(call)
            if found.visitor and found.probability >= NAMED:
                matched += 1
                sure += found.probability
        newest = newest[-20 * _CHECKED :]
    return Accuracy(
        calls=calls,
        matched=matched,
        estimated=sure / matched if matched else None,
        recall=sure / calls if calls else None,
        checks=tuple(_checks(store, site, newest)),
    )


def _checks(store: Store, site: str, calls: Sequence[Call]) -> Iterator[Check]:
    proven = _proven(store, site, calls)
    for kind in sorted({proof.kind for _, proof in proven}):
        of_kind = [(call, proof) for call, proof in proven if proof.kind is kind][-_CHECKED:]
        verdicts = [_is_right(_best(store, call), proof) for call, proof in of_kind]
        yield _check(kind.value.replace("_", " "), verdicts, _MEANS_PROVEN)
    twice = [*_twice(store, calls)]
    if twice:
        yield _check("callers who rang twice", twice, _MEANS_TWICE, share_of=sqrt)
    pressed = [*_pressed(store, calls[-_CHECKED:])]
    if pressed:
        yield _check("self-check", pressed, _MEANS_PRESSED)


_MEANS_PROVEN = "The model alone, beside what was proved of these calls."
_MEANS_TWICE = (
    "Two calls of one phone to two numbers, each weighed by itself: both name one visitor as often"
    " as both are right, so this is the square root of that."
)
_MEANS_PRESSED = (
    "Calls within 20 s of a press on the call link, with presses hidden from the model: at best,"
    " for it flatters by 1 to 3 points."
)

_Verdict = bool | None
"""Whether the model was right; None where it named nobody."""


def _proven(store: Store, site: str, calls: Sequence[Call]) -> list[tuple[Call, Proof]]:
    """Calls of which a person's session or visitor is proved; the first proof of each counts."""
    found = []
    for first in range(0, len(calls), 500):
        batch = calls[first : first + 500]
        told = store.read(
            lambda here, ids=tuple(call.id for call in batch): here.proofs(site, ids)  # type: ignore[misc]
        )
        for call in batch:
            named = [each for each in told.get(call.id, ()) if each.session or each.visitor]
            found += [(call, each) for each in named[:1]]
    return found


def _is_right(best: Exposure | None, proof: Proof) -> _Verdict:
    if best is None:
        return None
    if proof.visitor:
        return best.visitor == proof.visitor
    return best.session == proof.session


def _twice(store: Store, calls: Sequence[Call]) -> Iterator[_Verdict]:
    """Whether the first two calls of a phone to two different numbers name one visitor."""
    by_phone: dict[str, list[Call]] = {}
    for call in calls:
        theirs = by_phone.setdefault(call.caller, [])
        if call.caller and len(theirs) < 2 and call.number not in [one.number for one in theirs]:
            theirs.append(call)
    pairs = [theirs for theirs in by_phone.values() if len(theirs) == 2]
    for one, other in pairs[-_CHECKED:]:
        first, second = _best(store, one), _best(store, other)
        yield None if first is None or second is None else first.visitor == second.visitor


def _pressed(store: Store, calls: Sequence[Call]) -> Iterator[_Verdict]:
    for call in calls:
        exposures = store.read(lambda here, one=call: exposures_of(here, one))  # type: ignore[misc]
        pressed = [each for each in exposures if _just_pressed(each, call)]
        if len(pressed) == 1:
            hidden = [_without_presses(each) for each in exposures]
            best = _best(store, call, hidden)
            yield None if best is None else best.session == pressed[0].session


def _just_pressed(exposure: Exposure, call: Call) -> bool:
    since = conduct_of(exposure, call.rang_at).since_press
    return since is not None and since <= _JUST


def _without_presses(exposure: Exposure) -> Exposure:
    kept = tuple(sign for sign in exposure.log if sign.kind is not SignKind.TEL_PRESSED)
    return replace(exposure, log=kept)


def _best(store: Store, call: Call, exposures: Sequence[Exposure] | None = None) -> Exposure | None:
    """Whom the model alone names, without proofs and without knowing the phone."""

    def work(transaction: Transaction) -> Exposure | None:
        shown = exposures_of(transaction, call) if exposures is None else exposures
        tables = tables_in_force(transaction, call.site)
        region = call.region or None
        shared = posterior(shown, rang_at=call.rang_at, caller_region=region, tables=tables)
        best = shared.shares[0] if shared.shares else None
        return best.exposure if best and best.probability >= NAMED else None

    return store.read(work)


def _check(
    name: str,
    verdicts: Sequence[_Verdict],
    means: str,
    *,
    share_of: Callable[[float], float] = lambda share: share,
) -> Check:
    named = [each for each in verdicts if each is not None]
    right = sum(named)
    bounds = _wilson(right, len(named)) if named else None
    return Check(
        name=name,
        calls=len(verdicts),
        named=len(named),
        right=right,
        accuracy=share_of(right / len(named)) if named else None,
        low=share_of(bounds[0]) if bounds else None,
        high=share_of(bounds[1]) if bounds else None,
        means=means,
    )


def _wilson(right: int, whole: int) -> tuple[float, float]:
    """
    Bounds of a share, good for few cases too.

    Source: E. B. Wilson, "Probable inference" (1927).
    """
    share, squared = right / whole, _SURELY**2
    middle = (share + squared / (2 * whole)) / (1 + squared / whole)
    spread = share * (1 - share) / whole + squared / (4 * whole**2)
    width = _SURELY * sqrt(spread) / (1 + squared / whole)
    return max(middle - width, 0.0), min(middle + width, 1.0)
