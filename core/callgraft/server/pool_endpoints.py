"""What a site's pools and numbers are doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from callgraft.server.asked import Answer, Asked, told
from callgraft.server.endpoint import Endpoint, Parameter
from callgraft.server.issuing import Scope
from callgraft.server.parts import Parts
from callgraft.sizing.history import DAY, SiteDemand
from callgraft.tracking.values import Lease, PoolState


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolStates:
    items: tuple[PoolState, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leases:
    items: tuple[Lease, ...]


async def list_pools(parts: Parts, asked: Asked) -> Answer:
    at: datetime = asked.query["at"] or asked.at
    site = await parts.documents.site(asked.site)
    states = await parts.work.run(lambda: parts.work.client.pool_states(site, at=at))
    return told(PoolStates(items=tuple(states)))


async def list_leases(parts: Parts, asked: Asked) -> Answer:
    found = await parts.work.run(
        lambda: parts.work.client.number_history(
            asked.site, asked.named["number"], limit=asked.query["limit"]
        )
    )
    return told(Leases(items=tuple(found)))


async def tell_demand(parts: Parts, asked: Asked) -> Answer:
    since: datetime = asked.query["since"] or asked.at - DAY
    site = await parts.documents.site(asked.site)
    return told(await parts.work.run(lambda: parts.work.client.demand(site, since=since)))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/v1/sites/{site}/pools",
        name="list_pools",
        does="Tell the occupancy of each pool, in the order of the document.",
        handler=list_pools,
        scopes=(Scope.READ,),
        parameters=(
            Parameter(
                name="at", kind=datetime, default=None, means="As of when; now, if left out."
            ),
        ),
        gives=PoolStates,
        has_etag=True,
    ),
    Endpoint(
        method="GET",
        path="/v1/sites/{site}/numbers/{number}/leases",
        name="list_leases",
        does="Tell who held a tracking number (E.164), the newest first.",
        handler=list_leases,
        scopes=(Scope.READ,),
        parameters=(
            Parameter(name="limit", kind=int, default=48, least=1, most=500, means="How many."),
        ),
        gives=Leases,
        has_etag=True,
    ),
    Endpoint(
        method="GET",
        path="/v1/sites/{site}/demand",
        name="tell_demand",
        does="Tell what was asked of each pool within 24 hours: arrivals, stays, time to call.",
        handler=tell_demand,
        scopes=(Scope.READ,),
        parameters=(
            Parameter(
                name="since",
                kind=datetime,
                default=None,
                means="When the 24 hours begin; those until now, if left out.",
            ),
        ),
        gives=SiteDemand,
        has_etag=True,
    ),
)
