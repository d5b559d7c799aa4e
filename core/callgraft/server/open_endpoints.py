"""Health, metrics, and what the server says of itself."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from callgraft.errors import NotPublished, SiteError, StoreUnavailable
from callgraft.server import metrics
from callgraft.server.asked import Answer, Asked, told
from callgraft.server.endpoint import Endpoint
from callgraft.server.issuing import Scope
from callgraft.server.metrics import SitePools
from callgraft.server.parts import Parts
from callgraft.server.refusal import Refused
from callgraft.stores.protocol import Transaction
from callgraft.stores.reports import PoolHour
from callgraft.version import __version__

_READY_WITHIN = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    status: str
    version: str


async def health(parts: Parts, asked: Asked) -> Answer:
    return told(Health(status="ok", version=__version__))


async def ready(parts: Parts, asked: Asked) -> Answer:
    """Whether the store answers; one that ends takes no more either."""
    if parts.closing.is_set():
        raise _not_ready("The server is ending.")
    try:
        await parts.readiness.check(_READY_WITHIN)
    except TimeoutError:
        raise _not_ready(f"The store did not answer within {_READY_WITHIN.seconds} s.") from None
    except StoreUnavailable:
        # Why it does not is in the log; here it could name hosts to strangers.
        raise _not_ready("The store does not answer.") from None
    return told(Health(status="ready", version=__version__))


async def show_metrics(parts: Parts, asked: Asked) -> Answer:
    pools = await parts.work.run(lambda: _pools(parts, asked))
    text = parts.metrics.text(pools)
    return Answer(body=text, media_type=metrics.MEDIA_TYPE)


def _pools(parts: Parts, asked: Asked) -> list[SitePools]:
    found = []
    for key in parts.work.client.sites():
        # Between the two looks it may be gone; and an older version may have taken more.
        with contextlib.suppress(NotPublished, SiteError):
            site = parts.documents.now(key)
            states = parts.work.client.pool_states(site, at=asked.at)
            hours = parts.work.store.read(partial(_last_day, site=key, at=asked.at))
            add = parts.advised.of(site, at=asked.at)
            found.append(SitePools(site=key, pools=states, hours=hours, add=add))
    return found


def _last_day(transaction: Transaction, *, site: str, at: datetime) -> Sequence[PoolHour]:
    until = at + timedelta.resolution  # the hour that begins now, too
    return transaction.pool_hours(site, since=at - timedelta(days=1), until=until)


def _not_ready(why: str) -> Refused:
    return Refused(503, "not-ready", "Not ready", why, ("Retry-After", "1"))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/health",
        name="health",
        does="Say that the process is up.",
        handler=health,
        gives=Health,
        is_open=True,
    ),
    Endpoint(
        method="GET",
        path="/ready",
        name="ready",
        does="Say whether the store answers within a second.",
        handler=ready,
        gives=Health,
        statuses=((503, "It does not, or the server is ending."),),
        is_open=True,
    ),
    Endpoint(
        method="GET",
        path="/metrics",
        name="metrics",
        does="Tell counters and all pools to Prometheus; the token has to be for all sites.",
        handler=show_metrics,
        scopes=(Scope.READ,),
        media_types=("text/plain",),
        is_for_all_sites=True,
    ),
)
