"""Call events in, calls out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from callgraft.server.asked import Answer, Asked, told
from callgraft.server.endpoint import KIB, Body, Endpoint, Parameter
from callgraft.server.issuing import Scope
from callgraft.server.paging import cursor_after, place_of
from callgraft.server.parts import Parts
from callgraft.server.refusal import not_found
from callgraft.telephony import generic
from callgraft.tracking.rescoring import Rescored
from callgraft.tracking.values import Call, CallEvent, Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    items: tuple[Call, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    call: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescoring:
    """Ids of calls, the oldest first; ``is_dry`` changes nothing."""

    calls: tuple[str, ...]
    is_dry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RescoredCalls:
    items: tuple[Rescored, ...]


async def take_call_event(parts: Parts, asked: Asked) -> Answer:
    event: CallEvent = asked.value
    return told(await parts.work.run(lambda: parts.work.client.take_call(event)))


async def take_signed_event(parts: Parts, asked: Asked) -> Answer:
    """What a provider sends itself; its signature stands for a token."""

    def work() -> Call:
        site = parts.documents.now(asked.site)
        event = generic.take(asked.body, asked.headers, site=site, now=asked.at)
        return parts.work.client.take_call(event)

    call = await parts.work.run(work)
    return told(Taken(call=call.id, state=call.state.value))


async def list_calls(parts: Parts, asked: Asked) -> Answer:
    limit, after = asked.query["limit"], asked.query["after"] or place_of(asked.query["cursor"])
    found = await parts.work.run(
        lambda: parts.work.client.calls(asked.site, limit=limit + 1, after=after)
    )
    shown = tuple(found[:limit])
    following = cursor_after(shown[-1].id) if len(found) > limit else None
    return told(Calls(items=shown, next=following))


async def one_call(parts: Parts, asked: Asked) -> Answer:
    found = await parts.work.run(
        lambda: parts.work.store.read(
            lambda transaction: transaction.call(asked.site, asked.named["call"])
        )
    )
    if found is None:
        raise not_found(f"The site {asked.site!r} has no call with this id.")
    return told(found)


async def prove(parts: Parts, asked: Asked) -> Answer:
    proof: Proof = replace(asked.value, site=asked.site, call=asked.named["call"])
    return told(await parts.work.run(lambda: parts.work.client.prove(proof)))


async def rescore(parts: Parts, asked: Asked) -> Answer:
    wanted: Rescoring = asked.value
    done = await parts.work.run(
        lambda: parts.work.client.rescore(
            asked.site, wanted.calls, at=asked.at, is_dry=wanted.is_dry
        )
    )
    return told(RescoredCalls(items=tuple(done)))


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/v1/call-events",
        name="take_call_event",
        does="Keep a call event whose signature somebody checked, and tell its call.",
        handler=take_call_event,
        scopes=(Scope.EVENTS,),
        takes=Body(kind=CallEvent, sites=lambda event: (event.site,)),
        gives=Call,
        statuses=((409, "Another event had this id, or this request is still under way."),),
        is_once=True,
    ),
    Endpoint(
        method="POST",
        path="/v1/sites/{site}/calls/generic",
        name="take_signed_event",
        does="Take a call event that the provider signed as Standard Webhooks lays down.",
        handler=take_signed_event,
        takes=Body(
            media_type="application/json",
            most=64 * KIB,
            means="The generic call event.",
            is_any_type=True,
        ),
        gives=Taken,
        statuses=(
            (400, "The event cannot be taken; the answer says why."),
            (401, "Nobody that we know signed this, or not now."),
            (404, "No document of this site is in force."),
            (409, "Another event had this webhook-id."),
        ),
        is_open=True,
    ),
    Endpoint(
        method="GET",
        path="/v1/sites/{site}/calls",
        name="list_calls",
        does="List calls, the newest first. A cursor stays good while new calls come in.",
        handler=list_calls,
        scopes=(Scope.READ,),
        parameters=(
            Parameter(name="limit", kind=int, default=50, least=1, most=500, means="How many."),
            Parameter(name="cursor", most=512, means="The next of the page before."),
            Parameter(name="after", most=256, means="Instead: the id of the call before."),
        ),
        gives=Calls,
        has_etag=True,
    ),
    Endpoint(
        method="GET",
        path="/v1/sites/{site}/calls/{call}",
        name="one_call",
        does="Tell one call.",
        handler=one_call,
        scopes=(Scope.READ,),
        gives=Call,
        has_etag=True,
    ),
    Endpoint(
        method="POST",
        path="/v1/sites/{site}/calls/{call}/proofs",
        name="prove",
        does="Keep what is known of who made a call, and tell the call, attributed by it.",
        handler=prove,
        scopes=(Scope.EVENTS,),
        takes=Body(kind=Proof, sites=lambda proof: (proof.site,)),
        gives=Call,
    ),
    Endpoint(
        method="POST",
        path="/v1/sites/{site}/rescore",
        name="rescore",
        does="Attribute calls anew, by all that is known and the weights in force.",
        handler=rescore,
        scopes=(Scope.ADMIN,),
        takes=Body(kind=Rescoring),
        gives=RescoredCalls,
    ),
)
