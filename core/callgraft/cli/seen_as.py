"""What ``--as NAME=VALUE`` says of a visitor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from callgraft.errors import SetupError
from callgraft.geo import Location
from callgraft.rules import Circumstances
from callgraft.site import Site
from callgraft.source import Touch

_TOUCH = ("source", "medium", "campaign", "keyword", "content", "channel", "referrer", "landing")
_LOCATION = ("country", "region", "city")
_OTHER = ("device", "language", "address", "returning", "time")


def circumstances(site: Site, url: str, facts: Iterable[str]) -> Circumstances:
    """
    Return what rules would see of such a visitor at ``url``.

    :raises SetupError: a name that is not known, or a time that cannot be read.
    """
    given = dict(_fact(text) for text in facts)
    parts = urlsplit(url)
    touch = {name: given[name] for name in _TOUCH if name in given}
    region = given.get("region", "")
    defaults = {"source": "direct", "medium": "none", "channel": "direct", "landing": parts.path}
    return Circumstances(
        at=_moment(given.get("time"), site),
        touch=Touch(**{**defaults, **touch}),
        location=Location(
            country=given.get("country", region.partition("-")[0]),
            region=region,
            city=given.get("city", ""),
        ),
        path=parts.path or "/",
        query=parts.query,
        device=given.get("device", "desktop"),
        language=given.get("language", ""),
        is_returning=given.get("returning", "no").lower() in ("yes", "true", "1"),
        address=given.get("address", ""),
    )


def _fact(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    known = (*_TOUCH, *_LOCATION, *_OTHER)
    if not equals or name not in known:
        raise SetupError("--as", text, "is not understood.", f"Write NAME=VALUE with {known}.")
    return name, value


def _moment(text: str | None, site: Site) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        at = datetime.fromisoformat(text)
    except ValueError as exc:
        cure = "Write it like 2026-03-02T10:30."
        raise SetupError("--as time", text, "is no moment.", cure) from exc
    return at if at.tzinfo else at.replace(tzinfo=site.timezone)
