"""The policy table: what kinds of place there are, and what is done with a number there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from callgraft.html.walk import Mode, Walker

POLICY = {
    "text": "swap",
    "link": "swap",
    "attribute": "swap",
    "state": "swap",
    "body": "swap",
    "json_ld": "keep",
    "microdata": "keep",
    "meta": "keep",
    "messenger": "keep",
    "form": "keep",
    "url": "keep",
    "hidden": "keep",
    "comment": "keep",
    "style": "keep",
    "script": "keep",
    "markup": "keep",
}
"""The default of each row; a target's ``places`` override it."""

FACTS_WITHIN = 4096
"""How much of a tag is read for what it says about a place in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A row of the table, how its text is written, and where it is in words."""

    row: str
    writing: str
    """``markup``, ``characters`` (with references), ``url``, ``json`` or ``plain``."""
    where: str


RAW = frozenset((Mode.RAW, Mode.ESCAPED, Mode.DOUBLE_ESCAPED))
CLOSED = RAW | {Mode.COMMENT, Mode.BOGUS, Mode.CDATA}
"""Modes in which there are no tags."""
TEXT = Kind(row="text", writing="markup", where="in the text")


def of_raw(walker: Walker) -> Kind:
    """Return the kind of a place inside of an element, comment or section without markup."""
    if walker.mode is Mode.COMMENT:
        return Kind(row="comment", writing="json", where="inside a comment <!-- -->")
    if walker.mode is Mode.BOGUS:
        return Kind(row="comment", writing="json", where="inside <!…> or <?…>")
    if walker.mode is Mode.CDATA:
        return Kind(row="text", writing="plain", where="inside <![CDATA[")
    name = walker.element.decode("ascii")
    if name == "script":
        return _of_script(walker.facts.get(b"type", b""), walker.head)
    row, writing = _RAW[name]
    return Kind(row=row, writing=writing, where=f"inside <{name}>")


def _of_script(kind: bytes, head: bytes) -> Kind:
    kind = kind.strip().lower()
    told = f' type="{kind.decode("ascii", "replace")}"' if kind else ""
    where = f"inside <script{told}>"
    if b"ld+json" in kind:
        return Kind(row="json_ld", writing="json", where=where)
    if _JSON_TYPE.fullmatch(kind):
        return Kind(row="state", writing="json", where=where)
    assigned = _STATE.match(head) if kind in _JAVASCRIPT else None
    if assigned:
        name = assigned[1].decode("ascii")
        return Kind(row="state", writing="json", where=f"{where}, in {name}")
    return Kind(row="script", writing="json", where=where)


def needs_facts(walker: Walker) -> bool:
    """Whether what follows in the tag may decide what this attribute is."""
    return walker.attribute in {b"content", b"value"}


def of_attribute(walker: Walker, value: bytes, *, whole: bool) -> Kind:
    """
    Return the kind of a place inside of an attribute's value.

    :param value: the value from its beginning, where ``whole``; as far as we can see it, if not.
    """
    name = walker.attribute.decode("latin-1").lstrip("=")
    where = f"in {name}=… of <{walker.tag.decode('latin-1')}>"
    row, writing = _attribute_row(walker, name, value, whole=whole)
    return Kind(row=row, writing=writing, where=where)


def _attribute_row(walker: Walker, name: str, value: bytes, *, whole: bool) -> tuple[str, str]:
    if name == "style":
        return "style", "characters"
    if name.startswith("on") or not _PLAIN_NAME.fullmatch(name):
        return "script", "json"
    if whole and _CALL.match(value) and (name in _URLS or _shown(name)):
        return "link", "url"
    if _MESSENGER.match(value) and whole:
        return "messenger", "url"
    if name in _URLS or (whole and _URL.match(value)):
        return "url", "url"
    if name == "content":
        return _content_row(walker), "characters"
    if name == "value":
        return ("attribute" if _is_button(walker) else "form"), "characters"
    if name == "placeholder":
        return "form", "characters"
    return ("attribute" if _shown(name) else "markup"), "characters"


def _shown(name: str) -> bool:
    return name in _SHOWN or name.startswith("data-")


def _content_row(walker: Walker) -> str:
    facts = walker.facts
    if b"itemprop" in facts:
        return "microdata"
    told = (facts.get(b"name") or facts.get(b"property") or b"").strip().lower()
    if told in _DESCRIPTIONS:
        return "attribute"
    return "meta" if walker.tag == b"meta" else "microdata"


def _is_button(walker: Walker) -> bool:
    kind = walker.facts.get(b"type", b"").strip().lower()
    return walker.tag == b"button" or (
        walker.tag == b"input" and kind in {b"button", b"submit", b"reset"}
    )


_RAW = {
    "style": ("style", "plain"),
    "title": ("text", "characters"),
    "textarea": ("form", "characters"),
    "xmp": ("text", "plain"),
    "plaintext": ("text", "plain"),
    "iframe": ("hidden", "plain"),
    "noembed": ("hidden", "plain"),
    "noframes": ("hidden", "plain"),
}
_JSON_TYPE = re.compile(rb"(?:application|text)/(?:[a-z0-9.-]+\+)?json(?:;.*)?")
_JAVASCRIPT = frozenset((b"", b"text/javascript", b"application/javascript", b"module"))
# window.__INITIAL_STATE__ = {…}: what a framework hands over to the browser.
_STATE = re.compile(
    rb"\s*(?:(?:window|self|globalThis)\s*(?:\.|\[[\"'])|(?:var|let|const)\s+)?"
    rb"(__[A-Z][A-Z0-9_]*__)(?:[\"']\])?\s*=(?!=)"
)
_PLAIN_NAME = re.compile(r"[a-z][a-z0-9:_-]*")
_SHOWN = frozenset(("title", "alt", "aria-label", "aria-description", "label", "summary"))
_URLS = frozenset(
    ("href", "src", "action", "formaction", "cite", "poster", "srcset", "data", "background")
) | {"ping", "longdesc", "manifest", "xlink:href"}
_CALL = re.compile(rb"(?i)\s*(?:tel|sms|smsto|callto)(?::|%3a|&colon;|&#58;)")
_MESSENGER = re.compile(
    rb"(?i)\s*(?:(?:whatsapp|viber|tg|skype|signal|facetime|facetime-audio):|(?:https?:)?//(?:www\.)?"
    rb"(?:wa\.me|api\.whatsapp\.com|web\.whatsapp\.com|chat\.whatsapp\.com|t\.me|telegram\.me|"
    rb"viber\.click|chats\.viber\.com|signal\.me|m\.me)[/?:])"
)
_URL = re.compile(rb"(?i)\s*(?:https?:|mailto:|data:|javascript:|/|\?|#)")
_DESCRIPTIONS = frozenset(
    (b"description", b"og:description", b"twitter:description", b"og:title", b"twitter:title")
)
