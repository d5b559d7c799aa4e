"""What a scan finds: a number in a page, and how to write another there."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from callgraft.html.charset import Charset
from callgraft.html.kinds import POLICY, Kind
from callgraft.html.place import Place, shown
from callgraft.html.slot import Slot
from callgraft.html.targets import Target


class Found(NamedTuple):
    """
    A target at ``start``, whose bytes are those of ``slot``.

    ``reach``: so far from its start the page was read to decide about it. ``told``: what is told of
    it where that is not what its kind tells.
    """

    target: Target
    kind: Kind
    start: int
    slot: Slot
    reach: int
    charset: Charset
    told: Place | None = None

    @property
    def end(self) -> int:
        return self.start + len(self.slot.written)

    @property
    def is_swapped(self) -> bool:
        return self.policy == "swap"

    @property
    def policy(self) -> str:
        """What is done there: ``swap`` or ``keep``."""
        if self.told is not None:
            return self.told.policy
        row = self.kind.row
        return self.target.target.places.get(row) or POLICY[row]

    @property
    def place(self) -> Place:
        """What people are told of it; most pages are served without."""
        if self.told is not None:
            return replace(self.told, start=self.start, end=self.end)
        row = self.kind.row
        where = self.kind.where
        if row in self.target.target.places:
            where += f", as the target's places.{row} says"
        return Place(
            target=self.target.key,
            kind=row,
            policy=self.policy,
            start=self.start,
            end=self.end,
            written=shown(self.slot.written, self.kind.writing, self.charset),
            reason=where,
        )

    def at(self, start: int) -> Found:
        """Return the same, found elsewhere."""
        return self if start == self.start else self._replace(start=start)

    def placed(self, place: Place) -> Found:
        """Return the same, of which ``place`` is told."""
        return self._replace(start=place.start, told=place)
