"""From the groups of digits in which a target is written to those of a tracking number."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

from callgraft.phone.anatomy import Anatomy, anatomy
from callgraft.phone.notation import Notation, Role, Zone, digits_of, local_notation, notations
from callgraft.phone.number import Number
from callgraft.phone.rewording import reword

_Key = tuple[str, int]


def regroup(
    groups: Sequence[str],
    target: Number,
    tracking: Number,
    *,
    local: bool = False,
    plus: bool | None = None,
) -> list[str] | None:
    """
    Give each written group of the target's digits its part of the tracking number.

    Every group keeps its length where the numbers have the same one. Else, where a group ends with
    the target's area code, the tracking number's takes its place, and the subscriber number is laid
    over the rest from the right: the first group takes up the difference. A group may become empty.

    Groups hold ASCII digits only, with two exceptions in the first: a number of another country in
    a national notation gets ``+`` and its country code there (``["8", "495", …]`` → ``["+44", "20",
    …]``, ``["495", …]`` → ``["+44-20", …]``), and one of another town in a local notation gets its
    area code there (``["123", …]`` → ``["8-4812-34", …]``). Hyphens, not spaces, because a group
    may stand in an unquoted attribute; and none where the number is written as one group.

    :param groups: the runs of digits of one written target in order, ``["8", "495", "123", "45",
        "67"]``; a leading ``+`` or international prefix is not part of them where it is no digit.
    :param local: take the target without its area code too.
    :param plus: whether a plus stands right before the first group, so that another country's
        number gets one or does not get a second one; None supposes one before a country code only.
    :return: as many groups, ``["8", "4812", "34", "56", "78"]``; a group may become empty where the
        tracking number is shorter; None when the groups are no notation of the target.
    """
    old, new = (target.e164, target.area), (tracking.e164, tracking.area)
    # The same few structures and numbers come back with every page.
    found = _regroup(tuple(groups), old, new, local, plus)
    return None if found is None else list(found)


@lru_cache(maxsize=16384)
def _regroup(
    groups: tuple[str, ...], old: _Key, new: _Key, local: bool, plus: bool | None
) -> tuple[str, ...] | None:
    target, tracking = anatomy(*old), anatomy(*new)
    notation = _notation("".join(groups), old, local)
    if notation is None:
        return None
    if old[0] == new[0]:
        return groups
    lengths = tuple(map(len, groups))
    ends = frozenset(accumulate(lengths))
    cut = _cut(notation, ends, target, tracking)
    joint = "-" if sum(map(bool, lengths)) > 1 else ""
    texts = reword(cut, target, tracking, ends, plus=plus, joint=joint)
    return _filled(cut, texts, lengths)


def _notation(digits: str, key: _Key, local: bool) -> Notation | None:
    notation = notations(*key).get(digits)
    if notation is None and local:
        short = local_notation(*key)
        return short if short is not None and digits_of(short) == digits else None
    return notation


def _filled(notation: Notation, texts: Sequence[str], lengths: Sequence[int]) -> tuple[str, ...]:
    """Lay each zone's text over the groups in which the zone stands."""
    filled = [""] * len(lengths)
    begin = 0
    for zone, text in zip(notation, texts, strict=True):
        pieces = _pieces(lengths, begin, begin + len(zone.digits))
        widths = [width for _, width in pieces]
        for (group, _), part in zip(pieces, _lay(text, widths, zone.role), strict=True):
            filled[group] += part
        begin += len(zone.digits)
    return tuple(filled)


def _cut(notation: Notation, ends: frozenset[int], target: Anatomy, tracking: Anatomy) -> Notation:
    """
    Settle where the area code ends on the page.

    Where no group ends there, area code and subscriber number become one zone.
    """
    roles = [zone.role for zone in notation]
    if Role.AREA not in roles:
        return notation
    at = roles.index(Role.AREA)
    head, digits = notation[:at], digits_of(notation[at:])
    begin = len(digits_of(head))
    if tracking.area and target.area and begin + len(target.area) in ends:
        return notation
    written = _written_area(digits, begin, ends)
    if tracking.area and written and not _keeps_lengths(written, target, tracking):
        return (*head, Zone(Role.AREA, digits[:written]), Zone(Role.SUBSCRIBER, digits[written:]))
    return (*head, Zone(Role.SUBSCRIBER, digits))


def _keeps_lengths(written: int, target: Anatomy, tracking: Anatomy) -> bool:
    """Whether the groups fit the tracking number as they are, wherever the page ends the code."""
    # Russian codes are longer than anybody but the page's author may know: 8 (49624) 1-23-45.
    if target.country_code == "7" and written > len(target.area):
        return False
    return (len(target.area), len(target.subscriber)) == (
        len(tracking.area),
        len(tracking.subscriber),
    )


def _written_area(digits: str, begin: int, ends: frozenset[int]) -> int:
    """Take the first national group for the area code, if it looks like one."""
    first = min((end for end in ends if end > begin), default=begin) - begin
    return first if 3 <= first <= 5 and len(digits) - first >= 5 else 0


def _pieces(lengths: Sequence[int], begin: int, end: int) -> list[tuple[int, int]]:
    """
    Tell in which groups the digits from ``begin`` to ``end`` stand, and how many in each.

    A zone without digits, and a group without, belong where the next digit is.
    """
    pieces = []
    start = 0
    for group, length in enumerate(lengths):
        stop = start + length
        width = min(stop, end) - max(start, begin)
        if width > 0 or (width == 0 and start < end and begin <= start == stop):
            pieces.append((group, width))
        elif begin == end and start <= begin < stop:
            return [(group, 0)]
        start = stop
    return pieces


def _lay(text: str, widths: Sequence[int], role: Role) -> list[str]:
    """Cut a text into pieces; where its length differs, the first piece takes up the difference."""
    if role not in (Role.AREA, Role.SUBSCRIBER):
        # Digits before the area code belong together: +38 (044) → +7 (495), not + (7495).
        widths = [len(text), *[0] * (len(widths) - 1)] if len(text) != sum(widths) else widths
    parts: list[str] = []
    for width in reversed(widths[1:]):
        cut = max(len(text) - width, 0)
        parts.append(text[cut:])
        text = text[:cut]
    return [text, *reversed(parts)]
