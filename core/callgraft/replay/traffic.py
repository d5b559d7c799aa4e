"""Who came: the pages of a log as the visits of sessions, with what each page wants."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import blake2b

from callgraft.accesslog.lines import Hit
from callgraft.accesslog.sessions import is_page_of_a_person, visit_of
from callgraft.device import device_of
from callgraft.geo import NOWHERE, GeoDatabase, Location
from callgraft.identity import SESSION_IDLE, Identity, next_view
from callgraft.network import truncated
from callgraft.rules import Circumstances, decide
from callgraft.site import Site
from callgraft.source import touch_of
from callgraft.tracking.values import PageView
from callgraft.visit import Visit

_SHOWN = (200, 304)
"""Whoever is sent elsewhere sees no page there."""


@dataclass(slots=True, weakref_slot=True)
class Stay:
    """
    A session under way; ``seen_at`` is its newest page, ``pools`` is target → pool so far.

    ``shown`` holds, for each scenario, target → the number on the page; ``turn`` counts pages, so
    that whoever looks back knows whether another one came.
    """

    identity: Identity
    device: str
    location: Location
    seen_at: datetime
    contact_seen: bool = False
    turn: int = 0
    pools: dict[str, str] = field(default_factory=dict)
    shown: list[dict[str, str]] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str]:
        """Session and visitor."""
        return self.identity.session, self.identity.visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that a session loads: ``view`` wants nothing yet; ``pools`` are target and pool."""

    stay: Stay
    view: PageView
    pools: tuple[tuple[str, str], ...]


class Traffic:
    """
    Iterates over the pages of people, in order; memory holds the sessions under way alone.

    One address with one browser is one visitor, as in ``accesslog``.
    """

    def __init__(self, hits: Iterable[Hit], site: Site, geo: GeoDatabase | None = None) -> None:
        self._hits = hits
        self._site = site
        self._geo = geo
        self._host = next(iter(site.hosts), "")
        self._under_way: OrderedDict[bytes, Stay] = OrderedDict()

    @property
    def under_way(self) -> int:
        """How many sessions are."""
        return len(self._under_way)

    def __iter__(self) -> Iterator[Page]:
        now: datetime | None = None
        for hit in self._hits:
            if hit.status in _SHOWN and is_page_of_a_person(hit):
                at = hit.at.astimezone(UTC)
                # Lines stand nearly in order; what is decided once is not decided again.
                now = at if now is None else max(now, at)
                visit = visit_of(replace(hit, at=now), self._host)
                if self._site.serves(visit.host):
                    self._end_idle(now)
                    yield self._page(visit, hit.agent)

    def _end_idle(self, now: datetime) -> None:
        while self._under_way:
            oldest = next(iter(self._under_way.values()))
            if now - oldest.seen_at <= SESSION_IDLE:
                return
            self._under_way.popitem(last=False)

    def _page(self, visit: Visit, agent: str) -> Page:
        stay = self._stay(visit, agent)
        is_contact = self._site.is_contact_page(visit.path, shows_target=True)
        stay.contact_seen = stay.contact_seen or is_contact
        pools = tuple(self._wanted(stay, visit))
        stay.pools.update(pools)
        view = PageView(
            site=self._site.key,
            at=visit.received_at,
            identity=stay.identity,
            path=visit.path,
            location=stay.location,
            device=stay.device,
            network=truncated(visit.peer),
            is_contact=is_contact,
        )
        return Page(stay=stay, view=view, pools=pools)

    def _stay(self, visit: Visit, agent: str) -> Stay:
        visitor = blake2b(f"{visit.peer} {agent}".encode(errors="replace"), digest_size=9)
        known = self._under_way.get(visitor.digest())
        ids = iter((visitor.hexdigest(), f"{visitor.hexdigest()}@{visit.received_at.timestamp()}"))
        touch = touch_of(visit, self._site.hosts)
        names = iter(list(ids)[1:] if known else ids)
        identity = next_view(
            known.identity if known else None, visit, touch, new_id=lambda: next(names)
        )
        if known and known.identity.session == identity.session:
            known.identity, known.seen_at = identity, visit.received_at
            known.turn += 1
            self._under_way.move_to_end(visitor.digest())
            return known
        location = self._geo.locate(visit.peer) if self._geo else NOWHERE
        stay = Stay(identity, device_of(agent), location, visit.received_at)
        self._under_way[visitor.digest()] = stay
        self._under_way.move_to_end(visitor.digest())
        return stay

    def _wanted(self, stay: Stay, visit: Visit) -> Iterator[tuple[str, str]]:
        here = Circumstances(
            at=visit.received_at,
            touch=stay.identity.touch,
            location=stay.location,
            path=visit.path,
            query=visit.query,
            device=stay.device,
            is_returning=stay.identity.is_returning,
            address=visit.peer,
        )
        for target in self._site.targets:
            decided = decide(self._site, target, here, explain=False)
            if decided.pool:
                yield target, decided.pool
