"""The policy table: what kinds of place there are, and what is done with a number there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

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
    """``markup``, ``characters`` (with references), ``url``, ``plain``, or ``nested``: JSON or
    another page in a text, with escapes, references and tags."""
    where: str
    runs: bool = False
    """Whether it is a script that the browser runs."""


RAW = frozenset((Mode.RAW, Mode.ESCAPED, Mode.DOUBLE_ESCAPED))
CLOSED = RAW | {Mode.COMMENT, Mode.BOGUS, Mode.CDATA}
"""Modes in which there are no tags."""
TEXT = Kind(row="text", writing="markup", where="in the text")


def of_raw(walker: Walker) -> Kind:
    """Return the kind of a place inside of an element, comment or section without markup."""
    if walker.mode is Mode.COMMENT:
        return Kind(row="comment", writing="nested", where="inside a comment <!-- -->")
    if walker.mode is Mode.BOGUS:
        return Kind(row="comment", writing="nested", where="inside <!…> or <?…>")
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
        return Kind(row="json_ld", writing="nested", where=where)
    if _JSON_TYPE.fullmatch(kind):
        return Kind(row="state", writing="nested", where=where)
    assigned = _STATE.match(head) if kind in _JAVASCRIPT else None
    if assigned:
        name = (assigned[assigned.lastgroup or 0]).decode("ascii")
        return Kind(row="state", writing="nested", where=f"{where}, in {name}", runs=True)
    return Kind(row="script", writing="nested", where=where, runs=kind in _JAVASCRIPT)


def is_unquoted(page: bytes | bytearray, start: int, kind: Kind) -> bool:
    """Whether a place in JSON stands where a string would have its quotes before it."""
    before = bytes(page[max(start - 8, 0) : start]).rstrip()[-1:]
    return kind.row in ("state", "attribute") and before in (b":", b",", b"[")


def needs_facts(walker: Walker) -> bool:
    """Whether what follows in the tag may decide what this attribute is."""
    return walker.attribute in {b"content", b"value"}


def of_attribute(walker: Walker, value: bytes, *, whole: bool) -> Kind:
    """
    Return the kind of a place inside of an attribute's value.

    :param value: the value from its beginning, where ``whole``; as far as we can see it, if not.
    """
    name = walker.attribute.decode("latin-1").lstrip("=")
    row, writing = _attribute_row(walker, name, value, whole=whole)
    return _attribute(row, writing, name, walker.tag)


@lru_cache(maxsize=1024)
def _attribute(row: str, writing: str, name: str, tag: bytes) -> Kind:
    return Kind(row=row, writing=writing, where=f"in {name}=… of <{tag.decode('latin-1')}>")


def _attribute_row(walker: Walker, name: str, value: bytes, *, whole: bool) -> tuple[str, str]:
    if name == "style":
        return "style", "characters"
    if name.startswith("on") or not _PLAIN_NAME.fullmatch(name):
        return "script", "nested"
    if name == "srcdoc":
        return _srcdoc_row(walker, value, whole=whole)
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
    writing = "nested" if name.startswith("data-") else "characters"
    return ("attribute" if _shown(name) else "markup"), writing


def _srcdoc_row(walker: Walker, value: bytes, *, whole: bool) -> tuple[str, str]:
    """Judge a place in a page that is an attribute's value by the last tag before it."""
    tags = list(_INNER_TAG.finditer(value))
    if not tags:
        return ("text" if whole else "markup"), "nested"
    tag = tags[-1]
    rest = value[tag.end() :]
    if tag["name"] == b"!--":
        return ("text" if _INNER_COMMENT_END.search(rest) else "comment"), "nested"
    name = tag["name"].lower().decode("ascii")
    if not _INNER_END.search(rest):
        told = _INNER_VALUE.search(rest)
        attribute = told[1].lower().decode("ascii") if told else "srcdoc"
        if told is None or attribute in {"srcdoc", "content", "value"}:
            return "markup", "nested"
        return _attribute_row(walker, attribute, told[2], whole=True)
    if not tag["closing"] and (name == "script" or name in _RAW):
        return ("script" if name == "script" else _RAW[name][0]), "nested"
    return "text", "nested"


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
    # A <button> shows its content; its value is only sent with the form.
    kind = walker.facts.get(b"type", b"").strip().lower()
    return walker.tag == b"input" and kind in {b"button", b"submit", b"reset"}


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
_INNER_LT = rb"(?:<|&(?:lt|#60|#[xX]3[cC]);)"
_INNER_TAG = re.compile(_INNER_LT + rb"(?P<closing>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*+|!--)")
_INNER_END = re.compile(rb">|&(?:gt|#62|#[xX]3[eE]);")
_INNER_COMMENT_END = re.compile(rb"--(?:>|&(?:gt|#62|#[xX]3[eE]);)")
_INNER_QUOTE = rb"""(?:["']|&(?:quot|apos|#34|#39|#[xX]2[27]);)"""
_INNER_VALUE = re.compile(
    rb"([a-zA-Z][a-zA-Z0-9:_-]*+)\s*+=\s*+" + _INNER_QUOTE + rb"?+"
    rb"((?:(?!" + _INNER_QUOTE + rb")[^<>])*+)\Z"
)
# window.__INITIAL_STATE__ = {…}: what a framework hands over to the browser.
# So do names like window.initialState and window.APP_DATA, and __next_f of Next.js, piece by piece.
_STATE = re.compile(
    rb"\s*(?://[^\n]{0,40}\n\s*|/\*[^*]{0,40}\*/\s*)?"
    rb"(?:(?:(?:window|self|globalThis)\s*(?:\.|\[[\"'])|(?:var|let|const)\s+)?"
    rb"(?P<dunder>__[A-Z][A-Z0-9_]*__)(?:[\"']\])?\s*=(?!=)"
    rb"|(?:window|self|globalThis)\s*(?:\.|\[[\"'])"
    rb"(?P<named>[$\w]*?(?:(?i:state|preload|initial|hydrat|redux|props)|__[a-z]*(?i:data))[$\w]*+)"
    rb"(?:[\"']\])?\s*=\s*(?:[{\[\"']|JSON\.parse\()"
    rb"|\(?(?:window|self)\.(?P<flight>__next_f)\b)"
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
