"""The browser helper: a small script that a site may put on its pages, which sends beacons."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib import resources

from callgraft.page import Head, Page
from callgraft.visit import Visit


def answer(visit: Visit) -> Page:
    """Answer a request for the script."""
    script = _script()
    # Short, so that a newer script is on every page within the hour.
    kept = ("Cache-Control", "public, max-age=3600"), ("ETag", _tag())
    if visit.header("if-none-match") == _tag():
        return Page(head=Head(status=304, headers=kept), body=b"")
    fields = (
        ("Content-Type", "text/javascript; charset=utf-8"),
        ("Content-Length", str(len(script))),
        ("X-Content-Type-Options", "nosniff"),
        *kept,
    )
    return Page(head=Head(headers=fields), body=script)


@cache
def _script() -> bytes:
    return resources.files("callgraft").joinpath("data/helper.js").read_bytes()


@cache
def _tag() -> str:
    return f'"{sha256(_script()).hexdigest()[:16]}"'
