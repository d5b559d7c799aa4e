"""Site documents: read, waited for, published, brought back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, unquote

from callgraft.errors import NotPublished, SiteError, SiteErrors
from callgraft.server.asked import JSON, Answer, Asked, told
from callgraft.server.endpoint import KIB, Body, Endpoint, Parameter
from callgraft.server.entity_tags import etag, fits
from callgraft.server.issuing import Scope
from callgraft.server.parts import Parts
from callgraft.server.refusal import Refused, invalid
from callgraft.site import Site
from callgraft.site_toml import read_site
from callgraft.stores.protocol import Published, Transaction
from callgraft.tracking.publishing import publish
from callgraft.visit import Headers

TOML = "application/toml"
_LONGEST_WAIT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteInForce:
    site: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SitesInForce:
    items: tuple[SiteInForce, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Editions:
    items: tuple[Published, ...]


async def list_sites(parts: Parts, asked: Asked) -> Answer:
    found = await parts.work.run(parts.work.client.sites)
    only = asked.token.site if asked.token else ""
    shown = {key: version for key, version in found.items() if only in ("", key)}
    return told(
        SitesInForce(
            items=tuple(SiteInForce(site=key, version=version) for key, version in shown.items())
        )
    )


async def document(parts: Parts, asked: Asked) -> Answer:
    """The document in force, or 304 once the wait for another one is over."""
    known = asked.header("if-none-match")
    loop = asyncio.get_running_loop()
    until = loop.time() + asked.query["wait"]
    while True:
        found = await parts.work.run(lambda: parts.work.client.published(asked.site))
        is_known = found is not None and fits(etag(found.version), known)
        if found is not None and not is_known:
            return _document(found, as_json=_wants_json(asked))
        version = found.version if found else None
        if not await parts.editions.wait_for_other(asked.site, version, until=until):
            break
    if found is None:
        raise NotPublished(asked.site)
    return Answer(status=304, headers=_headers(found))


async def put_document(parts: Parts, asked: Asked) -> Answer:
    by = _publisher(asked)
    only_if = asked.header("if-match")

    def work() -> Published:
        site = _read(asked.body, asked.site)
        return parts.work.store.write(
            lambda transaction: _publish(transaction, parts, site, by, only_if), for_good=True
        )

    published = await parts.work.run(work)
    return told(published, headers=_headers(published))


async def list_editions(parts: Parts, asked: Asked) -> Answer:
    found = await parts.work.run(
        lambda: parts.work.client.editions(asked.site, limit=asked.query["limit"])
    )
    return told(Editions(items=tuple(found)))


async def restore(parts: Parts, asked: Asked) -> Answer:
    edition = int(asked.named["edition"])
    published = await parts.work.run(
        lambda: parts.work.client.restore(asked.site, edition, at=asked.at, by=_publisher(asked))
    )
    return told(published, headers=_headers(published))


_LONGEST_BY = 200


def _publish(
    transaction: Transaction, parts: Parts, site: Site, by: str, only_if: str
) -> Published:
    transaction.lock_site(site.key)
    before = transaction.published(site.key)
    if only_if and not (before and fits(etag(before.version), only_if)):
        raise _changed(before)
    publish(transaction, site, at=parts.clock(), by=by)
    after = transaction.published(site.key)
    if after is None:
        raise NotPublished(site.key)
    return after


def _read(body: bytes, key: str) -> Site:
    """
    The site that a document describes; secrets that it names may be set at its doors alone.

    :raises SiteErrors: every mistake in it.
    """
    name = f"document of {key}"
    try:
        text = body.decode()
    except UnicodeDecodeError as exc:
        raise invalid(("", "the document is not UTF-8. Save it as UTF-8.")) from exc
    site = read_site(text, name=name, environ=None)
    if site.key != key:
        problem = "this address is another site's."
        cure = f'Write key = "{key}", or publish it at /v1/sites/{site.key}/document.'
        raise SiteErrors(name, [SiteError("site.key", site.key, problem, cure)])
    return site


def _changed(before: Published | None) -> Refused:
    there = f"Edition {before.edition} is" if before else "None is"
    return Refused(
        412,
        "changed",
        "Another document is in force",
        f"If-Match names another version. {there} in force: read it, and publish again.",
    )


def _document(found: Published, *, as_json: bool) -> Answer:
    if as_json:
        return told(found, headers=_headers(found))
    return Answer(body=found.document.encode(), media_type=TOML, headers=_headers(found))


def _headers(found: Published) -> Headers:
    return (
        ("ETag", etag(found.version)),
        ("Callgraft-Edition", str(found.edition)),
        ("Callgraft-Published-At", found.published_at.isoformat()),
        ("Callgraft-By", quote(found.by, safe=" ")),
        ("Vary", "Accept"),
    )


def _wants_json(asked: Asked) -> bool:
    accept = asked.header("accept")
    return JSON in accept and TOML not in accept


def _publisher(asked: Asked) -> str:
    """Whom the sender names, or else the token's name."""
    named = unquote(asked.header("callgraft-by"))[:_LONGEST_BY]
    named = "".join(letter for letter in named if letter.isprintable())
    return named or (asked.token.name if asked.token else "")


_BY = Parameter(name="Callgraft-By", is_header=True, most=1024, means="Who publishes it.")
_READERS = (Scope.DOOR, Scope.READ)
_MISTAKES = (422, "The document has mistakes; the answer tells all, each with its cure.")

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/v1/sites",
        name="list_sites",
        does="List the sites that have a document, as far as the token is good for them.",
        handler=list_sites,
        scopes=_READERS,
        gives=SitesInForce,
        has_etag=True,
    ),
    Endpoint(
        method="GET",
        path="/v1/sites/{site}/document",
        name="document",
        does="Tell the document in force; its ETag is its version.",
        handler=document,
        scopes=_READERS,
        parameters=(
            Parameter(
                name="wait",
                kind=float,
                default=0.0,
                least=0,
                most=_LONGEST_WAIT.total_seconds(),
                means="Wait as many seconds for another version than the one in If-None-Match.",
            ),
            Parameter(name="If-None-Match", is_header=True, most=1024, means="A known version."),
        ),
        gives=Published,
        media_types=(TOML, JSON),
        statuses=((304, "The known version is in force still."),),
    ),
    Endpoint(
        method="PUT",
        path="/v1/sites/{site}/document",
        name="put_document",
        does="Publish a document; the one that is in force changes nothing.",
        handler=put_document,
        scopes=(Scope.DOOR,),
        takes=Body(media_type=TOML, most=1024 * KIB, means="A Site document."),
        parameters=(
            Parameter(name="If-Match", is_header=True, most=1024, means="The version it replaces."),
            _BY,
        ),
        gives=Published,
        statuses=((412, "Another version is in force than If-Match names."), _MISTAKES),
    ),
    Endpoint(
        method="GET",
        path="/v1/sites/{site}/editions",
        name="list_editions",
        does="List what was published, the newest first.",
        handler=list_editions,
        scopes=_READERS,
        parameters=(
            Parameter(name="limit", kind=int, default=50, least=1, most=500, means="How many."),
        ),
        gives=Editions,
        has_etag=True,
    ),
    Endpoint(
        method="POST",
        path="/v1/sites/{site}/editions/{edition}/restore",
        name="restore",
        does="Publish an earlier edition again, as a new one.",
        handler=restore,
        scopes=(Scope.ADMIN,),
        parameters=(_BY,),
        gives=Published,
        statuses=(_MISTAKES,),
        is_once=True,
    ),
)
