"""What the endpoints work with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from callgraft.server.advised import Advised
from callgraft.server.answers import Answers
from callgraft.server.documents import Documents
from callgraft.server.editions import Editions
from callgraft.server.limits import Limits
from callgraft.server.metrics import Metrics
from callgraft.server.readiness import Readiness
from callgraft.server.settings import ServerSettings
from callgraft.server.token_book import TokenBook
from callgraft.server.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """One server's own; ``closing`` is set when it begins to end."""

    settings: ServerSettings
    clock: Callable[[], datetime]
    work: Work
    closing: asyncio.Event
    tokens: TokenBook
    limits: Limits
    answers: Answers
    documents: Documents
    editions: Editions
    readiness: Readiness
    metrics: Metrics
    advised: Advised
