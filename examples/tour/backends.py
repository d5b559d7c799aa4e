"""Where the tour's proxies find the tracking engine: in a file, or on many machines."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from examples.servers import PostgreSQL, Redis
from examples.tour.processes import Failed, Running, start

SCRIPTS = Path(sysconfig.get_path("scripts"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """How one proxy reaches the tracking engine: its options and its environment, and in words."""

    name: str
    options: tuple[str, ...]
    environment: Mapping[str, str]


@contextmanager
def in_a_file(folder: Path, environment: Mapping[str, str]) -> Iterator[list[Backend]]:
    """One proxy with its engine inside, and what it keeps in one file."""
    file = f"sqlite:///{os.path.relpath(folder / 'callgraft.db')}"
    yield [Backend(name="a file", options=("--backend", file), environment=environment)]


@contextmanager
def on_many_machines(folder: Path, environment: Mapping[str, str]) -> Iterator[list[Backend]]:
    """
    Three proxies over one PostgreSQL and one Redis, which are started for them.

    Two reach tracking servers over HTTP, the third has its engine inside.
    """
    with closing(PostgreSQL()) as postgresql, closing(Redis()) as redis, Running() as running:
        options = ("--backend", postgresql.url, "--leases", redis.url)
        token = _token(postgresql.url)
        doors = []
        for name in ("first", "second"):
            title = f"the {name} tracking server"
            command = [str(SCRIPTS / "callgraft"), "serve", *options, "--port", "0"]
            address = start(running, title, command, environment=environment)
            told = {"CALLGRAFT_TOKEN": token, "CALLGRAFT_STATE": str(folder / name)}
            doors.append(
                Backend(
                    name=f"{title} at {address}",
                    options=("--backend", address),
                    environment={**environment, **told},
                )
            )
        inside = "an engine of its own, over PostgreSQL and Redis"
        yield [*doors, Backend(name=inside, options=options, environment=environment)]


def _token(backend: str) -> str:
    scopes = ("--scope", "door", "--scope", "events")
    command = [str(SCRIPTS / "callgraft"), "token", "add", "--name", "tour", *scopes]
    done = subprocess.run(
        [*command, "--backend", backend], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Failed(f"no token was made:\n{done.stderr}")
    return done.stdout.split()[0]
