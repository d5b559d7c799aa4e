"""A page cut into what stays and what changes, ready for any number of visitors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from callgraft.html import csp, selectors
from callgraft.html.charset import PRESCAN, sniff
from callgraft.html.found import Found
from callgraft.html.patch import Scanned, rescanned, scanned
from callgraft.html.place import Place
from callgraft.html.slot import Slot
from callgraft.html.targets import Targets
from callgraft.phone import Number
from callgraft.site import Target

_TEXTS_KEPT = 32
"""For how many tracking numbers of each target a plan remembers its filled slots."""
_TEXT_SIZE = 150
"""About how many bytes of memory one filled slot takes."""
_PIECE_SIZE = 250
"""The same for a constant piece."""
Slots = tuple[tuple[int, Slot], ...]
Texts = list[tuple[int, bytes]]
"""What stands at which index of the pieces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    A page with its ``places``, of which those with policy ``swap`` are slots.

    ``targets`` are the keys that have at least one slot. Made once per page by `make_plan`; filling
    it is a join of the constant pieces and the slots' texts.
    """

    body: bytes
    targets: frozenset[str] = frozenset()
    _found: tuple[Found, ...] = ()
    _starts: Sequence[int] = ()
    """Where they are: in a plan made of another's they are as they were found first."""
    _pieces: tuple[bytes | memoryview, ...] = ()
    """Constant pieces at even indices, slots as they were written at odd ones."""
    _slots: Mapping[str, tuple[Number, Slots]] = field(default_factory=dict)
    _texts: Mapping[str, dict[str, Texts]] = field(default_factory=dict)
    """Filled slots by target and tracking number."""
    _scanned: Scanned | None = None
    """What the plan of a page much the same can be made of; None where it hangs on all bytes."""

    @property
    def places(self) -> tuple[Place, ...]:
        """All places, in the order of the page."""
        found = zip(self._found, self._starts, strict=True)
        return tuple(one.at(start).place for one, start in found)

    def swap(self, numbers: Mapping[str, Number]) -> bytes:
        """
        Return the page with these tracking numbers, by target.

        Targets that are not in ``numbers`` keep their bytes. The very same body object comes back
        where there is nothing to do.
        """
        out = self._filled(numbers)
        return self.body if out is None else b"".join(out)

    @property
    def constants(self) -> tuple[bytes | memoryview, ...]:
        """What stays: a piece before each slot, and one after the last."""
        return self._pieces[::2] or (self.body,)

    def texts(self, numbers: Mapping[str, Number]) -> list[bytes]:
        """What stands in each slot with these tracking numbers, in the order of the page."""
        pieces = self._filled(numbers) or self._pieces
        return [bytes(text) for text in pieces[1::2]]

    def _filled(self, numbers: Mapping[str, Number]) -> list[bytes | memoryview] | None:
        """The pieces with these numbers; None where none of them stands on the page."""
        out: list[bytes | memoryview] | None = None
        for key, known in self._texts.items():
            number = numbers.get(key)
            if number is None:
                continue
            texts = known.get(number.e164) or self._fill(key, number)
            out = out or list(self._pieces)
            for index, text in texts:
                out[index] = text
        return out

    def _fill(self, key: str, tracking: Number) -> Texts:
        target, slots = self._slots[key]
        texts = [(index, slot.fill(target, tracking)) for index, slot in slots]
        known = self._texts[key]
        if len(known) >= _TEXTS_KEPT:
            known.clear()
        known[tracking.e164] = texts
        return texts

    @property
    def size(self) -> int:
        """About how many bytes of memory the plan takes, with the texts that it may remember."""
        stops = len(self._scanned.stops) if self._scanned else 0
        texts = (_TEXTS_KEPT * _TEXT_SIZE + _PIECE_SIZE) * (len(self._pieces) // 2)
        return len(self.body) + 600 * len(self._found) + 40 * stops + texts + 600


def make_plan(
    body: bytes, targets: Targets, *, content_type: str | None, hashed_scripts: bool = False
) -> Plan:
    """
    Find every place of ``targets`` in ``body``.

    :param content_type: the value of the header field, for its charset. A page in a charset that
        is not ASCII-compatible gets an empty plan: it is left alone.
    :param hashed_scripts: the header allows scripts by their hash, so those that run must stay.
    """
    charset = sniff(body[:PRESCAN], content_type)
    if charset is None:
        return Plan(body=body)
    seen = scanned(body, targets, charset)
    sought = _sought(targets)
    found, keeps_scripts = seen.found, _keeps_scripts(body, seen, hashed_scripts)
    if keeps_scripts:
        found = csp.kept(found)
    if not found or not selectors.is_needed(body, sought):
        return cut_up(body, found, None if keeps_scripts else seen)
    narrowed = selectors.narrowed(body, [one.place for one in found], sought, codec=charset.codec)
    pairs = zip(found, narrowed, strict=True)
    return cut_up(body, tuple(one.placed(place) for one, place in pairs))


def patch_plan(
    like: Plan,
    body: bytes,
    targets: Targets,
    *,
    content_type: str | None,
    hashed_scripts: bool = False,
) -> Plan | None:
    """
    Return what `make_plan` would, in a fraction of its time; None where that cannot be.

    :param like: the plan of a page much the same, with all else equal.
    """
    if like._scanned is None:
        return None
    seen = rescanned(like.body, like._scanned, body, targets, content_type=content_type)
    if seen is None or _keeps_scripts(body, seen, hashed_scripts):
        return None
    if seen.found and not like._found and selectors.is_needed(body, _sought(targets)):
        return None  # It was not asked for a page without places.
    if seen.found is not like._found:
        return cut_up(body, tuple(map(Found.at, seen.found, seen.starts)), seen)
    return Plan(
        body=body,
        targets=like.targets,
        _found=like._found,
        _starts=seen.starts,
        _pieces=_pieces(body, seen.found, seen.starts),
        _slots=like._slots,
        _texts=like._texts,
        _scanned=seen,
    )


def _keeps_scripts(body: bytes, seen: Scanned, hashed_scripts: bool) -> bool:
    return csp.is_at_risk(seen.found) and (hashed_scripts or csp.has_policy_with_hashes(body))


def _sought(targets: Targets) -> list[Target]:
    return [target.target for target in targets.targets]


def cut_up(body: bytes, found: tuple[Found, ...], seen: Scanned | None = None) -> Plan:
    """Return the plan of a body with these places, of which those to swap are slots."""
    slots: dict[str, tuple[Number, list[tuple[int, Slot]]]] = {}
    index = 1
    for one in found:
        if one.is_swapped:
            number = one.target.target.number
            slots.setdefault(one.target.key, (number, []))[1].append((index, one.slot))
            index += 2
    starts = [one.start for one in found]
    return Plan(
        body=body,
        targets=frozenset(slots),
        _found=found,
        _starts=starts,
        _pieces=_pieces(body, found, starts),
        _slots={key: (number, tuple(of)) for key, (number, of) in slots.items()},
        _texts={key: {} for key in slots},
        _scanned=seen,
    )


def _pieces(
    body: bytes, found: Sequence[Found], starts: Sequence[int]
) -> tuple[bytes | memoryview, ...]:
    pieces: list[bytes | memoryview] = []
    end, page = 0, memoryview(body)  # A slice of it is no copy.
    for one, start in zip(found, starts, strict=True):
        if one.is_swapped:
            pieces += page[end:start], one.slot.written
            end = start + len(one.slot.written)
    return (*pieces, page[end:])
