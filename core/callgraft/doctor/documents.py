"""Examining Site documents: the file, the secrets it names, and what is in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from callgraft.client import TrackingClient
from callgraft.doctor.finding import Asked, Finding, Level
from callgraft.errors import SiteError, SiteErrors
from callgraft.signer import SHORTEST_SECRET
from callgraft.site import Site
from callgraft.site_toml import read_published, read_site
from callgraft.sites import STORED
from callgraft.stores.protocol import Published

_MEND = "Mend it; until then the last good document serves."


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentExamined:
    findings: tuple[Finding, ...] = ()
    site: Site | None = None


def examine_document(asked: Asked) -> DocumentExamined:
    """Look at the Site document's file, where the door has one."""
    if asked.site.startswith(STORED):
        return DocumentExamined()
    try:
        text = Path(asked.site).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8"
        cure = "Name yours with --site, or what the store has, like --site store:okna."
        told = f"{asked.site} cannot be read: {why}."
        return DocumentExamined(findings=(_document(Level.FAIL, told, cure),))
    try:
        site = read_site(text, name=asked.site, environ=None)
    except SiteErrors as exc:
        found = tuple(_document(Level.FAIL, str(each), _MEND) for each in exc.problems)
        return DocumentExamined(findings=found)
    told = f"{asked.site} has no mistake (site {site.key}, version {site.version})."
    return DocumentExamined(findings=(_document(Level.OK, told),), site=site)


def examine_secrets(asked: Asked) -> Iterator[Finding]:
    """Look for secrets that are not set, or are none, in the environment of this command."""
    own = asked.environ.get("CALLGRAFT_SECRET")
    if own and len(own.encode()) < SHORTEST_SECRET:
        cure = f"Give it {SHORTEST_SECRET} bytes or more."
        told = "CALLGRAFT_SECRET is too short: no door will start."
        yield Finding(check="secrets", level=Level.FAIL, told=told, cure=cure)
    if asked.site.startswith(STORED) or not Path(asked.site).is_file():
        return
    text = Path(asked.site).read_text(encoding="utf-8", errors="replace")
    missing = list(_missing(text, asked))
    for each in missing:
        yield Finding(
            check="secrets", level=Level.FAIL, told=f"{each.key}: {each.problem}", cure=each.cure
        )
    if not missing:
        yield Finding(check="secrets", told="All that the document names are set.")


def examine_editions(client: TrackingClient, site: Site | None) -> Iterator[Finding]:
    """Look at what is in force: can it be read, and is it what the file says?"""
    for key in client.sites():
        published = client.published(key)
        if published is None:
            continue
        if problem := _unreadable(published):
            cure = f"Update callgraft here, or publish one that it can read: site rollback {key}"
            yield _edition(published, f"cannot be served by this version: {problem}", cure)
        elif site is None or key != site.key:
            yield _edition(published, "is in force.")
    if site is not None:
        yield _lag(client.published(site.key), site)


def _lag(published: Published | None, site: Site) -> Finding:
    if published is None:
        told = f"No door has published the site {site.key} here yet."
        return Finding(
            check="editions", level=Level.WARN, told=told, cure="Start a door with this backend."
        )
    if published.version == site.version:
        return _edition(published, "is in force, and is what the file says.")
    told = f"is in force, since {published.published_at:%Y-%m-%d %H:%M} by {published.by or '?'};"
    cure = "Is the file the newer one? callgraft site publish FILE. If not: callgraft site show"
    return _edition(
        published, f"{told} the file is another ({site.version}).", f"{cure} {site.key}"
    )


def _missing(text: str, asked: Asked) -> list[SiteError]:
    try:
        read_site(text, name=asked.site, environ=asked.environ)
    except SiteErrors as exc:
        return [each for each in exc.problems if each.key.startswith("providers.")]
    return []


def _unreadable(published: Published) -> str:
    if not published.document:
        return ""
    try:
        read_published(published.document, name=published.site, environ=None)
    except SiteErrors as exc:
        return str(exc.problems[0])
    return ""


def _document(level: Level, told: str, cure: str = "") -> Finding:
    return Finding(check="document", level=level, told=told, cure=cure)


def _edition(published: Published, told: str, cure: str = "") -> Finding:
    what = f"Edition {published.edition} of {published.site} ({published.version[:16]})"
    level = Level.WARN if cure else Level.OK
    return Finding(check="editions", level=level, told=f"{what} {told}", cure=cure)
