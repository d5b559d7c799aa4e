"""How a tracking server is set up."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """
    What an operator may set.

    ``rate`` is how many requests a second each token may make in this worker for long, and
    ``burst`` how many at once; ``threads`` work on the store at one time, and ``waiting`` requests
    more may wait for one; ``environ`` is where ``secret = "env:NAME"`` of a Site document is
    looked up.
    """

    rate: float = 500.0
    burst: int = 1000
    threads: int = 16
    waiting: int = 256
    tokens_fresh_for: timedelta = timedelta(seconds=2)
    tokens_good_for: timedelta = timedelta(seconds=4)
    answers_kept_for: timedelta = timedelta(hours=24)
    look_every: timedelta = timedelta(seconds=0.5)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
