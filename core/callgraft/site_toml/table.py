"""One table of a Site document, read key by key, with every mistake kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from callgraft.phone import Number
from callgraft.problems import Problems, below, kind, suggest
from callgraft.site_toml.scalars import A_YEAR, KEY, KEY_PROBLEM, duration, number


class Table:
    """
    A table at ``key`` that may hold the ``known`` names; any other is a mistake at once.

    What is missing or wrong reads as None (or the default), and ``problems`` have grown.
    """

    def __init__(
        self, data: Mapping[str, object], key: str, known: tuple[str, ...], problems: Problems
    ) -> None:
        self.key = key
        self.problems = problems
        self._data = data
        for name in data:
            if name not in known:
                problem = "there is no such key here."
                problems.add(below(key, name), data[name], problem, suggest(name, known))

    def __contains__(self, name: str) -> bool:
        return name in self._data

    def get(self, name: str, default: object = None) -> object:
        return self._data.get(name, default)

    def path(self, name: str) -> str:
        return below(self.key, name)

    def wrong(self, name: str, problem: str, cure: str) -> None:
        self.problems.add(self.path(name), self._data.get(name), problem, cure)

    def text(self, name: str, example: str, *, required: bool = False) -> str | None:
        """The text at ``name``; an empty one is none."""
        value = self._data.get(name)
        if isinstance(value, str) and value.strip():
            return value
        if value is None and not required:
            return None
        self.wrong(name, _no_text(value), f'Write {name} = "{example}".')
        return None

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._data.get(name, default)
        if isinstance(value, bool):
            return value
        self.wrong(name, f"it is true or false, not {kind(value)}.", f"Write {name} = true.")
        return default

    def texts(self, name: str, example: str) -> Iterator[tuple[str, str]]:
        """Every text of the list at ``name``, with its own key; not one is missing from it."""
        value = self._data.get(name, [])
        if not isinstance(value, list):
            self.wrong(
                name, f"it takes a list, not {kind(value)}.", f'Write {name} = ["{example}"].'
            )
            return
        for place, entry in enumerate(value):
            key = f"{self.path(name)}[{place}]"
            if isinstance(entry, str) and entry.strip():
                yield key, entry
            else:
                self.problems.add(key, entry, _no_text(entry), f'Write it like "{example}".')

    def number(self, name: str, region: str | None, *, required: bool = False) -> Number | None:
        written = self.text(name, "+7 495 123-45-67", required=required)
        if written is None:
            return None
        return number(written, self.path(name), region, self.problems)

    def numbers(self, name: str, region: str | None) -> tuple[Number, ...]:
        """The numbers of the list at ``name``; there must be one."""
        if self._data.get(name) in (None, []):
            self.wrong(name, "it needs a number.", f'Write {name} = ["+7 499 000-00-01"].')
        read = [
            number(written, key, region, self.problems)
            for key, written in self.texts(name, "+7 499 000-00-01")
        ]
        return tuple(each for each in read if each is not None)

    def whole(self, name: str, default: int | None, example: int) -> int | None:
        """The whole number at ``name``, from 0 on."""
        value = self._data.get(name, default)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
            return value
        self.wrong(name, "it takes a whole number, from 0 on.", f"Write {name} = {example}.")
        return default

    def duration(
        self,
        name: str,
        default: timedelta,
        *,
        zero: bool = False,
        longest: timedelta = A_YEAR,
    ) -> timedelta:
        if name not in self._data:
            return default
        read = duration(self._data[name], self.path(name), self.problems, longest=longest)
        if read == timedelta(0) and not zero:
            self.wrong(name, "it must be longer than nothing.", 'Write it like "30m".')
        return default if read is None else read

    def table(self, name: str, known: tuple[str, ...]) -> Table | None:
        """The table at ``name``, None where there is none."""
        value = self._data.get(name)
        if value is None:
            return None
        if isinstance(value, dict):
            return Table(value, self.path(name), known, self.problems)
        cure = f"Write [{self.path(name)}], and its keys below it."
        self.wrong(name, f"it takes a table, not {kind(value)}.", cure)
        return None

    def tables(self, name: str, known: tuple[str, ...]) -> Iterator[Table]:
        """Every table of the list at ``name``."""
        value = self._data.get(name, [])
        if not isinstance(value, list):
            cure = (
                f"Write [[{name}]] before each." if not self.key else f"Write {name} = [{{ … }}]."
            )
            self.wrong(name, f"it takes a list of tables, not {kind(value)}.", cure)
            return
        for place, entry in enumerate(value):
            key = f"{self.path(name)}[{place}]"
            if isinstance(entry, dict):
                yield Table(entry, key, known, self.problems)
            else:
                cure = f"Write {{ {known[0]} = … }}."
                self.problems.add(key, entry, f"it takes a table, not {kind(entry)}.", cure)

    def named(self, name: str, known: tuple[str, ...]) -> Iterator[tuple[str, Table]]:
        """Every table below ``name`` with its own name: ``[targets.main]`` and so on."""
        value = self._data.get(name, {})
        if not isinstance(value, dict):
            cure = f"Write [{name}.main], with a name of your choice for main."
            self.wrong(name, f"it takes named tables, not {kind(value)}.", cure)
            return
        for each, entry in value.items():
            key = below(self.path(name), each)
            if not KEY.fullmatch(each):
                self.problems.add(key, None, KEY_PROBLEM, 'Give it a plain one, like "main".')
            if isinstance(entry, dict):
                yield each, Table(entry, key, known, self.problems)
            else:
                title = "main" if each in known else each
                cure = f"Write [{name}.{title}], and its keys below it."
                self.problems.add(key, entry, f"it takes a table, not {kind(entry)}.", cure)


def _no_text(value: object) -> str:
    if value is None:
        return "it is missing."
    return "it is empty." if isinstance(value, str) else f"it takes text, not {kind(value)}."
