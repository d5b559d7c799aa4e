"""What may be a number: patterns over the bytes of a page that take any gap between digits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_WIDE = rb"\xef\xbc[\x90-\x99]"
"""A full-width digit, in UTF-8."""
_REFERENCE_GAP = (
    rb"&(?:#(?!0*(?:4[89]|5[0-7])(?![0-9])|[xX]0*3[0-9](?![0-9a-fA-F]))[0-9a-zA-Z]{1,8}+"
    rb"|[a-zA-Z]{2,12}+);?+"
)
# Tags that are written as text: in srcdoc, in data attributes, in JSON strings.
_INNER_TAG_GAP = (
    rb"&lt;(?:[^&<>]++|&(?![lg]t;)){1,20}+&gt;"
    rb"|\\u003[cC](?:[^\\<>]++|\\(?!u003[cCeE])){1,20}+\\u003[eE]"
    rb"|&amp;(?:#[0-9a-zA-Z]{1,8}+|[a-zA-Z]{2,12}+);"
)
_LOOSE_GAP = (
    rb"(?:[\t\n\f\r \-./()]++|(?:(?!" + _WIDE + rb")[\x80-\xff]){1,3}+"
    rb"|<(?:!--(?:[^-]|-(?!->)){0,200}+-->"
    rb"|(?:[^<>\"']{1,100}+|\"[^\"]{0,150}+\"|'[^']{0,150}+'){1,8}+>)"
    rb"|" + _INNER_TAG_GAP + rb"|" + _REFERENCE_GAP + rb"|%(?!3[0-9])[0-9a-fA-F]{2}"
    rb"|\\(?:u(?!003[0-9])[0-9a-fA-F]{4}|[/nrt]))"
)
_LOOSE = rb"(?:" + _LOOSE_GAP + rb"{1,12}+)?+"
_GAP_STARTS = rb"\t\n\f\r \-./()\x80-\xff<&%\\"


def trie(
    cores: Sequence[str], numbered: Mapping[str, int], *, referenced: bool = False
) -> re.Pattern[bytes]:
    """
    Return one pattern for all ``cores``; the name of the last group tells which it was.

    :param referenced: it begins with a digit as a reference, as an escape of JSON or in full width.
    """
    write = _reference if referenced else _literal
    heads = sorted({core[0] for core in cores})
    branches = [write(head) + _soon(head, cores) + _branch(head, cores, numbered) for head in heads]
    return re.compile(rb"|".join(branches))


def row(signs: Sequence[bytes], group: int) -> re.Pattern[bytes]:
    """Return the pattern of a row of signs, with any gaps; its only group is named by ``group``."""
    return re.compile(_LOOSE.join(signs) + rb"(?P<_%d>)" % group)


def _soon(head: str, cores: Sequence[str]) -> bytes:
    """Say no to most digits of a page by the byte behind them, before anything costly."""
    seconds = "".join(sorted({core[1] for core in cores if core.startswith(head)}))
    return rb"(?=[" + seconds.encode("ascii") + _GAP_STARTS + rb"])"


def _branch(prefix: str, cores: Sequence[str], numbered: Mapping[str, int]) -> bytes:
    below = [core for core in cores if core.startswith(prefix)]
    nexts = sorted({core[len(prefix)] for core in below if len(core) > len(prefix)})
    ways = [_either(digit) + _branch(prefix + digit, below, numbered) for digit in nexts]
    ending = rb"(?P<_%d>)" % numbered[prefix] if prefix in below else b""
    if not ways:
        return ending
    longer = _LOOSE + (ways[0] if len(ways) == 1 else rb"(?:" + rb"|".join(ways) + rb")")
    return rb"(?:" + longer + rb"|" + ending + rb")" if ending else longer


def _literal(digit: str) -> bytes:
    return digit.encode("ascii")


def _reference(digit: str) -> bytes:
    """Write it as a reference, as an escape of JSON or in full width."""
    code = digit.encode("ascii")
    ways = rb"(?:&#(?:0*%d|[xX]0*3%s);?+|\\u003%s|\xef\xbc%c)"
    return ways % (ord(digit), code, code, 0x90 + int(digit))


def _either(digit: str) -> bytes:
    return rb"(?:" + _literal(digit) + rb"|" + _reference(digit) + rb")"
