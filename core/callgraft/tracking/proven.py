"""A call's attribution when something is proved of it, which everybody else makes room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callgraft.source import Touch
from callgraft.tracking.attribution import CANDIDATES, agreed, facets, record
from callgraft.tracking.posterior import Posterior, Share
from callgraft.tracking.values import Attribution, Candidate, ProofKind

PROVED = 0.99
"""How sure a proof is: a code can be misheard, a phone handed on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A proof and what is known of whom it names; ``touch`` is None where that is no session."""

    kind: ProofKind
    session: str = ""
    visitor: str = ""
    source: str = ""
    touch: Touch | None = None


def proven(
    evidence: Evidence,
    shared: Posterior | None,
    rest: Attribution,
    *,
    rang_at: datetime,
    caller_region: str | None = None,
) -> Attribution:
    """
    Attribute a call by a proof; all others share the last hundredth as they would have the call.

    :param shared: how the call is shared out without it; None where its number tells no visitors.
    :param rest: what is told of the call without it.
    """
    if shared and any(_is_named(evidence, share) for share in shared.shares):
        given = record(_given(evidence, shared), rang_at=rang_at, caller_region=caller_region)
        return replace(given, method="proof", because=f"{_WORDS[evidence.kind]} {given.because}")
    return _of_unseen(evidence, shared, rest)


_WORDS = {
    ProofKind.TEST_CALL: "A test call.",
    ProofKind.PROMO_CODE: "The caller told a promo code.",
    ProofKind.FORM: "The caller left this phone in a form.",
    ProofKind.CRM: "The CRM knows the caller.",
    ProofKind.REPEAT: "The caller is known from another call.",
}


def _is_named(evidence: Evidence, share: Share) -> bool:
    if evidence.session:
        return share.exposure.session == evidence.session
    if evidence.visitor:
        return share.exposure.visitor == evidence.visitor
    return share.exposure.touch.source == evidence.source


def _given(evidence: Evidence, shared: Posterior) -> Posterior:
    """The call shared out anew: those whom the proof names have .99 of it together."""
    named = sum(each.probability for each in shared.shares if _is_named(evidence, each))
    count = sum(_is_named(evidence, each) for each in shared.shares)
    rest = 1 - named
    shares = [
        replace(
            each,
            probability=(each.probability / named if named else 1 / count) * PROVED
            if _is_named(evidence, each)
            else _left(each.probability, rest),
        )
        for each in shared.shares
    ]
    shares.sort(key=lambda share: -share.probability)
    return replace(shared, shares=tuple(shares), stray=_left(shared.stray, rest))


def _left(share: float, rest: float) -> float:
    """A share of what a proof leaves over."""
    return share / rest * (1 - PROVED) if rest > 0 else 0.0


def _of_unseen(evidence: Evidence, shared: Posterior | None, rest: Attribution) -> Attribution:
    """By a proof of somebody who is not known to have seen the number."""
    others = [
        each
        for each in (shared.shares if shared else ())
        if not evidence.visitor or each.exposure.visitor != evidence.visitor
    ]
    told = _facets(evidence, others, rest)
    is_person = bool(evidence.visitor or evidence.session)
    own = Candidate(
        visitor=evidence.visitor,
        session=evidence.session,
        probability=PROVED,
        because="proved, was not seen with this number",
        source=told[0],
    )
    left = [_candidate(each, others, shared) for each in others]
    return Attribution(
        method="proof",
        probability=PROVED if is_person else 0.0,
        visitor=evidence.visitor,
        session=evidence.session,
        source=told[0],
        medium=told[1],
        campaign=told[2],
        keyword=told[3],
        source_probability=_source_probability(evidence, told[0], rest),
        candidates=(*([own] if is_person else []), *left)[:CANDIDATES],
        because=f"{_WORDS[evidence.kind]} {_outside(evidence, told[0])}",
        stray=_left(shared.stray, 1.0) if shared else 0.0,
        tables=shared.version if shared else "",
    )


def _facets(evidence: Evidence, others: Sequence[Share], rest: Attribution) -> list[str]:
    if evidence.touch:
        return facets(evidence.touch)
    if evidence.source:
        return [evidence.source, "", "", ""]
    if rest.method == "posterior":
        return agreed(others)  # without the session that the call was taken for
    return [rest.source, rest.medium, rest.campaign, rest.keyword]


def _source_probability(evidence: Evidence, source: str, rest: Attribution) -> float:
    if evidence.touch or evidence.source:
        return PROVED
    return rest.source_probability if source else 0.0


def _candidate(share: Share, others: Sequence[Share], shared: Posterior | None) -> Candidate:
    whole = sum(each.probability for each in others) + (shared.stray if shared else 0.0)
    exposure = share.exposure
    return Candidate(
        visitor=exposure.visitor,
        session=exposure.session,
        probability=_left(share.probability, whole),
        because="possible if the proof is wrong",
        source=exposure.touch.source,
    )


def _outside(evidence: Evidence, source: str) -> str:
    if evidence.visitor or evidence.session:
        return "It is this visitor's call, who was not seen with the number."
    return f"It came from {source}, whoever rang."
