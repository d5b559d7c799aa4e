"""How many numbers pools need that ran dry, reckoned now and then, for whoever watches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from callgraft.site import Site
from callgraft.stores.protocol import Store
from callgraft.tracking.reports.alerts import dry_pools

_EVERY = timedelta(minutes=10)
"""It takes a second where a pool is large, and Prometheus asks four times a minute."""


class Advised:
    """What was found out less than ten minutes ago, and else what is found out now."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, tuple[datetime, str, Mapping[str, int]]] = {}

    def of(self, site: Site, *, at: datetime) -> Mapping[str, int]:
        """By pool, how many numbers it needs more; only pools that ran dry within a day."""
        known = self._known.get(site.key)
        if known and known[1] == site.version and abs(at - known[0]) < _EVERY:
            return known[2]
        add = {alert.pool: alert.add for alert in dry_pools(self._store, site, at=at)}
        self._known[site.key] = (at, site.version, add)
        return add
