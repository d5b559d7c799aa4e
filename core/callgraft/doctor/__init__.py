"""The examination of an installation: findings, each ok, to be warned of, or failing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from platform import python_version

from callgraft.client import TrackingClient, open_client
from callgraft.doctor.documents import examine_document, examine_editions, examine_secrets
from callgraft.doctor.finding import Asked, Finding, Level
from callgraft.doctor.leases import examine_lag, examine_leases
from callgraft.doctor.numbers import examine_pools, examine_service
from callgraft.doctor.store import examine_store
from callgraft.errors import CallgraftError
from callgraft.site import Site
from callgraft.version import __version__

__all__ = ["Asked", "Finding", "Level", "examine"]


def examine(asked: Asked) -> Iterator[Finding]:
    """
    Look at everything that can be looked at, and change nothing.

    What hangs on something that failed is left out: its failing would tell nothing new.
    """
    yield Finding(check="version", told=f"callgraft {__version__}, Python {python_version()}.")
    document = examine_document(asked)
    yield from document.findings
    yield from examine_secrets(asked)
    yield from examine_leases(asked)
    store = examine_store(asked)
    yield from store.findings
    if not store.is_usable:
        return
    try:
        with closing(open_client(asked.backend, leases=asked.leases)) as client:
            yield from _in_the_store(asked, client, document.site)
    except CallgraftError as exc:
        yield Finding(check="store", level=Level.FAIL, told=str(exc), cure="See the store's log.")


def _in_the_store(asked: Asked, client: TrackingClient, site: Site | None) -> Iterator[Finding]:
    published = client.sites()
    yield Finding(check="store", told=f"It answers, and has {_sites(len(published))}.")
    yield from examine_editions(client, site)
    yield from examine_lag(asked, published)
    for key in published:
        yield from examine_pools(client, key, at=asked.clock())
        yield from examine_service(client, key, at=asked.clock())


def _sites(count: int) -> str:
    return "1 site" if count == 1 else f"{count} sites"
