"""How commands print: tables for people, JSON for scripts."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
)
from rich.table import Table
from rich.text import Text

from callgraft import phone

_PATIENCE = 1.0
_WHOLE = frozenset(
    (
        *("line", "column", "policy"),
        *("call", "number", "pool", "rang", "shown", "last seen", "held until", "state", "outcome"),
        *("published (UTC)", "version"),
    )
)


def print_json(content: object) -> None:
    """Print dataclasses, moments and durations as plain JSON, one document."""
    click.echo(json.dumps(_plain(content), ensure_ascii=False, indent=2))


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = ""
) -> None:
    """
    Print rows under headings, as wide as the terminal; values are never read as markup.

    Colours of a cell that is a ``Text`` come out on terminals only, and not where NO_COLOR is set.
    A column with nothing in it is left out, and so is a table with nothing in it.
    """
    made = table(columns, rows)
    if made is None:
        return
    console = Console(highlight=False)
    if title:
        console.print(Text(title, style="bold"))
    console.print(made)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table | None:
    """The table that :func:`print_table` prints, None where there is nothing in it."""
    texts = [[cell if isinstance(cell, Text) else Text(str(cell)) for cell in row] for row in rows]
    used = [place for place in range(len(columns)) if any(row[place] for row in texts)]
    if not used:
        return None
    made = Table(box=SIMPLE_HEAD, show_header=any(columns), pad_edge=False, padding=(0, 1, 0, 0))
    for column in (columns[place] for place in used):
        # What a reader looks along must not be broken; texts may be, between words.
        made.add_column(column, no_wrap=column in _WHOLE, min_width=len(column))
    for row in texts:
        made.add_row(*(row[place] for place in used))
    return made


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], object]]:
    """
    Show a bar on the terminal once this takes more than a second.

    Gives the function to call after each of the ``total`` steps.
    """
    with _bar(what, total, MofNCompleteColumn()) as (bar, task):
        yield lambda: bar.advance(task)


@contextmanager
def share_done(what: str) -> Iterator[Callable[[int, int], object]]:
    """
    The same where nobody knows before how much there is to do.

    Gives the function to call with what is done, and with the whole.
    """
    with _bar(what, None, TaskProgressColumn()) as (bar, task):
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def _bar(what: str, total: int | None, told: ProgressColumn) -> Iterator[tuple[Progress, TaskID]]:
    columns = (TextColumn("{task.description}"), BarColumn(), told)
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(what, total=total)
    if not bar.console.is_terminal:
        yield bar, task
        return
    timer = threading.Timer(_PATIENCE, bar.start)
    timer.start()
    try:
        yield bar, task
    finally:
        timer.cancel()
        timer.join()  # it may be starting the bar at this very moment
        bar.stop()


def readable(e164: str) -> str:
    """A number for people."""
    return phone.international(phone.read(e164))


def duration(span: timedelta) -> str:
    """A duration as Site documents write it: ``1h30m``."""
    seconds = int(span.total_seconds())
    parts = (
        (seconds // 86400, "d"),
        (seconds // 3600 % 24, "h"),
        (seconds // 60 % 60, "m"),
        (seconds % 60, "s"),
    )
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"


def moment(at: datetime | None) -> str:
    """A moment for people, in UTC and to the second."""
    return at.strftime("%Y-%m-%d %H:%M:%S") if at else "–"


def short(at: datetime | None) -> str:
    """A moment for a table: without the year and the seconds."""
    return at.strftime("%m-%d %H:%M") if at else "–"


def masked(number: str) -> str:
    """A caller's number with its last digits hidden."""
    return f"{number[:-4]}····" if len(number) > 6 else "hidden"


def _plain(content: Any) -> Any:
    if dataclasses.is_dataclass(content) and not isinstance(content, type):
        fields = dataclasses.fields(content)
        return {each.name: _plain(getattr(content, each.name)) for each in fields}
    if isinstance(content, dict):
        return {str(key): _plain(value) for key, value in content.items()}
    if isinstance(content, list | tuple | set | frozenset):
        return [_plain(each) for each in content]
    if isinstance(content, datetime):
        return content.isoformat()
    if isinstance(content, timedelta):
        return content.total_seconds()
    return content if isinstance(content, str | int | float | bool | None) else str(content)
