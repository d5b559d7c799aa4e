"""The sites that a door serves: Site documents as values, or a file followed while it changes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from callgraft.errors import SetupError, SiteError
from callgraft.hosts import plain_host
from callgraft.site import Site
from callgraft.site_toml import read_site
from callgraft.site_toml.scalars import KEY

logger = logging.getLogger(__name__)

STORED = "store:"
"""What stands before the keys of sites that are followed in the tracking store."""

_EMPTY: Mapping[str, str] = MappingProxyType({})
_LOOK_EVERY = timedelta(seconds=1)


class Sites(Protocol):
    """Where a door finds the Site document in force; threads may ask at one time."""

    def for_host(self, host: str, *, at: datetime) -> Site | None:
        """The site whose pages ``host`` serves, or None: such pages pass untouched."""
        ...

    def known(self) -> Sequence[Site]:
        """The documents in force, so that a door can make ready for them before it serves."""
        ...


class FixedSites:
    """
    Sites that do not change; one that lists the host goes before one that serves all.

    :raises SiteError: two sites list one host.
    """

    def __init__(self, *sites: Site) -> None:
        self._sites = sites
        self._by_host: dict[str, Site] = {}
        for site in sites:
            for host in site.hosts:
                other = self._by_host.setdefault(host, site)
                if other is not site:
                    problem = f"the site {other.key!r} serves this host already."
                    raise SiteError("site.hosts", host, problem, "Remove it from one of the two.")
        self._for_all = next((site for site in sites if not site.hosts), None)

    def for_host(self, host: str, *, at: datetime) -> Site | None:
        return self._by_host.get(plain_host(host), self._for_all)

    def known(self) -> Sequence[Site]:
        return self._sites


class StoredSites:
    """
    Sites whose documents are in the tracking store alone; the engine follows what is published.

    :param keys: the sites to serve; without any, all that the store has, also those to come.
    """

    def __init__(self, *keys: str) -> None:
        self.keys = keys

    def for_host(self, host: str, *, at: datetime) -> Site | None:
        """None: only the store knows."""
        return None

    def known(self) -> Sequence[Site]:
        return ()


def stored_sites(written: str) -> StoredSites:
    """
    The sites that ``store:okna``, ``store:okna,pvc`` or ``store:*`` names.

    :raises SetupError: it names none, or something that can be no site's key.
    """
    keys = [key.strip() for key in written.removeprefix(STORED).split(",")]
    if keys == ["*"]:
        return StoredSites()
    for key in keys:
        if not KEY.fullmatch(key):
            cure = 'Write the key of a site, like "store:okna", or "store:*" for all.'
            raise SetupError("site", written, "names no site of the store.", cure)
    return StoredSites(*keys)


class SiteFile:
    """
    The site of one TOML file, read again when the file changes.

    The file is looked at once a second at most. While it is faulty or gone, the document that was
    in force stays in force, and the log says why, once for each change.

    :param environ: where secrets written as ``env:NAME`` are looked up.
    :raises SiteError: the file cannot be read now, or is faulty.
    """

    def __init__(self, path: Path | str, environ: Mapping[str, str] = _EMPTY) -> None:
        self._path = Path(path)
        self._environ = environ
        self._lock = threading.Lock()
        self._looked_at: datetime | None = None
        self._seen = _signature(self._path)
        self._site = self._read()

    @property
    def site(self) -> Site:
        """The document in force."""
        return self._site

    @property
    def name(self) -> str:
        """The file's name, without its folders."""
        return self._path.name

    @property
    def written_at(self) -> datetime | None:
        """When the document was written, as the file system tells."""
        return datetime.fromtimestamp(self._seen[0] / 1e9, UTC) if self._seen else None

    def for_host(self, host: str, *, at: datetime) -> Site | None:
        self.look(at)
        site = self._site
        return site if site.serves(host) else None

    def known(self) -> Sequence[Site]:
        return (self._site,)

    def look(self, at: datetime) -> None:
        """Read the file again if it changed, at most once a second."""
        # Whoever comes while another thread looks goes on with the document in force.
        if not self._is_due(at) or not self._lock.acquire(blocking=False):
            return
        try:
            self._looked_at = at
            # Taken before reading: what is written meanwhile differs from it next time.
            signature = _signature(self._path)
            if signature != self._seen:
                self._seen = signature
                self._replace()
        finally:
            self._lock.release()

    def _is_due(self, at: datetime) -> bool:
        # A clock that was set back must not stop the looking.
        return self._looked_at is None or abs(at - self._looked_at) >= _LOOK_EVERY

    def _replace(self) -> None:
        try:
            site = self._read()
        except SiteError as error:
            version = self._site.version
            logger.error("Site document %s stays in force: %s", version, error)
            return
        if site.version != self._site.version:
            logger.info("Site document %s of %s is in force.", site.version, self._path)
        self._site = site

    def _read(self) -> Site:
        name = str(self._path)
        try:
            text = self._path.read_text(encoding="utf-8")
        except OSError as error:
            problem = f"the file cannot be read: {error.strerror or error}."
            cure = "Check its name and who may read it."
            raise SiteError(name, None, problem, cure) from error
        except UnicodeDecodeError as error:
            problem = f"the file is not UTF-8 (byte {error.start + 1})."
            raise SiteError(name, None, problem, "Save it as UTF-8.") from error
        return read_site(text, name=name, environ=self._environ)


def _signature(path: Path) -> tuple[int, int, int] | None:
    """What changes when the file does; None while there is none."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
