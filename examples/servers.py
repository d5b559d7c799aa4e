"""Real PostgreSQL and Redis servers in folders of their own, for the tour and for tests."""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATIENCE = 30.0
_POSTGRESQL_FOLDERS = "/usr/lib/postgresql"
# Nothing here has to survive a power cut.
_POSTGRESQL_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "64MB",
}


def postgresql_program(name: str) -> str | None:
    """The path of one of PostgreSQL's programs: on PATH, or of the newest version installed."""
    versions = sorted(Path(_POSTGRESQL_FOLDERS).glob("*/bin"), key=_version, reverse=True)
    places = [str(folder) for folder in versions]
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(places))


class Server:
    """A server in a folder of its own, which goes with it."""

    def __init__(self, name: str) -> None:
        self._user = _user_of_servers()
        # Not below pytest's folders, which only their owner can enter; short, for a socket's path.
        self.folder = Path(tempfile.mkdtemp(prefix=f"callgraft-{name}-"))
        if self._user:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()
        atexit.register(self.close)

    def command(self) -> list[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, cwd=self.folder, **self._as_user()
            )
        _wait_for(self._is_up, f"{self.command()[0]} did not start; see {self.folder}/log")

    def stop(self) -> None:
        """Stop it at once, as a crash would; what it kept on disk is there at the next start."""
        if self._process and self._owner == os.getpid():
            self._process.send_signal(self.stop_signal)
            self._process.wait(PATIENCE)
            self._process = None

    stop_signal = 9

    def restart(self) -> None:
        self.stop()
        self.start()

    def close(self) -> None:
        """End it, and take its folder away."""
        if self._owner == os.getpid():
            self.stop()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _is_up(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            log = (self.folder / "log").read_text(errors="replace")
            raise RuntimeError(f"{self.command()[0]} ended: {log[-2000:]}")
        return self.answers()

    def _as_user(self) -> dict[str, Any]:
        if self._user is None:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}


class PostgreSQL(Server):
    """A PostgreSQL cluster with an empty database, reached by a socket in its folder."""

    stop_signal = 3  # SIGQUIT, "immediate": the postmaster takes its children along

    def __init__(self) -> None:
        super().__init__("postgresql")
        self._run("initdb", "--no-sync", "-A", "trust", "-U", "callgraft", "-E", "UTF8",
                  "--locale=C", "-D", str(self._data))  # fmt: skip
        self.start()
        self._run("createdb", "-h", str(self.folder), "-U", "callgraft", "callgraft")

    @property
    def url(self) -> str:
        return f"postgresql://callgraft@/callgraft?host={self.folder}"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def command(self) -> list[str]:
        settings = _POSTGRESQL_SETTINGS | {"unix_socket_directories": str(self.folder)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [_needed("postgres"), "-D", str(self._data), *options]

    def answers(self) -> bool:
        ready = [_needed("pg_isready"), "-q", "-h", str(self.folder), "-U", "callgraft"]
        return subprocess.run(ready, check=False, cwd=self.folder).returncode == 0

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [_needed(program), *arguments], capture_output=True, cwd=self.folder, **self._as_user()
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.decode(errors='replace')}")


class Redis(Server):
    """A Redis server that keeps nothing on disk, unless it is told to."""

    def __init__(self, *options: str) -> None:
        super().__init__("redis")
        self.port = free_port()
        self._options = options
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        kept = self._options or ("--save", "", "--appendonly", "no")
        place = ("--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder))
        return [_needed("redis-server"), *place, *kept]

    def answers(self) -> bool:
        return self.tell("PING").startswith(b"+PONG")

    def tell(self, *words: str) -> bytes:
        """Send one command and return what comes back first; b"" when nobody answers."""
        line = b"".join(b"$%d\r\n%s\r\n" % (len(word.encode()), word.encode()) for word in words)
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"*%d\r\n%s" % (len(words), line))
                return connection.recv(65536)
        except OSError:
            return b""


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _needed(program: str) -> str:
    found = postgresql_program(program)
    if found is None:
        raise RuntimeError(f"{program} is not installed: apt-get install postgresql redis-server")
    return found


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in folder.parent.name.split(".") if part.isdigit())


def _user_of_servers() -> pwd.struct_passwd | None:
    """Somebody else than root, as whom PostgreSQL refuses to run; None: whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    names = {user.pw_name: user for user in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _wait_for(is_there: Callable[[], bool], problem: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_there():
        if time.monotonic() > deadline:
            raise TimeoutError(problem)
        time.sleep(0.02)
