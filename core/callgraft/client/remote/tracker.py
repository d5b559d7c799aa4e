"""The tracking server as what is asked and kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import quote, urlencode

from callgraft.client.remote.address import Address
from callgraft.client.remote.answers import Answer, value
from callgraft.client.remote.breaker import Breaker
from callgraft.client.remote.connection import Connection
from callgraft.client.remote.question import Question
from callgraft.client.remote.state import StateFolder
from callgraft.errors import SetupError, TrackerUnavailable

T = TypeVar("T")
_NO_QUERY: Mapping[str, object] = MappingProxyType({})


class NotAllowed(TrackerUnavailable):
    """The server answers, and the token is not good for this, or not any more."""


class Tracker:
    """
    Asks the server, and knows whether it ever answered.

    :raises TrackerUnavailable: from any method, when it does not answer.
    """

    def __init__(self, address: Address, state: Path) -> None:
        self.name = address.root
        self.state = StateFolder(state, address.root)
        self.breaker = Breaker(address.root)
        self._connection = Connection(address, self.breaker)

    def get(self, kind: type[T], path: str, query: Mapping[str, object] = _NO_QUERY) -> T:
        asked = f"{path}?{urlencode(query)}" if query else path
        return self.value(kind, self.ask(Question(method="GET", path=asked)))

    def value(self, kind: type[T], answer: Answer) -> T:
        return value(kind, answer, self.name)

    def ask(self, question: Question, *, deadline: float | None = None) -> Answer:
        try:
            return self._connection.ask(question, deadline=deadline)
        except SetupError as exc:
            if exc.key != "token" or not self.state.is_known:
                raise
            # It was good once. A token that somebody took back must not stop the site at its next
            # start; a first start with a wrong one stops.
            raise NotAllowed(str(exc)) from exc


def path_of(site: str, *parts: str | int) -> str:
    """The path of something of a site."""
    return "/".join(("/v1/sites", *(quote(str(part), safe="") for part in (site, *parts))))
