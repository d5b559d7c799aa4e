"""Which responses are pages that may be swapped, told by their heads alone."""

from __future__ import annotations

from callgraft import encoding
from callgraft.media import PAGES, media_type
from callgraft.page import Head
from callgraft.site import Site
from callgraft.visit import Visit

_WITHOUT_A_PAGE = (204, 205, 206)

CONDITIONAL_FIELDS = ("if-none-match", "if-modified-since")
"""What lets a site answer 304, in lower case."""


def why_not(head: Head, visit: Visit, *, max_body: int, site: Site | None = None) -> str:
    """
    Return why this response is left alone, in words; empty when it is to be looked at.

    :param site: whose document may list what is no page; without it only pages count.
    """
    kind = media_type(head.header("content-type"))
    if site is not None and site.promo is not None and _may_hold_a_mark(head, visit, kind):
        return _why_not_body(head, max_body)
    if visit.method != "GET":
        return f"a {visit.method} request is no page view"
    if head.status != 200:
        return f"status {head.status} is no page view"
    if kind not in PAGES and (site is None or site.subresource(visit.path, kind) is None):
        return f"{kind or 'a body without Content-Type'} is no page"
    return _why_not_body(head, max_body)


def _may_hold_a_mark(head: Head, visit: Visit, kind: str) -> bool:
    """
    Whether somebody may read a mark of a promo code there: on a page of any status, to any method.

    A form that was sent with a mistake comes back under the same header as every page.
    """
    is_whole = head.status not in _WITHOUT_A_PAGE and not 300 <= head.status < 400
    return kind in PAGES and visit.method != "HEAD" and is_whole


def _why_not_body(head: Head, max_body: int) -> str:
    if (head.header("content-disposition") or "").lower().lstrip().startswith("attachment"):
        return "it is a download"
    if "no-transform" in directives(head):
        return "Cache-Control: no-transform forbids it"
    coding = head.header("content-encoding")
    if not encoding.understood(coding):
        return f"Content-Encoding: {coding} cannot be undone here"
    length = head.header("content-length") or ""
    if length.isdecimal() and int(length) > max_body:
        return f"its {length} bytes are more than max_body ({max_body})"
    return ""


def directives(head: Head) -> frozenset[str]:
    """The names in all ``Cache-Control`` fields, in lower case."""
    fields = (value for name, value in head.headers if name.lower() == "cache-control")
    words = (word for field in fields for word in field.split(","))
    return frozenset(word.partition("=")[0].strip().lower() for word in words)
