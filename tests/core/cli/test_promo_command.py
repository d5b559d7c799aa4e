"""``callgraft promo``, and promo codes in ``scan``, ``swap`` and ``explain``."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from callgraft import read_site
from callgraft.cli import main
from callgraft.client import open_client
from callgraft.tracking.promo_codes import with_check_digit
from callgraft.tracking.promo_values import PromoWanted
from tests.core.tracked import FIRST, rings, view

DOCUMENT = """
[site]
key = "okna"
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = ["+7 499 000-00-01", "+7 499 000-00-02"]

[promo]
fallback = "ask us"

[[rules]]
name = "Ads"
promo = true
when = { source = "yandex" }
"""
NOW = datetime.now(UTC).replace(microsecond=0)
NOBODYS = with_check_digit("10000000000")


def run(*arguments, **more):
    return CliRunner().invoke(main, arguments, **more)


@pytest.fixture(autouse=True)
def code(tmp_path, monkeypatch):
    """The code of one of two visitors who saw the same number, one of whom rang."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "callgraft.toml").write_text(DOCUMENT, encoding="utf-8")
    (tmp_path / "page.html").write_text(
        "<p>+7 495 123-45-67, code {{ promo_code }}", encoding="utf-8"
    )
    with closing(open_client("sqlite:///callgraft.db")) as client:
        client.publish(read_site(DOCUMENT), at=NOW)
        client.page_view(view("a", NOW - timedelta(minutes=3), path="/windows"))
        client.take_call(rings(FIRST, NOW - timedelta(minutes=1), raw=b"x"))
        return client.promo_code(
            PromoWanted(site="okna", session="a", visitor="visitor of a", at=NOW, digits=6)
        )


def test_a_code_tells_the_visit_its_source_and_its_pages(code):
    told = run("promo", f"{code[:3]} {code[3:]}")
    assert told.exit_code == 0, told.output
    for word in (code, "yandex", "cpc", "okna", "окна цена", "visitor of a", "/windows"):
        assert word in told.output


def test_a_code_is_told_as_json(code):
    told = json.loads(run("promo", code, "--json").output)
    assert told["code"]["session"] == "a"
    assert told["stay"]["touch"]["campaign"] == "okna"


def test_a_code_ties_a_call_to_its_visit(code):
    call = json.loads(run("calls", "--json").output)[0]["id"]
    told = run("promo", code, "--call", call)
    assert told.exit_code == 0, told.output
    assert f"The call {call} is tied to the session a, which came from yandex." in told.output
    [record] = json.loads(run("calls", "--json").output)
    assert record["attribution"]["session"] == "a"


def test_a_mistyped_code_says_so(code):
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    told = run("promo", wrong)
    assert told.exit_code == 2
    assert "its last digit does not fit the others. It was misheard or mistyped" in told.output


def test_a_code_of_nobody_says_so():
    told = run("promo", NOBODYS)
    assert told.exit_code == 1
    assert f"Nobody has the promo code {NOBODYS} of okna" in told.output


def test_a_call_that_is_not_there_says_so(code):
    told = run("promo", code, "--call", "none")
    assert told.exit_code == 2
    assert "has no call 'none'" in told.output


def test_scan_lists_where_codes_go():
    told = run("scan", "page.html", "--site", "callgraft.toml", "--json")
    number, place = json.loads(told.output)
    assert number["target"] == "main"
    assert (place["place"], place["policy"], place["written"]) == (
        "promo_code",
        "swap",
        "{{ promo_code }}",
    )


def test_explain_tells_who_is_shown_a_code_and_who_is_not():
    shown = run("explain", "https://okna.example/", "--no-fetch", "--as", "source=yandex").output
    assert "a code of the session's own (by rule 'Ads')" in shown
    other = run("explain", "https://okna.example/", "--no-fetch").output
    assert 'the text "ask us" in place of a code (no rule matched)' in other


def test_swap_puts_a_code_into_a_page():
    swap = ("swap", "--map", "+7 495 123-45-67=+7 499 000-00-01", "--promo-code")
    page = "<p>8 (495) 123-45-67, code {{ promo_code }}"
    told = run(*swap, "5724", "--region", "RU", input=page)
    assert told.output == "<p>8 (499) 000-00-01, code 5724"
    assert run(*swap, "5742", input=page).exit_code == 2


def test_check_warns_of_codes_that_nobody_is_shown(tmp_path):
    document = DOCUMENT.replace("promo = true", "promo = true\nenabled = false")
    (tmp_path / "callgraft.toml").write_text(document, encoding="utf-8")
    assert "No rule in force shows a promo code" in run("check").output
