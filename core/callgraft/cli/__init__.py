"""The command ``callgraft``."""

from __future__ import annotations

import logging

import click

from callgraft.cli import (
    backup,
    doctor,
    editions,
    learning,
    pages,
    people,
    pools,
    promo,
    replay,
    report,
    rescoring,
    serve,
    simulate,
    sites,
    sizing,
    tokens,
    tracking,
)
from callgraft.errors import CallgraftError
from callgraft.version import __version__


class _Commands(click.Group):
    """Turns what Callgraft raises on purpose into one clear message and exit code 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except CallgraftError as exc:
            click.echo(f"callgraft: {exc}", err=True)
            ctx.exit(2)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="callgraft")
def main() -> None:
    """
    Call tracking on the server: numbers in pages, visitors, leases and calls.

    Exit codes: 0 done; 1 something was found wrong; 2 the command could not be carried out.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")


for _command in (
    *sites.COMMANDS,
    *pages.COMMANDS,
    *editions.COMMANDS,
    *pools.COMMANDS,
    *people.COMMANDS,
    *promo.COMMANDS,
    *backup.COMMANDS,
    *doctor.COMMANDS,
    *tracking.COMMANDS,
    *serve.COMMANDS,
    *tokens.COMMANDS,
    *sizing.COMMANDS,
    *replay.COMMANDS,
    *learning.COMMANDS,
    *report.COMMANDS,
    *simulate.COMMANDS,
    *rescoring.COMMANDS,
):
    main.add_command(_command)
