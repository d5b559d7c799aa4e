"""The site of design.md, its visitors, its callers, and every store that is configured."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callgraft.client import EmbeddedClient
from callgraft.identity import Identity
from callgraft.phone import Number
from callgraft.site import Fixed, Pool, Site, Target
from callgraft.source import Touch
from callgraft.stores import Store
from callgraft.tracking.limits import wanted_of
from callgraft.tracking.values import CallEvent, CallState, PageView, Wanted
from tests.core.backends import ALONE, SHARED, SQL, STORES, Backend, empty, fresh

NOON = datetime(2025, 6, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOLD = 30 * MINUTE
FIRST, SECOND, THIRD = "+74990000001", "+74990000002", "+74990000003"
OVERFLOW = "+74990000099"
DIRECT = Touch(
    source="yandex", medium="cpc", channel="paid search", campaign="okna", keyword="окна цена"
)


def number(e164: str) -> Number:
    return Number(e164=e164, country_code="7", national=e164[2:], area=3)


def pool(
    key: str = "direct",
    numbers: tuple[str, ...] = (FIRST, SECOND),
    *,
    overflow: str | None = OVERFLOW,
    cool_off: timedelta = timedelta(0),
) -> Pool:
    return Pool(
        key=key,
        numbers=tuple(number(each) for each in numbers),
        overflow=number(overflow) if overflow else None,
        hold=HOLD,
        cool_off=cool_off,
        source="yandex",
        medium="cpc",
    )


def site(*pools: Pool, version: str = "1") -> Site:
    billboard = Fixed(
        key="billboard", number=number("+74990000077"), source="billboard", medium="offline"
    )
    return Site(
        key="okna",
        region="RU",
        targets={"main": Target(key="main", number=number("+74951234567"))},
        pools={each.key: each for each in pools or (pool(),)},
        fixed={"billboard": billboard},
        version=version,
    )


def wanted(from_pool: Pool | None = None, target: str = "main") -> Wanted:
    return wanted_of(from_pool or pool(), target)


def view(
    session: str,
    at: datetime = NOON,
    *wants: Wanted,
    pages: int = 2,
    visitor: str = "",
    path: str = "/",
    touch: Touch = DIRECT,
    is_contact: bool = False,
    network: str = "",
) -> PageView:
    """A page view of a person in ``session``, a visitor called like it, who wants a number."""
    who = Identity(
        visitor=visitor or f"visitor of {session}",
        session=session,
        first_seen_at=at,
        session_started_at=at,
        seen_at=at,
        pages=pages,
        touch=touch,
    )
    return PageView(
        site="okna", at=at, identity=who, path=path, wanted=wants or (wanted(),),
        is_contact=is_contact, network=network,
    )  # fmt: skip


def rings(
    number: str = FIRST,
    at: datetime = NOON,
    *,
    call: str = "call-1",
    state: CallState = CallState.RINGING,
    event_id: str = "",
    **more: object,
) -> CallEvent:
    """An event of a call; its id is made of the call and the state unless it is given."""
    return CallEvent(
        site="okna",
        provider="generic",
        account="main",
        event_id=event_id or f"{call} {state}",
        call=call,
        state=state,
        number=number,
        at=at,
        **more,  # type: ignore[arg-type]  # the fields of CallEvent
    )


def numbers_shown(client: EmbeddedClient, page: PageView) -> list[str | None]:
    return [each.number for each in client.page_view(page)]


@pytest.fixture(params=STORES)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    """A fresh store of each kind."""
    with fresh(request.param, tmp_path) as backend:
        yield backend


@pytest.fixture(params=SHARED)
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    """A fresh store of each kind that several processes can share."""
    with fresh(request.param, tmp_path) as backend:
        yield backend


@pytest.fixture(params=ALONE)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh store of each kind that needs nothing beside it."""
    with fresh(request.param, tmp_path) as backend:
        yield backend.url


@pytest.fixture(params=SQL)
def sql_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of each kind of database, without tables."""
    with empty(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def store(backend: Backend) -> Iterator[Store]:
    store = backend.open_store()
    yield store
    store.close()


@pytest.fixture
def client(store: Store) -> EmbeddedClient:
    """A client of a store of each kind, where the site is published."""
    client = EmbeddedClient(store, clock=lambda: NOON)
    client.publish(site(), at=NOON)
    return client
