"""Where a call came from: the visitor, if one is likely enough, and else what all agree on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

from callgraft.source import Touch
from callgraft.tracking.posterior import Posterior, Share, posterior
from callgraft.tracking.reasons import conclusion, reason
from callgraft.tracking.states import Exposure, Sign, SignKind, State, state_of
from callgraft.tracking.tables import DEFAULT, Tables
from callgraft.tracking.values import Attribution, Candidate

__all__ = [
    "DEFAULT",
    "Exposure",
    "Posterior",
    "Share",
    "Sign",
    "SignKind",
    "State",
    "Tables",
    "attribute",
    "posterior",
    "record",
    "source_only",
    "state_of",
]

NAMED = 0.5
"""From here on a call is given to one visitor."""

SURE = 0.8
"""From here on a source, medium, campaign or keyword is told, whoever the visitor was."""

CANDIDATES = 5
"""How many candidates a call's record keeps."""


def attribute(
    exposures: Sequence[Exposure],
    *,
    rang_at: datetime,
    caller_region: str | None = None,
    tables: Tables = DEFAULT,
) -> Attribution:
    """
    Say where a call to a number of a pool came from.

    The same as :func:`posterior`, then :func:`record`, for whoever does not keep the shares.
    """
    shared = posterior(exposures, rang_at=rang_at, caller_region=caller_region, tables=tables)
    return record(shared, rang_at=rang_at, caller_region=caller_region)


def record(
    shared: Posterior, *, rang_at: datetime, caller_region: str | None = None
) -> Attribution:
    """
    Turn a shared-out call into what its record says.

    A visitor is named from .5 on, with that session's source, medium, campaign and keyword. When
    nobody can be named, each of these in turn is still told while the candidates who share it and
    those before it make up .8 of the call. A number that nobody was shown gives ``posterior`` with
    probability 0: it was weighed as well, and the caller is a stranger for certain.
    """
    best = shared.shares[0] if shared.shares else None
    named = best.exposure if best and best.probability >= NAMED else None
    told = facets(named.touch) if named else agreed(shared.shares)
    source_probability = _source_probability(shared.shares, named)
    return Attribution(
        method="posterior",
        probability=best.probability if best else 0.0,
        visitor=named.visitor if named else "",
        session=named.session if named else "",
        source=told[0],
        medium=told[1],
        campaign=told[2],
        keyword=told[3],
        source_probability=source_probability,
        candidates=tuple(
            _candidate(share, rang_at, caller_region) for share in shared.shares[:CANDIDATES]
        ),
        because=conclusion(
            shared,
            named=reason(named, rang_at, caller_region) if named else "",
            source=told[0],
            source_probability=source_probability,
        ),
        stray=shared.stray,
        tables=shared.version,
    )


def source_only(source: str, medium: str, campaign: str, because: str) -> Attribution:
    """Attribute a call on an overflow or fixed number: its source for certain, and no visitor."""
    return Attribution(
        method="source_only",
        source=source,
        medium=medium,
        campaign=campaign,
        source_probability=1.0 if source else 0.0,
        because=because,
    )


_FACETS: tuple[Callable[[Touch], str], ...] = (
    lambda touch: touch.source,
    lambda touch: touch.medium,
    lambda touch: touch.campaign,
    lambda touch: touch.keyword,
)
"""What is told of a touch, from the widest to the narrowest."""


def facets(touch: Touch) -> list[str]:
    """Source, medium, campaign and keyword of a touch."""
    return [facet(touch) for facet in _FACETS]


def agreed(shares: Sequence[Share]) -> list[str]:
    """What the candidates of .8 of the call have in common, as far down as that goes."""
    told = [""] * len(_FACETS)
    for depth, facet in enumerate(_FACETS):
        value, mass = _heaviest(shares, facet)
        if mass < SURE:
            break
        told[depth] = value
        shares = [share for share in shares if facet(share.exposure.touch) == value]
    return told


def _source_probability(shares: Sequence[Share], named: Exposure | None) -> float:
    """The named session's source's probability, else the likeliest source's."""
    if named is None:
        return _heaviest(shares, lambda touch: touch.source)[1]
    return sum(
        share.probability for share in shares if share.exposure.touch.source == named.touch.source
    )


def _heaviest(shares: Sequence[Share], value_of: Callable[[Touch], str]) -> tuple[str, float]:
    """The value with the largest sum of probabilities, and that sum."""
    mass: defaultdict[str, float] = defaultdict(float)
    for share in shares:
        mass[value_of(share.exposure.touch)] += share.probability
    return max(mass.items(), key=lambda pair: pair[1], default=("", 0.0))


def _candidate(share: Share, rang_at: datetime, caller_region: str | None) -> Candidate:
    return Candidate(
        visitor=share.exposure.visitor,
        session=share.exposure.session,
        probability=share.probability,
        because=reason(share.exposure, rang_at, caller_region),
        source=share.exposure.touch.source,
    )
