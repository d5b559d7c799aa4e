"""From a fuzzer's bytes to a page: a header of choices, then raw bytes, or a row of tokens."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import TypeVar

from tests.core.html.soup import DECOYS, MARKUP, NOTATIONS

HEADER = 16
"""How many of the bytes are choices."""
CHARSETS = ("utf-8", "windows-1251", "koi8-r", "iso-8859-5", "gb18030", "shift_jis", "utf-16-le")
CONTENT_TYPES = (
    *(None, "text/html", "text/html; charset=utf-8", "text/html; charset=windows-1251"),
    *("text/html; charset=koi8-r", "text/html; charset=gb18030", "text/html; charset=shift_jis"),
    *("text/html; charset=utf-16le", 'text/html;charset="x-unknown"', "text/html; charset=\0"),
)
PADDINGS = (0, 0, 0, 150, 480, 1000, 1100, 4200)
FORMS = ("+74951234567", "84951234567", "4951234567", "+12125550123", "+44 (0)161 496 0123")
SEPARATORS = (
    *(
        "",
        "",
        "",
        " ",
        "-",
        ".",
        "(",
        ")",
        " (",
        ") ",
        "\u00a0",
        "\u2011",
        "\u00ad",
        "&nbsp;",
        "&#160",
    ),
    *("&shy;", "&#x2011;", "<wbr>", "<b>", "</b>", "<!-- 5 -->", "<i class='4'>", "</I >", "%20"),
    *(
        "\\u00a0",
        "\\/",
        "&ndash;",
        "\n",
        "\t ",
        "<br>",
        "--",
        "/",
        "\u200b",
        "<td>",
        "<!-->",
        "</>",
    ),
)
DIGITS = ("{}", "{}", "{}", "{}", "{}", "&#{ord};", "&#x{hex};", "&#0{ord}", "%{hex}", "\\u00{hex}")

T = TypeVar("T")


class Draw:
    """Choices made by the fuzzer's bytes, one after the other; those that are missing are 0."""

    def __init__(self, data: bytes) -> None:
        self._header = iter(data[:HEADER].ljust(HEADER, b"\0"))
        self._body = data[HEADER:]

    def one_of(self, options: Sequence[T]) -> T:
        """Return the option that the next byte of the header means."""
        return options[self._next() % len(options)]

    def page(self) -> tuple[bytes, str | None]:
        """Return the page and the header's content type."""
        charset, content_type = self.one_of(CHARSETS), self.one_of(CONTENT_TYPES)
        is_soup, before, after = self._next() % 2, self.one_of(PADDINGS), self.one_of(PADDINGS)
        page = _soup(self._body).encode(charset, "replace") if is_soup else self._body
        return b" " * before + page + b"y" * after, content_type

    def pieces(self, page: bytes) -> list[bytes]:
        """Return ``page`` cut up: in equal pieces, after two cuts anywhere."""
        first, second = sorted(self._next() * len(page) // 255 for _ in range(2))
        # Single bytes only of short pages: a run is worth as much as it has pages.
        step = max(self.one_of((10_000, 1, 7, 64, 500, 1024, 3000)), len(page) // 100)
        parts = (page[:first], page[first:second], page[second:])
        return [part[at : at + step] for part in parts for at in range(0, len(part), step)]

    def like(self, page: bytes) -> bytes:
        """Return another page that differs in a few bytes, as with a token."""
        at, length = self._next() * len(page) // 255, self.one_of((1, 0, 8, 40))
        token = self.one_of((b"0", b"", b"token123", b"<!--", b'"', b" 8 495 123-45-67 ", b"67"))
        return page[:at] + token + page[at + length :]

    def _next(self) -> int:
        return next(self._header, 0)


def seed(number: int) -> bytes:
    """Return bytes that mean a page of tokens."""
    dice = random.Random(number)
    header = bytearray(dice.randbytes(HEADER))
    header[4] = 1
    return bytes(header) + dice.randbytes(60)


def _soup(body: bytes) -> str:
    """One token for each byte; a few of them mean what the next bytes say."""
    codes = iter(body)
    return "".join(_token(code, codes) for code in codes)


def _token(code: int, codes: Iterator[int]) -> str:
    if code < len(TOKENS):
        return TOKENS[code]
    if code < 230:
        return chr(next(codes, 0))
    if code < 236:
        return chr(next(codes, 0) * 256 + next(codes, 0)).encode("utf-8", "ignore").decode()
    return _written(next(codes, 0), random.Random(next(codes, 0)))


def _written(form: int, dice: random.Random) -> str:
    """A number whose digits and separators are written in any of their ways."""
    wild = dice.random() * 0.4
    parts = []
    for char in FORMS[form % len(FORMS)]:
        way = dice.choice(DIGITS) if char.isdigit() and dice.random() < wild else "{}"
        parts.append(way.format(char, ord=ord(char), hex=f"{ord(char):x}"))
        parts.append(dice.choice(SEPARATORS) if dice.random() < 2 * wild else "")
    return "".join(parts)


TOKENS = (*MARKUP, *NOTATIONS, *NOTATIONS, *DECOYS)
