"""The same swap for a page that comes in pieces and is too large to hold."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from callgraft.html.charset import PRESCAN, sniff
from callgraft.html.found import Found
from callgraft.html.marks import REACH, Span
from callgraft.html.scan import Scan
from callgraft.html.selectors import MARKUP_WORD
from callgraft.html.targets import Targets
from callgraft.phone import Number

SAME_TAG = 128
"""So far behind a number its own tag is seen to say ``data-callgraft``, wherever chunks end."""


class Stream:
    """
    One page, fed in pieces of any size; what comes out does not depend on where they were cut.

    Held back is only what may still be a part of a number and what decides about it: about 1 kB, 4
    kB more inside of a tag whose meaning may be told behind the number, and the first 1024 bytes
    until the charset is known.

    Which elements are around a number is known of whole pages only. So a target with selectors is
    kept here, and from the first ``data-callgraft`` on every number is.

    :param code: the visitor's promo code; empty for who gets the text in its stead.
    """

    def __init__(
        self,
        targets: Targets,
        numbers: Mapping[str, Number],
        *,
        content_type: str | None,
        code: str = "",
    ) -> None:
        self._targets = targets
        self._numbers = numbers
        self._content_type = content_type
        self._code = code.encode("ascii")
        self._held = b""
        self._last = b""
        """The end of what was let go of."""
        self._scan: Scan | None = None
        self._begun = False
        self._base = 0
        self._written = 0
        self._marked = -1
        """Where the first ``data-callgraft`` is."""
        self._found: deque[Found] = deque()

    def feed(self, chunk: bytes) -> bytes:
        """Return what is certain of the page after ``chunk``."""
        self._note_markup(chunk)
        self._held += chunk
        return self._advance(final=False)

    def close(self) -> bytes:
        """Return the rest."""
        return self._advance(final=True)

    def _advance(self, *, final: bool) -> bytes:
        if not self._begun:
            if len(self._held) < PRESCAN and not final:
                return b""
            self._begin()
        if self._scan is None:
            held, self._held = self._held, b""
            return held
        self._found.extend(self._scan.run(self._held, final=final))
        done = len(self._held) if final else self._scan.forget(self._held)
        marks = [] if self._targets.marks is None else self._marks(done)
        piece, self._held = self._held[:done], self._held[done:]
        self._last = (self._last + piece)[-REACH:]
        return self._swapped(piece, marks)

    def _note_markup(self, chunk: bytes) -> None:
        if self._marked < 0:
            tail = self._held[1 - len(MARKUP_WORD) :]
            at = (tail + chunk).find(MARKUP_WORD)
            if at >= 0:
                self._marked = self._base + len(self._held) - len(tail) + at

    def _begin(self) -> None:
        self._begun = True
        charset = sniff(self._held[:PRESCAN], self._content_type)
        marks = self._targets.marks
        if charset is not None and (self._numbers or marks):
            self._scan = Scan(self._targets, charset)
            self._code = self._code or (marks.fallback(charset) if marks else b"")

    def _marks(self, done: int) -> list[Span]:
        """The marks that begin before ``done``, counted from the beginning of the page."""
        marks, before = self._targets.marks, len(self._last)
        # What is held always goes far enough beyond: a number may be longer than a mark.
        spans = marks.spans(self._last + self._held[: done + 3 * REACH]) if marks else ()
        base = self._base - before
        return [
            (base + start, base + end) for start, end in spans if before <= start < before + done
        ]

    def _swapped(self, piece: bytes, marks: list[Span]) -> bytes:
        out = []
        base, self._base = self._base, self._base + len(piece)
        changed = [(start, end, self._code) for start, end in marks]
        while self._found and self._found[0].start < self._base:
            one = self._found.popleft()
            changed = [each for each in changed if each[1] <= one.start or each[0] >= one.end]
            changed.append((one.start, one.end, self._filled(one)))
        for start, end, text in sorted(changed):
            if start < self._written:
                continue  # a mark in a number that began before this piece
            out.append(piece[max(self._written - base, 0) : start - base])
            out.append(text)
            # Perhaps past the end of this piece: the next one begins with a number's old digits.
            self._written = end
        out.append(piece[max(self._written - base, 0) :])
        return b"".join(out)

    def _filled(self, one: Found) -> bytes:
        number = self._numbers.get(one.target.key)
        if number is None or not one.is_swapped or self._may_be_narrowed(one):
            return one.slot.written
        return one.slot.fill(one.target.target.number, number)

    def _may_be_narrowed(self, one: Found) -> bool:
        target = one.target.target
        # The word may stand in the number's own tag, behind it.
        marked = 0 <= self._marked < one.end + SAME_TAG
        return marked or bool(target.only or target.except_)
