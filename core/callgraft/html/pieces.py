"""A body in pieces: what stays at even indices, what may change at odd ones."""

from __future__ import annotations

from collections.abc import Sequence

from callgraft.html.found import Found
from callgraft.html.marks import Span


def beside(
    spans: tuple[Span, ...], found: Sequence[Found], starts: Sequence[int]
) -> tuple[Span, ...]:
    """Return those marks that hold no part of a number which is swapped."""
    if not spans:
        return ()
    taken = [
        (start, start + len(one.slot.written))
        for one, start in zip(found, starts, strict=True)
        if one.is_swapped
    ]
    return tuple(
        (start, end)
        for start, end in spans
        if not any(first < end and start < last for first, last in taken)
    )


def pieces_of(
    body: bytes, found: Sequence[Found], starts: Sequence[int], marks: Sequence[Span]
) -> tuple[tuple[bytes | memoryview, ...], tuple[int, ...]]:
    """Return the pieces, and at which indices the marks are."""
    pieces: list[bytes | memoryview] = []
    codes: list[int] = []
    end, page, waiting = 0, memoryview(body), 0  # A slice of it is no copy.
    for one, start in zip(found, starts, strict=True):
        if not one.is_swapped:
            continue
        while waiting < len(marks) and marks[waiting][0] < start:
            codes.append(len(pieces) + 1)
            pieces += page[end : marks[waiting][0]], page[slice(*marks[waiting])]
            end, waiting = marks[waiting][1], waiting + 1
        pieces += page[end:start], one.slot.written
        end = start + len(one.slot.written)
    for first, last in marks[waiting:]:
        codes.append(len(pieces) + 1)
        pieces += page[end:first], page[first:last]
        end = last
    return (*pieces, page[end:]), tuple(codes)
