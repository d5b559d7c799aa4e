"""The head of a page that is one visitor's own: no shared cache may keep it."""

from __future__ import annotations

from callgraft.eligible import directives
from callgraft.page import Head

# Each of these would let some shared cache keep the page for others. RFC 9111 and RFC 9213; the
# rest are the private dialects of Akamai, Cloudflare, Fastly and nginx.
_CACHING = (
    "age",
    "cache-control",
    "cdn-cache-control",
    "cloudflare-cdn-cache-control",
    "edge-control",
    "expires",
    "pragma",
    "surrogate-control",
    "x-accel-expires",
)
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
    kept = [word for word in _STRICTER if word in directives(head)]
    return head.without(*_CACHING).plus(
        ("Cache-Control", ", ".join(["private", "no-cache", *kept]))
    )


def of_a_new_body(head: Head, length: int) -> Head:
    """The same head for a body of ``length`` bytes that is not the one the site sent."""
    rest = head.without(*_ABOUT_THE_BODY)
    fields = tuple(
        (name, str(length)) if name.lower() == "content-length" else (name, value)
        for name, value in rest.headers
    )
    fresh = Head(status=head.status, headers=fields)
    return fresh if fresh.header("content-length") else fresh.plus(("Content-Length", str(length)))
