"""The head of a page that is one visitor's own: no shared cache may keep it."""

from __future__ import annotations

from callgraft.eligible import directives
from callgraft.page import Head

# Each of these would let some shared cache keep the page for others: RFC 9111 and RFC 9213, and the
# private dialects of Akamai, Fastly, LiteSpeed and nginx. Fields that are named like
# CDN-Cache-Control (RFC 9213 makes a family of them) go whatever comes before.
_CACHING = (
    "age",
    "edge-control",
    "expires",
    "pragma",
    "surrogate-control",
    "x-accel-expires",
    "x-litespeed-cache",
)
_CACHE_CONTROL = "cache-control"
# These describe the bytes that the site sent. A validator among them would let a 304 bring one
# visitor's page to another.
_ABOUT_THE_BODY = (
    "accept-ranges",
    "content-digest",
    "content-md5",
    "digest",
    "etag",
    "last-modified",
    "repr-digest",
)
_STRICTER = ("no-store", "no-transform", "must-revalidate")


def keep_private(head: Head) -> Head:
    """The same head, for one visitor's eyes: ``private, no-cache`` or stricter."""
    names = {name.lower() for name, _ in head.headers}
    dialects = {name for name in names if name.endswith(_CACHE_CONTROL)}
    stricter = [word for word in _STRICTER if word in directives(head)]
    ours = ("Cache-Control", ", ".join(["private", "no-cache", *stricter]))
    return head.without(*_CACHING, *dialects).plus(ours)


def of_a_new_body(head: Head, length: int) -> Head:
    """The same head for a body of ``length`` bytes that is not the one the site sent."""
    rest = head.without(*_ABOUT_THE_BODY)
    fields = tuple(
        (name, str(length)) if name.lower() == "content-length" else (name, value)
        for name, value in rest.headers
    )
    fresh = Head(status=head.status, headers=fields)
    return fresh if fresh.header("content-length") else fresh.plus(("Content-Length", str(length)))
