"""
Which bytes of a page are letters, spaces and hyphens: the charset, as browsers decide it.

BOM, then the header's label, then a meta element in the first 1024 bytes. Only encodings that
write ASCII characters as ASCII bytes are served; a page in any other is left alone.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace
from functools import cache

from callgraft.html.markup import attributes

PRESCAN = 1024
"""How much of a page must be there before its charset is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charset:
    """
    An ASCII-compatible encoding.

    ``codec`` is Python's name for it. Of an undeclared one we know only that ASCII is ASCII: the
    separators of UTF-8 and of the single-byte Windows charsets both count then.
    """

    codec: str
    declared: bool = True
    xml: bool = False
    """Whether the header field that names the charset says that the page is XHTML."""

    @property
    def trailing_digits(self) -> bool:
        """Whether a byte 0x30-0x39 may be a part of another character."""
        return self.codec in {"gb18030", "gbk", "gb2312"}

    @property
    def single_byte(self) -> bool:
        """Whether every byte is a character."""
        return _SINGLE.fullmatch(self.codec) is not None


UNDECLARED = Charset(codec="utf-8", declared=False)


def sniff(head: bytes, content_type: str | None) -> Charset | None:
    """
    Return the charset of the page that begins with ``head``; None for one that we leave alone.

    :param head: the first ``PRESCAN`` bytes, or all there are.
    :param content_type: the value of the header field.
    """
    found = _sniff(head, content_type)
    media_type = (content_type or "").partition(";")[0].strip().lower()
    return replace(found, xml=True) if found and media_type == _XHTML else found


def _sniff(head: bytes, content_type: str | None) -> Charset | None:
    if head.startswith(codecs.BOM_UTF8):
        return Charset(codec="utf-8")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    label = _header_label(content_type)
    if label is not None and _known(label):
        return of_label(label)
    label = _meta_label(head[:PRESCAN])
    if label is None:
        return UNDECLARED
    if label.startswith("utf-16"):
        # A meta element that could be read as ASCII cannot be UTF-16: browsers take UTF-8 then.
        return Charset(codec="utf-8")
    return of_label(label) if _known(label) else UNDECLARED


@cache
def of_label(label: str) -> Charset | None:
    """Return what the label of a charset means on the web; None where it is not like ASCII."""
    codec = _codec(label)
    return Charset(codec=codec) if codec and _COMPATIBLE.fullmatch(codec) else None


def _known(label: str) -> bool:
    return _codec(label) is not None


@cache
def _codec(label: str) -> str | None:
    label = label.strip(" \t\n\f\r\"'").lower()
    label = _WEB_LABELS.get(label, label)
    try:
        found = codecs.lookup(label).name
    except (LookupError, ValueError):
        # ValueError: a label with a NUL in it.
        return None
    return None if _NO_CHARSET.fullmatch(found) else found


def _header_label(content_type: str | None) -> str | None:
    found = _PARAMETER.search((content_type or "").encode("ascii", "replace"))
    return _text(found)


def _meta_label(head: bytes) -> str | None:
    declaration = _XML.match(head)
    if declaration:
        return _text(declaration)
    for tag in _META.finditer(_COMMENT.sub(b"", head)):
        told = attributes(tag[1])
        if b"charset" in told:
            return told[b"charset"].decode("ascii", "replace").lower() or None
        if told.get(b"http-equiv", b"").lower() == b"content-type":
            found = _PARAMETER.search(told.get(b"content", b""))
            if found:
                return _text(found)
    return None


def _text(found: re.Match[bytes] | None) -> str | None:
    if found is None:
        return None
    return found[1].decode("ascii", "replace").lower() or None


_XHTML = "application/xhtml+xml"
_PARAMETER = re.compile(rb"(?i)charset\s*=\s*[\"']?\s*([^\s\"';,/>]+)")
_META = re.compile(rb"(?i)<meta(?=[\s/])((?:[^>\"']|\"[^\"]*\"|'[^']*')*+>)")
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_XML = re.compile(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"'>]+)")

_SINGLE = re.compile(
    r"iso8859-\d+|latin.*|ascii|cp125\d|cp8\d\d|koi8[-_].*|mac.*|tis.620|kz1048|ptcp154"
)
_COMPATIBLE = re.compile(
    rf"{_SINGLE.pattern}|utf-8|euc_.*|gb2312|gbk|gb18030|big5.*|shift_jis.*|cp932|cp949|cp950"
)
# Python's text transforms and the encodings of strings inside source or host names: they are
# no charsets of a page, so their names count as unknown labels.
_NO_CHARSET = re.compile(
    r".*_codec|rot.*|base64|bz2|hex|zlib|uu|quopri|idna|punycode|undefined|.*unicode.escape|mbcs|oem"
)
# Labels whose meaning on the web (https://encoding.spec.whatwg.org/#names-and-labels) is not
# what Python takes them for, or that Python does not know.
_WEB_LABELS = {
    **dict.fromkeys(
        ("iso-8859-1", "iso8859-1", "iso88591", "iso_8859-1", "latin1", "l1"), "cp1252"
    ),
    **dict.fromkeys(("ascii", "us-ascii", "ansi_x3.4-1968", "x-cp1252", "cp819"), "cp1252"),
    **dict.fromkeys(("iso-8859-9", "iso8859-9", "latin5", "l5", "x-cp1254"), "cp1254"),
    **dict.fromkeys(("x-cp1251", "windows1251", "win-1251", "win1251"), "cp1251"),
    **dict.fromkeys(("utf8", "unicode-1-1-utf-8", "x-unicode20utf8"), "utf-8"),
    **dict.fromkeys(("koi", "koi8", "koi8_r", "cskoi8r"), "koi8-r"),
    **dict.fromkeys(("windows-874", "dos-874", "tis-620", "iso-8859-11"), "cp874"),
    **dict.fromkeys(("x-sjis", "windows-31j", "sjis", "shift_jis", "shift-jis"), "cp932"),
    **dict.fromkeys(("x-gbk", "gbk", "gb2312", "gb_2312-80", "chinese"), "gb18030"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "korean", "windows-949"), "cp949"),
    **dict.fromkeys(("big5", "big5-hkscs", "x-x-big5", "cn-big5"), "big5hkscs"),
    "x-mac-cyrillic": "mac-cyrillic",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "x-user-defined": "cp1252",
}
