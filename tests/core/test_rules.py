from datetime import UTC, datetime

import pytest

from callgraft import phone
from callgraft.conditions import read_condition
from callgraft.geo import Location
from callgraft.rules import Circumstances, Decision, Rule, Trial, decide
from callgraft.site import Pool, Site, Target
from callgraft.source import Touch

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def here(source="yandex", region="RU-MOW"):
    return Circumstances(
        at=NOON,
        touch=Touch(source=source, medium="cpc", channel="paid search"),
        location=Location(country=region[:2], region=region),
    )


def rule(name, when=None, *, target="main", **outcome):
    return Rule(name=name, target=target, when=when and read_condition(when), **outcome)


def site(*rules):
    return Site(
        key="okna",
        targets={"main": Target(key="main", number=phone.read("+7 495 123-45-67"))},
        pools={"direct": Pool(key="direct", numbers=(phone.read("+7 499 000-00-01"),))},
        rules=rules,
    )


DIRECT = rule("Direct", {"source": "yandex"}, pool="direct")
PITER = rule("Petersburg", {"region": ["RU-SPE", "RU-LEN"]}, pool="piter")
ALL = rule("All", fixed="billboard")
KEEP = rule("Keep", {"region": "RU-MOW"})


def test_the_first_rule_that_matches_decides():
    decision = decide(site(PITER, DIRECT, ALL), "main", here())
    assert decision == Decision(
        target="main",
        pool="direct",
        fixed=None,
        rule="Direct",
        tried=(
            Trial(
                rule="Petersburg",
                matched=False,
                because="region is RU-MOW; the rule wants RU-SPE or RU-LEN",
            ),
            Trial(rule="Direct", matched=True, because='source is "yandex"'),
        ),
    )
    assert decision.because == 'rule "Direct" matched: source is "yandex"'


def test_the_order_of_the_rules_counts():
    assert decide(site(ALL, DIRECT), "main", here()).rule == "All"
    assert decide(site(DIRECT, ALL), "main", here()).rule == "Direct"


def test_no_match_leaves_the_number_alone():
    decision = decide(site(PITER, DIRECT), "main", here(source="google"))
    assert (decision.pool, decision.fixed, decision.rule) == (None, None, None)
    assert [trial.because for trial in decision.tried] == [
        "region is RU-MOW; the rule wants RU-SPE or RU-LEN",
        'source is "google"; the rule wants "yandex"',
    ]
    assert decision.because == "no rule matched; the number stays"


def test_a_site_without_rules_leaves_every_number_alone():
    assert decide(site(), "main", here()).because == "no rule matched; the number stays"


def test_a_rule_that_is_switched_off_is_told_but_never_matches():
    off = rule("Off", pool="direct", enabled=False)
    decision = decide(site(off, ALL), "main", here())
    assert decision.rule == "All"
    assert decision.tried == (
        Trial(rule="Off", matched=False, because="switched off"),
        Trial(rule="All", matched=True, because="the rule has no condition"),
    )


def test_rules_for_other_targets_are_not_tried():
    decision = decide(site(rule("Other", target="sales", pool="direct"), ALL), "main", here())
    assert [trial.rule for trial in decision.tried] == ["All"]
    assert decision.fixed == "billboard"


def test_a_rule_may_keep_the_number_against_rules_below_it():
    decision = decide(site(KEEP, ALL), "main", here())
    assert (decision.pool, decision.fixed, decision.rule) == (None, None, "Keep")
    assert decision.because == 'rule "Keep" matched: region is RU-MOW; the number stays'


@pytest.mark.parametrize("source", ["yandex", "google"])
@pytest.mark.parametrize("region", ["RU-MOW", "RU-SPE", "US-NY"])
@pytest.mark.parametrize("rules", [(PITER, DIRECT, KEEP), (KEEP, PITER), (DIRECT, ALL), ()])
def test_a_decision_without_an_explanation_is_the_same_decision(source, region, rules):
    full = decide(site(*rules), "main", here(source, region))
    short = decide(site(*rules), "main", here(source, region), explain=False)
    assert (short.pool, short.fixed, short.rule) == (full.pool, full.fixed, full.rule)
    assert short.tried == ()


def test_a_decision_without_an_explanation_names_its_rule():
    assert decide(site(DIRECT), "main", here(), explain=False).because == 'rule "Direct" matched'
