"""Sessions from an access log: whose pages belong to one stay."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from callgraft.accesslog.lines import Hit
from callgraft.evidence import judge
from callgraft.identity import SESSION_IDLE
from callgraft.visit import Visit

_PAGES = re.compile(
    r"(?:/|/[^/.]*|.*\.(?:html?|xhtml|php\d?|aspx?|jsp|do|cgi|pl))\Z", re.IGNORECASE
)
_ABROAD = timedelta(hours=1)
"""Lines of a log stand nearly in order; a moment that much older is another day's log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One stay: the request of its first page, and its length from there to the last page."""

    first: Hit
    stay: timedelta
    pages: int


@dataclass(slots=True)
class _Open:
    first: Hit
    last: Hit
    pages: int = 1

    def ended(self) -> Session:
        stay = max(self.last.at - self.first.at, timedelta(0))
        return Session(first=self.first, stay=stay, pages=self.pages)


def sessions_of(hits: Iterable[Hit]) -> Iterator[Session]:
    """
    Yield the sessions of people as they end; memory holds those under way alone.

    A log knows no cookies: one address with one browser is one visitor, as for every log analyser.
    Offices behind one address come out as too few sessions, addresses that change as too many.
    """
    under_way: OrderedDict[tuple[str, str], _Open] = OrderedDict()
    for hit in hits:
        if not is_page_of_a_person(hit):
            continue
        yield from _idle(under_way, hit)
        key = hit.address, hit.agent
        known = under_way.get(key)
        if known is None:
            under_way[key] = _Open(first=hit, last=hit)
        else:
            known.last, known.pages = hit, known.pages + 1
            under_way.move_to_end(key)
    for each in under_way.values():
        yield each.ended()


def visit_of(hit: Hit, host: str = "") -> Visit:
    """Return the request as a door would have seen it."""
    fields = (("User-Agent", hit.agent), ("Referer", hit.referrer))
    return Visit(
        url=f"https://{hit.host or host or 'localhost'}{hit.target}",
        received_at=hit.at,
        method=hit.method,
        headers=tuple((name, value) for name, value in fields if value),
        peer=hit.address,
    )


def is_page_of_a_person(hit: Hit) -> bool:
    """Whether a person asked for a page, as far as a log can tell."""
    path = hit.target.partition("?")[0]
    is_served = hit.status in (200, 304) or 300 <= hit.status < 400
    return bool(is_served and _PAGES.match(path) and judge(visit_of(hit)).is_person)


def _idle(under_way: OrderedDict[tuple[str, str], _Open], hit: Hit) -> Iterator[Session]:
    """Close what nobody has asked for a page of in half an hour; the oldest stand first."""
    while under_way:
        key, oldest = next(iter(under_way.items()))
        silence = hit.at - oldest.last.at
        if -_ABROAD < silence <= SESSION_IDLE:
            return
        del under_way[key]
        yield oldest.ended()
