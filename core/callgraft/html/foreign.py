"""
Where SVG and MathML begin and end: inside of them ``<title>`` holds markup, not text.

A nesting is a row of letters: ``s`` for SVG or MathML, ``h`` for HTML inside of SVG.
"""

from __future__ import annotations

from callgraft.html.markup import BREAKOUT, FOREIGN_ROOTS, HTML_INSIDE_SVG

_DEEPEST = 64


def entered(nesting: bytes, tag: bytes, *, closing: bool, empty: bool) -> bytes:
    """Return the nesting after ``tag``; ``empty`` is a tag that ends in ``/>``."""
    if closing:
        return _left(nesting, tag)
    if nesting.endswith(b"s"):
        if tag in BREAKOUT:
            return nesting.rstrip(b"s")
        if empty:
            return nesting
        if tag in HTML_INSIDE_SVG:
            return (nesting + b"h")[:_DEEPEST]
    if tag in FOREIGN_ROOTS and not empty:
        return (nesting + b"s")[:_DEEPEST]
    return nesting


def _left(nesting: bytes, tag: bytes) -> bytes:
    if tag in FOREIGN_ROOTS and b"s" in nesting:
        return nesting[: nesting.rindex(b"s")]
    if tag in HTML_INSIDE_SVG and nesting.endswith(b"h"):
        return nesting[:-1]
    return nesting
