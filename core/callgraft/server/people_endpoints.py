"""What is known of a person: told, and forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from callgraft.server.asked import Answer, Asked, told
from callgraft.server.endpoint import Body, Endpoint, Parameter
from callgraft.server.issuing import Scope
from callgraft.server.parts import Parts
from callgraft.server.refusal import invalid, not_found
from callgraft.tracking.records import Forgotten, VisitorRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A visitor or a caller (E.164), not both."""

    visitor: str = ""
    caller: str = ""
    at: datetime | None = None


async def one_visitor(parts: Parts, asked: Asked) -> Answer:
    visitor = asked.named["visitor"]
    found = await parts.work.run(lambda: parts.work.client.visitor_record(asked.site, visitor))
    if found is None:
        raise not_found(f"Nothing is known of a visitor {visitor!r} of the site {asked.site!r}.")
    return told(found)


async def forget_visitor(parts: Parts, asked: Asked) -> Answer:
    at: datetime = asked.query["at"] or asked.at
    visitor = asked.named["visitor"]
    return told(
        await parts.work.run(lambda: parts.work.client.forget(asked.site, visitor=visitor, at=at))
    )


async def forget(parts: Parts, asked: Asked) -> Answer:
    person: Person = asked.value
    if bool(person.visitor) == bool(person.caller):
        raise invalid(("", "name a visitor or a caller."))
    forgotten = await parts.work.run(
        lambda: parts.work.client.forget(
            asked.site, visitor=person.visitor, caller=person.caller, at=person.at or asked.at
        )
    )
    return told(forgotten)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/v1/sites/{site}/visitors/{visitor}",
        name="one_visitor",
        does="Tell all that is known of a visitor.",
        handler=one_visitor,
        scopes=(Scope.ADMIN,),
        gives=VisitorRecord,
    ),
    Endpoint(
        method="DELETE",
        path="/v1/sites/{site}/visitors/{visitor}",
        name="forget_visitor",
        does="Delete what is known of a visitor, for good. Calls stay, with their source alone.",
        handler=forget_visitor,
        scopes=(Scope.ADMIN,),
        parameters=(
            Parameter(
                name="at", kind=datetime, default=None, means="As of when; now, if left out."
            ),
        ),
        gives=Forgotten,
    ),
    Endpoint(
        method="POST",
        path="/v1/sites/{site}/forget",
        name="forget",
        does="Delete what is known of a visitor or a caller, who stays out of access logs here.",
        handler=forget,
        scopes=(Scope.ADMIN,),
        takes=Body(kind=Person),
        gives=Forgotten,
    ),
)
