"""``callgraft simulate``, as an operator uses it."""

from __future__ import annotations

import json

from click.testing import CliRunner

from callgraft.cli import main

TINY = ("simulate", "--scenario", "small", "--sessions-per-day", "200", "--days", "2")


def test_the_policies_stand_side_by_side_with_a_chart() -> None:
    result = CliRunner().invoke(main, [*TINY, "--numbers", "5", "--seeds", "2"])
    assert result.exit_code == 0, result.output
    assert "small: 200 sessions a day, 5 numbers, 2 days, worlds: 2" in result.output
    for told in ("fixed, 6 min", "lazy", "ours, same recall", "Calibration error", "±", "█"):
        assert told in result.output


def test_the_same_seed_prints_the_same_json() -> None:
    first, again = (CliRunner().invoke(main, [*TINY, "--seeds", "1", "--json"]) for _ in range(2))
    assert first.output == again.output
    told = json.loads(first.output)
    assert told["scenario"]["sessions_per_day"] == 200
    assert set(told["policies"]) == {"fixed", "lazy", "equal", "ours"}
    assert told["cut"]["within"] is None  # one world tells nothing of others


def test_numbers_for_a_recall_are_counted_for_each_policy() -> None:
    wanted = ("--seeds", "1", "--numbers", "3", "--numbers-for-recall", "0.5", "--json")
    result = CliRunner().invoke(main, [*TINY, *wanted])
    assert result.exit_code == 0, result.output
    needed = json.loads(result.output)["numbers_needed"]
    assert set(needed) == {"lazy, 30 min", "lazy, best hold", "ours"}
    assert needed["lazy, best hold"][0] <= needed["lazy, 30 min"][0]


def test_an_unknown_scenario_is_refused_with_those_there_are() -> None:
    result = CliRunner().invoke(main, ["simulate", "--scenario", "calm"])
    assert result.exit_code == 2
    assert "standard" in result.output
