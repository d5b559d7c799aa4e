"""Requests to a tracking server from event loops: the page views of one turn go together."""

from __future__ import annotations

import asyncio
import os
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import aiohttp
import certifi
from requests.utils import get_environ_proxies, select_proxy

from callgraft.client.remote.address import Address
from callgraft.client.remote.answers import LARGEST, Answer, Refused, value
from callgraft.client.remote.bodies import Assignments
from callgraft.client.remote.breaker import Breaker
from callgraft.client.remote.question import CONNECT, Attempts, Late, Question
from callgraft.client.wire import dump
from callgraft.errors import CallgraftError, NotPublished, StoreUnavailable
from callgraft.tracking.values import Assignment, PageView

_MOST_IN_A_REQUEST = 100
_REQUESTS_AT_A_TIME = 4
_KEPT_IDLE = 30.0
_PATIENCE = 5.0

Assigned = tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class _Waiting:
    view: PageView
    deadline: float
    answer: asyncio.Future[Assigned]


class Turns:
    """
    Asks for the numbers of page views without a thread for each.

    All page views of one site that come up in one turn of the event loop go in one request; while
    four requests are under way the others gather. Each loop has connections of its own.
    """

    def __init__(self, address: Address, breaker: Breaker) -> None:
        self._address = address
        self._breaker = breaker
        self._trusted = _trusted() if address.root.startswith("https:") else None
        self._loops: dict[asyncio.AbstractEventLoop, _Loop] = {}

    async def page_view(self, view: PageView, *, deadline: float | None = None) -> Assigned:
        """
        Return the page view's numbers.

        :param deadline: a moment of ``time.monotonic()`` after which nobody waits.
        :raises TrackerUnavailable: the server does not answer in time.
        """
        here = asyncio.get_running_loop()
        loop = self._loops.get(here)
        if loop is None:
            # Those that ended without a word were closed by it.
            for other in [each for each in self._loops if each.is_closed()]:
                self._loops.pop(other, None)
            loop = self._loops[here] = _Loop(self._address, self._breaker, self._trusted)
        until = time.monotonic() + _PATIENCE if deadline is None else deadline
        waiting = _Waiting(view, until, here.create_future())
        loop.add(waiting)
        return await waiting.answer

    async def leave_loop(self) -> None:
        """Close the connections of the event loop that this runs in."""
        loop = self._loops.pop(asyncio.get_running_loop(), None)
        if loop:
            await loop.close()


class _Loop:
    """One event loop's page views and connections."""

    def __init__(self, address: Address, breaker: Breaker, trusted: ssl.SSLContext | None) -> None:
        self._name = address.root
        self._address = address
        self._breaker = breaker
        self._waiting: list[_Waiting] = []
        self._is_due = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._session = _session(address, trusted)
        self._proxy = select_proxy(address.root, get_environ_proxies(address.root))

    def add(self, waiting: _Waiting) -> None:
        self._waiting.append(waiting)
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._send)

    async def close(self) -> None:
        await self._session.close()

    def _send(self) -> None:
        self._is_due = False
        while self._waiting and len(self._tasks) < _REQUESTS_AT_A_TIME:
            task = asyncio.get_running_loop().create_task(self._ask(self._batch()))
            self._tasks.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._send()

    def _batch(self) -> Sequence[_Waiting]:
        """Those of one site: what is wrong with another site is not their fault."""
        site = self._waiting[0].view.site
        batch = [each for each in self._waiting if each.view.site == site][:_MOST_IN_A_REQUEST]
        taken = {id(each) for each in batch}
        self._waiting = [each for each in self._waiting if id(each) not in taken]
        return batch

    async def _ask(self, batch: Sequence[_Waiting]) -> None:
        batch = [each for each in batch if not each.answer.done()]
        if not batch:
            return
        try:
            answers = await self._assigned(batch)
        except (StoreUnavailable, NotPublished) as exc:
            _fail(batch, exc)
        except CallgraftError as exc:
            await self._ask_apart(batch, exc)
        else:
            for each, assigned in zip(batch, answers, strict=True):
                if not each.answer.done():
                    each.answer.set_result(assigned)

    async def _ask_apart(self, batch: Sequence[_Waiting], exc: CallgraftError) -> None:
        """One that the server does not take must not cost the others their numbers."""
        if len(batch) == 1:
            _fail(batch, exc)
            return
        half = len(batch) // 2
        await self._ask(batch[:half])
        await self._ask(batch[half:])

    async def _assigned(self, batch: Sequence[_Waiting]) -> Sequence[Assigned]:
        body = dump({"views": [each.view for each in batch]})
        question = Question(method="POST", path="/v1/page-views", body=body)
        # The first deadline: later, one of them would be leased a number that nobody sees.
        answer = await self._answer(question, min(each.deadline for each in batch))
        assigned = value(Assignments, answer, self._name).assignments
        if len(assigned) != len(batch):
            raise Refused(f"{self._name} answered for other page views.")
        return assigned

    async def _answer(self, question: Question, deadline: float) -> Answer:
        attempts = Attempts(question, self._breaker, self._name, deadline=deadline)
        while True:
            attempts.begin()
            try:
                return attempts.heard(await self._once(question, attempts.until))
            except (Late, Refused) as failure:
                await asyncio.sleep(attempts.pause_after(failure))

    async def _once(self, question: Question, until: float) -> Answer:
        left = until - time.monotonic()
        try:
            async with self._session.request(
                question.method,
                self._address.root + question.path,
                data=question.body,
                headers=question.all_headers(until),
                timeout=aiohttp.ClientTimeout(total=left, sock_connect=min(left, CONNECT)),
                allow_redirects=False,  # the token goes to this server alone
                proxy=self._proxy,
            ) as response:
                body = b"".join([piece async for piece in _pieces(response)])
                return Answer(status=response.status, headers=response.headers, body=body)
        except TimeoutError as exc:
            raise Late(f"{self._name} did not answer in time.") from exc
        except (aiohttp.ClientError, OSError) as exc:
            raise Refused(f"{self._name} cannot be reached ({_reason(exc)}).") from exc


def _session(address: Address, trusted: ssl.SSLContext | None) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=trusted or True, keepalive_timeout=_KEPT_IDLE),
        headers=address.headers,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )


def _trusted() -> ssl.SSLContext:
    """The certificates that requests trusts; reading them takes too long for an event loop."""
    cafile = os.environ.get("REQUESTS_CA_BUNDLE") or certifi.where()
    return ssl.create_default_context(cafile=cafile)


async def _pieces(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    size = 0
    async for piece in response.content.iter_any():
        size += len(piece)
        if size > LARGEST:
            raise aiohttp.ClientError("the answer is too large")
        yield piece


def _reason(exc: Exception) -> str:
    if isinstance(exc, aiohttp.ClientSSLError):
        return "its certificate is not trusted"
    is_connection = isinstance(exc, aiohttp.ClientConnectionError | OSError)
    return "no connection" if is_connection else type(exc).__name__


def _fail(batch: Sequence[_Waiting], exc: CallgraftError) -> None:
    for each in batch:
        if not each.answer.done():
            each.answer.set_exception(exc)
