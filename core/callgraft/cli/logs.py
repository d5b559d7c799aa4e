"""Access logs as commands read them: with a bar, and with a word on what was left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import click

from callgraft.accesslog import Hit, Logs

_EVERY = 1024


def told_by(logs: Logs, step: Callable[[int, int], object]) -> Iterator[Hit]:
    """Yield the requests of the logs, and tell now and then how far they are read."""
    size = logs.size
    for count, hit in enumerate(logs):
        if size and count % _EVERY == 0:
            step(logs.done, size)
        yield hit


def tell_left_out(logs: Logs) -> None:
    """Say how many lines were of no use, on standard error."""
    for count, why in (
        (logs.unread, "lines are in no format we know."),
        (logs.misdated, "lines stand far from those around them in time: left out."),
    ):
        if count:
            click.echo(f"{count:,} of {logs.lines:,} {why}", err=True)
