"""Whose phone it is that rings: what its earlier calls told of its visitor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from callgraft.tracking.attribution import NAMED, SURE, agreed, facets
from callgraft.tracking.posterior import Posterior, Share
from callgraft.tracking.reasons import percent, reason
from callgraft.tracking.states import conduct_of
from callgraft.tracking.values import Attribution, Call, Candidate

KNOWN = 0.3
"""A phone is its visitor's when the link is surer than this."""

UNLINKED = 0.5
"""A link that was contradicted, and is less sure than this, is none any more."""

PRESSED = timedelta(minutes=1)
"""How fresh a press on the call link must be to tell that somebody else rings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """
    A phone's visitor, how sure that is, and the phone's newest call of each number.

    Read from the calls themselves, so that it is the same whenever a call is attributed again, and
    gone with the visitor when that is forgotten.
    """

    visitor: str
    confidence: float
    calls: Mapping[str, Call]


def link_of(earlier: Sequence[Call]) -> Link | None:
    """
    The link that a phone's earlier calls, newest first, come to; None when there is none.

    A call that was shared out anew begins a new link: its phone was unlinked by then.
    """
    told = [call for call in earlier if _best(call) is not None]
    best = _best(told[0]) if told else None
    if best is None or not best.visitor or best.probability <= KNOWN:
        return None
    calls: dict[str, Call] = {}
    for call in told:
        theirs = _best(call)
        if theirs is None or theirs.visitor != best.visitor:
            break
        if theirs.session:
            calls.setdefault(call.number, call)
    return Link(visitor=best.visitor, confidence=best.probability, calls=calls)


def remembered(
    link: Link,
    shared: Posterior,
    *,
    number: str,
    rang_at: datetime,
    caller_region: str | None = None,
) -> Attribution | None:
    """
    Attribute a call of a known phone to a number of a pool.

    The session is the visitor's newest one that saw this number, else the one of the phone's last
    call of this number, else nobody knows: then the source is what the number's visitors agree on.
    None when somebody else just pressed the call link, and the link is less sure than .5 by that:
    the phone is linked no more.
    """
    own = next((each for each in shared.shares if each.exposure.visitor == link.visitor), None)
    belief = _belief(link, own, shared, rang_at)
    confidence = link.confidence * belief
    if belief < 1 and confidence < UNLINKED:
        return None
    session, told, because = _session(link, own, number, rang_at, caller_region)
    if not told or confidence < NAMED:
        told = agreed(shared.shares)
    return Attribution(
        method="known_phone",
        probability=confidence,
        visitor=link.visitor if confidence >= NAMED else "",
        session=session if confidence >= NAMED else "",
        source=told[0],
        medium=told[1],
        campaign=told[2],
        keyword=told[3],
        source_probability=_source_probability(told[0], shared, confidence if session else 0.0),
        candidates=(_candidate(link, session, confidence, because, told[0]),),
        because=f"{_known(confidence)} {because[0].upper()}{because[1:]}.",
        tables=shared.version,
    )


def with_visitor(found: Attribution, link: Link) -> Attribution:
    """The same for a call whose number tells its source: a known phone still names the visitor."""
    because = "rang before"
    candidate = _candidate(link, "", link.confidence, because, found.source)
    return replace(
        found,
        method="known_phone",
        probability=link.confidence,
        visitor=link.visitor if link.confidence >= NAMED else "",
        candidates=(candidate,),
        because=f"{found.because} {_known(link.confidence)}",
    )


def of_client() -> Attribution:
    """Attribute a call of somebody who is a client already: no visitor's, and no new call."""
    return Attribution(method="client", because="The phone is a client's by the Site document.")


def _best(call: Call) -> Candidate | None:
    """Whom the call was given to, likelier than to others."""
    found = call.attribution
    is_told = found.method in ("posterior", "known_phone", "proof") and found.candidates
    return found.candidates[0] if is_told else None


def _belief(link: Link, own: Share | None, shared: Posterior, rang_at: datetime) -> float:
    """
    How far the link stands when others just pressed the call link: an office has one phone.

    The visitor's part among those who may have it in hand; all, when nobody else pressed.
    """
    rivals = [
        share
        for share in shared.shares
        if share.exposure.visitor != link.visitor and _just_pressed(share, rang_at)
    ]
    if not rivals:
        return 1.0
    if own is None:
        # Who was not shown this number may ring all the same, if the press is not the likeliest.
        return 0.0 if rivals[0] is shared.shares[0] else 1.0
    others = sum(share.probability for share in rivals)
    return own.probability / (own.probability + others) if own.probability else 0.0


def _just_pressed(share: Share, rang_at: datetime) -> bool:
    since = conduct_of(share.exposure, rang_at).since_press
    return since is not None and since <= PRESSED


def _session(
    link: Link, own: Share | None, number: str, rang_at: datetime, caller_region: str | None
) -> tuple[str, list[str], str]:
    """The session, what it tells of its source, and why it is this one."""
    if own:
        because = f"the visitor's number: {reason(own.exposure, rang_at, caller_region)}"
        return own.exposure.session, facets(own.exposure.touch), because
    before = link.calls.get(number)
    if before is None:
        return "", [], "the visitor was not shown this number, so nobody knows the session"
    found = before.attribution
    told = [found.source, found.medium, found.campaign, found.keyword]
    return found.candidates[0].session, told, "the session of the phone's last call of this number"


def _source_probability(source: str, shared: Posterior, confidence: float) -> float:
    if not source:
        return 0.0
    mass = sum(each.probability for each in shared.shares if each.exposure.touch.source == source)
    return min(confidence + (1 - confidence) * mass, 1.0)


def _candidate(link: Link, session: str, confidence: float, because: str, source: str) -> Candidate:
    return Candidate(
        visitor=link.visitor,
        session=session,
        probability=confidence,
        because=f"known phone, {because}",
        source=source,
    )


def _known(confidence: float) -> str:
    sure = "Known phone" if confidence >= SURE else "Probably a known phone"
    return f"{sure}: it rang before, and is this visitor's with {percent(confidence)}."
