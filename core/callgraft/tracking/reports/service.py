"""How tracking does in service: coverage, accuracy, recall, and what has to be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from callgraft.site import Site
from callgraft.stores.protocol import Store
from callgraft.tracking.reports.accuracy import Accuracy, accuracy_of
from callgraft.tracking.reports.alerts import Alert, alerts_of
from callgraft.tracking.reports.coverage import PoolCoverage, coverage_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceReport:
    """Coverage of each pool, accuracy of the matches, and what is wrong right now."""

    site: str
    since: datetime
    until: datetime
    timezone: str
    pools: tuple[PoolCoverage, ...]
    accuracy: Accuracy
    alerts: tuple[Alert, ...]


def service_report(
    store: Store, site: Site, *, since: datetime, until: datetime, at: datetime
) -> ServiceReport:
    """
    Report on a site's pools and matches.

    :param at: now: alerts are about the day before it, whatever the period.
    """
    hours = store.read(lambda here: here.pool_hours(site.key, since=since, until=until))
    return ServiceReport(
        site=site.key,
        since=since,
        until=until,
        timezone=site.timezone.key,
        pools=coverage_of(hours, site.timezone),
        accuracy=accuracy_of(store, site.key, since=since, until=until),
        alerts=alerts_of(store, site, at=at),
    )
