"""
Real PostgreSQL and Redis servers for the tests: found, started once, stopped at the end.

Where a server is not installed, its tests are left out; with ``CI=true`` that is a failure.
"""

from __future__ import annotations

import os
import shutil
from functools import cache

from examples.servers import PATIENCE, PostgreSQL, Redis, free_port, postgresql_program

__all__ = [
    "PATIENCE",
    "PostgreSQL",
    "Redis",
    "free_port",
    "left_out",
    "postgresql",
    "redis",
    "uses_postgresql",
    "uses_redis",
]

IS_CI = os.environ.get("CI") == "true"


def uses_postgresql() -> bool:
    """Whether there are tests on PostgreSQL: in CI always, so that a missing one is a failure."""
    return IS_CI or postgresql_program("initdb") is not None


def uses_redis() -> bool:
    """Whether there are tests on Redis: in CI always, so that a missing one is a failure."""
    return IS_CI or shutil.which("redis-server") is not None


def left_out() -> list[str]:
    """What is not tested here, in sentences."""
    cure = "is not installed, so nothing was tested on it: apt-get install"
    missing = [] if uses_postgresql() else [f"PostgreSQL {cure} postgresql"]
    return missing if uses_redis() else [*missing, f"Redis {cure} redis-server"]


@cache
def postgresql() -> PostgreSQL:
    """The server that all tests of this process share."""
    return PostgreSQL()


@cache
def redis() -> Redis:
    """The server that all tests of this process share."""
    return Redis()
