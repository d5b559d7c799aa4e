"""What every packing can do: the constant pieces packed once, other texts laid in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, zip_longest
from typing import Protocol

Constants = Sequence[bytes | memoryview]


class Splice(Protocol):
    """A packed page with room for texts of certain lengths."""

    def fill(self, texts: Sequence[bytes]) -> bytes:
        """Return the packed page with these texts in its slots."""
        ...

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        ...


Maker = Callable[[Constants, Sequence[int]], Splice | None]
"""Makes the splice for constants and the lengths of the texts between them, if that can be."""


def interleaved(constants: Constants, texts: Sequence[bytes]) -> bytes:
    """Return the page: a constant, a text, a constant, …"""
    pairs = zip_longest(constants, texts, fillvalue=b"")
    return b"".join(chain.from_iterable(pairs))
