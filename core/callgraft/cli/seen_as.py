"""What a URL and ``--as NAME=VALUE`` say of a visitor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from callgraft.channels import channel_of
from callgraft.conditions.terms import CHANNELS, DEVICES
from callgraft.countries import COUNTRIES
from callgraft.errors import SetupError
from callgraft.geo import Location
from callgraft.referrers import known_referrers
from callgraft.rules import Circumstances
from callgraft.site import Site
from callgraft.source import UNKNOWN, Touch, touch_of
from callgraft.visit import Visit

_TOUCH = ("source", "medium", "campaign", "keyword", "content", "channel", "landing")
_LOCATION = ("country", "region", "city")
_OTHER = ("referrer", "device", "language", "address", "returning", "time")
NAMES = (*_TOUCH, *_LOCATION, *_OTHER)

_CHOICES = {
    "channel": CHANNELS,
    "device": DEVICES,
    "country": tuple(sorted(COUNTRIES)),
    "returning": ("yes", "no"),
}


def circumstances(site: Site, url: str, facts: Iterable[str]) -> Circumstances:
    """
    Return what rules would see of such a visitor at ``url``.

    Where the visitor came from is read from the URL and the referrer, as for any visit; what
    ``facts`` say goes before it.

    :raises SetupError: a name or a value that is not known, or a time that cannot be read.
    """
    given = dict(_fact(text) for text in facts)
    at = _moment(given.get("time"), site)
    visit = Visit(url=url, received_at=at, headers=_headers(given))
    region = given.get("region", "")
    return Circumstances(
        at=at,
        touch=_touch(site, visit, given),
        location=Location(
            country=given.get("country", region.partition("-")[0]),
            region=region,
            city=given.get("city", ""),
        ),
        path=visit.path,
        query=visit.query,
        device=given.get("device", "desktop"),
        language=given.get("language", ""),
        is_returning=given.get("returning") == "yes",
        address=given.get("address", ""),
    )


def _headers(given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return (("Referer", given["referrer"]),) if "referrer" in given else ()


def _touch(site: Site, visit: Visit, given: Mapping[str, str]) -> Touch:
    touch = touch_of(visit, site.hosts) or UNKNOWN
    told = {name: given[name] for name in _TOUCH if name in given}
    if not told:
        return touch
    if "source" in told and "medium" not in told:
        told["medium"] = ""
    touch = replace(touch, **told)
    if "channel" in told:
        return touch
    return replace(touch, channel=channel_of(touch.source, touch.medium, known_referrers()))


def _fact(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or name not in NAMES:
        cure = f"Write NAME=VALUE; the names are {', '.join(NAMES)}."
        raise SetupError("--as", text, "is not understood.", cure)
    choices = _CHOICES.get(name)
    if choices and value not in choices:
        few = ", ".join(choices) if len(choices) < 20 else f"codes like {choices[0]}"
        raise SetupError("--as", text, f"there is no such {name}.", f"Known are {few}.")
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
