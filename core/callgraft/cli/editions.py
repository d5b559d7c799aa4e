"""``callgraft site``: Site documents in the tracking store, edition by edition."""

from __future__ import annotations

import difflib
import getpass
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime

import click

from callgraft.changes import changes
from callgraft.cli.options import backend_option, json_option, load_site, open_existing
from callgraft.cli.output import moment, print_json, print_table
from callgraft.client.protocol import TrackingClient
from callgraft.errors import CallgraftError, SetupError
from callgraft.site import Site
from callgraft.site_toml import read_published
from callgraft.stores.protocol import Published


@click.group()
def site() -> None:
    """
    Publish Site documents, and see and undo what was published.

    Whatever is published last is in force: doors follow it within two seconds.
    """


def _by_option(command: click.decorators.FC) -> click.decorators.FC:
    return click.option("--by", default=None, help="Who does it, for the record.")(command)


@site.command("list")
@backend_option
@json_option
def list_sites(backend: str, as_json: bool) -> None:
    """
    List the sites whose documents are in force.

    Example: callgraft site list
    """
    with closing(open_existing(backend)) as client:
        found = [client.published(key) for key in client.sites()]
    in_force = [each for each in found if each]
    if as_json:
        print_json([_facts(each) for each in in_force])
        return
    columns = ("site", "edition", "version", "published (UTC)", "by")
    print_table(columns, ((each.site, *_row(each)) for each in in_force))


@site.command()
@click.argument("path", default="callgraft.toml")
@backend_option
@_by_option
def publish(path: str, backend: str, by: str | None) -> None:
    """
    Check the document at PATH (callgraft.toml) and bring it into force.

    Example: callgraft site publish okna.toml --by anna
    """
    document = load_site(path)
    with closing(open_existing(backend)) as client:
        before = client.published(document.key)
        client.publish(document, at=datetime.now(UTC), by=by or _me())
        after = client.published(document.key)
    if after is None or (before and before.edition == after.edition):
        click.echo(f"Version {document.version} of {document.key} is in force already.")
        return
    click.echo(f"Edition {after.edition} of {document.key} is in force. What it changes:")
    for line in changes(_read(before), document):
        click.echo(f"  {line}")


@site.command()
@click.argument("key")
@backend_option
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@json_option
def history(key: str, backend: str, limit: int, as_json: bool) -> None:
    """
    Say who published what of the site KEY, newest first.

    Example: callgraft site history okna
    """
    with closing(open_existing(backend)) as client:
        found = _editions(client, key, limit + 1)
    told = list(_with_changes(found))[:limit]
    if as_json:
        print_json([{**_facts(each), "changes": what} for each, what in told])
        return
    columns = ("edition", "version", "published (UTC)", "by", "what changed")
    rows = ((*_row(each), "; ".join(what)) for each, what in told)
    print_table(columns, rows, title=f"Editions of {key}")


@site.command()
@click.argument("key")
@click.argument("edition", type=click.IntRange(1), required=False)
@backend_option
def show(key: str, edition: int | None, backend: str) -> None:
    """
    Print the document of the site KEY that is in force, or was as EDITION.

    Example: callgraft site show okna 3 > okna.toml
    """
    with closing(open_existing(backend)) as client:
        click.echo(_one(client, key, edition).document, nl=False)


@site.command()
@click.argument("key")
@click.argument("old", type=click.IntRange(1), required=False)
@click.argument("new", type=click.IntRange(1), required=False)
@backend_option
def diff(key: str, old: int | None, new: int | None, backend: str) -> None:
    """
    Show line by line how the edition NEW of the site KEY differs from OLD.

    By default the one in force from the one before it. Exit code 1 when they differ.

    Example: callgraft site diff okna 3 5
    """
    with closing(open_existing(backend)) as client:
        after = _one(client, key, new)
        before = _one(client, key, old or max(after.edition - 1, 1))
    lines = list(
        difflib.unified_diff(
            before.document.splitlines(),
            after.document.splitlines(),
            f"{key}, edition {before.edition}",
            f"{key}, edition {after.edition}",
            lineterm="",
        )
    )
    for line in lines:
        click.secho(line, fg={"+": "green", "-": "red"}.get(line[:1]))
    raise SystemExit(1 if lines else 0)


@site.command()
@click.argument("key")
@click.argument("edition", type=click.IntRange(1))
@backend_option
@_by_option
def rollback(key: str, edition: int, backend: str, by: str | None) -> None:
    """
    Publish EDITION of the site KEY anew.

    A door that is started with a file goes on with this too, until its file changes.

    Example: callgraft site rollback okna 3
    """
    with closing(open_existing(backend)) as client:
        _one(client, key, edition)
        now = client.restore(key, edition, at=datetime.now(UTC), by=by or _me())
    click.echo(f"Edition {edition} of {key} is in force again, as edition {now.edition}.")


COMMANDS = (site,)


def _editions(client: TrackingClient, key: str, limit: int) -> Sequence[Published]:
    found = client.editions(key, limit=limit)
    if not found:
        there = ", ".join(client.sites()) or "none yet"
        raise SetupError("KEY", key, "was never published.", f"The tracking store has: {there}.")
    return found


def _one(client: TrackingClient, key: str, edition: int | None) -> Published:
    found = _editions(client, key, 1 if edition is None else 1000)
    for each in found:
        if edition in (None, each.edition):
            return each
    cure = f"There are 1 to {found[0].edition}: callgraft site history {key}"
    raise SetupError("EDITION", edition, "was never published.", cure)


def _with_changes(
    editions: Sequence[Published],
) -> Iterator[tuple[Published, Sequence[str]]]:
    """Each edition with what it changed; the oldest one that was asked for has none before it."""
    for place, each in enumerate(editions):
        before = editions[place + 1] if place + 1 < len(editions) else None
        now = _read(each)
        yield each, ("cannot be read",) if now is None else changes(_read(before), now)


def _read(published: Published | None) -> Site | None:
    if published is None:
        return None
    try:
        return read_published(published.document, name=published.site, environ=None)
    except CallgraftError:
        return None


def _facts(published: Published) -> dict[str, object]:
    names = ("site", "edition", "version", "published_at", "by")
    return {name: getattr(published, name) for name in names}


def _row(published: Published) -> tuple[object, ...]:
    return (
        *(published.edition, published.version[:16]),
        *(moment(published.published_at), published.by),
    )


def _me() -> str:
    """Whoever is at the keyboard; in a container nobody has a name."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    return f"{name} on {socket.gethostname()}"
