"""Media types: which are pages, which are other bodies that a number can stand in."""

from __future__ import annotations

PAGES = frozenset(("text/html", "application/xhtml+xml"))
FORMS = frozenset(("json", "xml", "text", "turbo-stream"))
"""What else can be swapped, where the Site document lists the path."""

_FORMS = {
    "application/json": "json",
    "text/json": "json",
    "application/xml": "xml",
    "text/xml": "xml",
    "text/plain": "text",
    "text/vnd.turbo-stream.html": "turbo-stream",
}
# One document after the other as they come: a stream, for which nobody can wait.
_STREAMS = frozenset(("application/stream+json",))


def media_type(content_type: str | None) -> str:
    """The media type in the value of a ``Content-Type`` field, in lower case."""
    return (content_type or "").partition(";")[0].strip().lower()


def form_of(content_type: str | None) -> str | None:
    """Which of `FORMS` a body with this ``Content-Type`` is; None for pages and all the rest."""
    name = media_type(content_type)
    if name in PAGES or name in _STREAMS:
        return None
    if name in _FORMS:
        return _FORMS[name]
    suffix = name.rpartition("+")[2] if "+" in name else ""
    return suffix if suffix in {"json", "xml"} else None


def is_image(content_type: str | None) -> bool:
    return media_type(content_type).startswith("image/")
