"""
The grammar of tags as the HTML standard's tokenizer reads it, as patterns over bytes.

Every quantifier is possessive, so a match never goes back and the work stays linear. None has a
group inside of a possessive repetition: CPython 3.11 may crash on those.
"""

from __future__ import annotations

import re

WS = rb"[\t\n\f\r ]"
_VALUE = rb"""(?:"[^"]*+"|'[^']*+'|(?!["'])[^\t\n\f\r >]*+)"""
_ATTRIBUTE = (
    rb"[^\t\n\f\r />][^\t\n\f\r />=]*+"
    rb"(?:" + WS + rb"*+=" + WS + rb"*+" + _VALUE + rb"|(?!" + WS + rb"*+=))"
)
REST = rb"(?:[\t\n\f\r /]++|" + _ATTRIBUTE + rb")*+>"
"""What follows a tag's name."""
TAG = rb"[a-zA-Z][^\t\n\f\r />]*+" + REST
"""What follows ``<`` or ``</``, up to its ``>``."""

ATTRIBUTE = re.compile(
    rb"[\t\n\f\r /]*+([^\t\n\f\r />][^\t\n\f\r />=]*+)"
    rb"(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+"
    rb"""(?:"([^"]*+)"|'([^']*+)'|([^\t\n\f\r >"'][^\t\n\f\r >]*+)(?=[\t\n\f\r >]))"""
    rb"|(?=[\t\n\f\r ]*+[^\t\n\f\r =]))"
)
"""One attribute of a tag, as far as it stands there whole: name, value in its three quotings."""

# The same for the tags that make up most of a page, and faster. An end tag is one without
# attributes here whose name begins with its slash.
_PLAIN = rb"""[^\t\n\f\r />]*+(?:>|(?: [a-zA-Z-]++="[^"]*+")*+ ?+/?+>)"""
_BOGUS = rb"[!?](?!--|\[)[^>]*+>|/>|/[^a-zA-Z>][^>]*+>"
_STRAY = rb"(?=[^a-zA-Z/!?])"

RAW_ELEMENTS = frozenset(
    (b"script", b"style", b"textarea", b"title", b"xmp", b"iframe", b"noembed", b"noframes")
) | {b"plaintext"}
"""Elements whose content is no markup."""
FOREIGN_ROOTS = frozenset((b"svg", b"math"))
HTML_INSIDE_SVG = frozenset((b"foreignobject", b"desc", b"title"))
BREAKOUT = frozenset(
    b"b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img "
    b"li listing menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul "
    b"var".split()
)
"""Start tags that end an SVG or MathML subtree that was left open."""

INLINE = frozenset(
    b"a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr "
    b"noindex q s samp small span strike strong sub sup time tspan tt u var wbr".split()
)
"""Tags over which a number reads on."""


_NAME_ENDS = rb"(?=[\t\n\f\r />])"


def _element(name: bytes, content: bytes) -> bytes:
    end = rb"/(?i:" + name + rb")" + _NAME_ENDS
    inside = rb"[^<]*+(?:<(?!" + end + content + rb")[^<]*+)*+"
    return rb"(?i:" + name + rb")" + _NAME_ENDS + REST + inside + rb"<" + end + REST


# In a script <!-- may change what its end is: those are left to the walker.
_RAW = (_element(rb"script", rb"|!--"), _element(rb"style", b""))
_COMMENT = rb"!--(?!-?>)[^-]*+(?:-(?!-!?>)[^-]*+)*+--!?>"


def _hop(stop: bytes, *, common: bytes, more: tuple[bytes, ...] = ()) -> re.Pattern[bytes]:
    """``common``: with what most tags begin that are none of those to stop at."""
    ways = (
        common + _PLAIN,
        stop + rb"(?:[a-zA-Z]" + _PLAIN + rb"|/?+" + TAG + rb")",
        *more,
        _BOGUS,
        _STRAY,
    )
    return re.compile(rb"(?:[^<]*+<(?:" + rb"|".join(ways) + rb"))*+[^<]*+")


# The beginning of a name is enough: to stop at one tag too many costs little.
_STOP = (
    rb"(?![sS](?:[cC][rR]|[tT][yY]|[vV][gG])|[tT](?:[eE][xX]|[iI][tT])|[xX][mM]|[iI][fF]|"
    rb"[nN][oO][eEfF]|[pP][lL]|[mM][aA][tT])"
)
_COMMON = rb"[/abcdefghjkloqruvwyz]"
HOP = _hop(_STOP, common=_COMMON)
"""As much text and as many whole tags as there are before one after which the rules change."""
LONG_HOP = _hop(_STOP, common=_COMMON, more=(_COMMENT, *_RAW))
"""The same with whole comments, scripts and styles."""
FOREIGN_HOP = _hop(
    rb"(?!/?(?i:"
    + rb"|".join(sorted(RAW_ELEMENTS | FOREIGN_ROOTS | HTML_INSIDE_SVG | BREAKOUT))
    + rb")"
    + _NAME_ENDS
    + rb")",
    common=rb"(?:path|[ag]|use|cir|rect|lin|pol|ell|def|/(?:g|path|a)(?=>))",
)
"""The same inside of SVG and MathML."""

_SVG = (
    rb"(?i:svg)"
    + _NAME_ENDS
    + REST
    + rb"(?<!/>)"
    + FOREIGN_HOP.pattern
    + rb"</(?i:svg)"
    + _NAME_ENDS
)
ELEMENTS = re.compile(
    rb"(?:<(?:"
    + rb"|".join(
        (_COMMENT, *_RAW, _element(rb"title", b""), _element(rb"textarea", b""), _SVG + REST)
    )
    + rb")[^<]*+)++"
)
"""As many whole comments, raw elements and SVGs as there are one behind the other."""


def attributes(tag: bytes) -> dict[bytes, bytes]:
    """Return the attributes in ``tag``, which begins behind the tag's name, by lower-case name."""
    told: dict[bytes, bytes] = {}
    pos = 0
    while found := ATTRIBUTE.match(tag, pos):
        told.setdefault(found[1].lower(), found[2] or found[3] or found[4] or b"")
        pos = found.end()
    return told
