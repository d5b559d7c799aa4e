"""How a connection to the site reads answers: stricter than aiohttp's own in two points."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler


def connector(*, keep_idle: float | None) -> aiohttp.TCPConnector:
    """
    Return a connector; make it inside the event loop.

    :param keep_idle: for how many seconds a connection is kept that nobody uses; None keeps none.
    """
    # No limit: a client that waits for a free connection would wait behind everybody's downloads.
    if keep_idle is None:
        made = aiohttp.TCPConnector(limit=0, ttl_dns_cache=10, force_close=True)
    else:
        made = aiohttp.TCPConnector(limit=0, ttl_dns_cache=10, keepalive_timeout=keep_idle)
    # The one place where aiohttp makes protocols has no public name; the tests see when it moves.
    factory = partial(_Answers, loop=asyncio.get_running_loop())
    made._factory = factory  # type: ignore[assignment]  # it makes a kind of what is wanted
    return made


class _Answers(ResponseHandler):
    """One connection's answers."""

    def set_response_params(self, *, skip_payload: bool = False, **rest: Any) -> None:
        # After a HEAD, aiohttp takes a body that must not be there for the next answer, and fails
        # on it. Read as a body it harms nobody: it is left, and the connection with it.
        super().set_response_params(skip_payload=False, **rest)

    def connection_lost(self, exc: BaseException | None) -> None:
        # A body that ends with its connection is whole only where the site itself closed that:
        # aiohttp takes a reset for an end.
        payload = self._payload
        if exc is not None and payload is not None and not payload.is_eof():
            payload.set_exception(aiohttp.ClientPayloadError("The connection was reset."))
        super().connection_lost(exc)
