"""Promo codes: issued for doors, looked up for whoever takes calls."""

from __future__ import annotations

from dataclasses import dataclass

from callgraft.server.asked import Answer, Asked, told
from callgraft.server.endpoint import Body, Endpoint
from callgraft.server.issuing import Scope
from callgraft.server.parts import Parts
from callgraft.server.refusal import not_found
from callgraft.tracking.promo_values import PromoVisit, PromoWanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    code: str


async def issue_promo_code(parts: Parts, asked: Asked) -> Answer:
    wanted: PromoWanted = asked.value
    code = await parts.work.run(
        lambda: parts.work.client.promo_code(wanted, deadline=asked.deadline)
    )
    return told(Issued(code=code))


async def one_promo_code(parts: Parts, asked: Asked) -> Answer:
    code = asked.named["code"]
    found = await parts.work.run(lambda: parts.work.client.promo(asked.site, code))
    if found is None:
        raise not_found(f"Nobody has the promo code {code!r} of the site {asked.site!r}.")
    return told(found)


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/v1/promo-codes",
        name="issue_promo_code",
        does="Tell a session's promo code, which is issued when it is asked for first.",
        handler=issue_promo_code,
        scopes=(Scope.DOOR,),
        takes=Body(kind=PromoWanted, sites=lambda value: {value.site}),
        gives=Issued,
    ),
    Endpoint(
        method="GET",
        path="/v1/sites/{site}/promo-codes/{code}",
        name="one_promo_code",
        does="Tell whose promo code it is: the session, whence it came, and its pages.",
        handler=one_promo_code,
        scopes=(Scope.READ,),
        gives=PromoVisit,
        statuses=((422, "No code looks so: it was misheard, or mistyped."),),
    ),
)
