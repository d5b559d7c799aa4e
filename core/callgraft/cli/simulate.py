"""``callgraft simulate``: what attribution comes to, before a number is bought."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta

import click

from callgraft.cli.options import json_option
from callgraft.cli.output import duration, print_json, print_table, share_done
from callgraft.simulation.scenarios import SCENARIOS, Scenario
from callgraft.simulation.trials import (
    THRESHOLDS,
    Figure,
    Trial,
    changed,
    figure,
    figures,
    numbers_needed,
    trial,
)

_WIDTH = 40


@click.command()
@click.option(
    "--scenario",
    "name",
    type=click.Choice(sorted(SCENARIOS)),
    default="standard",
    show_default=True,
    help="How the world is: its traffic, and what is unusual in it.",
)
@click.option("--sessions-per-day", type=click.FloatRange(10, 1_000_000), help="In its place.")
@click.option("--numbers", type=click.IntRange(1, 100_000), help="Numbers in the pool.")
@click.option("--days", type=click.IntRange(1, 60), help="Half of them to learn.  [default: 12]")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the first world.")
@click.option(
    "--seeds", type=click.IntRange(1, 100), default=5, show_default=True, help="How many worlds."
)
@click.option(
    "--numbers-for-recall",
    "recall",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Also find how many numbers each policy needs for this recall; takes ten times as long.",
)
@json_option
def simulate(
    name: str,
    sessions_per_day: float | None,
    numbers: int | None,
    days: int | None,
    seed: int,
    seeds: int,
    recall: float | None,
    as_json: bool,
) -> None:
    """
    Simulate a site's visitors and callers, and compare three policies on the same numbers.

    "fixed" holds a number for six minutes; "lazy" takes back the one idle longest, remembers
    callers, and has the reservation that suits it best; both match a call with whoever had the
    number last. "ours" is this program's own allocation, attribution and learning. Everything is
    learned on the first half of the days and scored on the second.

    Example: callgraft simulate --scenario small --seeds 3
    """
    given = {"sessions_per_day": sessions_per_day, "numbers": numbers, "days": days}
    scenario = changed(SCENARIOS[name], given)
    with _quietly():
        trials = _trials(scenario, range(seed, seed + seeds))
        needed = _needed(scenario, range(seed, seed + seeds), recall) if recall else {}
    if as_json:
        print_json(_plain(scenario, trials, needed))
        return
    _show(scenario, trials)
    if recall:
        rows = [(policy, _count(each)) for policy, each in needed.items()]
        print_table(("policy", "numbers"), rows, title=f"Numbers for a recall of {recall:.0%}")


COMMANDS = (simulate,)


@contextmanager
def _quietly() -> Iterator[None]:
    """A pool that runs dry is nobody's trouble here."""
    logger = logging.getLogger("callgraft")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def _trials(scenario: Scenario, seeds: Sequence[int]) -> list[Trial]:
    with share_done("Simulating") as bar:
        return [
            trial(
                scenario,
                seed,
                step=lambda share, done=done: bar(  # type: ignore[misc]  # each its own
                    round(1000 * (done + share)), 1000 * len(seeds)
                ),
            )
            for done, seed in enumerate(seeds)
        ]


def _needed(
    scenario: Scenario, seeds: Sequence[int], recall: float
) -> Mapping[str, Sequence[int | None]]:
    with share_done("Counting numbers") as bar:
        found = [
            numbers_needed(
                scenario,
                seed,
                recall,
                step=lambda share, done=done: bar(  # type: ignore[misc]  # each its own
                    round(1000 * (done + share)), 1000 * len(seeds)
                ),
            )
            for done, seed in enumerate(seeds)
        ]
    return {policy: [each[policy] for each in found] for policy in found[0]}


def _show(scenario: Scenario, trials: Sequence[Trial]) -> None:
    scored = {
        "fixed, 6 min": [each.fixed for each in trials],
        f"lazy, {_holds(trials)}": [each.lazy for each in trials],
        "ours, same recall": [each.equal for each in trials],
        "ours": [each.ours for each in trials],
    }
    rows = []
    for policy, scores in scored.items():
        told = figures(scores)
        rows.append(
            (
                policy,
                _number(told["wrong"]),
                *(_share(told[each]) for each in ("recall", "accuracy", "coverage", "source")),
            )
        )
    columns = ("policy", "wrong in 100", "recall", "accuracy", "coverage", "source")
    title = (
        f"{scenario.name}: {scenario.sessions_per_day:,.0f} sessions a day,"
        f" {scenario.numbers:,} numbers, {scenario.days} days, worlds: {len(trials)}"
    )
    print_table(columns, rows, title=title)
    if len(trials) > 1:
        click.echo("In percent; ± is the 95 % interval of the mean over the worlds.")
    click.echo(f"Wrong matches less than lazy's at its recall: {_percent(_over(trials, 'cut'))}")
    sure = _percent(_over(trials, "recall_when_sure"))
    click.echo(f"Recall of ours at 95 % accuracy: {sure}")
    error = _over(trials, "calibration_error")
    click.echo(f"Calibration error of our probabilities: {error.mean:.3f}{_within(error, '.3f')}\n")
    _chart(trials)


def _chart(trials: Sequence[Trial]) -> None:
    """Recall against accuracy: ours by threshold, and the others."""
    click.echo("Recall (bar) and accuracy")
    bars = [
        (
            "fixed",
            _mean([each.fixed.recall for each in trials]),
            [t.fixed.accuracy for t in trials],
        ),
        ("lazy", _mean([each.lazy.recall for each in trials]), [t.lazy.accuracy for t in trials]),
    ]
    for place, threshold in enumerate(THRESHOLDS):
        points = [each.curve[place] for each in trials]
        name = f"ours, from {threshold:.0%} on" if threshold else "ours, all"
        bars.append((name, _mean([point[1] for point in points]), [point[2] for point in points]))
    for name, recall, accuracy in bars:
        bar = "█" * round(recall * _WIDTH)
        click.echo(f"  {name:<17} {bar:<{_WIDTH}} {recall:>6.1%} {_mean(accuracy):>7.1%}")


def _plain(
    scenario: Scenario, trials: Sequence[Trial], needed: Mapping[str, Sequence[int | None]]
) -> Mapping[str, object]:
    policies = ("fixed", "lazy", "equal", "ours")
    return {
        "scenario": scenario,
        "policies": {
            policy: dict(figures([getattr(each, policy) for each in trials])) for policy in policies
        },
        "cut": _over(trials, "cut"),
        "recall_at_95_percent_accuracy": _over(trials, "recall_when_sure"),
        "calibration_error": _over(trials, "calibration_error"),
        "numbers_needed": dict(needed),
        "trials": list(trials),
    }


def _over(trials: Sequence[Trial], name: str) -> Figure:
    return figure([getattr(each, name) for each in trials])


def _holds(trials: Sequence[Trial]) -> str:
    holds = sorted({each.hold for each in trials})
    return " or ".join(duration(timedelta(seconds=hold)) for hold in holds)


def _mean(values: Sequence[float]) -> float:
    return figure(values).mean


def _number(told: Figure) -> str:
    return f"{told.mean:.1f}{_within(told, '.1f')}"


def _share(told: Figure) -> str:
    return f"{100 * told.mean:.1f}{_within(told, '.1f', 100)}"


def _percent(told: Figure) -> str:
    return f"{100 * told.mean:.1f}{_within(told, '.1f', 100)} %"


def _within(told: Figure, form: str, scale: float = 1) -> str:
    return "" if told.within is None else f" ± {scale * told.within:{form}}"


def _count(found: Sequence[int | None]) -> str:
    counts = [each for each in found if each is not None]
    if len(counts) < len(found):
        return "not reached"
    told = figure([float(each) for each in counts])
    return f"{told.mean:.0f}{_within(told, '.0f')}"
