"""
Where in the page's tree a place is: what `only`, `except` and ``data-callgraft`` decide.

A mark, letters that the page does not hold, is put before every place in a copy of the page, and
the copy is parsed. The elements around a mark are those around the place, whatever the charset,
the references and the line endings: no offset is translated, and the copy never leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count, islice

import soupsieve
from bs4 import BeautifulSoup, Tag

from callgraft.html.finder import Finder
from callgraft.html.place import Place
from callgraft.site import Target

MARKUP_WORD = b"data-callgraft"
"""A page without these bytes is never parsed for the sake of its markup."""
_WORD_END = Finder(rb"-callgraft")
_LONGEST_SELECTOR = 500
_DEEPEST = 250
"""So many elements around a place are looked at; deeper ones leave it alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The selectors of one target, compiled."""

    only: tuple[soupsieve.SoupSieve, ...]
    excluded: tuple[soupsieve.SoupSieve, ...]


def selector_problem(css: str) -> str | None:
    """Return in words why this is no CSS selector; None where it is one."""
    if len(css) > _LONGEST_SELECTOR:
        return f"it is longer than {_LONGEST_SELECTOR} characters"
    try:
        _compiled(css)
    except (soupsieve.SelectorSyntaxError, NotImplementedError) as problem:
        # The second is what soupsieve raises for pseudo-elements: no number stands in ::before.
        return str(problem).partition("\n")[0].rstrip(".")
    return None


def is_needed(body: bytes, targets: Iterable[Target]) -> bool:
    """Whether anything narrows where these targets are swapped on this page."""
    if any(target.only or target.except_ for target in targets):
        return True
    # The quick search first: many pages hold "data-c…", hardly any the end of our word.
    return _WORD_END.find(body, 0, len(body)) >= 0 and MARKUP_WORD in body


def narrowed(
    body: bytes, places: Sequence[Place], targets: Iterable[Target], *, codec: str
) -> tuple[Place, ...]:
    """Return the places, with policy ``keep`` where selectors or the markup say so."""
    selections = {target.key: _selection(target) for target in targets}
    marked = [place for place in places if place.policy == "swap"]
    if not marked:
        return tuple(places)
    around = _elements(body, marked, codec)
    judge = _Judge(around.values())
    out = []
    for place in places:
        why = ""
        if place.policy == "swap":
            why = judge.why_not(around.get(place.start), selections[place.target])
        out.append(replace(place, policy="keep", reason=f"{place.reason}, {why}") if why else place)
    return tuple(out)


class _Judge:
    """What the elements of one parsed page say, each asked once."""

    def __init__(self, elements: Iterable[Tag]) -> None:
        self._known: dict[tuple[int, str], bool] = {}
        root = next((parent for each in elements for parent in [*each.parents][-1:]), None)
        self._templates = [] if root is None else root.find_all("template")

    def why_not(self, element: Tag | None, selection: Selection) -> str:
        if element is None:
            return "which no parser finds again"
        around = list(islice(_lineage(element), _DEEPEST + 1))
        if len(around) > _DEEPEST:
            return "nested too deep to tell where"
        for each in around:
            told = str(each.get("data-callgraft", "")).strip().lower()
            if told == "keep":
                return f'inside <{each.name} data-callgraft="keep">'
            if told == "swap":
                break
        if selection.only and self._matching(around, selection.only) is None:
            return f"outside of only = {_listed(selection.only)}"
        excluding = self._matching(around, selection.excluded)
        return f"inside of except = {_listed([excluding])}" if excluding else ""

    def _matching(
        self, around: Sequence[Tag], sieves: Sequence[soupsieve.SoupSieve]
    ) -> soupsieve.SoupSieve | None:
        for sieve in sieves:
            if any(self._matches(each, sieve) for each in around):
                return sieve
        return None

    def _matches(self, element: Tag, sieve: soupsieve.SoupSieve) -> bool:
        # By id: the whole tree lives as long as the places of this page are judged.
        key = id(element), sieve.pattern
        if key not in self._known:
            self._known[key] = sieve.match(element) or self._matches_across(element, sieve)
        return self._known[key]

    def _matches_across(self, element: Tag, sieve: soupsieve.SoupSieve) -> bool:
        """Match it over templates, where soupsieve ends: Turbo puts their content on the page."""
        if not self._templates:
            return False
        for template in self._templates:
            template.name = "x-template"
        try:
            return sieve.match(element)
        finally:
            for template in self._templates:
                template.name = "template"


def _elements(body: bytes, places: Sequence[Place], codec: str) -> dict[int, Tag]:
    """Parse the page; give the innermost element around each place, by the place's start."""
    word = _absent_word(body)
    copy: list[bytes] = []
    end = 0
    for index, place in enumerate(places):
        copy += body[end : place.start], f"{word}{index}z".encode("ascii")
        end = place.start
    text = b"".join((*copy, body[end:])).decode(codec, "replace").replace("\0", "\ufffd")
    # A declaration would be obeyed, but the text is decoded already.
    soup = BeautifulSoup(_DECLARATION.sub("", text, count=1), "lxml")
    mark = re.compile(f"{word}([0-9]+)z")
    found: dict[int, Tag] = {}
    for element, written in _texts(soup):
        for hit in mark.finditer(written):
            found.setdefault(places[int(hit[1])].start, element)
    return found


def _texts(soup: BeautifulSoup) -> Iterator[tuple[Tag, str]]:
    for node in soup.descendants:
        if not isinstance(node, Tag):
            if isinstance(node.parent, Tag):
                yield node.parent, str(node)
            continue
        for value in node.attrs.values():
            yield node, value if isinstance(value, str) else " ".join(value)


def _lineage(element: Tag) -> Iterator[Tag]:
    yield element
    for parent in element.parents:
        if parent.parent is not None:
            yield parent


def _absent_word(body: bytes) -> str:
    """Letters that no page holds by chance, nor by a stranger's comment in it."""
    return next(word for word in (f"cg{n}x" for n in count()) if word.encode() not in body)


def _listed(sieves: Sequence[soupsieve.SoupSieve]) -> str:
    return ", ".join(f'"{sieve.pattern}"' for sieve in sieves)


def _selection(target: Target) -> Selection:
    return Selection(
        only=tuple(map(_compiled, target.only)), excluded=tuple(map(_compiled, target.except_))
    )


@lru_cache(maxsize=1024)
def _compiled(css: str) -> soupsieve.SoupSieve:
    return soupsieve.compile(css)


_DECLARATION = re.compile(r"^\ufeff?\s*<\?xml[^>]*>")
