"""Dictionaries and sorted indexes whose changes can be taken back."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Iterator
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Item = TypeVar("Item", bound=tuple[Any, ...])


class Changes:
    """What a transaction did so far, so that it can be undone when it fails."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], object]] = []

    def remember(self, undo: Callable[[], object]) -> None:
        self._steps.append(undo)

    def forget(self) -> None:
        self._steps.clear()

    def undo(self) -> None:
        while self._steps:
            self._steps.pop()()


class Rows(Generic[Key, Value]):
    """Values by key."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._rows: dict[Key, Value] = {}

    def get(self, key: Key) -> Value | None:
        return self._rows.get(key)

    def __contains__(self, key: Key) -> bool:
        return key in self._rows

    def __getitem__(self, key: Key) -> Value:
        return self._rows[key]

    def items(self) -> Iterator[tuple[Key, Value]]:
        return iter(self._rows.items())

    def put(self, key: Key, value: Value) -> None:
        if key in self._rows:
            before = self._rows[key]
            self._changes.remember(lambda: self._rows.__setitem__(key, before))
        else:
            self._changes.remember(lambda: self._rows.pop(key))
        self._rows[key] = value

    def drop(self, key: Key) -> None:
        before = self._rows.pop(key)
        self._changes.remember(lambda: self._rows.__setitem__(key, before))


class Index(Generic[Key, Item]):
    """Items in their order, in groups by key; the first and the last are found at once."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._groups: dict[Key, list[Item]] = {}

    def group(self, key: Key) -> list[Item]:
        """The items of a group, to be read only."""
        return self._groups.get(key, [])

    def first(self, key: Key) -> Item | None:
        group = self._groups.get(key)
        return group[0] if group else None

    def last(self, key: Key) -> Item | None:
        group = self._groups.get(key)
        return group[-1] if group else None

    def add(self, key: Key, item: Item) -> None:
        self._add(key, item)
        self._changes.remember(lambda: self._drop(key, item))

    def drop(self, key: Key, item: Item) -> None:
        self._drop(key, item)
        self._changes.remember(lambda: self._add(key, item))

    def _add(self, key: Key, item: Item) -> None:
        insort(self._groups.setdefault(key, []), item)

    def _drop(self, key: Key, item: Item) -> None:
        group = self._groups[key]
        del group[bisect_left(group, item)]
        if not group:
            del self._groups[key]
