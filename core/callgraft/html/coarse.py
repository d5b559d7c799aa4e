"""
Where a number may begin, seen from very far: few places of a page, found in no time.

The patterns of `loose` are too slow to try at every digit. Here is one for RE2 that accepts all
that those may begin with, and more: each place where one of those fits is a place where this one
does. So it is enough to try them there.
"""

from __future__ import annotations

from collections.abc import Sequence

from callgraft.html.finder import Finder
from callgraft.html.skim import DEPTH

_MOST_WAYS = 32
"""A pattern for more than so many numbers would be large: digits of all of them, mixed, then."""
# All gaps of `loose`, and without most of their limits. RE2 looks on past a match for as long as an
# earlier beginning may still come to one: so whatever has no limit here ends, at the latest, where
# the second of its kind would begin. A tag ends at a "<", a quoted value at its quote.
_GAP = (
    rb"(?:[\t\n\f\r \-./()\x80-\xff]|<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>"
    rb"|&(?:amp;)?(?:#[0-9a-zA-Z]{1,8}|[a-zA-Z]{2,12});?"
    rb"|%[0-9a-fA-F]{2}|\\(?:u[0-9a-fA-F]{4}|[/nrt]))*"
)
_UNCLEAR = rb"<!--|&lt;|\\u003|\xef\xbc|&#(?:0|4[89]|5[0-7]|[xX][03])"
"""A comment, a tag in a text, another way to write a digit: `loose` shall see to it."""
REFERENCES = (
    (b"&", Finder(rb"&#(?:0*(?:4[89]|5[0-7])|[xX]0*3[0-9])")),
    (b"\\", Finder(rb"\\u003[0-9]")),
    (b"\xef", Finder(rb"\xef\xbc[\x90-\x99]")),
)
"""First byte and beginnings of digits that are written as references, escapes or in full width."""


def beginning(numbers: Sequence[str]) -> Finder:
    """Return what finds where one of these digit strings may begin; they share the first digit."""
    heads = [number[:DEPTH] for number in numbers]
    if len(heads) <= _MOST_WAYS:
        return Finder(_tree(heads))
    shortest = min(map(len, heads))
    return row([b"[%s]" % "".join({head[at] for head in heads}).encode() for at in range(shortest)])


def row(signs: Sequence[bytes]) -> Finder:
    """Return what finds a row of signs, each a pattern of one byte, with gaps between them."""
    pattern = signs[-1]
    for sign in reversed(signs[:-1]):
        pattern = sign + _further(pattern)
    return Finder(pattern)


def _tree(heads: Sequence[str]) -> bytes:
    ways = []
    for first in sorted({head[0] for head in heads}):
        rest = [head[1:] for head in heads if head[0] == first]
        ways.append(first.encode() + (_further(_tree(rest)) if all(rest) else b""))
    return rb"|".join(ways)


def _further(rest: bytes) -> bytes:
    return _GAP + rb"(?:" + _UNCLEAR + rb"|" + rest + rb")"
