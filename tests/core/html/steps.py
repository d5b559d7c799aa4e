"""
Operations, counted instead of timed: calls, bytes that are copied or looked through, and every
step of every regular expression, those that were taken back among them.

CPython does not tell how many steps a match took. So each pattern is run a second time, by the
few lines below that read its syntax tree as ``re`` does; that both end at the same byte is checked.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any

import re2

from callgraft.html import skim
from tests.core.html.steps_of_patterns import first_bytes, matcher

_compile, _compile_linear = re.compile, re2.compile
SCANNERS = [None, skim.compiled] if skim.compiled else [None]
"""Without the compiled scanner, and with it where it was built."""


@contextmanager
def with_scanner(scanner: ModuleType | None) -> Iterator[None]:
    """Let pages be scanned with this one."""
    before, skim.compiled = skim.compiled, scanner
    try:
        yield
    finally:
        skim.compiled = before


class Counter:
    """How much was done so far."""

    steps = 0
    reach = 0
    """How far any match has looked."""


class Page(bytes):
    """A page that notes how many bytes of it are copied or looked through."""

    def __getitem__(self, key):
        part = super().__getitem__(key)
        Counter.steps += len(part) if isinstance(key, slice) else 1
        return part

    def find(self, what, start=0, end=sys.maxsize):
        found = super().find(what, start, end)
        Counter.steps += (found if found >= 0 else min(end, len(self))) - start
        return found

    def rfind(self, what, start=0, end=sys.maxsize):
        found = super().rfind(what, start, end)
        Counter.steps += min(end, len(self)) - max(found, start)
        return found

    def count(self, what, start=0, end=sys.maxsize):
        Counter.steps += min(end, len(self)) - start
        return super().count(what, start, end)


class Pattern:
    """A compiled pattern of bytes that counts its steps."""

    def __init__(self, pattern: bytes, flags: int = 0) -> None:
        self.real = _compile(pattern, flags)
        self.pattern, self.groupindex = pattern, self.real.groupindex
        self._matcher = matcher(pattern, flags, Counter)
        self._skip = _compile(b"[%s]" % first_bytes(pattern, flags))

    def match(self, text, pos=0, endpos=sys.maxsize):
        found, end = self.real.match(text, pos, endpos), min(endpos, len(text))
        assert self._run(text, pos, end) == (found.end() if found else None), self.pattern
        return found

    def fullmatch(self, text, pos=0, endpos=sys.maxsize):
        self._run(text, pos, min(endpos, len(text)))
        return self.real.fullmatch(text, pos, endpos)

    def search(self, text, pos=0, endpos=sys.maxsize):
        found, end = self.real.search(text, pos, endpos), min(endpos, len(text))
        self._pass(text, pos, found.start() if found else end, end)
        if found:
            assert self._run(text, found.start(), end) == found.end(), self.pattern
        return found

    def finditer(self, text, pos=0, endpos=sys.maxsize) -> Iterator[re.Match[bytes]]:
        end = min(endpos, len(text))
        for found in self.real.finditer(text, pos, end):
            self._pass(text, pos, found.start(), end)
            self._run(text, found.start(), end)
            pos = max(found.end(), found.start() + 1)
            yield found
        self._pass(text, pos, end, end)

    def sub(self, new, text):
        list(self.finditer(text))
        return self.real.sub(new, text)

    def findall(self, text):
        list(self.finditer(text))
        return self.real.findall(text)

    def split(self, text):
        list(self.finditer(text))
        return self.real.split(text)

    def _pass(self, text, pos, found, end):
        """Fail at every place before the one where something was ``found``."""
        Counter.steps += max(found - pos, 0)
        for start in self._skip.finditer(text, pos, found):
            assert self._run(text, start.start(), end) is None, self.pattern

    def _run(self, text, pos, end):
        note = sys.getprofile()
        sys.setprofile(None)  # not our own calls
        try:
            return self._matcher(text, pos, end)
        finally:
            sys.setprofile(note)


class Linear:
    """
    A pattern of RE2 that counts its steps: how far its searches look.

    RE2 runs all beginnings at once, and goes on past a match as long as an earlier one may still
    become one. How far that is shows ``re``, which tries them one by one.
    """

    def __init__(self, pattern: bytes, options: Any) -> None:
        self.real = _compile_linear(pattern, options)
        self.pattern = pattern
        self._matcher = matcher(pattern, re.DOTALL, Counter)
        self._skip = _compile(b"[%s]" % first_bytes(pattern, re.DOTALL))

    def search(self, text, pos=0, endpos=sys.maxsize):
        found, end = self.real.search(text, pos, endpos), min(endpos, len(text))
        before, Counter.reach = Counter.steps, found.end() if found else end
        note = sys.getprofile()
        sys.setprofile(None)  # not our own calls
        for start in self._skip.finditer(text, pos, found.start() + 1 if found else end):
            fits = self._matcher(text, start.start(), end) is not None
            assert fits is bool(found and found.start() == start.start()), self.pattern
        sys.setprofile(note)
        Counter.steps = before + max(Counter.reach - pos, 0)
        return found


@cache
def counted() -> ModuleType:
    """Return ``callgraft.html`` once more, with patterns that count."""
    before = {name: sys.modules.pop(name) for name in [*sys.modules] if _is_html(name)}
    re.compile = _counting  # type: ignore[assignment]  # that is the point
    re2.compile = Linear
    try:
        return importlib.import_module("callgraft.html")
    finally:
        re.compile, re2.compile = _compile, _compile_linear
        Copies.extend(sys.modules.pop(name) for name in [*sys.modules] if _is_html(name))
        sys.modules.update(before)
        for copy in Copies:
            if copy.__name__ == "callgraft.html.skim":
                vars(copy)["compiled"] = None  # It counts itself: see test_skim.py.
            vars(copy).update({name: one for name, one in _STANDINS.items() if name in vars(copy)})


Copies: list[ModuleType] = []


class _Re:
    """What the copies find under the name of ``re`` when they compile later."""

    compile = staticmethod(lambda pattern, flags=0: _counting(pattern, flags))
    Match, Pattern, escape, DOTALL = re.Match, re.Pattern, re.escape, re.DOTALL


class _Re2:
    """The same under the name of ``re2``."""

    compile = Linear
    Options = re2.Options


_STANDINS = {"re": _Re, "re2": _Re2}


def _counting(pattern: Any, flags: int = 0) -> Any:
    return Pattern(pattern, flags) if isinstance(pattern, bytes) else _compile(pattern, flags)


def _is_html(name: str) -> bool:
    return name == "callgraft.html" or name.startswith("callgraft.html.")


def steps(run: Callable[[], object]) -> int:
    """Return how many operations ``run`` takes that uses the ``counted`` package."""
    Counter.steps = 0

    def note(frame: Any, *_: object) -> None:
        Counter.steps += "/callgraft/" in frame.f_code.co_filename

    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(None)
    return Counter.steps
