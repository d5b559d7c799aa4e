"""A page cut into what stays and what changes, ready for any number of visitors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from callgraft.html import csp, selectors
from callgraft.html.charset import PRESCAN, Charset, sniff
from callgraft.html.found import Found
from callgraft.html.hiding import Edit, Mask, edits
from callgraft.html.marks import Span
from callgraft.html.patch import Scanned, rescanned, scanned
from callgraft.html.pieces import beside, pieces_of
from callgraft.html.place import Place
from callgraft.html.slot import Slot
from callgraft.html.targets import Targets
from callgraft.phone import Number
from callgraft.promo import PROMO
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


class Marked(NamedTuple):
    """The marks of promo codes on one page, and what stands there for who gets no code."""

    spans: tuple[Span, ...] = ()
    fallback: bytes = b""


NO_MARKS = Marked()


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
    _marked: Marked = NO_MARKS
    _codes: tuple[int, ...] = ()
    """Indices of the pieces that promo codes come in place of."""
    _masked: dict[Mask, tuple[Edit, ...]] = field(default_factory=dict)
    _scanned: Scanned | None = None
    """What the plan of a page much the same can be made of; None where it hangs on all bytes."""

    @property
    def places(self) -> tuple[Place, ...]:
        """All places, in the order of the page."""
        found = zip(self._found, self._starts, strict=True)
        return tuple(one.at(start).place for one, start in found)

    @property
    def has_code(self) -> bool:
        """Whether a promo code, or the text in its stead, goes into the page."""
        return bool(self._codes)

    @property
    def marks(self) -> tuple[Place, ...]:
        """The places of promo codes, in the order of the page."""
        return tuple(
            Place(
                target=PROMO,
                kind="promo_code",
                policy="swap",
                start=start,
                end=end,
                written=self.body[start:end].decode("ascii", "replace"),
                reason="the mark of a promo code",
            )
            for start, end in self._marked.spans
        )

    def hides(self, mask: Mask) -> bool:
        """Whether the target stands in a place where it can be hidden."""
        return bool(self._edits(mask))

    def _edits(self, mask: Mask) -> tuple[Edit, ...]:
        known = self._masked.get(mask)
        if known is None:
            swapped = (one for one in map(Found.at, self._found, self._starts) if one.is_swapped)
            slots = (at for at in range(1, len(self._pieces), 2) if at not in self._codes)
            places = [
                (at, one)
                for at, one in zip(slots, swapped, strict=True)
                if one.target.key == mask.target
            ]
            known = self._masked[mask] = edits(self.body, places, mask)
        return known

    def swap(
        self,
        numbers: Mapping[str, Number],
        code: str = "",
        *,
        hidden: Sequence[Mask] = (),
        link: str = "",
    ) -> bytes:
        """
        Return the page with these tracking numbers, by target, and with this promo code.

        Targets that are not in ``numbers`` keep their bytes, a mark never does: without a code it
        gets the text in its stead. The very same body object comes back where there is nothing to
        do.

        :param hidden: targets that are hidden, which have no number.
        :param link: the address that shows them, with ``{}`` for the target.
        """
        out = self._filled(numbers, code, hidden=hidden, link=link)
        return self.body if out is None else b"".join(out)

    @property
    def constants(self) -> tuple[bytes | memoryview, ...]:
        """What stays: a piece before each slot, and one after the last."""
        return self._pieces[::2] or (self.body,)

    def texts(self, numbers: Mapping[str, Number], code: str = "") -> list[bytes]:
        """What `swap` lays between the constants, where nothing is hidden."""
        pieces = self._filled(numbers, code) or self._pieces
        return [bytes(text) for text in pieces[1::2]]

    def _filled(
        self,
        numbers: Mapping[str, Number],
        code: str,
        *,
        hidden: Sequence[Mask] = (),
        link: str = "",
    ) -> list[bytes | memoryview] | None:
        """The pieces as `swap` sends them; None where there is nothing to do."""
        out: list[bytes | memoryview] | None = None
        if self._codes:
            out = list(self._pieces)
            text = code.encode("ascii") or self._marked.fallback
            for index in self._codes:
                out[index] = text
        for key, known in self._texts.items():
            number = numbers.get(key)
            if number is None:
                continue
            texts = known.get(number.e164) or self._fill(key, number)
            out = out or list(self._pieces)
            for index, text in texts:
                out[index] = text
        for mask in hidden:
            out = out or list(self._pieces)
            address = link.format(mask.target).encode("ascii")
            for edit in self._edits(mask):
                out[edit.at] = address.join(edit.parts)
                out[edit.at - 1] = out[edit.at - 1][: -edit.cut or None]
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
    seen, marked = scanned(body, targets, charset), marked_in(body, targets, charset)
    sought = _sought(targets)
    found, keeps_scripts = seen.found, _keeps_scripts(body, seen, hashed_scripts)
    if keeps_scripts:
        found = csp.kept(found)
    if not found or not selectors.is_needed(body, sought):
        return cut_up(body, found, None if keeps_scripts else seen, marked)
    narrowed = selectors.narrowed(body, [one.place for one in found], sought, codec=charset.codec)
    pairs = zip(found, narrowed, strict=True)
    return cut_up(body, tuple(one.placed(place) for one, place in pairs), marked=marked)


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
    marked = marked_in(body, targets, seen.charset)
    marked = marked._replace(spans=beside(marked.spans, seen.found, seen.starts))
    pieces, codes = pieces_of(body, seen.found, seen.starts, marked.spans)
    if seen.found is not like._found or codes != like._codes:
        return cut_up(body, tuple(map(Found.at, seen.found, seen.starts)), seen, marked)
    return Plan(
        body=body,
        targets=like.targets,
        _found=like._found,
        _starts=seen.starts,
        _pieces=pieces,
        _slots=like._slots,
        _texts=like._texts,
        _marked=marked,
        _codes=codes,
        _scanned=seen,
    )


def marked_in(body: bytes, targets: Targets, charset: Charset) -> Marked:
    """Return the marks of promo codes in a body; most sites have none."""
    marks = targets.marks
    if marks is None or not (spans := tuple(marks.spans(body))):
        return NO_MARKS
    return Marked(spans, marks.fallback(charset))


def _keeps_scripts(body: bytes, seen: Scanned, hashed_scripts: bool) -> bool:
    return csp.is_at_risk(seen.found) and (hashed_scripts or csp.has_policy_with_hashes(body))


def _sought(targets: Targets) -> list[Target]:
    return [target.target for target in targets.targets]


def cut_up(
    body: bytes,
    found: tuple[Found, ...],
    seen: Scanned | None = None,
    marked: Marked = NO_MARKS,
) -> Plan:
    """Return the plan of a body with these places, of which those to swap are slots."""
    starts = [one.start for one in found]
    marked = marked._replace(spans=beside(marked.spans, found, starts))
    pieces, codes = pieces_of(body, found, starts, marked.spans)
    slots: dict[str, tuple[Number, list[tuple[int, Slot]]]] = {}
    swapped = (one for one in found if one.is_swapped)
    indices = (index for index in range(1, len(pieces), 2) if index not in codes)
    for index, one in zip(indices, swapped, strict=True):
        number = one.target.target.number
        slots.setdefault(one.target.key, (number, []))[1].append((index, one.slot))
    return Plan(
        body=body,
        targets=frozenset(slots),
        _found=found,
        _starts=starts,
        _pieces=pieces,
        _slots={key: (number, tuple(of)) for key, (number, of) in slots.items()},
        _texts={key: {} for key in slots},
        _marked=marked,
        _codes=codes,
        _scanned=seen,
    )
