"""Sends what no page waits for, in batches, when the tracking server can be reached."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from callgraft.client.remote.spool import Item, Spool
from callgraft.client.remote.tracker import NotAllowed
from callgraft.errors import CallgraftError, NotPublished, StoreUnavailable

logger = logging.getLogger(__name__)

LINGER = 0.05
"""Seconds in which others may join a batch."""
TRY_EVERY = 0.5
"""Seconds between two attempts to send what is on disk."""

_LARGEST_BATCH = 200
_LONGEST_QUEUE = 10_000

Send = Callable[[Sequence[Item]], None]
"""Takes items of one kind and one site; raises what went wrong."""


class Sender:
    """
    Takes items and returns at once; a thread of its own sends them.

    What cannot be sent goes on disk, and everything behind it too, so that a sign does not overtake
    the page view that began its session. A process that is killed loses what came in the last
    moment, unless it was to be kept for good.

    Everything is sent at least once, and the server knows what it has had: page views and signs by
    session and moment, call events by their id.
    """

    def __init__(self, spool: Spool, send: Send) -> None:
        self._spool = spool
        self._send = send
        self._reset()

    def _reset(self) -> None:
        self._process = os.getpid()
        self._changed = threading.Condition()
        self._queue: list[Item] = []
        self._in_hand: list[Item] = []
        self._is_hurried = False
        self._is_closed = False
        self._is_disk_refusing = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to send what is on disk, if anything is."""
        self._here()
        with self._changed:
            if self._spool.is_there:
                self._begin()

    def put(self, items: Sequence[Item]) -> None:
        """Send the items some time soon."""
        self._here()
        with self._changed:
            has_room = len(self._queue) < _LONGEST_QUEUE and not self._is_closed
            if has_room:
                self._queue.extend(items)
                self._begin()
                self._changed.notify_all()
        if not has_room:
            self._to_disk(items)

    def keep(self, item: Item) -> None:
        """
        Have the item on disk when this returns, and send it when the server answers again.

        :raises StoreUnavailable: the disk refuses.
        """
        self._spool.put([item], for_good=True)
        self.start()

    def flush(self, *, wait: float) -> None:
        """Wait, at most so many seconds, until all that was put before is sent or on disk."""
        self._here()
        with self._changed:
            self._is_hurried = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not (self._queue or self._in_hand), wait)

    def close(self, *, wait: float) -> None:
        """Send what can be sent within ``wait`` seconds, and leave the rest on disk."""
        self._here()
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        if self._thread:
            self._thread.join(wait)
        with self._changed:
            # In hand is what a request under way may still bring there: twice does no harm.
            left, self._queue = [*self._in_hand, *self._queue], []
        self._to_disk(left)

    def _here(self) -> None:
        if self._process != os.getpid():
            self._reset()  # threads do not survive a fork; what the parent took, the parent sends

    def _begin(self) -> None:
        if not (self._thread and self._thread.is_alive()) and not self._is_closed:
            self._thread = threading.Thread(target=self._run, name="callgraft-sender", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while not self._is_closed or self._queue:
            self._gather()
            try:
                self._deliver(self._in_hand)
            finally:
                with self._changed:
                    self._in_hand = []
                    self._changed.notify_all()

    def _gather(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._is_closed, TRY_EVERY)
            if self._queue:
                self._changed.wait_for(lambda: self._is_hurried or self._is_closed, LINGER)
            self._in_hand, self._queue = self._queue, []
            self._is_hurried = False

    def _deliver(self, items: Sequence[Item]) -> None:
        """Send what is on disk, and then ``items``; what cannot be sent is on disk afterwards."""
        try:
            with self._spool.forwarding() as is_ours:
                is_open = is_ours and self._forward()
        except StoreUnavailable as exc:
            self._tell_of_disk(exc)
            is_open = True
        delivery = Delivery(self._send, self._spool)
        if is_open:
            items = [each for batch in _batches(items) for each in delivery.left_of(batch)]
        self._to_disk(items)

    def _forward(self) -> bool:
        """Send what is on disk, oldest first; False when the server does not answer."""
        delivery = Delivery(self._send, self._spool)
        sent = 0
        while items := self._spool.oldest(_LARGEST_BATCH, but=sorted(delivery.held)):
            left = {each.id for each in delivery.left_of(items)}
            done = [each for each in items if each.id not in left]
            self._spool.done(done)
            sent += len(done)
            if delivery.is_away:
                return False
        if sent:
            logger.info("%s page views, signs and calls that had to wait are sent.", sent)
        return True

    def _to_disk(self, items: Sequence[Item]) -> None:
        if not items:
            return
        try:
            self._spool.put(items)
            self._is_disk_refusing = False
        except StoreUnavailable as exc:
            self._tell_of_disk(exc)

    def _tell_of_disk(self, exc: StoreUnavailable) -> None:
        if not self._is_disk_refusing:
            self._is_disk_refusing = True
            logger.error("Page views and signs get lost, there is no room for them: %s", exc)


class Delivery:
    """
    One round of sending.

    ``is_away`` says that the server does not answer; ``held`` are the sites and kinds of which it
    takes nothing now, because of the token or the document: those wait, and the others go on.
    """

    def __init__(self, send: Send, spool: Spool) -> None:
        self._send = send
        self._spool = spool
        self.is_away = False
        self.held: set[tuple[str, str]] = set()

    def left_of(self, items: Sequence[Item]) -> Sequence[Item]:
        """Send the items, and return those that the server does not have yet."""
        return [each for group in _groups(items) for each in self._left_of_group(group)]

    def _left_of_group(self, items: Sequence[Item]) -> Sequence[Item]:
        group = items[0].site, items[0].kind
        if self.is_away or group in self.held:
            return items
        try:
            self._send(items)
        except (NotAllowed, NotPublished):
            self.held.add(group)
            return items
        except StoreUnavailable:
            self.is_away = True
            return items
        except CallgraftError as exc:
            return self._without_the_faulty(items, exc)
        return ()

    def _without_the_faulty(self, items: Sequence[Item], exc: CallgraftError) -> Sequence[Item]:
        """One that the server will never take must not keep the others."""
        if len(items) == 1:
            logger.error("A %s of %s is refused for good: %s", items[0].kind, items[0].site, exc)
            with suppress(StoreUnavailable):
                self._spool.refuse(items[0], str(exc))
            return ()
        half = len(items) // 2
        return [*self._left_of_group(items[:half]), *self._left_of_group(items[half:])]


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[at : at + _LARGEST_BATCH] for at in range(0, len(items), _LARGEST_BATCH))


def _groups(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """By site; page views first, then signs, which tell of sessions that these began."""
    for site in dict.fromkeys(each.site for each in items):
        for kind in ("view", "sign", "call"):
            group = [each for each in items if (each.site, each.kind) == (site, kind)]
            if group:
                yield group
