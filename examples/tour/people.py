"""The people of the story: where they are, how they come, and what they see."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

import requests

_BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
_BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
_TIMEOUT = 10

# The header of every page shows the number in a link, in some notation.
_LINK = re.compile(r"<a\b[^>]*\bhref=[\"']?tel:([+\d()-]+)[^>]*>(.*?)</a>", re.I | re.S)


@dataclass
class Person:
    """
    Somebody with a browser.

    ``address`` is from the ranges for documentation, which the demo's geo database puts into
    Moscow, Petersburg and Smolensk; ``arrival`` is the query of the advertisement, ``referrer`` the
    page that was clicked on.
    """

    name: str
    address: str
    story: str = ""
    arrival: str = ""
    referrer: str = ""
    user_agent: str = _BROWSER
    browser: requests.Session = field(default_factory=requests.Session)

    def open(self, proxy: str, path: str, *, arriving: bool = False) -> requests.Response:
        """Fetch a page as a browser would."""
        headers = {"User-Agent": self.user_agent, "X-Forwarded-For": self.address}
        if arriving and self.referrer:
            headers["Referer"] = self.referrer
        if not arriving:
            headers["Referer"] = f"{proxy}/"
        query = f"?{self.arrival}" if arriving and self.arrival else ""
        return self.browser.get(f"{proxy}{path}{query}", headers=headers, timeout=_TIMEOUT)


def anna() -> Person:
    return Person(
        name="Anna",
        story="sits in Moscow and clicks on an advertisement in Yandex",
        address="203.0.113.7",
        arrival="utm_source=yandex&utm_medium=cpc&utm_campaign=plastic-windows"
        "&utm_term=окна+пвх+цена",
    )


def boris() -> Person:
    return Person(
        name="Boris",
        story="sits in Saint Petersburg and typed the address",
        address="198.51.100.23",
    )


def vera() -> Person:
    return Person(
        name="Vera",
        story="sits in Smolensk and follows a link in a forum",
        address="192.0.2.45",
        referrer="https://forum.example/remont/okna",
    )


def googlebot() -> Person:
    return Person(name="Googlebot", address="203.0.113.99", user_agent=_BOT)


def numbers_in(page: requests.Response) -> list[tuple[str, str]]:
    """The number links of a page in their order: where each leads, and what it shows."""
    text = page.content.decode(_charset(page), errors="replace")
    return [(link, _plain(shown)) for link, shown in _LINK.findall(text)]


def _charset(page: requests.Response) -> str:
    declared = re.search(rb"charset=[\"']?([\w-]+)", page.content[:2048], re.I)
    header = re.search(r"charset=([\w-]+)", page.headers.get("Content-Type", ""), re.I)
    return (header[1] if header else declared[1].decode() if declared else "utf-8").lower()


def _plain(markup: str) -> str:
    text = html.unescape(re.sub(r"<[^>]*>", "", markup))
    return " ".join(text.replace("\xa0", " ").split())
