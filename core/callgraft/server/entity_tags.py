"""ETags: made, and compared with what a request knows."""

from __future__ import annotations

from hashlib import sha256


def etag(version: str) -> str:
    return f'"{version}"'


def etag_of(body: bytes) -> str:
    return etag(sha256(body).hexdigest()[:32])


def fits(tag: str, listed: str) -> bool:
    """Whether a field like If-None-Match lists the tag, or anything (``*``)."""
    known = {each.strip().removeprefix("W/") for each in listed.split(",")}
    return tag in known or "*" in known
