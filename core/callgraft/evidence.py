"""Is a person reading? Bots, prefetch, HEAD and link previews are no visitors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
