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
from enum import IntEnum, auto

from callgraft.html.foreign import entered
from callgraft.html.markup import ATTRIBUTE, FOREIGN_HOP, HOP, LONG_HOP, RAW_ELEMENTS

LOOKAHEAD = 96
"""How many bytes past ``until`` must be there, where the page goes on."""
NAME_LIMIT = 64
FACT_LIMIT = 160
_FACTS = frozenset((b"type", b"name", b"property", b"itemprop", b"id", b"http-equiv"))


class Mode(IntEnum):
    """States of the tokenizer, as few as decide what a number in them means."""

    DATA = auto()
    TAG_NAME = auto()
    BEFORE_NAME = auto()
    NAME = auto()
    AFTER_NAME = auto()
    BEFORE_VALUE = auto()
    VALUE = auto()
    COMMENT = auto()
    BOGUS = auto()
    CDATA = auto()
    RAW = auto()
    ESCAPED = auto()
    DOUBLE_ESCAPED = auto()


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
        "hop",
        "mode",
        "pos",
        "quote",
        "since",
        "slash",
        "start",
        "tag",
        "tag_start",
    )

    def __init__(self) -> None:
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
        self.hop = LONG_HOP

    def copy(self) -> Walker:
        """Return a second walker at the same place, which minds where text begins."""
        twin = Walker.__new__(Walker)
        twin.pos, twin.mode, twin.start = self.pos, self.mode, self.start
        twin.tag, twin.tag_start, twin.closing = self.tag, self.tag_start, self.closing
        twin.attribute, twin.quote, twin.slash = self.attribute, self.quote, self.slash
        twin.element, twin.head, twin.foreign = self.element, self.head, self.foreign
        twin.facts = dict(self.facts)
        twin.hop = HOP
        twin.since = self.pos if self.mode is Mode.DATA else -1
        return twin

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

    def to_tag_end(self, page: bytes | bytearray, until: int) -> bool:
        """Go on to the end of this tag, but not past ``until``; return whether it was there."""
        while self.pos < until and self.mode in _IN_TAG:
            _STEPS[self.mode](self, page, until)
        return self.mode not in _IN_TAG

    def raw_end(self, page: bytes | bytearray, until: int) -> int:
        """Where the raw element, comment or the like ends, or ``until``."""
        pattern = _MARKS.get(self.mode) or _ENDS[self.element, self.mode]
        for found in pattern.finditer(page, self.pos, until):
            if found.lastgroup in {None, "end"}:
                return found.start()
        return until

    def _text_again(self, pos: int) -> None:
        self.pos, self.mode = pos, Mode.DATA
        if self.since < 0:
            self.since = pos

    def _data(self, page: bytes | bytearray, until: int) -> None:
        found = (FOREIGN_HOP if self.foreign else self.hop).match(page, self.pos, until)
        self.pos = at = found.end() if found else self.pos
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
        elif kind == "cdata" and self.foreign.endswith(b"s"):
            self.mode = Mode.CDATA
        elif kind in {"cdata", "bogus"}:
            self.pos = at + 2
            self.mode = Mode.BOGUS

    def _tag_name(self, page: bytes | bytearray, until: int) -> None:
        name = _run(_TAG_NAME, page, self.pos, until)
        self.tag = (self.tag + name[:NAME_LIMIT].lower())[:NAME_LIMIT]
        self.pos += len(name)
        if self.pos < until:
            self.mode, self.slash = Mode.BEFORE_NAME, False

    def _before_name(self, page: bytes | bytearray, until: int) -> None:
        while found := ATTRIBUTE.match(page, self.pos, until):
            name = found[1][:NAME_LIMIT].lower()
            if name in _FACTS:
                value = found[2] or found[3] or found[4]
                if value:
                    self.facts.setdefault(name, bytes(value[:FACT_LIMIT]))
            self.pos, self.slash = found.end(), False
        gap = _run(_GAP, page, self.pos, until)
        if gap:
            self.pos += len(gap)
            self.slash = gap.endswith(b"/")
        if self.pos >= until:
            return
        if page[self.pos] == 0x3E:
            self._end_tag(page)
            return
        self.attribute = bytes(page[self.pos : self.pos + 1]).lower()
        self.pos += 1
        self.mode, self.slash = Mode.NAME, False

    def _name(self, page: bytes | bytearray, until: int) -> None:
        name = _run(_NAME, page, self.pos, until)
        self.attribute = (self.attribute + name[:NAME_LIMIT].lower())[:NAME_LIMIT]
        self.pos += len(name)
        if self.pos < until:
            self.mode = Mode.AFTER_NAME

    def _after_name(self, page: bytes | bytearray, until: int) -> None:
        self.pos += len(_run(_SPACE, page, self.pos, until))
        if self.pos >= until:
            return
        if page[self.pos] == 0x3D:
            self.pos += 1
            self.mode = Mode.BEFORE_VALUE
        else:
            self.mode = Mode.BEFORE_NAME

    def _before_value(self, page: bytes | bytearray, until: int) -> None:
        self.pos += len(_run(_SPACE, page, self.pos, until))
        if self.pos >= until:
            return
        first = bytes(page[self.pos : self.pos + 1])
        if first == b">":
            self.mode = Mode.BEFORE_NAME
            return
        self.quote = first if first in {b'"', b"'"} else b""
        self.pos += len(self.quote)
        self.start = self.pos
        self.mode = Mode.VALUE
        if self.attribute in _FACTS and self.attribute not in self.facts:
            self.facts[self.attribute] = b""
            self.attribute = b"=" + self.attribute

    def _value(self, page: bytes | bytearray, until: int) -> None:
        if self.quote:
            end = page.find(self.quote, self.pos, until)
            end = until if end < 0 else end
        else:
            end = self.pos + len(_run(_UNQUOTED, page, self.pos, until))
        if self.attribute.startswith(b"="):
            self._learn(bytes(page[self.pos : min(end, self.pos + FACT_LIMIT)]))
        self.pos = end
        if end < until:
            self.pos += len(self.quote)
            self.mode = Mode.BEFORE_NAME

    def _learn(self, value: bytes) -> None:
        name = self.attribute[1:]
        self.facts[name] = (self.facts.get(name, b"") + value)[:FACT_LIMIT]

    def _end_tag(self, page: bytes | bytearray) -> None:
        self._text_again(self.pos + 1)
        was_foreign = self.foreign.endswith(b"s")
        self.foreign = entered(self.foreign, self.tag, closing=self.closing, empty=self.slash)
        if self.closing or self.tag not in RAW_ELEMENTS:
            return
        if was_foreign and (self.slash or self.tag not in {b"script", b"style"}):
            return
        self.mode, self.since = Mode.RAW, -1
        self.element, self.start = self.tag, self.pos
        self.head = bytes(page[self.pos : self.pos + LOOKAHEAD])

    def _raw(self, page: bytes | bytearray, until: int) -> None:
        found = _ENDS[self.element, self.mode].search(page, self.pos, until + LOOKAHEAD)
        if found is None or found.start() >= until:
            self.pos = until
            return
        turn = _TURNS[self.mode][found.lastgroup or "end"]
        if turn is Mode.DATA:
            self.pos = self.since = found.start()
            self.mode = turn
            return
        # The hyphens of an opening "<!--" may be those of the closing "-->" as well.
        end = (
            found.start() + 2 if turn is Mode.ESCAPED and found.lastgroup == "open" else found.end()
        )
        self.pos, self.mode = (end, turn) if end <= until else (found.start(), self.mode)

    def _until_mark(self, page: bytes | bytearray, until: int) -> None:
        found = _MARKS[self.mode].search(page, self.pos, until + LOOKAHEAD)
        if found is None or found.start() >= until:
            self.pos = until
        elif found.end() <= until:
            self._text_again(found.end())
        else:
            self.pos = found.start()


def _run(pattern: re.Pattern[bytes], page: bytes | bytearray, pos: int, until: int) -> bytes:
    found = pattern.match(page, pos, until)
    return found[0] if found else b""


_OPENER = re.compile(
    rb"<(?:(?P<tag>/?[a-zA-Z])|(?P<closed>!---?>|/>)|(?P<comment>!--)|(?P<cdata>!\[CDATA\[)"
    rb"|(?P<bogus>[!?/])|(?P<stray>))"
)
_TAG_NAME = re.compile(rb"[^\t\n\f\r />]*+")
_GAP = re.compile(rb"[\t\n\f\r /]*+")
_SPACE = re.compile(rb"[\t\n\f\r ]*+")
_NAME = re.compile(rb"[^\t\n\f\r />=]*+")
_UNQUOTED = re.compile(rb"[^\t\n\f\r >]*+")
_MARKS = {
    Mode.COMMENT: re.compile(rb"--!?>"),
    Mode.BOGUS: re.compile(rb">"),
    Mode.CDATA: re.compile(rb"\]\]>"),
}
_CLOSE = rb"(?=[\t\n\f\r />])"
_ENDS = {
    (name, Mode.RAW): re.compile(rb"(?P<end></(?i:" + name + rb")" + _CLOSE + rb")")
    for name in RAW_ELEMENTS
} | {
    (b"plaintext", Mode.RAW): re.compile(rb"(?!)"),
    (b"script", Mode.RAW): re.compile(rb"<(?:(?P<end>/(?i:script)" + _CLOSE + rb")|(?P<open>!--))"),
    (b"script", Mode.ESCAPED): re.compile(
        rb"(?P<close>-->)|(?P<end></(?i:script)"
        + _CLOSE
        + rb")|(?P<open><(?i:script)"
        + _CLOSE
        + rb")"
    ),
    (b"script", Mode.DOUBLE_ESCAPED): re.compile(
        rb"(?P<close>-->)|(?P<end></(?i:script)" + _CLOSE + rb")"
    ),
}
_TURNS = {
    Mode.RAW: {"end": Mode.DATA, "open": Mode.ESCAPED},
    Mode.ESCAPED: {"end": Mode.DATA, "open": Mode.DOUBLE_ESCAPED, "close": Mode.RAW},
    Mode.DOUBLE_ESCAPED: {"end": Mode.ESCAPED, "close": Mode.RAW},
}
_IN_TAG = frozenset(
    (
        Mode.TAG_NAME,
        Mode.BEFORE_NAME,
        Mode.NAME,
        Mode.AFTER_NAME,
        Mode.BEFORE_VALUE,
        Mode.VALUE,
    )
)
_STEPS = {
    Mode.DATA: Walker._data,
    Mode.TAG_NAME: Walker._tag_name,
    Mode.BEFORE_NAME: Walker._before_name,
    Mode.NAME: Walker._name,
    Mode.AFTER_NAME: Walker._after_name,
    Mode.BEFORE_VALUE: Walker._before_value,
    Mode.VALUE: Walker._value,
    Mode.COMMENT: Walker._until_mark,
    Mode.BOGUS: Walker._until_mark,
    Mode.CDATA: Walker._until_mark,
    Mode.RAW: Walker._raw,
    Mode.ESCAPED: Walker._raw,
    Mode.DOUBLE_ESCAPED: Walker._raw,
}
