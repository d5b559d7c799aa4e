"""
Hidden numbers: who has clicked already, and the address that a click leads to.

``GET /.callgraft/reveal/main?%2Fcontacts`` remembers the click in a cookie of the session and sends
the browser back to the page, which shows the number now. The browser's own click is all it needs,
no script; the helper asks the same address for JSON and stays on the page.
"""

from __future__ import annotations

import html
import re
from urllib.parse import quote, unquote

from callgraft.evidence import judge
from callgraft.identity import Identity
from callgraft.page import Head, Page
from callgraft.phone import Number, international
from callgraft.visit import Visit

PATH = "/.callgraft/reveal/"
COOKIE = "callgraft_shown"
"""The cookie: the session, and the targets that it was shown."""

_LONGEST = 1024
_LOCAL = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""A path on this host: neither ``//other.example`` nor ``/\\other.example``."""


def link_back(visit: Visit) -> str:
    """The address behind the links of this page, with ``{}`` for the target."""
    page = quote(visit.path, safe=_SAFE) + (
        f"?{quote(visit.query, safe=_SAFE)}" * bool(visit.query)
    )
    if len(page) > _LONGEST:
        page = quote(visit.path, safe=_SAFE)[:_LONGEST]
    # Braces are quoted, so those of the target are the only ones.
    return f"{PATH}{{}}?{quote(page, safe='')}"


def is_shown(visit: Visit, identity: Identity, target: str) -> bool:
    """Whether this session has clicked the target's number."""
    return target in _shown(visit, identity)


def is_click(visit: Visit) -> bool:
    """Whether a person clicked on a page of this site; another site's page cannot do it."""
    if visit.method != "GET" or not judge(visit).is_person:
        return False
    relation = visit.header("sec-fetch-site")
    if relation is not None:
        return relation == "same-origin"
    referer = visit.header("referer")
    return referer is None or _netloc(referer) == visit.parts.netloc.lower()


def wants_json(visit: Visit) -> bool:
    """Whether the helper asks, which stays on the page."""
    return (visit.header("accept") or "").strip().lower().startswith("application/json")


def set_cookie(visit: Visit, identity: Identity, target: str) -> tuple[str, str]:
    """The field that makes the browser remember the click."""
    keys = ".".join(dict.fromkeys((*_shown(visit, identity), target)))
    secure = "; Secure" if visit.is_secure else ""
    value = f"{COOKIE}={identity.session}.{keys}; Path=/; HttpOnly; SameSite=Lax{secure}"
    return "Set-Cookie", value


def plain(visit: Visit, number: Number) -> Page:
    """The number on a page of our own, with the way back."""
    told = international(number)
    body = (
        '<!DOCTYPE html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>{told}</title><p><a href="tel:{number.e164}">{told}</a></p>'
        f'<p><a href="{html.escape(page_of(visit))}">&larr;</a></p>'
    ).encode()
    headers = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
        *_NOT_KEPT,
    )
    return Page(head=Head(headers=headers), body=body)


def back(visit: Visit, *fields: tuple[str, str]) -> Page:
    """Send the browser back to the page that it came from, on this host whatever is asked for."""
    headers = (("Location", page_of(visit)), ("Content-Length", "0"), *_NOT_KEPT, *fields)
    return Page(head=Head(status=303, headers=headers), body=b"")


def page_of(visit: Visit) -> str:
    """The page that was clicked on, of this host whatever the address says."""
    page = unquote(visit.query)
    return page if _LOCAL.fullmatch(page) else "/"


def _shown(visit: Visit, identity: Identity) -> tuple[str, ...]:
    session, *targets = (visit.cookie(COOKIE) or "").split(".")
    return tuple(targets) if session == identity.session else ()


def _netloc(url: str) -> str:
    return url.partition("//")[2].partition("/")[0].lower()


_NOT_KEPT = (("Cache-Control", "no-store"), ("X-Robots-Tag", "noindex, nofollow"))
_SAFE = "/?&=+%:;,!*'()@$~-._"
