"""What a store promises about people's data: it can be told, forgotten and thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from callgraft.tracking.records import SessionRecord
from callgraft.tracking.values import Call


class People(Protocol):
    """What is kept of people: told to them, forgotten, and thrown away when its time is over."""

    def sessions_of(self, site: str, visitor: str) -> Sequence[SessionRecord]:
        """All sessions of the visitor with all that is kept of them, in order of time."""
        ...

    def old_sessions(self, site: str, *, before: datetime, limit: int) -> Sequence[tuple[str, str]]:
        """
        Session and visitor of those that began and ended before ``before``, the oldest first.

        One with a page load, or with the hold of an open lease, after that is none of them.
        """
        ...

    def drop_sessions(self, site: str, dropped: Sequence[tuple[str, str]]) -> None:
        """
        Delete these (session, visitor) with all that hangs on them but leases, which are gone.

        A visitor goes with the last session.
        """
        ...

    def calls_naming(self, site: str, visitor: str) -> Sequence[Call]:
        """The calls whose record names the visitor, as the caller or as a candidate."""
        ...

    def forget_caller(self, site: str, caller: str) -> tuple[int, int]:
        """Take the number out of calls, and out of their events with their text; how many each."""
        ...

    def forget_callers_before(self, site: str, *, before: datetime, limit: int) -> int:
        """The same for all callers of calls that rang before; how many calls it was."""
        ...

    def forget_caller_of(self, call: Call) -> Call:
        """The same for one call; it is returned as it is now."""
        ...

    def drop_calls(self, site: str, *, before: datetime, limit: int) -> int:
        """Delete calls that rang before, and their events; how many calls it was."""
        ...

    def claim(self, task: str, *, at: datetime, every: timedelta) -> bool:
        """Whether the task is this transaction's to do: nobody did it within ``every``."""
        ...
