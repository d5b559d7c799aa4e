"""The targets of a site, compiled into what finds them."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from callgraft import site
from callgraft.html.notations import notations, spelling, written_forms
from callgraft.phone import keys

LONGEST = 512
"""A number written longer than this, tags between its digits included, is not found."""
_LOOKS_KEPT = 512
_SHORTEST_CORE = 7
_SHORTEST_ANCHOR = 5
_RARE_FIRST = "7984635210"
"""Digits by how seldom they stand on pages, among them sizes, prices and years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One target, and the pattern of all its notations in a `shadow`."""

    target: site.Target
    pattern: re.Pattern[bytes]
    spelled: re.Pattern[bytes] | None = None
    """The same with letters of the keypad for digits, where people do that: 1-800-FLOWERS."""

    @property
    def key(self) -> str:
        """The target's key in the Site document."""
        return self.target.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What to look for. Compile it once per Site document: `of` is slow and `candidates` fast."""

    targets: tuple[Target, ...]
    tries: tuple[re.Pattern[bytes], ...]
    """One per leading digit, which is a literal: CPython's ``re`` skips to it by memchr."""
    referenced: re.Pattern[bytes] | None
    """All of them once more, beginning with a digit that is written as a reference."""
    spelled: tuple[re.Pattern[bytes], ...]
    """Where a toll-free number may be written in letters."""
    owners: tuple[tuple[int, ...], ...]
    """Whose anchor a group of a trie is: indices into ``targets``."""
    digest: bytes
    looks: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)
    """What a scan decided about a candidate, by all that it looked at."""

    def remember(self, sight: object, decided: Any) -> None:
        """Keep what was decided, for the next page with the same header or footer."""
        if len(self.looks) >= _LOOKS_KEPT:
            self.looks.clear()
        self.looks[sight] = decided

    @classmethod
    def of(cls, targets: Iterable[site.Target]) -> Targets:
        """Compile ``targets``; those with equal numbers are found as the first of them."""
        unique = {target.number.e164: target for target in reversed(list(targets))}
        chosen = tuple(reversed(unique.values()))
        found = tuple(
            Target(target=t, pattern=notations(t), spelled=spelling(t.number)) for t in chosen
        )
        cores = [_cores(written_forms(target)) for target in chosen]
        anchors = _anchors({core for of_one in cores for core in of_one})
        owners: dict[str, list[int]] = defaultdict(list)
        for index, of_one in enumerate(cores):
            for core in of_one:
                owners[anchors[core]].append(index)
        numbered = {anchor: number for number, anchor in enumerate(sorted(owners))}
        by_digit: dict[str, list[str]] = defaultdict(list)
        for anchor in numbered:
            by_digit[anchor[0]].append(anchor)
        return cls(
            targets=found,
            tries=tuple(_trie(group, numbered, _literal) for group in by_digit.values()),
            referenced=_trie(list(numbered), numbered, _reference) if numbered else None,
            spelled=_spelled(chosen, len(numbered)),
            owners=(
                *(tuple(dict.fromkeys(owners[anchor])) for anchor in numbered),
                *((index,) for index in range(len(chosen))),
            ),
            digest=_digest(chosen),
        )

    def candidates(
        self, page: bytes | bytearray, start: int, end: int
    ) -> Iterator[tuple[int, int, int]]:
        """
        Yield (first byte, past the last, index into ``owners``) of all that may be a target.

        In the order of the page; only those that begin in ``page[start:end]``.
        """
        found = [hit for trie in self.tries for hit in _hits(trie, page, start, end)]
        for pattern in self.spelled:
            found += _hits(pattern, page, start, end)
        if self._has_digit_reference(page, start, end) and self.referenced is not None:
            found += _hits(self.referenced, page, start, end)
        found.sort()
        return iter(found)

    @staticmethod
    def _has_digit_reference(page: bytes | bytearray, start: int, end: int) -> bool:
        # The plain search first: it is the faster one by far, and most pages have none.
        end += LONGEST
        at = page.find(b"&#", start, end)
        if at >= 0 and _DIGIT_REFERENCE.search(page, at, end):
            return True
        at = page.find(b"\xef\xbc", start, end)
        return at >= 0 and _WIDE_DIGIT.search(page, at, end) is not None


def _hits(
    trie: re.Pattern[bytes], page: bytes | bytearray, start: int, end: int
) -> Iterator[tuple[int, int, int]]:
    # One byte on from each, not past it: in "1 1111111111" the number begins at the second.
    while (found := trie.search(page, start, end + 2 * LONGEST)) and found.start() < end:
        start = found.start() + 1
        if found.end() - found.start() <= LONGEST:
            yield found.start(), found.end(), int((found.lastgroup or "")[1:])


def _cores(written: tuple[str, ...]) -> tuple[str, ...]:
    """Return what all forms end in, which is quicker to look for than each of them."""
    longest = written[0]
    for length in range(min(map(len, written)), _SHORTEST_CORE - 1, -1):
        core = longest[-length:]
        if all(form.endswith(core) for form in written):
            return (core,)
    return written


def _anchors(cores: set[str]) -> dict[str, str]:
    """
    Choose the end of each core that is looked for, so that few digits begin them all.

    Each leading digit is a pass over the page, which stops at every such digit there is.
    """
    anchors: dict[str, str] = {}
    while left := sorted(cores - anchors.keys()):
        heads = {core: core[: max(len(core) - _SHORTEST_ANCHOR, 0) + 1] for core in left}
        digit = max(_RARE_FIRST, key=lambda one: sum(one in head for head in heads.values()))
        anchors |= {
            core: core[head.index(digit) :] for core, head in heads.items() if digit in head
        }
    return anchors


def _digest(targets: tuple[site.Target, ...]) -> bytes:
    told = repr(
        [
            (t.key, t.number.e164, t.number.area, sorted(t.places.items()), *_reach(t))
            for t in targets
        ]
    )
    return hashlib.blake2b(told.encode(), digest_size=16).digest()


def _reach(target: site.Target) -> tuple[object, ...]:
    return target.local, target.only, target.except_


# ---- What may be one, seen from far: loose ----

_WIDE = rb"\xef\xbc[\x90-\x99]"
"""A full-width digit, in UTF-8."""
_REFERENCE_GAP = (
    rb"&(?:#(?!0*(?:4[89]|5[0-7])(?![0-9])|[xX]0*3[0-9](?![0-9a-fA-F]))[0-9a-zA-Z]{1,8}+"
    rb"|[a-zA-Z]{2,12}+);?+"
)
# Tags that are written as text: in srcdoc, in data attributes, in JSON strings.
_INNER_TAG_GAP = (
    rb"&lt;(?:[^&<>]++|&(?![lg]t;)){1,20}+&gt;"
    rb"|\\u003[cC](?:[^\\<>]++|\\(?!u003[cCeE])){1,20}+\\u003[eE]"
    rb"|&amp;(?:#[0-9a-zA-Z]{1,8}+|[a-zA-Z]{2,12}+);"
)
_LOOSE_GAP = (
    rb"(?:[\t\n\f\r \-./()]++|(?:(?!" + _WIDE + rb")[\x80-\xff]){1,3}+"
    rb"|<(?:!--(?:[^-]|-(?!->)){0,200}+-->"
    rb"|(?:[^<>\"']{1,100}+|\"[^\"]{0,150}+\"|'[^']{0,150}+'){1,8}+>)"
    rb"|" + _INNER_TAG_GAP + rb"|" + _REFERENCE_GAP + rb"|%(?!3[0-9])[0-9a-fA-F]{2}"
    rb"|\\(?:u(?!003[0-9])[0-9a-fA-F]{4}|[/nrt]))"
)
_LOOSE = rb"(?:" + _LOOSE_GAP + rb"{1,12}+)?+"
_GAP_STARTS = rb"\t\n\f\r \-./()\x80-\xff<&%\\"
_WIDE_DIGIT = re.compile(_WIDE)
# A literal of one byte is quicker to find than one of two, hence the lookahead.
_DIGIT_REFERENCE = re.compile(rb"&(?=#)#(?:0*(?:4[89]|5[0-7])|[xX]0*3[0-9])(?![0-9a-fA-F])")


def _literal(digit: str) -> bytes:
    return digit.encode("ascii")


def _reference(digit: str) -> bytes:
    """Write it as a reference or in full width."""
    code = digit.encode("ascii")
    return rb"(?:&#(?:0*%d|[xX]0*3%s);?+|\xef\xbc%c)" % (ord(digit), code, 0x90 + int(digit))


def _either(digit: str) -> bytes:
    return rb"(?:" + _literal(digit) + rb"|" + _reference(digit) + rb")"


def _spelled(targets: Iterable[site.Target], first: int) -> tuple[re.Pattern[bytes], ...]:
    """Return what finds the first letters of each number that may be spelled."""
    found = []
    for group, target in enumerate(targets, first):
        number = target.number
        if spelling(number) is not None:
            code, head = number.national[: number.area], number.national[number.area :][:3]
            parts = (*(bytes([digit]) for digit in code.encode("ascii")), *map(keys, head))
            soon = rb"(?=[" + number.national[1].encode("ascii") + _GAP_STARTS + rb"])"
            rest = _LOOSE.join(parts)[1:]
            found.append(re.compile(parts[0] + soon + rest + rb"(?P<_%d>)" % group))
    return tuple(found)


def _trie(cores: list[str], numbered: dict[str, int], first: object) -> re.Pattern[bytes]:
    """Return one pattern for all ``cores``; the name of the last group tells which it was."""
    write = first if callable(first) else _either
    heads = sorted({core[0] for core in cores})
    branches = [write(head) + _soon(head, cores) + _branch(head, cores, numbered) for head in heads]
    return re.compile(rb"|".join(branches))


def _soon(head: str, cores: list[str]) -> bytes:
    """Say no to most digits of a page by the byte behind them, before anything costly."""
    seconds = "".join(sorted({core[1] for core in cores if core.startswith(head)}))
    return rb"(?=[" + seconds.encode("ascii") + _GAP_STARTS + rb"])"


def _branch(prefix: str, cores: list[str], numbered: dict[str, int]) -> bytes:
    below = [core for core in cores if core.startswith(prefix)]
    nexts = sorted({core[len(prefix)] for core in below if len(core) > len(prefix)})
    ways = [_either(digit) + _branch(prefix + digit, below, numbered) for digit in nexts]
    ending = rb"(?P<_%d>)" % numbered[prefix] if prefix in below else b""
    if not ways:
        return ending
    longer = _LOOSE + (ways[0] if len(ways) == 1 else rb"(?:" + rb"|".join(ways) + rb")")
    return rb"(?:" + longer + rb"|" + ending + rb")" if ending else longer
