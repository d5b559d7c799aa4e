"""
Which number costs least to give to a new session: the one whose past is least mistaken for it.

A number that several sessions have seen is the dearer the more calls those may still make, and the
less the caller's region and the source would tell them from the new one. Where calls go wrong is
decided here, before anybody rings.

A :class:`Picture` is kept up with what happens (:meth:`Picture.show`, :meth:`Picture.sign`,
:meth:`Picture.call`) and asked with :meth:`Picture.costs`. Whoever wants the product's own decision
on made-up traffic needs none of it: an ``EmbeddedClient`` on a ``MemoryStore`` keeps an exact
picture of each pool by itself, from the ``page_view``, ``take_signs`` and ``take_call`` that it is
sent, and chooses by it; the same, one step below, are ``page_view(transaction, view, pictures)`` of
``callgraft.tracking.visits`` and the methods of ``callgraft.tracking.pictures.Pictures``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heappop, heappush

from callgraft.tracking.course import Course
from callgraft.tracking.states import Exposure, Sign
from callgraft.tracking.tables import DEFAULT, Tables, device_class

NEWEST = 12
"""How many visitors that a number was shown to last are looked at."""

ELSEWHERE = 0.4
"""What is left of a confusion when the regions differ: the caller's often tells who it was."""

WRONG_SOURCE = 4.0
"""How much worse than a wrong visitor a wrong source is: so numbers gather by source."""

WRONG_SOURCE_IN_SMALL_POOLS = 1.0
NUMBERS_PER_SOURCE = 3
"""A pool with fewer numbers for each source is small: its numbers cannot gather by source."""

CALLED = 0.9
"""How much less is expected of a session that a call was already given to for certain."""

_SCALE = 2**60
"""Values are added up as whole numbers, so that what is added can be taken away exactly."""

_FORGOTTEN = 4
"""For each exposure so many entries may wait in line, most of which something overtook."""

_SETTLED = 9
"""From this bin on, after 80 minutes, no sign is expected to come late: memory is scarce."""

_STEPS = 3000
"""How many exposures change their bins at one time: a few milliseconds' work."""

_Kind = tuple[str | None, ...]


def _kinds(region: str | None, source: str) -> tuple[_Kind, _Kind, _Kind, _Kind]:
    """What sums an exposure belongs to: all, its region's, its source's, and those of both."""
    return (), ("region", region), ("source", source), ("both", region, source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """A session that needs a number."""

    visitor: str
    source: str
    region: str | None = None


class Picture:
    """
    Who saw the numbers of one pool, and what calls may still come of it. Not for several threads.

    The moments that it is asked about and told of may go back a little: it never does itself.
    """

    def __init__(self, tables: Tables = DEFAULT) -> None:
        self._tables = tables
        self._now: datetime | None = None
        self._due: list[tuple[datetime, int, _Seen]] = []
        self._serial = 0
        self._on: defaultdict[str, list[_Seen]] = defaultdict(list)
        self._of_session: defaultdict[str, list[_Seen]] = defaultdict(list)
        self._of_visitor: defaultdict[str, dict[str, _Seen]] = defaultdict(dict)
        self._sources: Counter[str] = Counter()
        self._sums: dict[_Kind, dict[str, int]] = {}
        self._exposures = 0

    @property
    def size(self) -> int:
        """How many exposures it knows."""
        return self._exposures

    @property
    def numbers(self) -> Sequence[str]:
        """The numbers that somebody saw."""
        return [number for number, seen in self._on.items() if seen]

    def show(self, exposure: Exposure) -> None:
        """A number was shown to a session; told again, it replaces what was known of that."""
        before = self._of_visitor[exposure.visitor].get(exposure.number)
        if before and before.shown > (exposure.shown_at, exposure.session):
            return
        if before:
            self._drop(before)
        seen = _Seen(exposure, self._tables)
        if before and before.shown == seen.shown:
            seen.called = max(seen.called, before.called)
        self._add(seen)
        if len(self._on[exposure.number]) > NEWEST:
            self._drop(self._on[exposure.number][0])

    def sign(self, session: str, sign: Sign) -> None:
        """A session did something."""
        for seen in self._of_session.get(session, ()):
            if seen.course.add(sign):
                self._now = max(self._now or sign.at, sign.at)
                self._value(seen, self._now)

    def call(self, number: str, session: str, probability: float) -> None:
        """A call of the number was given to the session, with some probability."""
        for seen in self._of_session.get(session, ()):
            if seen.number == number and seen.called < probability and self._now:
                seen.called = probability
                self._value(seen, self._now)

    def costs(self, newcomer: Newcomer, numbers: Sequence[str], at: datetime) -> list[float]:
        """What each of the numbers costs, in wrong calls to expect, for the session at ``at``."""
        self.keep_time(at)
        other = 1 + self.wrong_source(len(numbers))
        # Of four kinds of past visitors, written so that each number needs four sums.
        every = ELSEWHERE * other / _SCALE
        near = other * (1 - ELSEWHERE) / _SCALE
        same = ELSEWHERE * (1 - other) / _SCALE
        both = (1 - ELSEWHERE) * (1 - other) / _SCALE
        kinds = _kinds(newcomer.region, newcomer.source)
        of_all, of_region, of_source, of_both = (self._sums.get(kind, {}).get for kind in kinds)
        found = [
            every * of_all(number, 0)
            + near * of_region(number, 0)
            + same * of_source(number, 0)
            + both * of_both(number, 0)
            for number in numbers
        ]
        own = self._of_visitor.get(newcomer.visitor)
        for place, number in enumerate(numbers if own else ()):
            if own and (seen := own.get(number)):
                # Nobody is taken for somebody else where both are one visitor.
                found[place] -= seen.part(newcomer, other)
        return found

    def wrong_source(self, numbers: int) -> float:
        """How much worse than a wrong visitor a wrong source is, in a pool of so many numbers."""
        size = max(numbers, len(self._on))
        # A source counts when it could fill a number: a hundred rare ones make no pool small.
        least = self._exposures / size if size else 0
        sources = sum(count >= least for count in self._sources.values())
        is_small = size < NUMBERS_PER_SOURCE * sources
        return WRONG_SOURCE_IN_SMALL_POOLS if is_small else WRONG_SOURCE

    def keep_time(self, at: datetime) -> bool:
        """
        Let the clocks run until ``at``; False: more is to do than a page view should wait for.

        Then some exposures count as what they were a while ago, until the next time.
        """
        if self._now is None or at > self._now:
            self._now = at
        for _ in range(_STEPS):
            if not self._due or self._due[0][0] > self._now:
                return True
            moment, _, seen = heappop(self._due)
            if seen.due == moment:  # or something happened since, and it is due at another one
                self._value(seen, self._now)
        return False

    def _value(self, seen: _Seen, at: datetime) -> None:
        """Find out what the exposure is worth now, and until when that is so."""
        due = seen.due
        worth = seen.look(at)
        if seen.due and seen.due != due:
            self._serial += 1
            heappush(self._due, (seen.due, self._serial, seen))
            if len(self._due) > _FORGOTTEN * self._exposures + NEWEST:
                self._due = [each for each in self._due if each[0] == each[2].due]
                heapify(self._due)
        if worth != seen.worth:
            self._count(seen, worth - seen.worth)
            seen.worth = worth

    def _count(self, seen: _Seen, more: int) -> None:
        for kind in seen.kinds:
            sums = self._sums.setdefault(kind, {})
            sums[seen.number] = sums.get(seen.number, 0) + more
            # Who lands here may call the source what he likes: nothing of him must stay for ever.
            if not sums[seen.number]:
                del sums[seen.number]
                if not sums:
                    del self._sums[kind]

    def _add(self, seen: _Seen) -> None:
        on = self._on[seen.number]
        on.append(seen)
        on.sort(key=lambda each: each.shown)
        self._of_session[seen.session].append(seen)
        self._of_visitor[seen.visitor][seen.number] = seen
        self._sources[seen.source] += 1
        self._exposures += 1
        self._now = max(self._now or seen.newest, seen.newest)
        self._value(seen, self._now)

    def _drop(self, seen: _Seen) -> None:
        self._count(seen, -seen.worth)
        seen.due = None
        self._exposures -= 1
        self._on[seen.number].remove(seen)
        self._of_session[seen.session].remove(seen)
        if not self._of_session[seen.session]:
            del self._of_session[seen.session]
        del self._of_visitor[seen.visitor][seen.number]
        if not self._of_visitor[seen.visitor]:
            del self._of_visitor[seen.visitor]
        self._sources[seen.source] -= 1
        if not self._sources[seen.source]:
            del self._sources[seen.source]


class _Seen:
    """One number shown to one session, and what it is worth now: calls to expect, by ``_SCALE``."""

    __slots__ = (
        "_factor",
        "_val",
        "called",
        "course",
        "due",
        "kinds",
        "number",
        "region",
        "session",
        "shown",
        "source",
        "visitor",
        "worth",
    )

    def __init__(self, exposure: Exposure, tables: Tables) -> None:
        self.number, self.visitor = exposure.number, exposure.visitor
        self.session, self.region = exposure.session, exposure.region
        self.source = exposure.touch.source
        self.kinds = _kinds(self.region, self.source)
        self.shown = (exposure.shown_at, exposure.session)
        self.called = exposure.called
        self.course = Course(exposure.shown_at, exposure.log)
        self.worth = 0
        self.due: datetime | None = None
        self._val = tables.val[device_class(exposure.device)]
        self._factor = tables.src.get(self.source, 1.0) * _SCALE

    @property
    def newest(self) -> datetime:
        """When its newest sign was."""
        return self.course.newest_at

    def look(self, at: datetime) -> int:
        """What it is worth; from ``due`` on that may be something else."""
        level, bin_, self.due = self.course.standing(at)
        if bin_ >= _SETTLED:
            self.course.settle()
        return int(self._val[level][bin_] * self._factor * (1 - CALLED * self.called))

    def part(self, newcomer: Newcomer, other: float) -> float:
        """What it adds to the newcomer's cost of its number."""
        elsewhere = 1.0 if self.region == newcomer.region else ELSEWHERE
        from_other = 1.0 if self.source == newcomer.source else other
        return self.worth / _SCALE * elsewhere * from_other
