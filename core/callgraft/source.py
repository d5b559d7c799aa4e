"""Where a visit came from: click ids, UTM values and the referrer make a Touch."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from callgraft.channels import DIRECT, OTHER, REFERRAL, channel_of
from callgraft.clickids import Click, click_of
from callgraft.query import parameters_of
from callgraft.referrers import Referrer, Referrers, known_referrers
from callgraft.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """
    One arrival with a known origin.

    ``source`` … ``content`` are the five UTM values (``keyword`` is ``utm_term``); ``channel`` is
    one of the glossary's; ``click_id`` is ``name:value``, like ``gclid:Cj0…``; ``referrer`` is the
    referring host; ``landing`` the path of the page where the visitor arrived. Empty means unknown.
    """

    source: str
    medium: str
    channel: str
    campaign: str = ""
    keyword: str = ""
    content: str = ""
    click_id: str = ""
    referrer: str = ""
    landing: str = ""


UNKNOWN = Touch(source="", medium="", channel=OTHER)
"""A visitor of whom nobody knows how they came; not the same as a direct arrival."""


def touch_of(
    visit: Visit, own_hosts: Collection[str], referrers: Referrers | None = None
) -> Touch | None:
    """
    Return how the visitor arrived at this page, or None when one of our own pages led there.

    In this order: click id, UTM values, referrer, direct. Where several speak, the UTM values give
    the names, because the advertiser chose them and knows them from other reports; an
    advertisement's click id gives the channel and what the UTM values leave out, because nobody but
    the advertising system writes it. Source and medium are in lower case; the rest is as written.

    :param own_hosts: the site's hosts; their subdomains are the site's too.
    """
    known = referrers or known_referrers()
    parameters = parameters_of(visit.query)
    utm = _utm(parameters)
    click = click_of(parameters)
    host, query = _came_from(visit, parameters)
    if _is_own(host, (*own_hosts, visit.host)):
        if not (click or utm):
            return None
        host = ""
    origin = _origin(click, known.find(host), host, query, is_tagged=bool(utm))
    touch = _tagged(origin, utm, click, known) if utm else origin
    return replace(touch, referrer=host[:_LONGEST], landing=visit.path[:_LONGEST])


_LONGEST = 300
_LONGEST_NAME = 100
_SCHEMES = ("http", "https", "android-app", "ios-app")
_FIELDS = {
    "utm_source": "source",
    "utm_medium": "medium",
    "utm_campaign": "campaign",
    "utm_term": "keyword",
    "utm_content": "content",
}


def _utm(parameters: list[tuple[str, str]]) -> dict[str, str]:
    """The UTM values by the names of a Touch; of repeated ones the last that says something."""
    values: dict[str, str] = {}
    for name, value in parameters:
        field = _FIELDS.get(name)
        # {keyword} is a template that nobody filled in.
        if not field or not value or (value.startswith("{") and value.endswith("}")):
            continue
        is_name = field in ("source", "medium")
        values[field] = value.lower()[:_LONGEST_NAME] if is_name else value[:_LONGEST]
    return values


def _came_from(visit: Visit, parameters: list[tuple[str, str]]) -> tuple[str, str]:
    """
    The host that sent the visitor, and the query of the page there.

    ``utm_referrer`` goes before the header: Metrica, Dzen and site builders pass the real referrer
    on in it where a redirect would lose it.
    """
    passed_on = [value for name, value in parameters if name == "utm_referrer"]
    for address in (*reversed(passed_on), visit.header("referer") or ""):
        try:
            parts = urlsplit(address)
            host = (parts.hostname or "").rstrip(".")
        except ValueError:
            continue
        if host and parts.scheme in _SCHEMES:
            return host, parts.query
    return "", ""


def _is_own(host: str, own_hosts: Collection[str]) -> bool:
    owners = {own.lower().removeprefix("www.") for own in own_hosts if own}
    return any(host == own or host.endswith(f".{own}") for own in owners)


def _origin(
    click: Click | None, site: Referrer | None, host: str, query: str, *, is_tagged: bool
) -> Touch:
    """What is known of the arrival without the UTM values."""
    if click:
        return _clicked(click, site)
    if site:
        return _sent_by(site, query)
    if host:
        source = host.removeprefix("www.")[:_LONGEST_NAME]
        return Touch(source=source, medium="referral", channel=REFERRAL)
    # A tagged link was clicked somewhere, so this was no direct arrival.
    return UNKNOWN if is_tagged else Touch(source="direct", medium="none", channel=DIRECT)


def _clicked(click: Click, site: Referrer | None) -> Touch:
    if not click.paid and site and site.kind in ("social", "messenger"):
        # Facebook and Instagram append the same id; the referrer tells which it was.
        touch = _sent_by(site, "")
    else:
        touch = Touch(source=click.source, medium=click.medium, channel=click.channel)
    return replace(touch, click_id=click.click_id)


def _sent_by(site: Referrer, query: str) -> Touch:
    wanted = site.keyword_parameters
    words = [value for name, value in parameters_of(query) if wanted and name in wanted and value]
    keyword = words[0][:_LONGEST] if words else ""
    return Touch(source=site.name, medium=site.medium, channel=site.channel, keyword=keyword)


def _tagged(origin: Touch, utm: dict[str, str], click: Click | None, known: Referrers) -> Touch:
    """The origin under the names that the advertiser gave."""
    named = utm.keys() & {"source", "medium"}
    if named and not click:
        # Whether the link was paid for, only the advertiser knows: an advertisement on a page of
        # results has the search engine as its referrer too.
        origin = replace(origin, medium="", keyword="")
    touch = replace(origin, **utm)
    if not named or (click and click.paid):
        return touch
    channel = channel_of(touch.source, touch.medium, known)
    return replace(touch, channel=origin.channel if click and channel == OTHER else channel)
