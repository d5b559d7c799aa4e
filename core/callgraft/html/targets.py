"""The targets of a site, compiled into what finds them."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from callgraft import site
from callgraft.html import passes
from callgraft.html.marks import Marks
from callgraft.html.notations import as_written, notations, spelling, written_forms
from callgraft.html.passes import LONGEST, Hit, Pass, Passes
from callgraft.phone import keys

__all__ = ["LONGEST", "Hit", "Target", "Targets"]

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
    as_written: re.Pattern[bytes]
    """The pattern of the most common of them, in the bytes of a page."""
    forms: tuple[str, ...]
    """Its digits as they may be written, with and without prefixes."""
    slots: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)
    """How it is written: the same few notations stand on all pages of a site."""
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
    passes: Passes
    """One per leading digit, and one per toll-free number, which may be written in letters."""
    owners: tuple[tuple[Target, ...], ...]
    """Whose anchor a group of a trie is."""
    digest: bytes
    marks: Marks | None = None
    """Where promo codes go, which are looked for on the same pages."""
    looks: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)
    """What a scan decided about a candidate, by all that it looked at."""

    def remember(self, sight: object, decided: Any) -> None:
        """Keep what was decided, for the next page with the same header or footer."""
        if len(self.looks) >= _LOOKS_KEPT:
            self.looks.clear()
        self.looks[sight] = decided

    @classmethod
    def of(cls, targets: Iterable[site.Target], marks: Marks | None = None) -> Targets:
        """Compile ``targets``; those with equal numbers are found as the first of them."""
        unique = {target.number.e164: target for target in reversed(list(targets))}
        chosen = tuple(reversed(unique.values()))
        found = tuple(
            Target(
                target=t,
                pattern=notations(t),
                as_written=as_written(t),
                forms=written_forms(t),
                spelled=spelling(t.number),
            )
            for t in chosen
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
            passes=Passes.of(
                (
                    *(passes.of_digits(group, numbered) for group in by_digit.values()),
                    *_spelled(chosen, len(numbered)),
                ),
                numbered,
            ),
            owners=(
                *(tuple(found[one] for one in dict.fromkeys(owners[each])) for each in numbered),
                *((one,) for one in found),
            ),
            digest=_digest(chosen, marks),
            marks=marks,
        )

    def candidates(self, page: bytes | bytearray, start: int, end: int) -> Iterator[Hit]:
        """
        Yield (first byte, past the last, index into ``owners``) of all that may be a target.

        In the order of the page; only those that begin in ``page[start:end]``.
        """
        return iter(self.passes.hits(page, start, end))


def _spelled(targets: Iterable[site.Target], first: int) -> Iterator[Pass]:
    """Yield what finds the first letters of each number that may be spelled."""
    for group, target in enumerate(targets, first):
        number = target.number
        if spelling(number) is not None:
            code, head = number.national[: number.area], number.national[number.area :][:3]
            yield passes.of_letters(code, [*map(keys, head)], group)


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


def _digest(targets: tuple[site.Target, ...], marks: Marks | None) -> bytes:
    told = repr(
        [
            marks and marks.promo,
            *(
                (t.key, t.number.e164, t.number.area, sorted(t.places.items()), *_reach(t))
                for t in targets
            ),
        ]
    )
    return hashlib.blake2b(told.encode(), digest_size=16).digest()


def _reach(target: site.Target) -> tuple[object, ...]:
    return target.local, target.only, target.except_
