"""What of a page is not as it was in another: a token here, a time stamp there."""

from __future__ import annotations

from typing import NamedTuple

_MOST = 24
"""Pages that differ in more places are two pages."""
_PROBE = 48
_REACHES = (64, 256, 1024, 4096)
_FEW = 256


class Edit(NamedTuple):
    """``old[old_start:old_end]`` became ``new[start:end]``; between two edits all is equal."""

    old_start: int
    old_end: int
    start: int
    end: int


def edits(old: bytes, new: bytes) -> list[Edit] | None:
    """Return what turns ``old`` into ``new``, in order; None where that is a lot."""
    found: list[Edit] = []
    at, here = 0, 0
    view = memoryview(new)  # A slice of it is no copy.
    while True:
        same = _same_start(old, at, view, here)
        at, here = at + same, here + same
        if at == len(old) and here == len(new):
            return found
        if len(found) == _MOST:
            return None
        at_end, end = _equal_again(old, at, new, here)
        back = _same_end(old, at, at_end, view, here, end)
        found.append(Edit(at, at_end - back, here, end - back))
        at, here = at_end, end


def _equal_again(old: bytes, at: int, new: bytes, here: int) -> tuple[int, int]:
    """Return where both go on alike, at the latest their ends; any answer is right, some large."""
    for reach in _REACHES:
        probe = old[at + reach : at + reach + _PROBE]
        if len(probe) < _PROBE:
            break
        if new.startswith(probe, here + reach):
            return at + reach, here + reach
        found = new.find(probe, here, here + 2 * reach + _PROBE)
        if found >= 0:
            return at + reach, found
    return len(old), len(new)


def _same_start(old: bytes, at: int, new: memoryview, here: int) -> int:
    """Return how many bytes are equal from there on, in leaps and halves: most pages long are."""
    most = min(len(old) - at, len(new) - here)
    low, leap = 0, _FEW
    while low < most:
        leap = min(leap, most - low)
        if not old.startswith(new[here + low : here + low + leap], at + low):
            break
        low, leap = low + leap, 16 * leap
    high = min(low + leap, most)
    while high - low > _FEW:
        middle = (low + high) // 2
        if old.startswith(new[here + low : here + middle], at + low):
            low = middle
        else:
            high = middle
    differ = _bits(old[at + low : at + high]) ^ _bits(new[here + low : here + high])
    return low + ((differ & -differ).bit_length() - 1) // 8 if differ else high


def _same_end(old: bytes, at: int, at_end: int, new: memoryview, here: int, end: int) -> int:
    """Return how many bytes before both ends are equal."""
    low, high = 0, min(at_end - at, end - here)
    while high - low > _FEW:
        middle = (low + high) // 2
        if old.endswith(new[end - middle : end - low], at, at_end - low):
            low = middle
        else:
            high = middle
    few = high - low
    differ = _bits(old[at_end - high : at_end - low]) ^ _bits(new[end - high : end - low])
    return low + few - (differ.bit_length() + 7) // 8 if differ else high


def _bits(few: bytes | memoryview) -> int:
    """All bytes in one number, so that one operation tells where they differ from others."""
    return int.from_bytes(few, "little")
