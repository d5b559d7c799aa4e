"""The first Site document, for operators to go on from."""

from __future__ import annotations

import json
from collections.abc import Sequence

from phonenumbers import PhoneNumber
from phonenumbers.timezone import time_zones_for_number

from callgraft import phone
from callgraft.site_toml.document import read_site

_TEMPLATE = """\
# The Site document: which numbers stand on the site, and by which they are replaced.
# After a change: callgraft check

[site]
key = {key}
hosts = {hosts}
# The country by which numbers without a country code are read:
{region}
# The clock of conditions on weekday and time:
timezone = {timezone}
# Visitors on these pages are likely to ring:
# contact_pages = ["/contacts/*"]

# The number printed on the site, in whatever notation.
[targets.main]
number = {number}
# Where a call finally rings, step by step:
# route = [{{ ring = [{number}], timeout = "25s" }}]
# What machines read as the firm's identity keeps the real number, unless you say so:
# places.json_ld = "swap"

# Tracking numbers that visitors share out among themselves, one session each.
# Rent them from a telephone company, put them here and take the # away.
# [pools.main]
# numbers = ["…", "…", "…"]
# Shown when all of them are taken:
# overflow = "…"
# How long a number stays a visitor's after the last page:
# hold = "30m"

# One number for one source, printed media too.
# [fixed.billboard]
# number = "…"
# source = "billboard"
# medium = "offline"

# Rules are tried in order, and the first that matches decides; one without "when" always does.
# [[rules]]
# name = "Search advertising"
# target = "main"
# pool = "main"
# when = {{ source = ["yandex", "google"], medium = "cpc" }}

# A code that names the visit, where the site writes {{{{ promo_code }}}}:
# [[rules]]
# name = "Promo code"
# promo = true

# JSON, feeds and texts are swapped where you list their paths:
# [[bodies]]
# paths = ["/api/contacts*", "/feed.xml"]

# An image that shows the number is drawn anew for each visitor:
# [[images]]
# url = "/img/phone.png"
# target = "main"

# Whoever said no in your consent banner is not followed: its cookie, and the value of a no.
# [consent]
# cookie = "cookie_consent"
# declined = ["no"]

# How long it is kept who was shown what, and who rang:
# [privacy]
# keep_visits = "400d"
# keep_callers = "400d"

# The telephone company signs its call events with this secret.
# [providers.generic]
# secret = "env:CALLGRAFT_WEBHOOK_SECRET"
"""


def starter_document(key: str, hosts: Sequence[str], region: str | None, number: str) -> str:
    """
    A commented Site document with one target and nothing to replace it by yet.

    :raises SiteErrors: one of the four is no such thing.
    """
    text = _TEMPLATE.format(
        key=_toml(key),
        hosts=f"[{', '.join(map(_toml, hosts))}]",
        region=f"region = {_toml(region)}" if region else '# region = "RU"',
        timezone='"UTC"',
        number=_toml(number),
    )
    site = read_site(text, name="the new document")
    zone = _timezone(site.targets["main"].number)
    return text.replace('timezone = "UTC"', f"timezone = {_toml(zone)}", 1)


def _timezone(number: phone.Number) -> str:
    """Where the number is at home, if that is one zone."""
    parsed = PhoneNumber(
        country_code=int(number.country_code), national_number=int(number.national)
    )
    zones = time_zones_for_number(parsed)
    return zones[0] if len(zones) == 1 and "/" in zones[0] else "UTC"


def _toml(text: str) -> str:
    """A TOML string is a JSON string, save for one control character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
