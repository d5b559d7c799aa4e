"""``callgraft doctor``: what is wrong with an installation, and what to do about it."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.text import Text

from callgraft.cli.options import backend_option, json_option, leases_named, site_option
from callgraft.cli.output import print_json
from callgraft.doctor import Asked, Finding, Level, examine

_STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}


@click.command()
@site_option
@backend_option
@json_option
def doctor(site_path: str, backend: str, as_json: bool) -> None:
    """
    Look at the whole installation: store, tables, clocks, documents, secrets, pools, Redis.

    Nothing is changed by it. Each line is ok, warn or fail, the last two with a cure. Exit code 1
    when something fails.

    Example: callgraft doctor --site okna.toml --backend postgresql://callgraft@db/callgraft
    """
    asked = Asked(
        site=site_path,
        backend=backend,
        leases=leases_named(),
        environ=os.environ,
        clock=lambda: datetime.now(UTC),
    )
    found = list(examine(asked))
    if as_json:
        print_json(found)
    else:
        _print(found)
    raise SystemExit(1 if any(each.level is Level.FAIL for each in found) else 0)


COMMANDS = (doctor,)


def _print(found: list[Finding]) -> None:
    console = Console(highlight=False)
    for each in found:
        line = Text.assemble(
            (f"{each.level:<5}", _STYLES[each.level]), (f"{each.check}: ", "bold"), each.told
        )
        console.print(line, soft_wrap=True)
        if each.cure:
            console.print(Text(f"     → {each.cure}"), soft_wrap=True)
    counts = Counter(each.level for each in found)
    console.print(", ".join(f"{counts[level]} {level}" for level in Level if counts[level]))
