"""The Site documents in force, read once per version."""

from __future__ import annotations

import logging
import os

from callgraft.errors import SiteError
from callgraft.site import Site
from callgraft.site_toml import read_site
from callgraft.stores.protocol import Published
from callgraft.tracking.publishing import version_of

logger = logging.getLogger(__name__)


class Catalogue:
    """
    Sites by version: those published here as they are, others read from their document.

    Safe from several threads: at worst two read the same document at one time.
    """

    def __init__(self) -> None:
        self._sites: dict[str, tuple[str, Site | None]] = {}

    def add(self, site: Site) -> None:
        """Keep a site that was just published; its document need not be read."""
        self._sites[site.key] = version_of(site), site

    def site(self, published: Published | None) -> Site | None:
        """The published site, or None when its document cannot be read here."""
        if published is None:
            return None
        version, site = self._sites.get(published.site, ("", None))
        if version != published.version:
            site = _read(published)
            self._sites[published.site] = published.version, site
        return site


def _read(published: Published) -> Site | None:
    name = f"published document of {published.site}"
    try:
        return read_site(published.document, name=name, environ=os.environ)
    except SiteError:
        # Calls are still recorded, and attributed as far as the store itself knows the number.
        logger.exception("The %s cannot be read here", name)
        return None
