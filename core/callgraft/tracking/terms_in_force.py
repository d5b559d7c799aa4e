"""What the document in force says of calls."""

from __future__ import annotations

import os

from callgraft.call_terms import CallTerms
from callgraft.errors import SiteErrors
from callgraft.site_toml import read_published
from callgraft.stores.protocol import Transaction

_KEPT = 64
"""How many documents' terms a process keeps: a long document takes a while to read."""

_read: dict[tuple[str, str], CallTerms] = {}


def terms_in_force(transaction: Transaction, site: str) -> CallTerms:
    """
    The terms of the site's calls.

    The defaults, where there is no document, or none that this version can read: a call is taken
    whatever its site looks like. Phones that the document leaves to the environment are looked up
    in this process's own, the first time it takes a call under the document.
    """
    version = transaction.version_in_force(site) or ""
    if (site, version) in _read:
        return _read[site, version]
    published = transaction.published(site)
    if published is None or not published.document:
        return CallTerms()
    try:
        terms = read_published(published.document, name=site, environ=os.environ).calls
    except SiteErrors:
        terms = CallTerms()
    if len(_read) >= _KEPT:
        _read.clear()
    _read[site, version] = terms
    return terms
