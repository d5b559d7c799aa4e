"""Stand-ins for what changes in a page: bytes that nothing else in the page can match."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product

_LONGEST = 4
"""No packer looks for anything shorter from afar, and br alone looks for two bytes close by."""


def blanks(constants: Sequence[bytes | memoryview], lengths: Sequence[int]) -> list[bytes] | None:
    """
    Return so many bytes for each slot, or None where the page leaves too few values unused.

    None of them stands in the constants, so nothing after a slot can refer to what is in it; and
    no two in a row come twice if that can be, no four in any case, so that no slot refers to
    itself or to another.
    """
    used = set().union(*map(set, constants))
    unused = bytes(value for value in range(256) if value not in used)
    total = sum(lengths)
    words = (word for word in range(2, _LONGEST + 1) if len(unused) ** word >= total)
    word = next(words, None)
    if word is None:
        return None
    ours = iter(bytes(islice(_sequence(unused, word), total)))
    return [bytes(islice(ours, length)) for length in lengths]


def _sequence(alphabet: bytes, length: int) -> Iterator[int]:
    """
    A de Bruijn sequence: every word of that length once.

    It is the Lyndon words whose length divides it, in order (Fredricksen and Maiorana, 1978).
    """
    for word in product(alphabet, repeat=length):
        turns = [word[turn:] + word[:turn] for turn in range(1, length + 1)]
        if word == min(turns):
            # Of a word that repeats itself only its root: of aaaa, a; of abab, ab.
            yield from word[: turns.index(word) + 1]
