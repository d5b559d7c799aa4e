"""A page cut into what stays and what changes, ready for any number of visitors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from callgraft.html import selectors
from callgraft.html.charset import PRESCAN, sniff
from callgraft.html.patch import Scanned, rescanned, scanned
from callgraft.html.place import Place
from callgraft.html.scan import Found
from callgraft.html.slot import Slot
from callgraft.html.targets import Targets
from callgraft.phone import Number

_TEXTS_KEPT = 32
"""For how many pairs of target and tracking number a plan remembers its filled slots."""
_TEXT_SIZE = 150
"""About how many bytes of memory one filled slot takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    A page with its ``places``, of which those with policy ``swap`` are slots.

    ``targets`` are the keys that have at least one slot. Made once per page by `make_plan`; filling
    it is a join of the constant pieces and the slots' texts.
    """

    body: bytes
    places: tuple[Place, ...] = ()
    targets: frozenset[str] = frozenset()
    _pieces: tuple[bytes, ...] = ()
    """Constant pieces at even indices, slots as they were written at odd ones."""
    _slots: Mapping[str, tuple[Number, tuple[tuple[int, Slot], ...]]] = field(default_factory=dict)
    _texts: dict[tuple[str, str], list[tuple[int, bytes]]] = field(default_factory=dict)
    _scanned: Scanned | None = None
    """What the plan of a page much the same can be made of; None where it hangs on all bytes."""

    def swap(self, numbers: Mapping[str, Number]) -> bytes:
        """
        Return the page with these tracking numbers, by target.

        Targets that are not in ``numbers`` keep their bytes. The very same body object comes back
        where there is nothing to do.
        """
        wanted = [key for key in numbers if key in self._slots]
        if not wanted:
            return self.body
        out = list(self._pieces)
        for key in wanted:
            for index, text in self._filled(key, numbers[key]):
                out[index] = text
        return b"".join(out)

    def _filled(self, key: str, tracking: Number) -> list[tuple[int, bytes]]:
        texts = self._texts.get((key, tracking.e164))
        if texts is None:
            target, slots = self._slots[key]
            texts = [(index, slot.fill(target, tracking)) for index, slot in slots]
            if len(self._texts) >= _TEXTS_KEPT:
                self._texts.clear()
            self._texts[key, tracking.e164] = texts
        return texts

    @property
    def size(self) -> int:
        """About how many bytes of memory the plan takes, with the texts that it may remember."""
        stops = len(self._scanned.stops) if self._scanned else 0
        texts = _TEXTS_KEPT * _TEXT_SIZE * (len(self._pieces) // 2)
        return 2 * len(self.body) + 600 * len(self.places) + 120 * stops + texts + 600


def make_plan(body: bytes, targets: Targets, *, content_type: str | None) -> Plan:
    """
    Find every place of ``targets`` in ``body``.

    :param content_type: the value of the header field, for its charset. A page in a charset that
        is not ASCII-compatible gets an empty plan: it is left alone.
    """
    charset = sniff(body[:PRESCAN], content_type)
    if charset is None:
        return Plan(body=body)
    seen = scanned(body, targets, charset)
    sought = [target.target for target in targets.targets]
    if not seen.found or not selectors.is_needed(body, sought):
        return _of(body, seen)
    places = selectors.narrowed(
        body, [one.place for one in seen.found], sought, codec=charset.codec
    )
    swapped = [one for one, place in zip(seen.found, places, strict=True) if place.policy == "swap"]
    return cut_up(body, places, swapped)


def patch_plan(
    like: Plan, body: bytes, targets: Targets, *, content_type: str | None
) -> Plan | None:
    """
    Return what `make_plan` would, in a fraction of its time; None where that cannot be.

    :param like: the plan of a page much the same, with these targets and this content type.
    """
    if like._scanned is None:
        return None
    seen = rescanned(like.body, like._scanned, body, targets, content_type=content_type)
    return None if seen is None else _of(body, seen)


def _of(body: bytes, seen: Scanned) -> Plan:
    found = [one.at(start) for one, start in zip(seen.found, seen.starts, strict=True)]
    places = tuple(one.place for one in found)
    plan = cut_up(body, places, [one for one in found if one.place.policy == "swap"])
    return replace(plan, _scanned=seen)


def cut_up(body: bytes, places: tuple[Place, ...], swapped: list[Found]) -> Plan:
    """Return the plan of a body with these ``places``, of which ``swapped`` are slots."""
    pieces: list[bytes] = []
    slots: dict[str, tuple[Number, list[tuple[int, Slot]]]] = {}
    end = 0
    for one in swapped:
        pieces += body[end : one.place.start], one.slot.written
        end = one.place.end
        number = one.target.target.number
        slots.setdefault(one.target.key, (number, []))[1].append((len(pieces) - 1, one.slot))
    return Plan(
        body=body,
        places=places,
        targets=frozenset(slots),
        _pieces=(*pieces, body[end:]),
        _slots={key: (number, tuple(of)) for key, (number, of) in slots.items()},
    )
