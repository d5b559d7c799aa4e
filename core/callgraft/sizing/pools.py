"""Which pool each session of a record would have asked for a number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from callgraft.accesslog.sessions import Session, visit_of
from callgraft.device import device_of
from callgraft.geo import NOWHERE, GeoDatabase
from callgraft.rules import Circumstances, decide
from callgraft.site import Site
from callgraft.sizing.demand import Demand, measured_days
from callgraft.source import UNKNOWN, touch_of

EVERYBODY = "all visitors"
Record = tuple[list[datetime], list[timedelta]]


def demand_by_pool(
    sessions: Iterable[Session], site: Site | None, geo: GeoDatabase | None = None
) -> dict[str, Demand]:
    """
    Return the demand on each pool of the site; without a site, that of all sessions together.

    The rules see what a log tells: address, source, page, device and time, but no language, and
    nobody returns. A session whose first page has a rule for a pool is taken to need its number.
    """
    records: dict[str, Record] = defaultdict(lambda: ([], []))
    for session in sessions:
        for pool in _pools(session, site, geo):
            began, stays = records[pool]
            began.append(session.first.at)
            stays.append(session.stay)
    return {pool: measured_days(*record) for pool, record in sorted(records.items())}


def _pools(session: Session, site: Site | None, geo: GeoDatabase | None) -> set[str]:
    if site is None:
        return {EVERYBODY}
    visit = visit_of(session.first, next(iter(site.hosts), ""))
    if not site.serves(visit.host):
        return set()
    here = Circumstances(
        at=visit.received_at,
        touch=touch_of(visit, site.hosts) or UNKNOWN,
        location=geo.locate(visit.peer) if geo else NOWHERE,
        path=visit.path,
        query=visit.query,
        device=device_of(session.first.agent),
        address=visit.peer,
    )
    decided = (decide(site, target, here, explain=False) for target in site.targets)
    return {decision.pool for decision in decided if decision.pool}
