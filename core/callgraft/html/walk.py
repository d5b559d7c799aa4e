"""
Where in a page a byte stands: in text, in which attribute of which tag, in a script, in a comment.

The walker follows the states of the HTML standard's tokenizer, so that an unclosed comment or a
``>`` in an attribute mean here what they mean in a browser. It may stop at any byte and go on with
another piece of the page; it never looks at a byte more than a few times.

Precedent for the one thing a tokenizer cannot know, when SVG begins and ends: the tree
construction rules, as far as start and end tags alone decide it.
"""

from __future__ import annotations

import re

from callgraft.html import raw, skim, tag
from callgraft.html.leap import leap
from callgraft.html.markup import FOREIGN_HOP, HOP, LONG_HOP
from callgraft.html.mode import IN_TAG, Mode
from callgraft.html.raw import LOOKAHEAD

__all__ = ["LOOKAHEAD", "Mode", "Walker"]

State = tuple[object, ...]
_LONG_TAG = 1024
"""A tag so long, a script or the like is not gone over twice."""
_STRIDE = 32_768
"""How far one step in text goes tag by tag before it is tried again to leap."""


class Walker:
    """
    One pass over one page.

    ``pos`` and the other positions count from the beginning of the buffer that `to` is given.
    """

    __slots__ = (
        "attribute",
        "closing",
        "element",
        "facts",
        "foreign",
        "head",
        "leaps",
        "mode",
        "pos",
        "quote",
        "since",
        "slash",
        "start",
        "tag",
        "tag_start",
        "xml",
    )

    def __init__(self, *, xml: bool = False) -> None:
        self.xml = xml
        """Whether ``<![CDATA[`` is what it is in XML, everywhere."""
        self.pos = 0
        self.mode = Mode.DATA
        self.since = 0
        """From where on there was only text, whole tags and whole comments; -1 outside of text."""
        self.start = 0
        """Where the attribute's value, or the raw element's content, begins."""
        self.tag = b""
        self.tag_start = 0
        self.closing = False
        self.slash = False
        self.attribute = b""
        self.quote = b""
        self.facts: dict[bytes, bytes] = {}
        """What the tag has said so far about what it is: its type, name, property..."""
        self.element = b""
        """The raw element that we are in."""
        self.head = b""
        """How its content begins."""
        self.foreign = b""
        self.leaps = True
        """Whether ``since`` does not matter, so that scripts may be passed without a look."""

    def copy(self) -> Walker:
        """Return a second walker at the same place, which minds where text begins."""
        twin = Walker.__new__(Walker)
        twin.pos, twin.mode, twin.start = self.pos, self.mode, self.start
        twin.tag, twin.tag_start, twin.closing = self.tag, self.tag_start, self.closing
        twin.attribute, twin.quote, twin.slash = self.attribute, self.quote, self.slash
        twin.element, twin.head, twin.foreign = self.element, self.head, self.foreign
        twin.xml = self.xml
        twin.facts = dict(self.facts)
        twin.leaps = False
        twin.since = self.pos if self.mode is Mode.DATA else -1
        return twin

    def state(self, begin: int) -> State:
        """Return what decides about the bytes to come, seen from ``begin``."""
        pos = self.pos - begin
        if self.mode is Mode.DATA:
            return pos, self.foreign
        start = max(self.start - begin, -1)
        tag = self.tag, self.closing, self.slash, self.attribute, self.quote, *self.facts.items()
        return pos, self.foreign, self.mode, start, self.element, self.head, *tag

    def rebase(self, cut: int) -> None:
        """Forget the first ``cut`` bytes of the buffer."""
        self.pos -= cut
        self.since -= cut
        self.start -= cut
        self.tag_start -= cut

    def to(self, page: bytes | bytearray, until: int) -> None:
        """
        Go on to ``until``, or to a few bytes before where that is inside of a ``<!--`` or the like.
        """
        while self.pos < until:
            here, mode = self.pos, self.mode
            _STEPS[mode](self, page, until)
            if self.pos == here and self.mode is mode:
                return

    def to_tag(self, page: bytes | bytearray, until: int, *, most: int) -> None:
        """
        Go on in text to ``until``, or to a tag that goes over it, or past a script that does.

        :param most: but no further than this.
        """
        if self.mode is Mode.DATA:
            self.pos = self._passed(page, until, most=min(most, until + _STRIDE))
        if until - self.pos > _LONG_TAG:
            self.to(page, until)

    def to_text(self, page: bytes | bytearray, until: int) -> None:
        """Go on to where text begins, but not past ``until``."""
        while self.pos < until and self.mode is not Mode.DATA:
            here, mode = self.pos, self.mode
            _STEPS[mode](self, page, until)
            if self.pos == here and self.mode is mode:
                return

    def to_tag_end(self, page: bytes | bytearray, until: int) -> bool:
        """Go on to the end of this tag, but not past ``until``; return whether it was there."""
        while self.pos < until and self.mode in IN_TAG:
            _STEPS[self.mode](self, page, until)
        return self.mode not in IN_TAG

    def raw_end(self, page: bytes | bytearray, until: int) -> int:
        """Where the raw element, comment or the like ends, or ``until``."""
        return raw.end_of(self, page, until)

    def text_again(self, pos: int) -> None:
        """Be in text from ``pos`` on."""
        self.pos, self.mode = pos, Mode.DATA
        if self.since < 0:
            self.since = pos

    def data(self, page: bytes | bytearray, until: int) -> None:
        """Pass text and whole tags; stop in the first after which the rules change."""
        at = self._passed(page, until)
        self.pos = at
        if at >= until:
            return
        opener = _OPENER.match(page, at)
        if opener is None or opener.end() > until:
            return
        kind = opener.lastgroup
        self.pos = opener.end()
        if kind == "tag":
            self.pos = at + 1 + (page[at + 1] == 0x2F)
            self.mode, self.tag, self.closing = Mode.TAG_NAME, b"", page[at + 1] == 0x2F
            self.tag_start, self.facts = at, {}
        elif kind == "comment":
            self.mode = Mode.COMMENT
        elif kind == "cdata" and (self.xml or self.foreign.endswith(b"s")):
            self.mode = Mode.CDATA
        elif kind in {"cdata", "bogus"}:
            self.pos = at + 2
            self.mode = Mode.BOGUS

    def _passed(self, page: bytes | bytearray, until: int, *, most: int = 0) -> int:
        pos, hop = self.pos, HOP
        if self.foreign:
            hop = FOREIGN_HOP
        elif self.leaps and skim.compiled is not None:
            reached: int = skim.compiled.skim(page, pos, until, most)
            return reached
        elif self.leaps:
            pos, hop = leap(page, pos, until, most=most), LONG_HOP
            until = min(until, pos + _STRIDE)
        found = hop.match(page, pos, until)
        return found.end() if found else pos


_OPENER = re.compile(
    rb"<(?:(?P<tag>/?[a-zA-Z])|(?P<closed>!---?>|/>)|(?P<comment>!--)|(?P<cdata>!\[CDATA\[)"
    rb"|(?P<bogus>[!?/])|(?P<stray>))"
)
_STEPS = {
    Mode.DATA: Walker.data,
    Mode.TAG_NAME: tag.tag_name,
    Mode.BEFORE_NAME: tag.before_name,
    Mode.NAME: tag.name,
    Mode.AFTER_NAME: tag.after_name,
    Mode.BEFORE_VALUE: tag.before_value,
    Mode.VALUE: tag.value,
    Mode.COMMENT: raw.until_mark,
    Mode.BOGUS: raw.until_mark,
    Mode.CDATA: raw.until_mark,
    Mode.RAW: raw.raw,
    Mode.ESCAPED: raw.raw,
    Mode.DOUBLE_ESCAPED: raw.raw,
}
