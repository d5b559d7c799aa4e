"""
Which link, or other element that can hold no link, is around a place: the tags before it tell.

No tree is built, which would take a hundred times as long. Where markup leaves in doubt whether a
link has ended, it has not: browsers carry an open ``<a>`` on through the blocks behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from callgraft.html.markup import REST


class Around(NamedTuple):
    """``link`` is first and past the last byte of the tag of the open link, where one is."""

    link: tuple[int, int] | None = None
    is_blocked: bool = False
    """Whether a button or the like is around it, in which no link can stand."""


def around(body: bytes, places: Iterable[int]) -> dict[int, Around]:
    """Return what is around each of these offsets in text."""
    found: dict[int, Around] = {}
    waiting = sorted(places, reverse=True)
    link: tuple[int, int] | None = None
    depths: dict[bytes, int] = {}
    for tag in _TAG.finditer(body):
        while waiting and waiting[-1] < tag.end():
            found[waiting.pop()] = Around(link, any(depths.values()))
        if not waiting:
            break
        name = (tag["name"] or b"").lower()
        if name == b"a":
            link = None if tag["closing"] else tag.span()
        elif name and not tag[0].endswith(b"/>"):
            depths[name] = max(depths.get(name, 0) + (-1 if tag["closing"] else 1), 0)
    found.update((place, Around(link, any(depths.values()))) for place in waiting)
    return found


_ENDS = rb"(?=[\t\n\f\r />])"
_RAW = (b"script", b"style", b"textarea", b"title", b"xmp", b"iframe", b"noembed", b"noframes")
_TAG = re.compile(
    rb"<!--(?:-?>|.*?(?:--!?>|\Z))|"
    + b"|".join(b"<" + raw + _ENDS + REST + rb".*?(?:</" + raw + rb"|\Z)" for raw in _RAW)
    + rb"|<(?P<closing>/?)(?P<name>a|button|select|datalist|label|svg|math)"
    + _ENDS
    + REST,
    re.IGNORECASE | re.DOTALL,
)
