"""
The compiled scanner, where this installation has it.

It finds what the patterns of `leap` and `coarse` find, in a fraction of the time. Both are there
to stay: a compiler is not on every machine, and the patterns are what the scanner is tested by.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

compiled: Any
try:
    from callgraft.html import _skim as compiled
except ImportError:
    compiled = None

DEPTH = 5
"""So many digits of a number are looked at: with the fifth, hardly any place is wrong."""
_BITS = 64
_ALL = (1 << _BITS) - 1


class Head(NamedTuple):
    """What a number begins with: for each of its first digits, the bytes that it may be."""

    signs: Sequence[bytes]
    together: int = 1
    """So many stand side by side, whatever may be between the others."""


def table(heads: Iterable[Head]) -> bytes:
    """Return what the scanner finds the beginnings of these numbers with."""
    of, last = [0] * (DEPTH * 256), [0] * DEPTH
    loose = [0] * DEPTH
    for index, head in enumerate(heads):
        # Numbers that share a bit are seen mixed as well: too many places, none too few.
        bit = 1 << index % _BITS
        for depth, signs in enumerate(head.signs[:DEPTH]):
            for sign in signs:
                of[depth * 256 + sign] |= bit
        last[min(len(head.signs), DEPTH) - 1] |= bit
        for depth in range(1, DEPTH):
            # Where numbers share a bit, one may have a gap.
            loose[depth] |= bit if depth >= head.together else 0
    tight = [_ALL & ~bits for bits in loose]
    return array("Q", (*of, *last, *tight)).tobytes()
