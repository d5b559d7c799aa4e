"""
The plan of a page made from that of another which differs in a token or a time stamp only.

What is decided about a candidate hangs on the bytes around it and on what the walker knows there.
So the walker goes through a change on both pages, until it knows the same on both; what was found
from there on, and before the change, is the same. Looked at again are the candidates which a change
is near to. The result is what a scan of the whole page gives.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callgraft.html.charset import PRESCAN, Charset, sniff
from callgraft.html.difference import Edit, edits
from callgraft.html.found import Found
from callgraft.html.kinds import FACTS_WITHIN, RAW
from callgraft.html.match import REACH
from callgraft.html.mode import IN_TAG, Mode
from callgraft.html.scan import AFTER, BEFORE, SEEN_BEFORE, Scan
from callgraft.html.selectors import MARKUP_WORD
from callgraft.html.targets import LONGEST, Targets
from callgraft.html.walk import LOOKAHEAD, Walker

_BEHIND = AFTER + LOOKAHEAD
"""So far behind a candidate the page decides about it."""
_AHEAD = 2 * LONGEST + _BEHIND
"""So far before a change may begin what it decides about."""
_STEPS = (128, 1024)
"""So far behind a change both walkers may need to agree again."""
_NEAR = 2048
"""So far it is quicker to go twice than to stop on the way."""
_FAR = 8192
"""So far it is quicker to look for a leap first."""
_SINCE_TEXT = IN_TAG | RAW | {Mode.DATA}
"""What began with a tag in text, or is text."""
_WORD = len(MARKUP_WORD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """
    What a scan found in a page, and where it came by.

    ``starts`` tells where the places are: those of ``found`` are as they were when first seen.
    """

    charset: Charset
    found: tuple[Found, ...]
    starts: Sequence[int]
    stops: Sequence[int]


def scanned(body: bytes, targets: Targets, charset: Charset) -> Scanned:
    """Look at a whole page."""
    scan = Scan(targets, charset)
    found = tuple(scan.run(body, final=True))
    starts = [one.start for one in found]
    return Scanned(charset=charset, found=found, starts=starts, stops=sorted({*scan.stops}))


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
    """
    Positions are of the new page, unless they are called old; ``shift`` is what is between them.

    All before ``done`` is decided; ``walker`` is at a place where it knows the same on both pages.
    """

    def __init__(self, old: bytes, before: Scanned, new: bytes, targets: Targets) -> None:
        self._old, self._before, self._new = old, before, new
        self._targets = targets
        self._found: list[Found] = []
        self._starts: list[int] = []
        self._stops: list[int] = []
        self._shift = self._done = 0
        self._walker = Walker(xml=before.charset.xml)
        self._next = self._next_stop = 0
        """Indices of the first place and the first stop of the old page that are not taken over."""

    def result(self, changes: Sequence[Edit]) -> Scanned:
        """Return what is on the new page, with these ``changes``."""
        waiting = deque(changes)
        while waiting:
            self._pass(waiting.popleft(), waiting)
        self._keep(until=len(self._old) + FACTS_WITHIN + _AHEAD)
        self._keep_stops(until=len(self._old))
        found, before = tuple(self._found), self._before
        # The very same object says that no place came, went or became another.
        found = before.found if found == before.found else found
        return Scanned(charset=before.charset, found=found, starts=self._starts, stops=self._stops)

    def _pass(self, change: Edit, waiting: deque[Edit]) -> None:
        """Decide about all up to behind the ``change``, and those that follow at once."""
        self._keep(until=change.old_start)
        self._keep_stops(until=change.old_start - LOOKAHEAD)
        least = 0
        while True:
            limit = waiting[0].old_start if waiting else len(self._old)
            walker = self._agreed(change, limit)
            shift = change.end - change.old_end
            end = len(self._old)
            if walker is not None:
                known = walker.pos - shift + BEFORE
                end = self._clear(max(change.old_end + SEEN_BEFORE, known, least))
            if waiting and (walker is None or end > limit):
                _, old_end, _, new_end = waiting.popleft()
                change = change._replace(old_end=old_end, end=new_end)
                continue
            found = self._looked_at(change, end, shift)
            taken = found[-1].end - shift + REACH if found else 0
            if taken <= end or end == len(self._old):
                break
            least = taken
        self._go_on(found, walker, end, shift)

    def _keep(self, *, until: int) -> None:
        """Take over the places that were decided about before ``until`` of the old page."""
        starts, found, at = self._before.starts, self._before.found, self._next
        while at < len(found) and starts[at] + found[at].reach <= until:
            at += 1
        self._found += found[self._next : at]
        self._starts += [start + self._shift for start in starts[self._next : at]]
        self._next = at

    def _keep_stops(self, *, until: int) -> None:
        at = bisect_right(self._before.stops, until, self._next_stop)
        self._stops += [pos + self._shift for pos in self._before.stops[self._next_stop : at]]
        self._next_stop = at

    def _agreed(self, change: Edit, limit: int) -> Walker | None:
        """Return a walker behind the change, where it knows what it knew on the old page."""
        walker = self._before_change(change)
        twin = walker.copy()
        twin.rebase(self._shift)
        shift = change.end - change.old_end
        for at in self._places_to_agree(change.old_end):
            if at > limit:
                return None
            twin.to(self._old, at)
            walker.to(self._new, at + shift)
            if _know_the_same(walker, at + shift, twin, at):
                return walker
        ahead = bisect_right(self._before.stops, change.old_end + _STEPS[-1])
        for at in self._before.stops[ahead : bisect_right(self._before.stops, limit)]:
            walker.to(self._new, at + shift)
            if (walker.mode, walker.pos, walker.foreign) == (Mode.DATA, at + shift, b""):
                return walker
        return None

    def _places_to_agree(self, end: int) -> Iterator[int]:
        """Yield some places behind a change, first the end of a tag: to be in it takes longer."""
        behind = self._old.find(b">", end, end + _STEPS[0]) + 1
        yield behind or end
        yield from (end + step for step in _STEPS)

    def _before_change(self, change: Edit) -> Walker:
        """Return a walker that has seen no byte of the change."""
        walker = self._walker
        last = self._stops[-1] if self._stops else 0
        if last > walker.pos:
            walker = Walker(xml=walker.xml)
            walker.pos = walker.since = last
        else:
            walker = walker.copy()
        until = change.start - LOOKAHEAD
        walker.leaps = until - walker.pos > _FAR
        if until - walker.pos < _NEAR:
            return walker
        # Behind a tag rather than in it.
        walker.to(self._new, self._new.rfind(b">", walker.pos, until) + 1)
        self._stop_at(walker)
        return walker

    def _clear(self, end: int) -> int:
        """Return a place from ``end`` on, of the old page, that is not within a number."""
        for at in range(self._next, len(self._before.found)):
            start = self._before.starts[at]
            if start >= end:
                break
            end = max(end, start + _length(self._before.found[at]) + REACH)
        return min(end, len(self._old))

    def _looked_at(self, change: Edit, end: int, shift: int) -> list[Found]:
        """Return the places among those candidates up to ``end`` that the change is near to."""
        lost = change.start
        if self._next < len(self._before.starts):
            # A place that may have been another's if this one had not been there.
            lost = min(lost, self._before.starts[self._next] + self._shift)
        begin = max(min(change.start - _AHEAD, lost), self._done)
        hits = [
            hit
            for hit in self._targets.candidates(self._new, begin, end + shift)
            if hit[1] + _BEHIND > change.start or hit[0] >= lost
        ]
        if not hits:
            return []
        scan = Scan(self._targets, self._before.charset)
        stop = bisect_right(self._stops, hits[0][0] - BEFORE)
        taken = self._starts[-1] + _length(self._found[-1]) if self._found else 0
        scan.begin(self._stops[stop - 1] if stop else 0, taken=taken)
        return list(scan.among(self._new, hits))

    def _go_on(self, found: list[Found], walker: Walker | None, end: int, shift: int) -> None:
        """Be behind the change, where all up to ``end`` of the old page is decided."""
        self._found += found
        self._starts += [one.start for one in found]
        self._shift, self._done = shift, end + shift
        starts = self._before.starts
        while self._next < len(starts) and starts[self._next] < end:
            self._next += 1
        self._next_stop = len(self._before.stops)
        if walker is not None:
            self._walker = walker
            self._next_stop = bisect_right(self._before.stops, walker.pos - shift)
            self._stop_at(walker)

    def _stop_at(self, walker: Walker) -> None:
        """Remember the text next to the walker for the page to come: changes come again there."""
        text = walker.pos if walker.mode is Mode.DATA else walker.tag_start
        last = self._stops[-1] if self._stops else 0
        if walker.mode in _SINCE_TEXT and not walker.foreign and text > last:
            self._stops.append(text)


def _know_the_same(one: Walker, at: int, other: Walker, old: int) -> bool:
    if one.pos != at or one.state(at) != other.state(old):
        return False
    # How far the tag's other attributes are read counts from its beginning.
    return one.mode not in IN_TAG or at - one.tag_start == old - other.tag_start


def _length(found: Found) -> int:
    return len(found.slot.written)
