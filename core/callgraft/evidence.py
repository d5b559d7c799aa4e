"""Is a person reading? Bots, prefetch, HEAD and link previews are no visitors."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from callgraft.visit import Visit


class Reader(StrEnum):
    """Who is on the other side of a request, as far as the request itself tells."""

    PERSON = "person"
    BOT = "bot"
    PREVIEW = "preview"
    PREFETCH = "prefetch"
    TOOL = "tool"
    HEAD = "head"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The verdict on one request, and the reason in words."""

    reader: Reader
    reason: str

    @property
    def is_person(self) -> bool:
        return self.reader is Reader.PERSON


def judge(visit: Visit) -> Evidence:
    """
    Return who reads, and why that is thought.

    In doubt it is a person: a bot that gets a number costs one lease, a customer who gets none is a
    call that nobody can explain.
    """
    if visit.method == "HEAD":
        return Evidence(reader=Reader.HEAD, reason="HEAD asks for no page")
    if visit.method != "GET":
        return Evidence(reader=Reader.TOOL, reason=f"{visit.method} asks for no page to read")
    for name, word in _AHEAD_OF_TIME:
        if word in (visit.header(name) or "").lower():
            return Evidence(reader=Reader.PREFETCH, reason=f"{name} says {word}")
    return _judge_user_agent((visit.header("user-agent") or "")[:_LONGEST])


_LONGEST = 1024


_AHEAD_OF_TIME = (
    ("Sec-Purpose", "prefetch"),
    ("Purpose", "prefetch"),
    ("Purpose", "preview"),
    ("X-Purpose", "preview"),
    ("X-Purpose", "prefetch"),
    ("X-Moz", "prefetch"),
)


@lru_cache(maxsize=4096)
def _judge_user_agent(user_agent: str) -> Evidence:
    if not user_agent.strip():
        return Evidence(reader=Reader.TOOL, reason="no user agent")
    if found := _TOOLS.search(user_agent):
        return Evidence(reader=Reader.TOOL, reason=_named(found.group()))
    if crawler := _crawler(user_agent):
        pattern, reader = crawler
        return Evidence(reader=reader, reason=_named(pattern))
    if found := _CALLS_ITSELF_A_BOT.search(user_agent):
        return Evidence(reader=Reader.BOT, reason=_named(found.group()))
    return Evidence(reader=Reader.PERSON, reason="a browser, and nothing speaks against a person")


def _named(what: str) -> str:
    return f"the user agent says {what!r}"


# HTTP libraries that the package's list does not know.
_TOOLS = re.compile(
    r"^(?:Java/|Dalvik/|PostmanRuntime/|insomnia/|undici|node\b|GuzzleHttp|PHP/|Ruby|libcurl"
    r"|WinHttp|WordPress/|reqwest/|Deno/|Bun/|hackney/|Faraday|Typhoeus|lua-resty|python)"
    r"|CFNetwork/",
    re.I,
)

# Bots that nobody has listed yet. A Cubot is a telephone.
_CALLS_ITSELF_A_BOT = re.compile(r"\+https?://|\b(?!cubot)\w*bot[/;)]|crawler|spider/", re.I)

# Names of apps that show pages too: in a telephone's browser they are people. (What the list calls
# Facebook's preview fetcher, "MetaIAB", is its In-App Browser.)
_APPS = {
    "WhatsApp",
    "Viber",
    r"mail\.ru",
    "MetaIAB Facebook",
    r"Tumblr\/",
    r"Bluesky\/",
    "Mastodon",
    "Goodreads",
    r"Notion\/",
}
_TELEPHONE = re.compile(r"^Mozilla/.* AppleWebKit/.* Mobile[/ ]")

_READERS = {
    "social-preview": Reader.PREVIEW,
    "http-library": Reader.TOOL,
    "monitoring": Reader.TOOL,
    "browser-automation": Reader.TOOL,
}


def _crawler(user_agent: str) -> tuple[str, Reader] | None:
    """The first pattern of the package's list that matches, and what kind of reader it names."""
    is_telephone = _TELEPHONE.search(user_agent)
    for compiled, patterns in _chunks():
        if not compiled.search(user_agent):
            continue
        for pattern, reader in patterns:
            is_app = is_telephone and pattern in _APPS
            if not is_app and re.search(pattern, user_agent):
                return pattern.replace("\\", ""), reader
    return None


@cache
def _chunks() -> list[tuple[re.Pattern[str], list[tuple[str, Reader]]]]:
    # A few dozen patterns at a time: one expression of all 1,500 is slower than trying them singly.
    rows = [(str(row["pattern"]), _reader(row.get("tags", ()))) for row in CRAWLER_USER_AGENTS_DATA]
    chunks = [rows[start : start + 25] for start in range(0, len(rows), 25)]
    return [(re.compile("|".join(pattern for pattern, _ in chunk)), chunk) for chunk in chunks]


def _reader(tags: Iterable[str]) -> Reader:
    return next((_READERS[tag] for tag in tags if tag in _READERS), Reader.BOT)
