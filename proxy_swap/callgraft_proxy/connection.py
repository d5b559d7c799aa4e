"""A connection to the site: one request after the other, each with its answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import httptools

from callgraft_proxy.answer import Answer
from callgraft_proxy.failures import Unanswered, UpstreamFailed

_LONGEST_HEAD = 512 * 1024
_LONGEST_FIELD = 64 * 1024
_MOST_FIELDS = 512


class Connection(asyncio.Protocol):
    """
    Speaks HTTP/1.1 with one site.

    ``is_free`` tells, after an answer, whether another request may follow on it.
    """

    def __init__(self, *, idle: float) -> None:
        self._idle = idle
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._answer: Answer | None = None
        self._upload: asyncio.Task[None] | None = None
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._timer: asyncio.TimerHandle | None = None
        self._heard_at = 0.0
        self.is_free = False
        self.is_lost = False

    # Asked from above.

    async def ask(self, head: bytes, method: str, body: AsyncIterator[bytes] | None) -> Answer:
        """
        Send a request, and return its answer once its head is there.

        :param head: the request line and the fields, up to the empty line.
        :param body: its body as it is sent, framed already.
        :raises Unanswered: the connection was lost before anything came.
        :raises UpstreamFailed: there is no answer that can be understood.
        """
        self._answer = answer = Answer(self._resume)
        self._parser = httptools.HttpResponseParser(self)
        # Old sites send control characters in fields; they are blanked on the way down.
        self._parser.set_dangerous_leniencies(lenient_headers=True)
        self._is_head = method == "HEAD"
        self._has_complete = self._has_extra = self._has_length = self._can_go_on = False
        self._received = 0
        self.is_free = False
        self._heard_at = self._loop.time()
        self._watch()
        if self.is_lost:
            raise Unanswered
        self._writing.write(head)
        if body is not None:
            self._upload = asyncio.create_task(self._send(body))
        await answer.head()
        return answer

    def leave(self) -> None:
        """End this exchange; a connection that nobody can use any more is closed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        has_sent = self._upload is None or self._upload.done()
        if self._upload is not None and not self._upload.done():
            self._upload.cancel()
        self._upload = None
        self.is_free = has_sent and self._can_go_on and not self._has_extra and not self.is_lost
        if self.is_free:
            self._answer = None
            self._resume()
        else:
            self.close()

    def close(self) -> None:
        """Cut the connection."""
        self.is_free = False
        if self._transport is not None:
            # What the site still sends is for nobody: an orderly end would wait for it.
            self._transport.abort()

    # Called by the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        answer = self._answer
        if answer is None:
            self.close()  # Nobody asked: whose answer would this be?
            return
        self._heard_at = self._loop.time()
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._break("the site changed the protocol unasked")
        except (httptools.HttpParserError, _TooMuch):
            self._break("the answer is no HTTP that can be understood")
        else:
            if not answer.status and self._received > _LONGEST_HEAD:
                self._break("the answer's header is too large")
            elif answer.is_full and self._transport is not None:
                self._transport.pause_reading()

    def eof_received(self) -> bool:
        answer = self._answer
        if answer is not None and answer.status and not self._has_length:
            # Only the site itself can end a body so; a reset is no end.
            answer.end()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost, self.is_free = True, False
        self._may_write.set()
        answer = self._answer
        if answer is None:
            return
        if not answer.status and not self._received:
            answer.fail(Unanswered())
        else:
            answer.fail(UpstreamFailed(502, "the answer broke off"))

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    # Called by the parser.

    def on_message_begin(self) -> None:
        self._fields: list[tuple[bytes, bytes]] = []
        # Behind a whole answer, this would be one that nobody asked for.
        self._has_extra = self._has_complete

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self._fields) >= _MOST_FIELDS or len(value) > _LONGEST_FIELD:
            raise _TooMuch
        self._fields.append((name, value))
        if not self._has_complete and name.lower() in (b"content-length", b"transfer-encoding"):
            self._has_length = True

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        answer = self._answer
        if answer is None or self._has_extra or 100 <= status < 200:
            return
        answer.status, answer.fields = status, self._fields
        answer.wake()
        if self._is_head:
            answer.end()

    def on_body(self, body: bytes) -> None:
        if self._answer is not None and not self._is_head and not self._has_extra:
            self._answer.take(body)

    def on_message_complete(self) -> None:
        answer = self._answer
        if answer is None or not answer.status:
            self._has_length = False  # It was an early hint: the answer is to come.
            return
        self._has_complete = True
        self._can_go_on = self._parser.should_keep_alive()
        answer.end()

    # Its own.

    @property
    def _writing(self) -> asyncio.Transport:
        assert self._transport is not None, "the loop calls connection_made first"
        return self._transport

    async def _send(self, body: AsyncIterator[bytes]) -> None:
        async for piece in body:
            if self.is_lost:
                return
            self._writing.write(piece)
            await self._may_write.wait()
            self._heard_at = self._loop.time()

    def _resume(self) -> None:
        if not self.is_lost and not self._writing.is_reading():
            self._heard_at = self._loop.time()
            self._writing.resume_reading()

    def _break(self, reason: str) -> None:
        if self._answer is not None:
            self._answer.fail(UpstreamFailed(502, reason))
        self.close()

    def _watch(self) -> None:
        """Look again when the site may have been silent for too long."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._heard_at + self._idle, self._look)

    def _look(self) -> None:
        self._timer = None
        answer = self._answer
        if answer is None:
            return
        is_sending = self._upload is not None and not self._upload.done()
        is_due = self._loop.time() >= self._heard_at + self._idle
        if is_due and answer.is_awaited and not is_sending:
            answer.fail(UpstreamFailed(504, "nothing came in time"))
            self.close()
            return
        if is_due:
            self._heard_at = self._loop.time()  # It is not the site that keeps us waiting.
        self._watch()


class _TooMuch(Exception):
    """More header fields than anybody needs."""
