"""Referrers: what kind of site a visitor came from, by its host."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from callgraft.errors import SetupError

Group = Mapping[str, Iterable[tuple[str, Iterable[str], Iterable[str]]]]
"""Kind to rows of a name, its hosts, and the parameters that hold the words searched for."""

KINDS = {
    # kind: (medium, channel)
    "ads": ("cpc", "paid search"),
    "search": ("organic", "organic search"),
    "social": ("social", "social"),
    "messenger": ("messenger", "messenger"),
    "email": ("email", "email"),
    "assistant": ("referral", "referral"),
    "referral": ("referral", "referral"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Referrer:
    """A site, or an Android app by its package name, that sends visitors."""

    name: str
    kind: str
    keyword_parameters: tuple[str, ...] = ()

    @property
    def medium(self) -> str:
        return KINDS[self.kind][0]

    @property
    def channel(self) -> str:
        return KINDS[self.kind][1]


class Referrers:
    """
    Finds a referrer by its host, its nearest known parent domain, or its name.

    A host written ``google.*`` stands for ``google.com`` and every country's ``google.de``,
    ``google.co.uk``, ``google.com.tr``. Later groups overrule earlier ones, host by host.
    """

    def __init__(self, *groups: Group) -> None:
        self._by_host: dict[str, Referrer] = {}
        self._by_name: dict[str, Referrer] = {}
        for group in groups:
            for kind, rows in group.items():
                for name, hosts, keyword_parameters in rows:
                    self._add(name, kind, hosts, tuple(keyword_parameters))

    def find(self, host: str) -> Referrer | None:
        """Return the referrer that ``host`` (in lower case) belongs to, or None."""
        domain, any_country = host, _any_country(host)
        # One look-up a label, the longest domain first: mail.google.com is no search engine.
        while domain:
            found = self._by_host.get(domain) or self._by_host.get(any_country)
            if found:
                return found
            domain, any_country = domain.partition(".")[2], any_country.partition(".")[2]
        return None

    def named(self, name: str) -> Referrer | None:
        """Return the referrer called ``name``, or the one that ``name`` is a host of, or None."""
        return self._by_name.get(name) or self.find(name)

    def _add(self, name: str, kind: str, hosts: Iterable[str], parameters: tuple[str, ...]) -> None:
        referrer = Referrer(name=name, kind=kind, keyword_parameters=parameters)
        # A name in two kinds (mail.ru searches and mails) is known by the first.
        self._by_name.setdefault(name, referrer)
        for host in hosts:
            self._by_host[host.lower()] = referrer


@cache
def known_referrers() -> Referrers:
    """Return the referrers that Callgraft brings along."""
    return Referrers(_own())


def read_referrers(path: Path) -> Referrers:
    """
    Return the referrers that Callgraft brings along, and over them those of a file of yours.

    :raises SetupError: the file cannot be read, or is not laid out as ``data/referrers.json`` is.
    """
    try:
        return Referrers(_own(), _checked(json.loads(path.read_text(encoding="utf-8"))))
    except (OSError, ValueError, TypeError, AttributeError) as exc:
        cure = 'Write {"search": [["name", ["host.example"], ["q"]]]}; see core/callgraft/data.'
        raise SetupError(
            "referrers", str(path), f"It is no list of referrers: {exc}.", cure
        ) from exc


def _own() -> Group:
    text = resources.files("callgraft").joinpath("data/referrers.json").read_text(encoding="utf-8")
    group: Group = json.loads(text)
    return group


def _checked(group: Group) -> Group:
    unknown = sorted(set(group) - set(KINDS))
    if unknown:
        raise ValueError(f"unknown kind {unknown[0]!r}, known are {', '.join(KINDS)}")
    return group


def _any_country(host: str) -> str:
    """``www.google.co.uk`` as ``www.google.*``, or nothing where the host has no country."""
    labels = host.split(".")
    country = labels.pop()
    if len(country) != 2 and country != "com":
        return ""
    if len(country) == 2 and len(labels) > 1 and labels[-1] in ("co", "com"):
        labels.pop()
    return ".".join((*labels, "*"))
