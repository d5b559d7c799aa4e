"""The plan of a page that came packed: seen a second time, it is never unpacked again."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from threading import Lock, Thread

from callgraft import encoding
from callgraft.html import Plan
from callgraft.html.hiding import Mask
from callgraft.packed.blocks import brotlied, brotlied_best, zstandarded
from callgraft.packed.gzipped import gzipped
from callgraft.packed.splice import Maker, Splice, interleaved
from callgraft.phone import Number

logger = logging.getLogger(__name__)

_MAKERS: dict[str, Maker] = {"gzip": gzipped, "br": brotlied, "zstd": zstandarded}
_BEST: dict[str, Maker] = {"br": brotlied_best}
"""As small as can be, for pages that are asked for often; it takes a while."""
_OFTEN = 32
_SPLICES = 4
"""A page of numbers of so many lengths is spliced; further ones are packed whole."""
_SPLICE_SIZE = 6_000
"""About how many bytes of memory a slot takes."""

_Lengths = tuple[int, ...]


class PackedPlan:
    """
    Fills a page like its ``plan``, with packed bytes coming out.

    The first time a page is packed whole, as quickly as can be: it may never come again. From then
    on its constant parts stay packed, and only the visitor's digits are laid in between.
    """

    def __init__(self, plan: Plan, coding: str, *, packed: int) -> None:
        self.plan = plan
        self.coding = coding
        slots = len(plan.constants) - 1
        self.size = plan.size + _SPLICES * (packed + _SPLICE_SIZE * slots)
        """About how many bytes of memory it may take; ``packed`` is how long the page came."""
        self._filled: dict[_Lengths, int] = {}
        self._splices: dict[_Lengths, Splice] = {}

    @property
    def targets(self) -> frozenset[str]:
        return self.plan.targets

    @property
    def has_code(self) -> bool:
        return self.plan.has_code

    def hides(self, mask: Mask) -> bool:
        """Whether the target stands in a place where it can be hidden."""
        return self.plan.hides(mask)

    def swap(
        self,
        numbers: Mapping[str, Number],
        code: str = "",
        *,
        hidden: Sequence[Mask] = (),
        link: str = "",
    ) -> bytes:
        """Return what `Plan.swap` does, packed as the page came."""
        if hidden:
            # The link is another one on each address: what is packed would never be sent again.
            whole = self.plan.swap(numbers, code, hidden=hidden, link=link)
            return encoding.encode(whole, self.coding)
        texts = self.plan.texts(numbers, code)
        splice = self._splice(tuple(map(len, texts)))
        if splice is None:
            return encoding.encode(interleaved(self.plan.constants, texts), self.coding)
        return splice.fill(texts)

    def _splice(self, lengths: _Lengths) -> Splice | None:
        filled = self._filled.get(lengths)
        if filled is None:
            if len(self._filled) < _SPLICES:
                self._filled[lengths] = 1
            return None
        # Two threads may count one fill, or make one splice twice, which does no harm.
        self._filled[lengths] = filled + 1
        if filled == 1:
            made = _made(_MAKERS.get(self.coding), self.plan, lengths)
            if made is not None:
                self._splices[lengths] = made
        elif filled >= _OFTEN and self.coding in _BEST:
            self._better(lengths)
        return self._splices.get(lengths)

    def _better(self, lengths: _Lengths) -> None:
        """Pack it as small as can be while nobody waits; one page at a time."""
        if lengths not in self._splices or not _packing.acquire(blocking=False):
            return
        self._filled[lengths] = 2 - 10**9  # Never again.

        def pack() -> None:
            try:
                made = _made(_BEST[self.coding], self.plan, lengths)
                if made is not None:
                    self._splices[lengths] = made
            finally:
                _packing.release()

        Thread(target=pack, name="callgraft-packing", daemon=True).start()


_packing = Lock()


def _made(maker: Maker | None, plan: Plan, lengths: Sequence[int]) -> Splice | None:
    """The splice, once it was seen to unpack to what it should."""
    if maker is None:
        return None
    splice = maker(plan.constants, lengths)
    if splice is None:
        return None
    coding = next(name for table in (_MAKERS, _BEST) for name in table if table[name] is maker)
    for digits in (b"0123456789", b"98765 4321-(0) "):
        texts = [(digits * (length // len(digits) + 1))[:length] for length in lengths]
        whole = interleaved(plan.constants, texts)
        try:
            unpacked = encoding.decode(splice.fill(texts), coding, limit=len(whole))
        except encoding.BadEncoding as exc:
            unpacked = str(exc).encode()
        if unpacked != whole:
            logger.error("A page of %d bytes cannot be spliced as %s.", len(whole), coding)
            return None
    return splice
