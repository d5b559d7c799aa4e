# ruff: noqa: E501 - the table shows each mistake in one line, as an operator reads it
"""Promo codes in the Site document."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from callgraft import read_site
from callgraft.changes import changes
from callgraft.errors import SiteErrors
from callgraft.promo import PROMO, Promo
from callgraft.rules import Circumstances, decide
from callgraft.site_toml import starter_document
from callgraft.source import UNKNOWN
from tests.core.tracked import NOON

BASE = """
[site]
key = "okna"
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = ["+7 499 000-00-01"]
"""
RULE = '\n[[rules]]\nname = "Code"\npromo = true\n'
README = (Path(__file__).parents[2] / "core/README.md").read_text(encoding="utf-8")


def promo_of(text):
    return read_site(BASE + text).promo


def test_a_document_without_promo_codes_has_none():
    assert promo_of("") is None


def test_a_rule_alone_is_enough():
    assert promo_of(RULE) == Promo(placeholder="{{ promo_code }}", fallback="", digits=6)


def test_the_section_says_how_the_site_marks_the_place():
    text = '[promo]\nplaceholder = "PROMO-CODE"\nfallback = "спросите нас"\ndigits = 8\n'
    assert promo_of(text) == Promo(placeholder="PROMO-CODE", fallback="спросите нас", digits=8)


def test_the_readme_shows_the_defaults():
    [block] = [each for each in re.findall(r"```toml\n(.*?)```", README, re.S) if "[promo]" in each]
    site = read_site(BASE + block)
    assert site.promo == Promo()
    assert [rule.promo for rule in site.rules] == [False, True]


def test_the_first_rule_that_matches_decides_about_the_code_alone():
    site = read_site(
        BASE
        + '\n[[rules]]\nname = "Direct"\ntarget = "main"\npool = "direct"\n'
        + '\n[[rules]]\nname = "Not here"\npromo = false\nwhen = { path = "/press/*" }\n'
        + RULE
    )
    press = Circumstances(at=NOON, touch=UNKNOWN, path="/press/1")
    assert not decide(site, PROMO, press).promo
    assert decide(site, PROMO, press).because.endswith("no promo code is shown")
    assert decide(site, PROMO, Circumstances(at=NOON, touch=UNKNOWN)).promo
    assert decide(site, "main", press).pool == "direct"


def test_a_change_of_it_is_told():
    before, after = read_site(BASE + RULE), read_site(BASE + RULE + "[promo]\ndigits = 7\n")
    assert changes(before, after) == ["promo: changed"]


def test_the_starter_document_shows_how():
    text = starter_document("okna", ["okna.example"], "RU", "+7 495 123-45-67")
    assert "{{ promo_code }}" in text
    assert "# promo = true" in text


def test_a_rule_hides_its_number():
    rule = '[[rules]]\nname = "x"\ntarget = "main"\npool = "direct"\nreveal = true\n'
    site = read_site(BASE + '[reveal]\nlabel = "Показать"\n' + rule)
    assert (site.reveal_label, site.rules[0].reveal) == ("Показать", True)
    assert read_site(BASE + rule).reveal_label == "Show the number"


def test_the_readme_shows_the_label_of_hidden_numbers():
    [block] = [
        each for each in re.findall(r"```toml\n(.*?)```", README, re.S) if "[reveal]" in each
    ]
    site = read_site(BASE + block)
    assert site.reveal_label == read_site(BASE).reveal_label
    assert site.rules[0].reveal


# fmt: off
@pytest.mark.parametrize(
    ("text", "where", "problem"),
    [
        ('[promo]\nplacholder = "X-CODE"', "promo.placholder = 'X-CODE'", 'there is no such key here. Did you mean "placeholder"?'),
        ("promo = true", "pools.direct.promo = True", "there is no such key here. Known are:"),
        ('[promo]\nplaceholder = "<b>"', "promo.placeholder = '<b>'", 'a mark is a name in {{ }}, or 4 to 40 Latin letters, digits and signs. Write placeholder = "{{ promo_code }}", or "PROMO-CODE".'),
        ('[promo]\nplaceholder = "{{ a b }}"', "promo.placeholder = '{{ a b }}'", "a mark is a name in {{ }}"),
        ('[promo]\nplaceholder = "код"', "promo.placeholder = 'код'", "a mark is a name in {{ }}"),
        ('[promo]\nplaceholder = 5', "promo.placeholder = 5", 'it takes text, not a number.'),
        ('[promo]\nfallback = "<b>ask</b>"', "promo.fallback = '<b>ask</b>'", "it is plain text on one line, without < > & \" ' \\ ` { }. Write fallback = \"ask us\", or leave it out."),
        ('[promo]\nfallback = true', "promo.fallback = True", "it is plain text on one line"),
        ('[promo]\ndigits = 3', "promo.digits = 3", "a code has 4 to 12 digits. Write digits = 6."),
        ('[promo]\ndigits = "6"', "promo.digits = '6'", "it takes a whole number, from 0 on. Write digits = 6."),
        (RULE + 'pool = "direct"', "rules[0].pool = 'direct'", 'in rule "Code", a rule about the promo code is about no number. Take pool away, or make two rules of it.'),
        (RULE + 'target = "main"', "rules[0].target = 'main'", "a rule about the promo code is about no number."),
        (RULE + "reveal = true", "rules[0].reveal = True", "a rule about the promo code is about no number."),
        ('[[rules]]\nname = "x"\ntarget = "main"\npool = "direct"\nreveal = "x"', "rules[0].reveal = 'x'", "it is true or false, not text. Write reveal = true."),
        ('[reveal]\nlabel = 5', "reveal.label = 5", 'it takes text, not a number. Write label = "Показать номер".'),
        ('[reveal]\nname = "x"', "reveal.name = 'x'", "there is no such key here."),
        (RULE.replace("true", '"yes"'), "rules[0].promo = 'yes'", "it is true or false, not text. Write promo = true."),
        (RULE + "when = { campain = 1 }", "rules[0].when.campain = 1", 'there is no such condition. Did you mean "campaign"?'),
    ],
)
def test_a_mistake_names_the_key_the_value_and_the_cure(text, where, problem):
    with pytest.raises(SiteErrors) as caught:
        read_site(BASE + text)
    [told] = caught.value.problems
    assert str(told).lower().startswith(where.lower())
    assert problem in str(told)


def test_all_mistakes_are_told_at_once():
    with pytest.raises(SiteErrors) as caught:
        read_site(BASE + '[promo]\ndigits = 99\nfallback = "<"\nplaceholder = "x"\n' + RULE + 'fixed = "y"\n')
    assert [each.key for each in caught.value.problems] == ["rules[0].fixed", "promo.placeholder", "promo.fallback", "promo.digits"]
