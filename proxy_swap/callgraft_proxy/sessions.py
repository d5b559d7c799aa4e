"""Connections to the site: kept ones, single ones, and those for WebSocket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import aiohttp

from callgraft_proxy.connection import connector
from callgraft_proxy.tunnel import no_other_answer

_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
_LONGEST_FIELD = 64 * 1024
_MOST_FIELDS = 512
# Below the 5 seconds after which Apache and Node close a connection that nobody uses.
_KEPT_IDLE = 4.0
_OF_AIOHTTP_ITSELF = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long the site may take to accept a connection, and to say anything more."""

    connect: timedelta = timedelta(seconds=5)
    idle: timedelta = timedelta(seconds=60)


class Sessions:
    """
    What aiohttp needs, one of each for all requests; make it inside the event loop.

    None of them keeps cookies, follows redirects for WebSocket, unpacks bodies or looks for a proxy
    in the environment: what the client said is what the site hears.
    """

    def __init__(self, timeouts: Timeouts) -> None:
        self._timeouts = timeouts
        self._pooled = self._session(keep_idle=_KEPT_IDLE)
        self._single = self._session()
        self.tunnels = self._session(middlewares=(no_other_answer,))

    def for_method(self, method: str) -> aiohttp.ClientSession:
        """
        The session for a request: those that can be repeated share kept connections.

        The site may close a kept connection at the moment when we write to it. A GET is repeated
        then; a POST cannot be, because nobody knows whether it was done. It gets a fresh one.
        """
        return self._pooled if method in _IDEMPOTENT else self._single

    async def close(self) -> None:
        """Close every connection."""
        for session in (self._pooled, self._single, self.tunnels):
            await session.close()

    def _session(
        self,
        *,
        keep_idle: float | None = None,
        middlewares: tuple[aiohttp.ClientMiddlewareType, ...] = (),
    ) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector(keep_idle=keep_idle),
            cookie_jar=aiohttp.DummyCookieJar(),  # a jar would give one visitor another's cookies
            middlewares=middlewares,
            auto_decompress=False,
            trust_env=False,
            raise_for_status=False,
            skip_auto_headers=_OF_AIOHTTP_ITSELF,
            max_line_size=_LONGEST_FIELD,
            max_field_size=_LONGEST_FIELD,
            max_headers=_MOST_FIELDS,
            timeout=aiohttp.ClientTimeout(
                total=None,
                connect=self._timeouts.connect.total_seconds(),
                sock_read=self._timeouts.idle.total_seconds(),
            ),
        )
