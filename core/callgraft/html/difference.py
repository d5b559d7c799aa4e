"""What of a page is not as it was in another: a token here, a time stamp there."""

from __future__ import annotations

from dataclasses import dataclass

_MOST = 24
"""Pages that differ in more places are two pages."""
_PROBE = 48
_REACHES = (64, 256, 1024, 4096)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """``old[old_start:old_end]`` became ``new[start:end]``; between two edits all is equal."""

    old_start: int
    old_end: int
    start: int
    end: int


def edits(old: bytes, new: bytes) -> list[Edit] | None:
    """Return what turns ``old`` into ``new``, in order; None where that is a lot."""
    found: list[Edit] = []
    at, here = 0, 0
    while True:
        same = _same_start(old, at, new, here)
        at, here = at + same, here + same
        if at == len(old) and here == len(new):
            return found
        if len(found) == _MOST:
            return None
        at_end, end = _equal_again(old, at, new, here)
        back = _same_end(old, at, at_end, new, here, end)
        found.append(Edit(old_start=at, old_end=at_end - back, start=here, end=end - back))
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


def _same_start(old: bytes, at: int, new: bytes, here: int) -> int:
    """Return how many bytes are equal from there on, by halves: most pages are equal for long."""
    low, high = 0, min(len(old) - at, len(new) - here)
    while low < high:
        middle = (low + high + 1) // 2
        if old.startswith(new[here + low : here + middle], at + low):
            low = middle
        else:
            high = middle - 1
    return low


def _same_end(old: bytes, at: int, at_end: int, new: bytes, here: int, end: int) -> int:
    """Return how many bytes before both ends are equal."""
    low, high = 0, min(at_end - at, end - here)
    while low < high:
        middle = (low + high + 1) // 2
        if old.endswith(new[end - middle : end - low], at, at_end - low):
            low = middle
        else:
            high = middle - 1
    return low
