"""How the story looks on a terminal."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text


class Terminal:
    """A narrow wrapper around rich, so that the story reads as a story."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)

    def say(self, text: str = "") -> None:
        self._console.print(text)

    def chapter(self, title: str) -> None:
        self._console.print()
        self._console.print(Text(title, style="bold"))

    def done(self, text: str) -> None:
        self._console.print(f"  [green]✓[/] {text}")

    def failed(self, text: str) -> None:
        self._console.print(f"  [bold red]✗[/] {text}")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for column in columns:
            table.add_column(column)
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        self._console.print(table)

    def invite(self, site: str, proxy: str, options: Sequence[str]) -> None:
        text = (
            f"Open [bold]{proxy}/?utm_source=google&utm_medium=cpc[/]\n"
            f"and compare the number with the site's own: {site}/\n\n"
            "Who holds which number:\n"
            "[bold].venv/bin/callgraft pool --site examples/okna.toml \\\n"
            f"    {escape(shlex.join(options))}[/]\n\n"
            "Ctrl-C ends everything."
        )
        self._console.print()
        self._console.print(Panel(text, title="It stays up", title_align="left", expand=False))
