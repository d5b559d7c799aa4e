"""
Scripts that a page's Content-Security-Policy allows by their hash: with another number in it, such
a script would not run.

https://www.w3.org/TR/CSP3/: of the directives for scripts the most special one counts, and where
there are several policies, each has to allow a script.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import replace

from callgraft.html.finder import Finder
from callgraft.html.found import Found
from callgraft.html.markup import attributes

_FIELD = b"content-security-policy"


def allows_by_hash(policies: Iterable[str]) -> bool:
    """Whether one of these values of the header field, or of a ``<meta>``, names hashes."""
    return any(_names_hashes(policy) for value in policies for policy in value.split(","))


def has_policy_with_hashes(page: bytes) -> bool:
    """Whether a ``<meta>`` of the page is such a policy."""
    first = _POLICY.find(page, 0, len(page))
    if first < 0:
        return False
    tags = (attributes(found[1]) for found in _META.finditer(page, first))
    told = (
        tag[b"content"]
        for tag in tags
        if tag.get(b"http-equiv", b"").strip().lower() == _FIELD and b"content" in tag
    )
    return allows_by_hash(html.unescape(value.decode("latin-1")) for value in told)


def is_at_risk(found: Iterable[Found]) -> bool:
    """Whether a number would be swapped in a script that runs."""
    return any(one.kind.runs and one.is_swapped for one in found)


def kept(found: Iterable[Found]) -> tuple[Found, ...]:
    """Return the same places with those kept that stand in a script that runs."""
    return tuple(_kept(one) if one.kind.runs else one for one in found)


def _kept(one: Found) -> Found:
    if not one.is_swapped:
        return one
    place = one.place
    reason = f"{place.reason}; the Content-Security-Policy allows scripts by their hash"
    return one.placed(replace(place, policy="keep", reason=reason))


def _names_hashes(policy: str) -> bool:
    directives: dict[str, list[str]] = {}
    for directive in policy.split(";"):
        name, *sources = directive.split() or [""]
        directives.setdefault(name.lower(), sources)
    counts = next((directives[name] for name in _DIRECTIVES if name in directives), [])
    return any(_SOURCE.match(source) for source in counts)


_DIRECTIVES = ("script-src-elem", "script-src", "default-src")
_SOURCE = re.compile(r"(?i)'sha(?:256|384|512)-")
_ATTRIBUTES = rb"(?:[^>\"']|\"[^\"]*\"|'[^']*')*"
_POLICY = Finder(
    rb"(?i)<meta[\t\n\v\f\r /]" + _ATTRIBUTES + rb"[\"']?[\t\n\v\f\r ]*" + re.escape(_FIELD)
)
_META = re.compile(rb"(?i)<meta(?=[\s/])(" + _ATTRIBUTES + rb"+>)")
