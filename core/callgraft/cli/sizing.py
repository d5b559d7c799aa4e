"""``callgraft size``: how many numbers to buy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import click

from callgraft.accesslog import Logs, sessions_of
from callgraft.cli.demand import (
    ENOUGH,
    demand_in_store,
    plain_time_to_call,
    recommended,
    show_time_to_call,
)
from callgraft.cli.logs import tell_left_out, told_by
from callgraft.cli.options import backend_option, json_option, load_site
from callgraft.cli.output import duration, print_json, print_table, share_done
from callgraft.cli.spans import Span
from callgraft.errors import SetupError
from callgraft.geo import GeoDatabase
from callgraft.site import Site
from callgraft.sizing import SHARES, Advice, Demand, advise, even_days
from callgraft.sizing.advice import HOLDS
from callgraft.sizing.demand import MOST_DAYS
from callgraft.sizing.history import PoolDemand
from callgraft.sizing.pools import EVERYBODY, demand_by_pool

_TYPICAL_HOLD = timedelta(minutes=30)
_BARS = 12
_WIDTH = 40


@click.command()
@click.option("--per-day", type=click.FloatRange(1, 10_000_000), help="Sessions a day.")
@click.option(
    "--log",
    "log_paths",
    metavar="ACCESS_LOG",
    multiple=True,
    help="Count them in this log of nginx or Apache (combined or JSON, gzip too; - for a pipe);"
    " several are read as one.",
)
@click.option(
    "--site",
    "site_path",
    help="A Site document (or store:KEY): its rules say which pool each session needs. Alone, its"
    " tracking store is asked who came, and how soon they rang.",
)
@backend_option
@click.option(
    "--days",
    type=click.IntRange(1, MOST_DAYS),
    help="With the store: how far to look back.  [default: 28]",
)
@click.option("--geo", metavar="FILE", help="MaxMind-format city database, for rules on place.")
@click.option(
    "--hold", type=Span(), help="How long a number is guaranteed.  [default: the pool's, or 30m]"
)
@click.option(
    "--stay",
    type=Span(),
    default="3m",
    show_default=True,
    help="With --per-day: from first to last page, on average.",
)
@click.option(
    "--busiest",
    type=click.FloatRange(0, 100, min_open=True),
    help="With --per-day: the busiest hour's share of a day, in percent.  [default: 7]",
)
@click.option("--price", type=click.FloatRange(0), help="Of one number, a month.")
@json_option
def size(
    per_day: float | None,
    log_paths: tuple[str, ...],
    site_path: str | None,
    backend: str,
    days: int | None,
    geo: str | None,
    hold: timedelta | None,
    stay: timedelta,
    busiest: float | None,
    price: float | None,
    as_json: bool,
) -> None:
    """
    Say how many numbers a pool needs: from sessions a day, from an access log, or from the
    history in the tracking store, which also tells what hold its calls ask for.

    Each session gets a number of its own for as long as it stays, and for the hold; the answer is
    how many it takes until that works for 80, 90, 95 or 99 of 100 sessions. The others see the
    overflow number: the source is known, the visitor is not.

    Example: callgraft size --per-day 3000 --hold 30m --price 2.50
    """
    if (per_day is not None and log_paths) or not (per_day is not None or log_paths or site_path):
        raise click.UsageError(
            "Give either --per-day, or --log, or --site alone to count in its tracking store."
        )
    if per_day is not None and (site_path or geo):
        raise click.UsageError("--site and --geo ask who came: they need --log.")
    if (geo and not log_paths) or (days and (log_paths or per_day is not None)):
        raise click.UsageError("--geo is of use with --log, --days with the store.")
    site = load_site(site_path, backend=backend) if site_path else None
    told: dict[str, PoolDemand] = {}
    if per_day is not None:
        demands = {EVERYBODY: even_days(per_day, stay=stay, busiest=_busiest(busiest) or 0)}
    elif log_paths:
        demands = _of_log(log_paths, site, GeoDatabase(Path(geo)) if geo else None)
    else:
        told = demand_in_store(_asked_for(site), backend, days or _DAYS)
        demands = {pool: each.demand() for pool, each in told.items()}
    advices = {
        pool: advise(demand, _hold(hold, site, pool), holds=_holds(told.get(pool)))
        for pool, demand in demands.items()
    }
    if as_json:
        print_json(
            {
                pool: {
                    **_plain(demands[pool], advice),
                    "when_full": _when_full(site, pool),
                    **(
                        {"time_to_call": plain_time_to_call(told[pool], advice.hold)}
                        if told
                        else {}
                    ),
                }
                for pool, advice in advices.items()
            }
        )
        return
    for pool, advice in advices.items():
        _show(pool, demands[pool], advice, price, overflow=_overflow(site, pool))
        if pool in told:
            show_time_to_call(told[pool], advice.hold)
        if _when_full(site, pool) == "share":
            click.echo(_SHARES)


COMMANDS = (size,)


_DAYS = 28
_SHARES = (
    "The pool shares its numbers when all are held: it is never too small to work, but calls are"
    " told apart less surely. `callgraft replay` shows on a log how that fades with fewer numbers,"
    " `callgraft simulate` on any traffic."
)


def _asked_for(site: Site | None) -> Site:
    if site is None or not site.pools:
        raise SetupError("--site", site and site.key, "has no pool.", "Add [pools.NAME].")
    return site


def _holds(told: PoolDemand | None) -> list[timedelta]:
    """The holds that are compared: the usual ones, and the one that the calls ask for."""
    return sorted({*HOLDS, recommended(told)} if told and told.calls >= ENOUGH else HOLDS)


def _overflow(site: Site | None, pool: str) -> int:
    """How many numbers a pool needs on top; one, where nobody says that it has none."""
    return int(not (site and pool in site.pools and site.pools[pool].overflow is None))


def _when_full(site: Site | None, pool: str) -> str | None:
    if site is None or pool not in site.pools:
        return None
    return "share" if site.pools[pool].is_sharing else "overflow"


def _busiest(percent: float | None) -> float | None:
    if percent is None:
        return None
    if percent < 100 / 24:
        raise click.UsageError("No hour can be the busiest with less than 1/24 (4.2 %) of a day.")
    return min(percent / 100, 0.99)


def _hold(given: timedelta | None, site: Site | None, pool: str) -> timedelta:
    if given is not None:
        return given
    return site.pools[pool].hold if site and pool in site.pools else _TYPICAL_HOLD


def _of_log(
    paths: tuple[str, ...], site: Site | None, geo: GeoDatabase | None
) -> dict[str, Demand]:
    with closing(Logs(paths)) as log, share_done("Reading the log") as step:
        try:
            demands = demand_by_pool(sessions_of(told_by(log, step)), site, geo)
        except ValueError as error:
            cure = "Leave out the lines with a wrong date, or name a shorter log."
            raise SetupError("--log", " ".join(paths), str(error), cure) from error
    tell_left_out(log)
    if not log.lines:
        raise SetupError("--log", " ".join(paths), "is empty.", "Name one of a day with visitors.")
    if not demands:
        what = "for a pool of the site" if site else "of people"
        cure = "Name a log in the combined or JSON format, of the site's own visitors."
        raise SetupError("--log", " ".join(paths), f"has no page views {what}.", cure)
    return demands


def _show(pool: str, demand: Demand, advice: Advice, price: float | None, *, overflow: int) -> None:
    rows = [
        (
            *(f"{share:.0%}", advice.numbers[share]),
            advice.numbers[share] + overflow if overflow else "",
            f"{price * (advice.numbers[share] + overflow):,.2f}" if price is not None else "",
            advice.thumb[share],
        )
        for share in SHARES
    ]
    columns = ("coverage", "numbers", "with overflow", "cost a month", "rule of thumb")
    title = (
        f"{pool}: {demand.per_day:,.0f} sessions a day, {demand.busiest_hour:,.0f} in the busiest"
        f" hour, hold {duration(advice.hold)}"
    )
    print_table(columns, rows, title=title)
    click.echo("Coverage by numbers")
    for numbers, share in _chart(advice):
        click.echo(f"  {numbers:>6,}  {'█' * round(share * _WIDTH):<{_WIDTH}}  {share:>4.0%}")
    click.echo("\nNumbers for 90 % with another hold")
    print_table(("hold", "numbers"), [(duration(one.hold), one.numbers) for one in advice.holds])
    click.echo(
        f"The trade's rules know no hold and no coverage: sessions ÷ 100 + 1 is"
        f" {advice.per_hundred:,}; sessions at one time and a fifth more is {advice.peak:,}."
    )


def _chart(advice: Advice) -> Iterator[tuple[int, float]]:
    """The curve at a dozen places, the last of them its end."""
    last = len(advice.curve) - 1
    for place in sorted({round(last * bar / _BARS) for bar in range(1, _BARS + 1)}):
        yield place, advice.curve[place]


def _plain(demand: Demand, advice: Advice) -> Mapping[str, object]:
    return {
        "sessions_per_day": demand.per_day,
        "busiest_hour": demand.busiest_hour,
        "mean_stay": demand.stays.mean,
        "hold": advice.hold,
        "numbers": {f"{share:.2f}": count for share, count in advice.numbers.items()},
        "rule_of_thumb": {f"{share:.2f}": count for share, count in advice.thumb.items()},
        "sessions_per_hundred_plus_one": advice.per_hundred,
        "peak_plus_a_fifth": advice.peak,
        "numbers_for_90_percent_by_hold": {duration(one.hold): one.numbers for one in advice.holds},
        "curve": advice.curve,
    }
