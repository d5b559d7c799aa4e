"""What a sender says to a tracking server, and the site that it speaks of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import requests

from callgraft.client.wire import dump
from callgraft.tracking.values import PageView
from tests.core.tracked import NOON, view

DOCUMENT = """
[site]
key = "okna"
hosts = ["okna.example"]
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = ["+7 499 000-00-01", "+7 499 000-00-02"]
overflow = "+7 499 000-00-99"
source = "yandex"
medium = "cpc"

[providers.generic]
secret = "env:CALLGRAFT_WEBHOOK_SECRET"

[[rules]]
name = "Yandex"
target = "main"
when = { source = "yandex" }
pool = "direct"
"""
OTHER = DOCUMENT.replace("000-00-02", "000-00-03")
JSON = {"Content-Type": "application/json"}
TOML = {"Content-Type": "application/toml"}


@dataclass(frozen=True)
class Api:
    """A server's address, and the secret of a token, if there is one."""

    url: str
    secret: str = ""
    session: requests.Session = field(default_factory=requests.Session)

    def __call__(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, body: Any = None
    ) -> requests.Response:
        """Send a request; ``body`` is sent as JSON unless it is bytes."""
        own = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        if body is not None and not isinstance(body, bytes):
            own |= JSON
            body = dump(body)
        return self.session.request(
            method, self.url + path, headers=own | (headers or {}), data=body, timeout=60
        )

    def get(self, path: str, **headers: str) -> requests.Response:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        return self("GET", path, headers=fields)

    def publish(self, document: str = DOCUMENT, **headers: str) -> requests.Response:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        path = "/v1/sites/okna/document"
        return self("PUT", path, headers=TOML | fields, body=document.encode())

    def show(self, *views: PageView, headers: dict[str, str] | None = None) -> requests.Response:
        return self("POST", "/v1/page-views", body={"views": list(views)}, headers=headers)

    def numbers_shown(self, session: str, at: datetime = NOON) -> list[str | None]:
        [assigned] = self.show(view(session, at)).json()["assignments"]
        return [each["number"] for each in assigned]


def slug(response: requests.Response) -> str:
    """What kind of problem was answered."""
    assert response.headers["Content-Type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == response.status_code
    assert told["title"] and told["detail"]
    return str(told["type"]).removeprefix("urn:callgraft:problem:")
