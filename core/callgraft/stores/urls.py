"""A backend's URL: read, and shown without its secrets."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from callgraft.errors import BackendError

_CURE = 'Write "sqlite:///callgraft.db", "postgresql://user@host/name" or "memory:".'
_REDIS_CURE = 'Write "redis://host:6379/0", "rediss://…" with TLS, or "unix:///path".'


def database_url(url: str) -> URL:
    """Read a ``sqlite:`` or ``postgresql:`` backend URL; a relative file is made absolute."""
    try:
        read = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise BackendError("backend", without_secrets(url), "is no database URL.", _CURE) from error
    match read.get_backend_name():
        case "sqlite":
            return _sqlite_url(read)
        case "postgresql":
            return read.set(drivername="postgresql+psycopg")
    raise BackendError(
        "backend", shown(read), "is not a kind of store that Callgraft knows.", _CURE
    )


def redis_url(url: str) -> str:
    """Check a ``redis:`` URL for leases, as far as that can be done without asking anybody."""
    parts = urlsplit(url)
    is_named = parts.path if parts.scheme == "unix" else parts.hostname
    if parts.scheme not in ("redis", "rediss", "unix") or not is_named:
        raise BackendError("leases", without_secrets(url), "names no Redis.", _REDIS_CURE)
    return url


def shown(url: URL) -> str:
    """The URL as it may stand in a log: without the password."""
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{url.database}" if url.database else "sqlite://"
    return without_secrets(url.render_as_string(hide_password=True))


def without_secrets(url: str) -> str:
    """The URL, however wrong it is written, without its passwords and tokens."""
    hidden = _TOKEN.sub(r"\1***@", _PASSWORD.sub(r"\1:***@", url))
    return _SECRET_OPTION.sub(r"\1***", hidden)


_PASSWORD = re.compile(r"(//[^:/@]*):.*@")
_TOKEN = re.compile(r"(https?://)[^:/@]+@")
_SECRET_OPTION = re.compile(r"(?i)([?&][^=&]*(?:pass|secret|token|key)[^=&]*=)[^&]*")


def _sqlite_url(url: URL) -> URL:
    if not url.database or url.database == ":memory:":
        problem = "names no file, and a database in memory is not shared between connections."
        raise BackendError("backend", shown(url), problem, _CURE)
    path = Path(url.database).absolute()
    if not path.parent.is_dir():
        problem, cure = "stands in a folder that is not there.", f"Create {path.parent} first."
        raise BackendError("backend", shown(url), problem, cure)
    return url.set(database=str(path))
