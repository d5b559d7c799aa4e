"""Logs and sites for dry runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from callgraft.accesslog import Hit
from callgraft.site import Site
from callgraft.site_toml import read_site

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
NOON = datetime(2025, 6, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

DOCUMENT = """
[site]
key = "okna"
hosts = ["okna.example"]
region = "RU"
[targets.main]
number = "+7 495 123-45-67"
[pools.main]
numbers = ["+7 499 000-00-01", "+7 499 000-00-02"]
hold = "10m"
{more}
[[rules]]
name = "all"
target = "main"
pool = "main"
"""
OVERFLOW = 'overflow = "+7 499 000-00-99"'


def site(more: str = OVERFLOW) -> Site:
    return read_site(DOCUMENT.format(more=more), name="okna.toml")


def hit(at: datetime = NOON, visitor: int = 0, target: str = "/", **more: object) -> Hit:
    """A page of one of 16 million visitors, each in a network of its own."""
    address = f"1{visitor // 65536 % 10}.{visitor // 256 % 256}.{visitor % 256}.9"
    told = {"address": address, "method": "GET", "status": 200, "agent": AGENT} | more
    return Hit(at=at, target=target, **told)  # type: ignore[arg-type]  # the fields of Hit


def steady(count: int, *, every: timedelta) -> Iterator[Hit]:
    """A visitor every so often, who looks at three pages within two minutes."""
    pages = []
    for visitor in range(count):
        pages += [hit(NOON + visitor * every + page * MINUTE, visitor) for page in range(3)]
    return iter(sorted(pages, key=lambda each: each.at))
