"""
The plan of a page made from that of another which differs in a token or a time stamp only.

Looked at again are the pieces that changed, with so much around as may decide about a number. A
change may turn everything behind it into a comment, so the walker goes through the change, until
it comes in the same state to a place where it was on the other page. What it never found is left
to `make_plan`: this one gives the same plan, or none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from callgraft.html.charset import PRESCAN, Charset, sniff
from callgraft.html.difference import Edit, edits
from callgraft.html.kinds import FACTS_WITHIN
from callgraft.html.mode import Mode
from callgraft.html.scan import AFTER, BEFORE, Found, Scan, Stop
from callgraft.html.selectors import MARKUP_WORD
from callgraft.html.targets import LONGEST, Targets
from callgraft.html.walk import LOOKAHEAD, Walker

_QUIET = 1024
"""So far around the edge of what is looked at again there is no place."""
_AHEAD = FACTS_WITHIN + LONGEST + AFTER + LOOKAHEAD
"""So far before a change it may decide about a number."""
_WORD = len(MARKUP_WORD)
_BEGIN = Stop(0, b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What a scan found in a page, and where it came by."""

    charset: Charset
    found: tuple[Found, ...]
    stops: tuple[Stop, ...]


def scanned(body: bytes, targets: Targets, charset: Charset) -> Scanned:
    """Look at a whole page."""
    scan = Scan(targets, charset)
    found = tuple(scan.run(body, final=True))
    return Scanned(charset=charset, found=found, stops=tuple(sorted(set(scan.stops))))


def rescanned(
    old: bytes, before: Scanned, new: bytes, targets: Targets, *, content_type: str | None
) -> Scanned | None:
    """Return what a scan of ``new`` would find; None where only the scan itself can tell."""
    changes = edits(old, new)
    if changes is None or (changes and not _charset_stays(changes, before, new, content_type)):
        return None
    if any(MARKUP_WORD in new[max(one.start - _WORD, 0) : one.end + _WORD] for one in changes):
        return None
    return _Patch(old, before, new, targets).result(changes)


def _charset_stays(
    changes: Sequence[Edit], before: Scanned, new: bytes, content_type: str | None
) -> bool:
    if changes[0].start > PRESCAN and changes[0].old_start > PRESCAN:
        return True
    return sniff(new[:PRESCAN], content_type) == before.charset


class _Patch:
    """All positions are of the old page; ``shift`` says how much further on the new one has it."""

    def __init__(self, old: bytes, before: Scanned, new: bytes, targets: Targets) -> None:
        self._old, self._before = old, before
        self._new, self._targets = new, targets
        self._found: list[Found] = []
        self._stops: list[Stop] = []
        self._shift = 0
        self._synced = 0
        self._done = 0

    def result(self, changes: Sequence[Edit]) -> Scanned | None:
        """Return what is on the new page, with these ``changes``."""
        waiting = deque(changes)
        while waiting:
            first = self._quiet_before(waiting[0].old_start - _AHEAD)
            if first < self._done:
                return None
            self._keep(first)
            if not self._renew(first, waiting):
                return None
        self._keep(len(self._old) + 1)
        stops = tuple(sorted(set(self._stops)))
        return Scanned(charset=self._before.charset, found=tuple(self._found), stops=stops)

    def _keep(self, end: int) -> None:
        """Take over what the old page has from ``done`` to ``end``."""
        shift = self._shift
        for one in self._before.found:
            if self._done <= one.place.start < end:
                self._found.append(one.at(one.place.start + shift))
        for stop in self._before.stops:
            if self._synced <= stop.pos < end:
                self._stops.append(Stop(stop.pos + shift, stop.foreign))

    def _renew(self, first: int, waiting: deque[Edit]) -> bool:
        """Look again from ``first`` to behind the change, and those that follow at once."""
        stop = max(
            (one for one in self._stops if one.pos <= first + self._shift - BEFORE), default=_BEGIN
        )
        scan = Scan(self._targets, self._before.charset)
        scan.begin(stop, searched=first + self._shift)
        self._pass_change(stop, waiting)
        end = self._done + self._shift
        found = list(scan.run(self._new, final=True, until=end))
        if end < len(self._new) and found and found[-1].place.end > end - _QUIET:
            return False
        self._found += found
        self._stops += scan.stops
        return True

    def _pass_change(self, stop: Stop, waiting: deque[Edit]) -> None:
        """Go on until both pages agree, or to their ends."""
        walker = Walker(xml=self._before.charset.xml)
        walker.pos, walker.foreign = stop.pos, stop.foreign
        change = waiting.popleft()
        for ahead in self._before.stops:
            if ahead.pos < change.old_end:
                continue
            done = self._quiet_after(ahead.pos + _QUIET)
            while waiting and self._quiet_before(waiting[0].old_start - _AHEAD) < done:
                change = waiting.popleft()
            if ahead.pos >= change.old_end and self._agrees(walker, ahead, change):
                self._shift = change.end - change.old_end
                self._synced, self._done = ahead.pos, done
                return
        waiting.clear()
        self._shift = len(self._new) - len(self._old)
        self._synced = self._done = len(self._old)

    def _agrees(self, walker: Walker, ahead: Stop, change: Edit) -> bool:
        pos = ahead.pos + change.end - change.old_end
        walker.to(self._new, pos)
        return (walker.mode, walker.pos, walker.foreign) == (Mode.DATA, pos, ahead.foreign)

    def _quiet_before(self, pos: int) -> int:
        for one in reversed(self._before.found):
            if one.place.start - _QUIET < pos < one.place.end + _QUIET:
                pos = one.place.start - _QUIET
        return max(pos, 0)

    def _quiet_after(self, pos: int) -> int:
        for one in self._before.found:
            if one.place.start - _QUIET < pos < one.place.end + _QUIET:
                pos = one.place.end + _QUIET
        return min(pos, len(self._old))
