"""``callgraft backup``: a copy of a SQLite store while it serves."""

from __future__ import annotations

from pathlib import Path

import click

from callgraft.cli.options import backend_option
from callgraft.cli.output import share_done
from callgraft.stores.backup import back_up


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@backend_option
def backup(file: Path, backend: str) -> None:
    """
    Copy the tracking store to FILE while doors go on serving from it.

    The copy is the store at one moment. It is checked, and only then takes the place of what FILE
    was before, so that there is a good one at any time. To restore it, put it in the store's place:
    doors notice and go on with it. Leases kept in Redis come back from it by themselves.

    Example: callgraft backup /var/backups/callgraft.db
    """
    with share_done("Copying") as tell:
        size = back_up(backend, file, progress=tell)
    click.echo(f"{file}: {size / 2**20:.1f} MB, checked.")


COMMANDS = (backup,)
