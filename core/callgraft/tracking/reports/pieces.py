"""One call, taken apart into what each possible caller would make of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from callgraft.channels import channel_of
from callgraft.journeys.models import MODELS as OF_ONE_JOURNEY
from callgraft.journeys.models import Arrival, Journey, time_decay
from callgraft.referrers import known_referrers
from callgraft.source import Touch
from callgraft.stores.reports import Came
from callgraft.tracking.reports.query import MARKOV, SHAPLEY, TOUCH, ReportQuery
from callgraft.tracking.values import Attribution, Call

Sessions = Mapping[str, Sequence[Came]]
"""By visitor, in order of time."""
_LEAST = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """
    One session that may have rung, and how likely.

    ``credits`` are the touches of its journey, each with its share, which may be 0; together they
    are 1. ``came``
    is None where only the source is known.
    """

    probability: float
    came: Came | None
    credits: Sequence[tuple[Touch, float]]


Sharing = Callable[[Journey], Sequence[float]]


def sharing_of(query: ReportQuery) -> Sharing:
    """How the model that the query names shares out the credit of one journey."""
    if query.model == SHAPLEY:
        return lambda journey: _alike(journey, step_of(query))
    if query.model == MARKOV:
        return _all_to_the_last  # the whole journey counts there, and is counted elsewhere
    if query.model == "time_decay":
        return lambda journey: time_decay(journey, half_life=query.half_life)
    return OF_ONE_JOURNEY[query.model]


def step_of(query: ReportQuery) -> str:
    """What data-driven models tell touches apart by."""
    return next((each for each in query.by if each in TOUCH), "channel")


def pieces_of(
    call: Call, sessions: Sessions, *, sharing: Sharing, lookback: timedelta
) -> list[Piece]:
    """
    Take a call apart; what is missing to 1 is a stranger's, or nobody knows whose.

    A session's journey is its visitor's touches up to the session itself: what came later, another
    number was shown for. So no later visit changes what a call was counted as.
    """
    found = call.attribution
    pieces = []
    for candidate in found.candidates:
        came = _session(sessions.get(candidate.visitor, ()), candidate.session)
        if came:
            journey = journey_to(came, sessions[came.visitor], lookback)
            shares = sharing(journey)
            credits = [(one.touch, share) for one, share in zip(journey, shares, strict=True)]
            piece = Piece(probability=candidate.probability, came=came, credits=credits)
            pieces.append(piece)
    return [*pieces, *_by_source(found, pieces)]


def journey_to(came: Came, visits: Sequence[Came], lookback: timedelta) -> list[Arrival]:
    """The touches up to this session, the oldest first."""
    since = came.at - lookback
    return [
        Arrival(at=each.at, touch=each.touch)
        for each in visits
        if since <= each.at < came.at or each.session == came.session
    ]


def _session(visits: Sequence[Came], session: str) -> Came | None:
    return next((each for each in visits if each.session == session), None)


def _by_source(found: Attribution, pieces: Sequence[Piece]) -> list[Piece]:
    """What is known of the source beyond the sessions that are."""
    told = sum(piece.probability for piece in pieces)
    of_source = sum(
        piece.probability
        for piece in pieces
        if piece.came and piece.came.touch.source == found.source
    )
    rest = min(found.source_probability - of_source, 1 - told) if found.source else 0.0
    if rest < _LEAST:
        return []
    if pieces:  # the medium and the rest are those of a session, not of all from there
        touch = _touch(found.source, "", "", "")
    else:
        touch = _touch(found.source, found.medium, found.campaign, found.keyword)
    return [Piece(probability=rest, came=None, credits=[(touch, 1.0)])]


@lru_cache(maxsize=1024)
def _touch(source: str, medium: str, campaign: str, keyword: str) -> Touch:
    channel = channel_of(source, medium, known_referrers()) if medium else ""
    return Touch(source=source, medium=medium, channel=channel, campaign=campaign, keyword=keyword)


def _alike(journey: Journey, step: str) -> list[float]:
    """The same to each different step, at its last touch: its Shapley value of one journey."""
    last = {getattr(one.touch, step): place for place, one in enumerate(journey)}
    credited = set(last.values())
    return [(place in credited) / len(last) for place in range(len(journey))]


def _all_to_the_last(journey: Journey) -> list[float]:
    return [0.0] * (len(journey) - 1) + [1.0]
