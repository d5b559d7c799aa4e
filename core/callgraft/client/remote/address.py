"""Where a tracking server is, and the token that it knows this door by."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from callgraft.errors import BackendError, SetupError
from callgraft.stores.urls import without_secrets
from callgraft.version import __version__

logger = logging.getLogger(__name__)

_CURE = 'Write it like "https://tracker.example", and the token as token or CALLGRAFT_TOKEN.'


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """``root`` is the URL without a slash at its end; the token stands in no ``repr``."""

    root: str
    token: str = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": f"callgraft/{__version__}",
        }


def read_address(url: str, token: str | None) -> Address:
    """
    Return the address that an operator wrote down.

    :raises BackendError: the URL is none of a server, or holds a secret.
    :raises SetupError: the token is missing, or cannot be one.
    """
    if not _is_server(url):
        raise BackendError("backend", without_secrets(url), "is no address of a server.", _CURE)
    if not token:
        cure = "Set CALLGRAFT_TOKEN to one that `callgraft token add` printed."
        raise SetupError("token", None, f"{url} wants one, and none is given.", cure)
    if url.startswith("http:") and not _is_this_machine(url):
        logger.warning("The token goes to %s in clear: use https where others could listen.", url)
    if not (token.isascii() and token.isprintable() and " " not in token):
        cure = "Give it as `callgraft token add` printed it."
        raise SetupError("token", None, "holds letters that no token has.", cure)
    return Address(root=url.rstrip("/"), token=token)


def _is_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def _is_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0
    except ValueError:
        return False
    has_more = parts.query or parts.fragment or "@" in parts.netloc
    is_plain = url.isascii() and url.isprintable() and " " not in url
    return bool(parts.hostname) and has_port and is_plain and not has_more
