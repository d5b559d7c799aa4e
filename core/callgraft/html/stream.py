"""The same swap for a page that comes in pieces and is too large to hold."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from callgraft.html.charset import PRESCAN, sniff
from callgraft.html.found import Found
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
    """

    def __init__(
        self, targets: Targets, numbers: Mapping[str, Number], *, content_type: str | None
    ) -> None:
        self._targets = targets
        self._numbers = numbers
        self._content_type = content_type
        self._held = b""
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
        piece, self._held = self._held[:done], self._held[done:]
        return self._swapped(piece)

    def _note_markup(self, chunk: bytes) -> None:
        if self._marked < 0:
            tail = self._held[1 - len(MARKUP_WORD) :]
            at = (tail + chunk).find(MARKUP_WORD)
            if at >= 0:
                self._marked = self._base + len(self._held) - len(tail) + at

    def _begin(self) -> None:
        self._begun = True
        charset = sniff(self._held[:PRESCAN], self._content_type)
        if charset is not None and self._numbers:
            self._scan = Scan(self._targets, charset)

    def _swapped(self, piece: bytes) -> bytes:
        out = []
        base, self._base = self._base, self._base + len(piece)
        while self._found and self._found[0].start < self._base:
            one = self._found.popleft()
            out.append(piece[max(self._written - base, 0) : one.start - base])
            out.append(self._filled(one))
            # Perhaps past the end of this piece: the next one begins with a number's old digits.
            self._written = one.end
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
