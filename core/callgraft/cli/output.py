"""How commands print: tables for people, JSON for scripts."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from callgraft import phone

_WHOLE = frozenset(
    ("call", "number", "pool", "rang", "shown", "last seen", "held until", "state", "outcome")
)


def print_json(content: object) -> None:
    """Print dataclasses, moments and durations as plain JSON, one document."""
    click.echo(json.dumps(_plain(content), ensure_ascii=False, indent=2))


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = ""
) -> None:
    """
    Print rows under headings, as wide as the terminal; values are never read as markup.

    A column with nothing in it is left out, and so is a table with nothing in it.
    """
    texts = [[str(cell) for cell in row] for row in rows]
    used = [place for place in range(len(columns)) if any(row[place] for row in texts)]
    if not used:
        return
    table = Table(box=SIMPLE_HEAD, show_header=any(columns), pad_edge=False, padding=(0, 1, 0, 0))
    for column in (columns[place] for place in used):
        # What a reader looks along must not be broken; texts may be, between words.
        table.add_column(column, no_wrap=column in _WHOLE, min_width=len(column))
    for row in texts:
        table.add_row(*(Text(row[place]) for place in used))
    console = Console(highlight=False)
    if title:
        console.print(Text(title, style="bold"))
    console.print(table)


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
