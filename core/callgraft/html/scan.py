"""Where the targets stand in a page: candidates first, then the context of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from callgraft.html import kinds, near, shadow, words
from callgraft.html.charset import Charset
from callgraft.html.denial import is_denied
from callgraft.html.found import Found
from callgraft.html.glance import glance
from callgraft.html.kinds import Kind
from callgraft.html.match import match
from callgraft.html.slot import Slot, cut
from callgraft.html.targets import LONGEST, Hit, Target, Targets
from callgraft.html.walk import LOOKAHEAD, Mode, State, Walker

BEFORE = 192
"""How much of the page before a candidate may decide whether it is a target."""
AFTER = 96
"""The same behind it."""
SEEN_BEFORE = BEFORE + words.BEFORE
"""All that is looked at before it."""
Sight = tuple[bytes, int, int, int, int, int, Charset, State]


STRIDE = 32_768
"""So far apart are stops at most, where there is text."""


class Scan:
    """
    One pass over one page, whole or in pieces.

    Call `run` with what there is of the page; it yields the places that are certain. ``settled`` is
    how far it came: what stands before is decided, and may be cut off with `forget`.
    """

    def __init__(self, targets: Targets, charset: Charset) -> None:
        self.settled = 0
        self.stops: list[int] = []
        """Some places in text, out of SVG, that it came by in a page that is there as a whole."""
        self._targets = targets
        self._charset = charset
        self._walker = Walker(xml=charset.xml)
        self._searched = 0
        self._taken = 0
        self._dropped = 0
        self._is_local = True
        self._read_to = 0
        self._last_tag: tuple[int, dict[bytes, bytes], int] = (-1, {}, 0)

    def begin(self, stop: int, *, taken: int) -> None:
        """Begin at ``stop``; the last place before ends at ``taken``."""
        self._walker.pos = self._walker.since = stop
        self._taken = taken

    def run(self, page: bytes | bytearray, *, final: bool) -> Iterator[Found]:
        """Yield the places in the order of the page; offsets count from its very beginning."""
        end = len(page) if final else max(len(page) - LONGEST - AFTER - LOOKAHEAD, 0)
        start, self._searched = self._searched, max(end, self._searched)
        yield from self.among(page, self._targets.candidates(page, start, end), final=final)
        self.settled = max(self._searched - BEFORE, 0) if not final else len(page)

    def among(
        self, page: bytes | bytearray, hits: Iterable[Hit], *, final: bool = True
    ) -> Iterator[Found]:
        """Yield those of the candidates, in the order of the page, that are places."""
        for first, last, owner in hits:
            if first < self._taken or page[last : last + 1].isdigit():
                continue
            try:
                found = self._look(page, first, last, owner, final=final)
            except _NeedsMoreError:
                self._searched = first
                return
            if found is not None:
                self._taken = found.end - self._dropped
                yield found

    def forget(self, page: bytes | bytearray) -> int:
        """Return how many bytes at the beginning of ``page`` are needed no more."""
        self._walker.to(page, self.settled)
        cut_off = min(self.settled, self._walker.pos)
        self._walker.rebase(cut_off)
        self.stops.clear()
        self._searched -= cut_off
        self._taken -= cut_off
        self._dropped += cut_off
        return cut_off

    def _look(
        self, page: bytes | bytearray, first: int, last: int, owner: int, *, final: bool
    ) -> Found | None:
        self._walk(page, max(first - BEFORE, 0))
        self._is_local, self._read_to = True, last + AFTER + LOOKAHEAD
        walker = self._walker.copy()
        near.go(walker, page, max(first - BEFORE, 0), first)
        if walker.mode is Mode.DATA and not walker.foreign:
            self.stops.append(walker.pos)
        owners = self._targets.owners[owner]
        kind = self._kind(page, walker, first, final=final)
        if kind is None:
            return None
        seen = glance(page, walker, kind, (first, last), owners, self._charset)
        if seen is None:
            if is_denied(page, walker, first, owners, self._charset):
                return None
        elif seen.slot is None:
            return None
        elif self._is_place(page, seen.slot, seen.start, kind):
            return self._found(seen.slot, seen.start, kind, seen.target)
        return self._look_again(page, walker, kind, first, last, owner)

    def _is_place(self, page: bytes | bytearray, slot: Slot, start: int, kind: Kind) -> bool:
        return start >= self._taken and not self._is_named(page, slot, start, kind)

    def _look_again(
        self,
        page: bytes | bytearray,
        walker: Walker,
        kind: Kind,
        first: int,
        last: int,
        owner: int,
    ) -> Found | None:
        sight = self._sight(page, walker, first, last, owner)
        known = self._targets.looks.get(sight)
        if known is not None:
            found, at = known  # type: tuple[Found | None, int]
            return found and found.at(found.start - at + first + self._dropped)
        found = self._look_closely(page, walker, kind, first, last, owner)
        if self._is_local:
            self._targets.remember(sight, (found, first + self._dropped))
        return found

    def _sight(
        self, page: bytes | bytearray, walker: Walker, first: int, last: int, owner: int
    ) -> Sight:
        """Return all that decides about most candidates: a site's pages have the same header."""
        begin = max(first - SEEN_BEFORE, 0)
        seen = bytes(page[begin : last + AFTER + LOOKAHEAD])
        taken = max(self._taken - begin, 0)
        within = first - begin, last - begin, taken, walker.since - begin
        return seen, *within, owner, self._charset, walker.state(begin)

    def _look_closely(
        self,
        page: bytes | bytearray,
        walker: Walker,
        kind: Kind,
        first: int,
        last: int,
        owner: int,
    ) -> Found | None:
        around = self._around(page, walker, kind, first, last)
        link = kind.row in {"link", "messenger"}
        for target in self._targets.owners[owner]:
            hit = match(
                around,
                first - around.start,
                target,
                link=link,
                trailing=self._charset.trailing_digits,
            )
            if hit is not None:
                start = around.start + hit.start
                slot = cut(page, around, hit, only_digits=kinds.is_unquoted(page, start, kind))
                if self._is_place(page, slot, start, kind):
                    return self._found(slot, start, kind, target)
        return None

    def _is_named(self, page: bytes | bytearray, slot: Slot, start: int, kind: Kind) -> bool:
        """Whether plain digits in a text are called a price, an order, a taxpayer's number."""
        plain = slot.written.isdigit() and kind.row == "text"
        return plain and words.says_otherwise(page, start, start + len(slot.written), self._charset)

    def _walk(self, page: bytes | bytearray, until: int) -> None:
        while self._walker.pos < until:
            before = self._walker.pos
            self._walker.to_tag(page, min(until, before + STRIDE), most=until)
            if self._walker.mode is Mode.DATA and not self._walker.foreign:
                self.stops.append(self._walker.pos)
            if before + STRIDE >= until:
                return

    def _kind(
        self, page: bytes | bytearray, walker: Walker, first: int, *, final: bool
    ) -> Kind | None:
        """Return the kind of place; None where nothing counts."""
        if walker.mode is Mode.DATA:
            return kinds.TEXT
        if walker.mode is Mode.VALUE:
            if kinds.needs_facts(walker):
                self._read_on(page, walker, final=final)
            start = max(first - BEFORE, 0)
            value = bytes(page[max(walker.start, start) : first])
            return kinds.of_attribute(walker, value, whole=walker.start >= start)
        return kinds.of_raw(walker) if walker.mode in kinds.CLOSED else None

    def _around(
        self, page: bytes | bytearray, walker: Walker, kind: Kind, first: int, last: int
    ) -> shadow.Shadow:
        """Return what can be read around a candidate."""
        start, end = max(first - BEFORE, 0), last + AFTER
        if walker.mode is Mode.DATA:
            start = walker.since
        elif walker.mode is Mode.VALUE:
            start = max(walker.start, start)
            quote = _VALUE_ENDS[walker.quote].search(page, first, end)
            end = quote.start() if quote else end
        else:
            start = max(walker.start, start) if walker.mode in kinds.RAW else start
            end = walker.raw_end(page, min(end, len(page)))
        return shadow.cast(
            page, start, end, first=first, last=last, writing=kind.writing, charset=self._charset
        )

    def _read_on(self, page: bytes | bytearray, walker: Walker, *, final: bool) -> None:
        """Let the walker know what the rest of its tag says about it."""
        self._is_local = False
        within = walker.tag_start + kinds.FACTS_WITHIN
        if walker.pos >= within:
            return
        tag = walker.tag_start + self._dropped
        if self._last_tag[0] != tag:
            ahead = walker.copy()
            ended = ahead.to_tag_end(page, min(within, len(page)))
            if not ended and not final and within > len(page):
                raise _NeedsMoreError
            self._last_tag = (tag, ahead.facts, ahead.pos + self._dropped)
        _, walker.facts, end = self._last_tag
        self._read_to = max(self._read_to, end - self._dropped)

    def _found(self, slot: Slot, start: int, kind: Kind, target: Target) -> Found:
        reach, at = self._read_to - start, start + self._dropped
        return Found(target, kind, at, slot, reach, self._charset)


class _NeedsMoreError(Exception):
    """What decides about a place is still to come."""


_VALUE_ENDS = {
    b'"': re.compile(rb'"'),
    b"'": re.compile(rb"'"),
    b"": re.compile(rb"[\t\n\f\r >]"),
}
