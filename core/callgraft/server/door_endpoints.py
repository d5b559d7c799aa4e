"""What doors ask for: numbers for page views, signs of life, the secret of cookies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from callgraft.network import truncated
from callgraft.server.asked import NOTHING, Answer, Asked, told
from callgraft.server.endpoint import KIB, Body, Endpoint
from callgraft.server.issuing import Scope
from callgraft.server.parts import Parts
from callgraft.tracking.values import Assignment, PageView, SessionSign


@dataclass(frozen=True, slots=True, kw_only=True)
class PageViews:
    views: tuple[PageView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignments:
    assignments: tuple[tuple[Assignment, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    signs: tuple[SessionSign, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    released: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    secret: bytes


async def take_page_views(parts: Parts, asked: Asked) -> Answer:
    # Nothing finer is ever stored, whatever a door that is not ours sends.
    views = [replace(view, network=truncated(view.network)) for view in asked.value.views]
    assigned = await parts.work.run(
        lambda: parts.work.client.page_views(views, deadline=asked.deadline)
    )
    return told(Assignments(assignments=tuple(assigned)))


async def take_signs(parts: Parts, asked: Asked) -> Answer:
    await parts.work.run(lambda: parts.work.client.take_signs(asked.value.signs))
    return NOTHING


async def release(parts: Parts, asked: Asked) -> Answer:
    released = await parts.work.run(
        lambda: parts.work.client.release(asked.site, asked.named["session"], at=asked.value.at)
    )
    return told(Released(released=released))


async def secret(parts: Parts, asked: Asked) -> Answer:
    found = await parts.work.run(parts.work.client.secret)
    return told(Secret(secret=found), headers=(("Cache-Control", "no-store"),))


_NOT_PUBLISHED = (404, "No document of a site is in force: publish it, and send this again.")

ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/v1/page-views",
        name="take_page_views",
        does="Record page views, in their order and in one transaction, and give each its numbers.",
        handler=take_page_views,
        scopes=(Scope.DOOR,),
        takes=Body(
            kind=PageViews,
            most=1024 * KIB,
            sites=lambda value: {view.site for view in value.views},
        ),
        gives=Assignments,
        statuses=(_NOT_PUBLISHED,),
        is_once=True,
    ),
    Endpoint(
        method="POST",
        path="/v1/signs",
        name="take_signs",
        does="Keep what sessions told of themselves; unknown sessions are left.",
        handler=take_signs,
        scopes=(Scope.DOOR,),
        takes=Body(kind=Signs, sites=lambda value: {sign.site for sign in value.signs}),
        status=204,
        is_once=True,
    ),
    Endpoint(
        method="POST",
        path="/v1/sites/{site}/sessions/{session}/release",
        name="release",
        does="End a session's leases: it is over, its numbers may be reused.",
        handler=release,
        scopes=(Scope.DOOR,),
        takes=Body(kind=Ended),
        gives=Released,
        is_once=True,
    ),
    Endpoint(
        method="GET",
        path="/v1/secret",
        name="secret",
        does="Tell the installation's own secret, which signs cookies.",
        handler=secret,
        scopes=(Scope.DOOR,),
        gives=Secret,
    ),
)
