"""An attribution in words: why a session could have made the call, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from callgraft.tracking.posterior import Posterior
from callgraft.tracking.states import Conduct, Exposure, conduct_of

_SILENT = timedelta(seconds=15)


def reason(exposure: Exposure, rang_at: datetime, caller_region: str | None) -> str:
    """Say what speaks for this session: "shown 2 min before the ring, 3 pages, …"."""
    shown = f"shown {_ago(rang_at - exposure.shown_at)} before the ring"
    told = [shown, *_told(conduct_of(exposure, rang_at))]
    if caller_region is not None and exposure.region is not None:
        same = exposure.region == caller_region
        told.append("caller from the same region" if same else "caller from another region")
    if exposure.called > 0:
        told.append(f"an earlier call was given to it with {percent(exposure.called)}")
    return ", ".join(told)


def conclusion(
    shared: Posterior, *, named: str, source: str = "", source_probability: float = 0.0
) -> str:
    """
    Say in one or two sentences how sure the match is.

    :param named: the reason of the session that the call was given to; empty when none was.
    :param source: the source that is told although nobody is named.
    """
    if not shared.shares:
        return "Nobody had been shown this number before it rang."
    if named:
        return _named(shared, named)
    opening = _nobody(shared)
    if source:
        return f"{opening} The source is {source} with {percent(source_probability)}."
    return f"{opening} No source is likely enough to be told."


def percent(probability: float) -> str:
    """Print a probability; words never claim more than 99 %, nor nothing at all."""
    if probability < 0.01:
        return "less than 1 %"
    return f"{min(round(probability * 100), 99)} %"


def _told(conduct: Conduct) -> Iterator[str]:
    yield "1 page" if conduct.pages == 1 else f"{conduct.pages} pages"
    if conduct.contact_seen:
        yield "contact page seen"
    if conduct.number_touched:
        yield "number touched"
    if conduct.since_press is not None:
        yield f"call link pressed {_ago(conduct.since_press)} before the ring"
    if conduct.came_back:
        yield "back at the page after a pause"
    if conduct.silence >= _SILENT:
        yield f"silent for {_ago(conduct.silence)}"
    elif conduct.has_helper:
        yield "on the page when it rang"


def _named(shared: Posterior, named: str) -> str:
    best = shared.shares[0].probability
    sure = "Matched" if best >= 0.8 else "Probably this visitor"
    rest = [_others(shared), f"a stranger {percent(shared.stray)}"]
    return f"{sure} with {percent(best)}: {named}. Also possible: {', '.join(filter(None, rest))}."


def _others(shared: Posterior) -> str:
    """The other sessions and what they come to together."""
    others = shared.shares[1:]
    if not others:
        return ""
    noun = "other visitor" if len(others) == 1 else "other visitors"
    return f"{len(others)} {noun} {percent(sum(share.probability for share in others))}"


def _nobody(shared: Posterior) -> str:
    best = shared.shares[0].probability
    if shared.stray > best:
        return (
            f"Most likely a stranger rang, with {percent(shared.stray)};"
            f" the likeliest visitor has {percent(best)}."
        )
    return f"Several visitors are possible, the likeliest with {percent(best)}."


def _ago(span: timedelta) -> str:
    """Print a duration in its largest fitting unit."""
    seconds = int(span.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 2 * 3600:
        return f"{seconds // 60} min"
    if seconds < 2 * 86400:
        return f"{seconds // 3600} h"
    return f"{seconds // 86400} days"
