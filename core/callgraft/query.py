"""The query of an address, read the way that real advertisements write it."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

_LONGEST = 32 * 1024
_SEPARATORS = re.compile(r"&|\?(?=\w+=)")


def parameters_of(query: str) -> list[tuple[str, str]]:
    """
    Return names in lower case and values in their order, percent-decoded once.

    A ``?`` separates too, because links are put together by gluing ``?utm_source=…`` to an address
    that has a query, and so does ``&amp;``, which mails leave behind.
    """
    pairs = (part.partition("=") for part in _SEPARATORS.split(query[:_LONGEST]))
    return [(_name(name), decoded(value)) for name, _, value in pairs if name]


def decoded(text: str) -> str:
    """
    Return ``text`` percent-decoded once, on one line and without control characters.

    Bytes that are no UTF-8 are windows-1251, as old Russian advertisements write them.
    """
    raw = unquote_to_bytes(_bytes(text.replace("+", " ")))
    try:
        plain = raw.decode("utf-8")
    except UnicodeDecodeError:
        plain = raw.decode("windows-1251", "replace")
    return " ".join("".join(one if one.isprintable() else " " for one in plain).split())


def _bytes(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")  # raw bytes, as some servers pass them on
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _name(text: str) -> str:
    return decoded(text).lower().removeprefix("amp;")
