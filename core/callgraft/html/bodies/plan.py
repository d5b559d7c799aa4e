"""The plan of a body that is no page."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from callgraft.html import shadow
from callgraft.html.bodies.address import row_of_address
from callgraft.html.bodies.json_strings import JsonStrings
from callgraft.html.bodies.piece import Piece, Pieces, PlainText
from callgraft.html.bodies.xml_texts import XmlTexts
from callgraft.html.charset import PRESCAN, Charset, sniff
from callgraft.html.found import Found
from callgraft.html.kinds import POLICY, Kind
from callgraft.html.match import match
from callgraft.html.place import Place
from callgraft.html.plan import Plan, cut_up, marked_in
from callgraft.html.scan import AFTER, BEFORE, Scan
from callgraft.html.slot import Slot, cut
from callgraft.html.targets import Target, Targets
from callgraft.html.words import says_otherwise
from callgraft.media import media_type


def make_body_plan(body: bytes, targets: Targets, form: str, *, content_type: str | None) -> Plan:
    """
    Find every place of ``targets`` in a body of the ``form`` ``json``, ``xml`` or ``text``.

    :param content_type: the value of the header field, for its charset. A body in a charset that
        is not ASCII-compatible gets an empty plan: it is left alone.
    """
    charset = sniff(body[:PRESCAN], content_type)
    if charset is None:
        return Plan(body=body)
    if not charset.declared and form in {"json", "xml"}:
        charset = Charset(codec="utf-8")  # RFC 8259 and XML 1.0 say so
    found = _Search(targets, charset).run(body, _pieces(body, form, content_type))
    return cut_up(body, tuple(found), marked=marked_in(body, targets, charset))


def _pieces(body: bytes, form: str, content_type: str | None) -> Pieces:
    if form == "json":
        is_linked_data = media_type(content_type) == "application/ld+json"
        return JsonStrings(body, row="json_ld" if is_linked_data else "body")
    return XmlTexts(body) if form == "xml" else PlainText(body)


class _Search:
    """One pass over one body."""

    def __init__(self, targets: Targets, charset: Charset) -> None:
        self._targets = targets
        self._charset = charset

    def run(self, body: bytes, pieces: Pieces) -> Iterator[Found]:
        """Yield the places in the order of the body."""
        taken = 0
        for first, last, owner in self._targets.candidates(body, 0, len(body)):
            if first < taken:
                continue
            piece = pieces.at(first)
            if piece is None:
                continue
            if piece.writing is None:
                yield from self._inside_html(body, piece)
                taken = piece.end
            elif last <= piece.end and not body[last : last + 1].isdigit():
                found = self._look(body, piece, first, last, owner, taken=taken)
                if found is not None:
                    taken = found.end
                    yield found

    def _inside_html(self, body: bytes, piece: Piece) -> Iterator[Found]:
        inner = Scan(self._targets, self._charset).run(body[piece.start : piece.end], final=True)
        for found in inner:
            yield _moved(found, piece)

    def _look(
        self, body: bytes, piece: Piece, first: int, last: int, owner: int, *, taken: int
    ) -> Found | None:
        start, end = max(first - BEFORE, piece.start), min(last + AFTER, piece.end)
        writing = piece.writing or "plain"
        around = shadow.cast(
            body, start, end, first=first, last=last, writing=writing, charset=self._charset
        )
        address = row_of_address(body[start:first], writing)
        for target in self._targets.owners[owner]:
            hit = match(
                around,
                first - start,
                target,
                link=address in {"link", "messenger"},
                trailing=self._charset.trailing_digits,
            )
            if hit is not None and start + hit.start >= taken:
                slot = cut(body, around, hit)
                begin = start + hit.start
                if not self._is_named(body[start:end], slot, hit.start):
                    return self._found(slot, begin, piece, address or piece.row, target)
        return None

    def _is_named(self, text: bytes, slot: Slot, start: int) -> bool:
        """Whether plain digits in a text are called a price, an order, a taxpayer's number."""
        end = start + len(slot.written)
        return slot.written.isdigit() and says_otherwise(text, start, end, self._charset)

    def _found(self, slot: Slot, start: int, piece: Piece, row: str, target: Target) -> Found:
        places = target.target.places
        if places.get(piece.row, POLICY[piece.row]) == "keep":
            row = piece.row  # what is kept here is kept also where it is a link
        reason = piece.where
        if row in places:
            reason += f", as the target's places.{row} says"
        place = Place(
            target=target.key,
            kind=row,
            policy=places.get(row, POLICY[row]),
            start=start,
            end=start + len(slot.written),
            written=_shown(slot.written, piece.writing, self._charset),
            reason=reason,
        )
        kind = Kind(row=row, writing=piece.writing or "plain", where=reason)
        return Found(target, kind, start, slot, AFTER, self._charset, place)


def _moved(found: Found, piece: Piece) -> Found:
    inner = found.place
    place = Place(
        target=inner.target,
        kind=inner.kind,
        policy=inner.policy,
        start=inner.start + piece.start,
        end=inner.end + piece.start,
        written=inner.written,
        reason=f"{piece.where}, {inner.reason}",
    )
    return found.placed(place)


def _shown(written: bytes, writing: str | None, charset: Charset) -> str:
    text = written.decode(charset.codec, "replace")
    if writing == "json":
        return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text).replace("\\/", "/")
    return text if writing == "plain" else html.unescape(text)


_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
