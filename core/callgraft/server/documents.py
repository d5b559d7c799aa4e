"""The documents in force, read, and with the secrets that this machine knows."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from callgraft.errors import NotPublished, SetupError
from callgraft.server.work import Work
from callgraft.site import Site
from callgraft.site_toml import read_site
from callgraft.stores.protocol import Published
from callgraft.telephony.signature import key_of, new_secret

_MOST = 1000


@dataclass(frozen=True, slots=True)
class _Read:
    version: str
    site: Site


class Documents:
    """
    Sites as they are in force, each document read once.

    :param environ: where ``secret = "env:NAME"`` is looked up.
    """

    def __init__(self, work: Work, environ: Mapping[str, str]) -> None:
        self._work = work
        self._environ = _Secrets(environ)
        self._read: dict[str, _Read] = {}

    async def site(self, key: str) -> Site:
        """
        The site in force.

        :raises NotPublished: there is none.
        """
        return await self._work.run(lambda: self.now(key))

    def now(self, key: str) -> Site:
        """Like :meth:`site`, blocking."""
        version = self._work.store.read(lambda transaction: transaction.version_in_force(key))
        known = self._read.get(key)
        if version is None:
            raise NotPublished(key)
        if known is None or known.version != version:
            published = self._work.client.published(key)
            if published is None:
                raise NotPublished(key)
            known = self._remember(published)
        return known.site

    def _remember(self, published: Published) -> _Read:
        site = read_site(published.document, name=published.site, environ=self._environ)
        if len(self._read) >= _MOST:
            self._read.clear()
        known = self._read[published.site] = _Read(published.version, site)
        return known


class _Secrets(Mapping[str, str]):
    """
    The environment, in which every secret is set.

    A document may name one that only its doors have; then nothing that needs it is taken here, and
    all else works. Its place is taken by one that nobody knows.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        secret = self._environ.get(name, "")
        try:
            key_of(secret)
        except SetupError:
            return new_secret()
        return secret if secret.startswith("whsec_") else new_secret()

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self._environ)

    def __len__(self) -> int:
        return len(self._environ)
