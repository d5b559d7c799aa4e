"""``callgraft replay``: what would have been, before a number is bought."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import click

from callgraft.accesslog import Logs
from callgraft.cli.logs import tell_left_out, told_by
from callgraft.cli.options import backend_option, json_option, leases_named, load_site, site_option
from callgraft.cli.output import print_json, share_done
from callgraft.cli.replayed import plain, show
from callgraft.cli.spans import Counts, Spans
from callgraft.errors import SetupError
from callgraft.geo import GeoDatabase
from callgraft.replay import TooLong, replay, scenarios_of
from callgraft.replay.call_lists import CallList, read_calls
from callgraft.replay.page import report_page
from callgraft.site import Site
from callgraft.sites import STORED
from callgraft.stores import open_store
from callgraft.tracking.learned import tables_in_force
from callgraft.tracking.tables import DEFAULT, Tables


@click.command("replay")
@click.argument("access_logs", metavar="ACCESS_LOG...", nargs=-1, required=True)
@site_option
@click.option(
    "--numbers",
    type=Counts(),
    default=(),
    help="Counts of numbers to compare, for each pool.  [default: ½, 1, 2 and 4 times its own]",
)
@click.option(
    "--hold", "holds", type=Spans(), default=(), help="Holds to compare.  [default: each pool's]"
)
@click.option(
    "--calls",
    "calls_path",
    metavar="CSV",
    help="The calls of that time, with a heading: time, and if known number and phone."
    "  [default: as many as are to be expected]",
)
@click.option("--geo", metavar="FILE", help="MaxMind-format city database, for rules on place.")
@backend_option
@click.option("--html", "html_path", metavar="FILE", help="Also write a report with charts there.")
@click.option("--seed", default=1, show_default=True, help="Another one draws other calls.")
@json_option
def replay_log(
    access_logs: tuple[str, ...],
    site_path: str,
    numbers: tuple[int, ...],
    holds: tuple[timedelta, ...],
    calls_path: str | None,
    geo: str | None,
    backend: str,
    html_path: str | None,
    seed: int,
    as_json: bool,
) -> None:
    """
    Replay access logs against the rules and pools of a Site document.

    Every page of a person gets its number as the product would have given it, for each count of
    numbers and each hold that is compared, in one pass. Then calls ring: those of --calls, or
    those to expect, and are attributed. Logs are nginx's or Apache's, combined or JSON, gzipped or
    not, of any size; several are read as one, - is a pipe.

    Example: callgraft replay access.log.1 access.log --site okna.toml --numbers 10,20,50
    """
    site = load_site(site_path, backend=backend)
    if not site.pools:
        cure = "Add [pools.NAME] and a rule for it; then its size can be tried."
        raise SetupError("--site", site_path, "has no pool.", cure)
    if html_path:
        _write(html_path, "")  # not after an hour of reading
    calls = read_calls(calls_path, site) if calls_path else None
    tables = _learned(site, backend) if site_path.startswith(STORED) else DEFAULT
    database = GeoDatabase(Path(geo)) if geo else None
    with closing(Logs(access_logs)) as logs, share_done("Replaying the log") as step:
        try:
            replayed = replay(
                told_by(logs, step),
                site,
                scenarios_of(site, numbers=numbers, holds=holds),
                geo=database,
                calls=calls.calls if calls else None,
                tables=tables,
                seed=seed,
            )
        except TooLong as error:
            cure = "Leave out the lines with a wrong date, or name a shorter log."
            raise SetupError("ACCESS_LOG", access_logs[0], str(error), cure) from error
    tell_left_out(logs)
    if calls:
        _tell_calls_left_out(calls)
    if replayed is None:
        raise _nothing(access_logs, logs, site)
    try:
        # First, for what is printed may go to a reader who has enough of it.
        if html_path:
            _write(html_path, report_page(replayed, site))
    finally:
        if as_json:
            print_json(plain(replayed))
        else:
            show(replayed)


COMMANDS = (replay_log,)


def _learned(site: Site, backend: str) -> Tables:
    """The weights that the site has learned, where its store is at hand."""
    if backend.startswith(("http://", "https://")):
        return DEFAULT
    with closing(open_store(backend, leases=leases_named())) as store:
        return store.read(lambda transaction: tables_in_force(transaction, site.key))


def _tell_calls_left_out(calls: CallList) -> None:
    whole = len(calls.calls) + calls.repeated + calls.elsewhere
    for count, why in (
        (calls.repeated, "calls are left out: their phone rang before, so it is known."),
        (calls.elsewhere, "calls are left out: they were to other numbers."),
    ):
        if count:
            click.echo(f"{count:,} of {whole:,} {why}", err=True)


def _nothing(paths: tuple[str, ...], logs: Logs, site: Site) -> SetupError:
    if not logs.lines:
        return SetupError("ACCESS_LOG", paths[0], "is empty.", "Name one of a day with visitors.")
    hosts = f" of {', '.join(site.hosts)}" if site.hosts else ""
    cure = f"Name a log{hosts} in the combined or JSON format, and look at the document's rules."
    return SetupError("ACCESS_LOG", paths[0], "has no page of a person for any pool.", cure)


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as exc:
        cure = "Name a file in a folder that you may write to."
        raise SetupError("--html", path, f"cannot be written: {exc.strerror}.", cure) from exc
