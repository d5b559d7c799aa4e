"""A browser as far as the suite needs one: it asks, keeps cookies, and reads answers exactly."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PATIENCE = 20.0
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"

# What belongs to the HTTP server of a door and not to its answer.
_OF_THE_SERVER = {"connection", "date", "keep-alive", "server", "transfer-encoding", "via"}


@dataclass(frozen=True)
class Reply:
    """
    A response in the one form in which doors are compared.

    ``fields`` are sorted and have their names in lower case: frameworks keep neither the order nor
    the case of header fields, and neither means anything. Of our cookie only the attributes count:
    its value is another one at every visit.
    """

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes

    @classmethod
    def of(cls, status: int, headers: list[tuple[str, str]], body: bytes) -> Reply:
        named = [(name.lower(), value) for name, value in headers]
        kept = [_comparable(*pair) for pair in named if pair[0] not in _OF_THE_SERVER]
        return cls(status, tuple(sorted(kept)), body)

    def without(self, name: str) -> Reply:
        return Reply(self.status, tuple(pair for pair in self.fields if pair[0] != name), self.body)


@dataclass
class Browser:
    """One visitor at one door."""

    url: str
    user_agent: str = CHROME
    host: str = "okna.example"
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self,
        target: str,
        headers: dict[str, str] | None = None,
        *,
        method: str = "GET",
        body: bytes | None = None,
    ) -> Reply:
        """Make one request on a connection of its own."""
        sent = {"Host": self.host, "User-Agent": self.user_agent, "Accept-Encoding": "gzip, br"}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)
        try:
            connection.request(method, target, body=body, headers={**sent, **(headers or {})})
            response = connection.getresponse()
            content = response.read()
            self._remember(response.headers.get_all("Set-Cookie", []))
            return Reply.of(response.status, response.getheaders(), content)
        finally:
            connection.close()

    def _remember(self, fields: list[str]) -> None:
        for text in fields:
            name, _, value = text.partition(";")[0].partition("=")
            self.cookies[name] = value
            if "max-age=0;" in text.lower():
                del self.cookies[name]


def _comparable(name: str, value: str) -> tuple[str, str]:
    if name != "set-cookie":
        return name, value
    cookie, *attributes = (part.strip() for part in value.split(";"))
    if cookie.startswith(("callgraft=", "callgraft_shown=")):
        cookie = f"{cookie.partition('=')[0]}=*"
    return name, "; ".join([cookie, *sorted(attribute.lower() for attribute in attributes)])
