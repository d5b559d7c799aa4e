"""How an engine is set up: its limits, and whom it trusts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network

DEFAULT_BACKEND = "sqlite:///callgraft.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """
    What an operator may set.

    ``budget`` is how long a page waits for the tracking store before it goes out unchanged;
    ``max_body`` is the size in bytes above which a page is not looked at; ``trusted_proxies`` are
    the networks whose ``X-Forwarded-For`` is believed; ``strict`` raises what serving would only
    log, for tests.
    """

    budget: timedelta = timedelta(milliseconds=50)
    max_body: int = 8 * 2**20
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    strict: bool = False
