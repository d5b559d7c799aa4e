"""
The compiled scanner, where this installation has it.

It finds what the patterns of `leap` and `coarse` find, in a fraction of the time. Both are there
to stay: a compiler is not on every machine, and the patterns are what the scanner is tested by.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Any

compiled: Any
try:
    from callgraft.html import _skim as compiled
except ImportError:
    compiled = None

DEPTH = 5
"""So many digits of a number are looked at: with the fifth, hardly any place is wrong."""
_BITS = 64
Head = Sequence[bytes]
"""The bytes that a number may begin with: for each of its first digits, those it may be."""


def table(heads: Iterable[Head]) -> bytes:
    """Return what the scanner finds the beginnings of these numbers with."""
    of, last = [0] * (DEPTH * 256), [0] * DEPTH
    for index, head in enumerate(heads):
        # Numbers that share a bit are seen mixed as well: too many places, none too few.
        bit = 1 << index % _BITS
        for depth, signs in enumerate(head[:DEPTH]):
            for sign in signs:
                of[depth * 256 + sign] |= bit
        last[min(len(head), DEPTH) - 1] |= bit
    return array("Q", (*of, *last)).tobytes()
