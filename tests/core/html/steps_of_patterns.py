"""Regular expressions over bytes, matched as ``re`` does, so that their steps can be counted."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from re import _constants as op  # type: ignore[attr-defined]  # there is no public syntax tree
from re import _parser  # type: ignore[attr-defined]
from typing import Any

Then = Callable[[int], "int | None"]
Node = Callable[[bytes, int, int, Then], "int | None"]
_compile = re.compile
_ALL = frozenset(range(256))
_WORD = frozenset(b"0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_CATEGORIES = {
    op.CATEGORY_DIGIT: frozenset(b"0123456789"),
    op.CATEGORY_SPACE: frozenset(b" \t\n\r\f\v"),
    op.CATEGORY_WORD: _WORD,
    op.CATEGORY_NOT_DIGIT: _ALL - frozenset(b"0123456789"),
    op.CATEGORY_NOT_SPACE: _ALL - frozenset(b" \t\n\r\f\v"),
    op.CATEGORY_NOT_WORD: _ALL - _WORD,
}
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)


def matcher(pattern: bytes, flags: int, counter: Any) -> Callable[[bytes, int, int], int | None]:
    """Return what gives the end of a match at a place, and adds its steps to ``counter.steps``."""
    tree = _parser.parse(pattern, flags)
    node = _sequence(list(tree), tree.state.flags, counter)
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 20_000))
    return lambda text, pos, end: node(text, pos, end, lambda at: at)


def first_bytes(pattern: bytes, flags: int) -> bytes:
    """Return the inside of a class: what a match may begin with."""
    tree = _parser.parse(pattern, flags)
    found, empty = _first(list(tree), tree.state.flags)
    return _inside(_ALL if empty or not found else found)


def _inside(chars: frozenset[int]) -> bytes:
    return b"".join(b"\\x%02x" % char for char in sorted(chars))


def _sequence(items: list[Any], flags: int, counter: Any) -> Node:
    nodes = [_node(code, value, flags, counter) for code, value in items]
    if not nodes:
        return lambda text, at, end, then: then(at)
    whole = nodes[-1]
    for node in reversed(nodes[:-1]):
        whole = _then(node, whole)
    return whole


def _then(first: Node, rest: Node) -> Node:
    return lambda text, at, end, then: first(
        text, at, end, lambda middle: rest(text, middle, end, then)
    )


def _node(code: Any, value: Any, flags: int, counter: Any) -> Node:
    chars = _single(code, value, flags)
    if chars is not None:
        return _one(chars, counter)
    if code is op.SUBPATTERN:
        _, added, removed, inner = value
        return _sequence(list(inner), (flags | added) & ~removed, counter)
    if code is op.BRANCH:
        ways = [_sequence(list(way), flags, counter) for way in value[1]]
        return lambda text, at, end, then: _any(
            counter, ((way, text, at, end, then) for way in ways)
        )
    if code is op.ATOMIC_GROUP:
        return _repeat(_sequence(list(value), flags, counter), 1, 1, counter)
    if code in (op.ASSERT, op.ASSERT_NOT):
        return _look(code, value, flags, counter)
    if code is op.AT:
        return lambda text, at, end, then: then(at) if _is_at(value, text, at, end) else None
    if code in _REPEATS:
        return _repeated(code, value, flags, counter)
    raise NotImplementedError(f"{code} in a pattern: teach this file what it means.")


def _any(counter: Any, ways: Any) -> int | None:
    for way, text, at, end, then in ways:
        counter.steps += 1
        found = way(text, at, end, then)
        if found is not None:
            return found
    return None


def _one(chars: frozenset[int], counter: Any) -> Node:
    def one(text: bytes, at: int, end: int, then: Then) -> int | None:
        counter.steps += 1
        counter.reach = max(counter.reach, at)
        return then(at + 1) if at < end and text[at] in chars else None

    return one


def _look(code: Any, value: Any, flags: int, counter: Any) -> Node:
    direction, inner = value
    node, width = _sequence(list(inner), flags, counter), inner.getwidth()[0]

    def look(text: bytes, at: int, end: int, then: Then) -> int | None:
        start = at - width if direction < 0 else at
        found = node(text, start, end, lambda at: at) if start >= 0 else None
        return then(at) if (found is not None) is (code is op.ASSERT) else None

    return look


def _is_at(where: Any, text: bytes, at: int, end: int) -> bool:
    if where in (op.AT_BEGINNING, op.AT_BEGINNING_STRING):
        return at == 0
    if where is op.AT_END_STRING:
        return at == end
    if where is op.AT_END:
        return at == end or (at == end - 1 and text[at] == 0x0A)
    before, after = at > 0 and text[at - 1] in _WORD, at < end and text[at] in _WORD
    return (before != after) is (where is op.AT_BOUNDARY)


def _repeated(code: Any, value: Any, flags: int, counter: Any) -> Node:
    least, most, inner = value
    most = sys.maxsize if most is op.MAXREPEAT else int(most)
    chars = _single(*inner[0], flags) if len(inner) == 1 else None
    if chars is not None:
        return _run(code, chars, least, most, counter)
    node = _sequence(list(inner), flags, counter)
    if code is op.POSSESSIVE_REPEAT:
        return _repeat(node, least, most, counter)
    return _tried(node, least, most, greedy=code is op.MAX_REPEAT)


def _run(code: Any, chars: frozenset[int], least: int, most: int, counter: Any) -> Node:
    """Many of one class."""
    run = _compile(b"[%s]*+" % _inside(chars))

    def many(text: bytes, at: int, end: int, then: Then) -> int | None:
        longest = run.match(text, at, min(end, at + most)).end() - at
        counter.reach = max(counter.reach, at + longest)
        if code is not op.MIN_REPEAT:
            counter.steps += longest + 1
        if longest < least:
            return None
        lengths = range(longest, least - 1, -1)
        if code is op.POSSESSIVE_REPEAT:
            return then(at + longest)
        for length in lengths if code is op.MAX_REPEAT else reversed(lengths):
            counter.steps += 1
            found = then(at + length)
            if found is not None:
                return found
        return None

    return many


def _repeat(node: Node, least: int, most: int, counter: Any) -> Node:
    """Many that are never taken back."""

    def many(text: bytes, at: int, end: int, then: Then) -> int | None:
        count = 0
        while count < most:
            counter.steps += 1
            after = node(text, at, end, lambda at: at)
            if after is None or (after == at and count >= least):
                break
            at, count = after, count + 1
        return then(at) if count >= least else None

    return many


def _tried(node: Node, least: int, most: int, *, greedy: bool) -> Node:
    def many(text: bytes, at: int, end: int, then: Then, count: int = 0) -> int | None:
        def again() -> int | None:
            if count >= most:
                return None
            return node(
                text,
                at,
                end,
                lambda after: many(text, after, end, then, count + 1) if after > at else None,
            )

        ways = (again, lambda: then(at) if count >= least else None)
        for way in ways if greedy else reversed(ways):
            found = way()
            if found is not None:
                return found
        return None

    return many


def _single(code: Any, value: Any, flags: int) -> frozenset[int] | None:
    """Return the bytes that a node of one byte matches; None for any other node."""
    if code is op.ANY:
        return _ALL if flags & re.DOTALL else _ALL - {0x0A}
    if code in (op.LITERAL, op.NOT_LITERAL):
        chars = _cased(frozenset((value,)), flags)
        return chars if code is op.LITERAL else _ALL - chars
    if code is not op.IN:
        return None
    negated = value[0][0] is op.NEGATE
    members: set[int] = set()
    for kind, what in value[1:] if negated else value:
        if kind is op.LITERAL:
            members.add(what)
        elif kind is op.RANGE:
            members.update(range(what[0], what[1] + 1))
        else:
            members |= _CATEGORIES[what]
    chars = _cased(frozenset(members), flags)
    return _ALL - chars if negated else chars


def _cased(chars: frozenset[int], flags: int) -> frozenset[int]:
    if not flags & re.IGNORECASE:
        return chars
    return chars | frozenset(bytes(chars).lower()) | frozenset(bytes(chars).upper())


def _first(items: list[Any], flags: int) -> tuple[frozenset[int], bool]:
    """Return which bytes a match may begin with, and whether it may be empty."""
    found: frozenset[int] = frozenset()
    for code, value in items:
        chars, empty = _first_of(code, value, flags)
        found |= chars
        if not empty:
            return found, False
    return found, True


def _first_of(code: Any, value: Any, flags: int) -> tuple[frozenset[int], bool]:
    chars = _single(code, value, flags)
    if chars is not None:
        return chars, False
    if code is op.SUBPATTERN:
        return _first(list(value[3]), (flags | value[1]) & ~value[2])
    if code is op.ATOMIC_GROUP:
        return _first(list(value), flags)
    if code is op.BRANCH:
        ways = [_first(list(way), flags) for way in value[1]]
        return frozenset().union(*(chars for chars, _ in ways)), any(empty for _, empty in ways)
    if code in _REPEATS:
        chars, empty = _first(list(value[2]), flags)
        return chars, empty or value[0] == 0
    return frozenset(), True
