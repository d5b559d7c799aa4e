"""What a door keeps on its own disk of a tracking server: documents, the secret, what to send."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, urlsplit

from callgraft.client.wire import dump, load
from callgraft.stores.protocol import Published

logger = logging.getLogger(__name__)


class StateFolder:
    """
    The folder of one tracking server below ``root``, for its owner alone.

    A disk that is full or read-only stops nothing now; the log says once that the next start would
    need the server.
    """

    def __init__(self, root: Path, url: str) -> None:
        # Two servers may share a host, and a secret must never meet the other's cookies.
        digest = sha256(url.encode()).hexdigest()[:8]
        self.path = root.absolute() / f"{urlsplit(url).hostname}-{digest}"
        self._is_told = False

    @property
    def spool(self) -> Path:
        return self.path / "spool.db"

    def make(self) -> None:
        """
        Make the folder.

        :raises OSError: the disk refuses.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def is_known(self) -> bool:
        """Whether the server ever told this machine anything."""
        return self.secret() is not None or any(self.path.glob("site-*.json"))

    def secret(self) -> bytes | None:
        return self._read("secret")

    def keep_secret(self, secret: bytes) -> None:
        self._keep("secret", secret)

    def published(self, site: str) -> Published | None:
        """The document that was in force when the server last told of it."""
        return self._published(_document(site))

    def all_published(self) -> Sequence[Published]:
        """The documents of all sites."""
        found = [self._published(path.name) for path in sorted(self.path.glob("site-*.json"))]
        return [each for each in found if each]

    def keep_published(self, published: Published) -> None:
        self._keep(_document(published.site), dump(published))

    def _published(self, name: str) -> Published | None:
        body = self._read(name)
        try:
            return load(Published, body) if body else None
        except ValueError:
            logger.warning("%s is broken; it is left alone.", self.path / name)
            return None

    def _read(self, name: str) -> bytes | None:
        try:
            return (self.path / name).read_bytes()
        except OSError:
            return None

    def _keep(self, name: str, content: bytes) -> None:
        if self._read(name) == content:
            return
        try:
            self.make()
            _replace(self.path / name, content)
        except OSError as exc:
            if not self._is_told:
                self._is_told = True
                reason = exc.strerror or exc
                logger.warning(
                    "%s cannot be written (%s): the next start needs the tracking server."
                    " Name a folder with CALLGRAFT_STATE.", self.path, reason,
                )  # fmt: skip


def _document(site: str) -> str:
    return f"site-{quote(site, safe='')}.json"


def _replace(path: Path, content: bytes) -> None:
    """Write the file so that it is the old one or the new one whenever the power goes."""
    descriptor, name = tempfile.mkstemp(dir=path.parent)  # which only its owner can read
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
