import base64
import re
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from callgraft import phone
from callgraft.conditions import AllOf, CodeIs, TextIs
from callgraft.errors import SiteErrors
from callgraft.patterns import Pattern
from callgraft.privacy import Consent, Privacy
from callgraft.rules import Rule
from callgraft.site import Fixed, Pool, Provider, Quiet, Step, Target
from callgraft.site_toml import read_published, read_site, starter_document

OKNA = (Path(__file__).parent / "site_documents" / "okna.toml").read_text(encoding="utf-8")

SMALL = """
[site]
key = "okna"
region = "RU"

[targets.main]
number = "+7 495 123-45-67"
"""

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def number(text):
    return phone.read(text, "RU")


def small(more=""):
    return read_site(SMALL + more)


def test_the_document_of_the_design_reads_as_it_stands():
    site = read_site(OKNA)
    assert site.key == "okna"
    assert site.hosts == ("okna.example", "www.okna.example")
    assert site.region == "RU"
    assert site.timezone == ZoneInfo("Europe/Moscow")
    assert site.targets == {
        "main": Target(
            key="main",
            number=number("+7 495 123-45-67"),
            route=(
                Step(ring=(number("+7 495 123-45-67"),), timeout=timedelta(seconds=25)),
                Step(ring=(number("+7 916 000-00-01"),), timeout=timedelta(seconds=20)),
            ),
        )
    }
    assert site.pools == {
        "direct": Pool(
            key="direct",
            numbers=(number("+7 499 000-00-01"), number("+7 499 000-00-02")),
            overflow=number("+7 499 000-00-99"),
            hold=timedelta(minutes=30),
        ),
        "piter": Pool(
            key="piter",
            numbers=(number("+7 812 000-00-01"),),
            overflow=number("+7 812 000-00-99"),
        ),
    }
    assert site.fixed == {
        "billboard": Fixed(
            key="billboard",
            number=number("+7 499 000-00-77"),
            source="billboard",
            medium="offline",
        )
    }
    assert site.rules == (
        Rule(
            name="Yandex Direct, Moscow",
            target="main",
            pool="direct",
            when=AllOf(
                (
                    TextIs("source", (Pattern("yandex"),)),
                    TextIs("medium", (Pattern("cpc"),)),
                    CodeIs("region", ("RU-MOW",)),
                )
            ),
        ),
        Rule(
            name="Petersburg",
            target="main",
            pool="piter",
            when=CodeIs("region", ("RU-SPE", "RU-LEN")),
        ),
    )
    assert site.providers == {}
    assert site.document == OKNA


def test_what_a_document_leaves_out_has_a_sensible_value():
    site = small()
    assert site.hosts == ()
    assert site.timezone == ZoneInfo("UTC")
    assert site.rules == ()
    assert site.targets["main"].route == ()
    assert site.targets["main"].places == {}


def test_numbers_are_read_in_the_notation_of_the_site():
    site = read_site(OKNA.replace('"+7 812 000-00-01"', '"8 (812) 000-00-01"'))
    assert site.pools["piter"].numbers[0].e164 == "+78120000001"


def test_the_version_is_that_of_the_text_but_not_of_its_line_ends():
    site = read_site(OKNA)
    assert re.fullmatch("[0-9a-f]{16}", site.version)
    assert read_site(OKNA).version == site.version
    assert read_site("\ufeff" + OKNA.replace("\n", "\r\n")).version == site.version
    assert read_site(OKNA + "# touched\n").version != site.version


def test_a_target_says_where_on_a_page_it_counts():
    target = small('only = ["#header .phone", "a"]\nexcept = ["footer"]\nlocal = true').targets[
        "main"
    ]
    assert (target.only, target.except_) == (("#header .phone", "a"), ("footer",))
    assert target.local
    plain = small("").targets["main"]
    assert (plain.only, plain.except_, plain.local) == ((), (), False)


def test_a_target_says_which_places_differ_from_the_policy():
    site = small('places.json_ld = "swap"\nplaces.link = "keep"')
    assert site.targets["main"].places == {"json_ld": "swap", "link": "keep"}


def test_a_pool_can_be_told_everything():
    site = small(
        '[pools.p]\nnumbers = ["+7 499 000-00-01"]\nhold = "1h30m"\ncool_off = "2d"\n'
        'source = "vk"\nmedium = "social"\nwhen_full = "overflow"\nper_network = 3\n'
        'quarantine = ["+7 499 000-00-02"]\nquarantine_for = "7d"\nquarantine_calls = 2\n'
        'draining = ["+7 499 000-00-03"]'
    )
    assert site.pools["p"] == Pool(
        key="p",
        numbers=(number("+7 499 000-00-01"),),
        hold=timedelta(minutes=90),
        cool_off=timedelta(days=2),
        source="vk",
        medium="social",
        when_full="overflow",
        per_network=3,
        quarantine=(number("+7 499 000-00-02"),),
        quiet=Quiet(span=timedelta(days=7), calls=2),
        draining=(number("+7 499 000-00-03"),),
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("25s", timedelta(seconds=25)),
        ("30m", timedelta(minutes=30)),
        ("90m", timedelta(minutes=90)),
        ("1h30m", timedelta(minutes=90)),
        ("1h 30m", timedelta(minutes=90)),
        ("2d", timedelta(days=2)),
        ("366d", timedelta(days=366)),
        ("1d2h3m4s", timedelta(days=1, hours=2, minutes=3, seconds=4)),
    ],
)
def test_a_duration_is_written_with_its_units(written, meant):
    site = small(f'[pools.p]\nnumbers = ["+7 499 000-00-01"]\nhold = "{written}"')
    assert site.pools["p"].hold == meant


def test_no_cool_off_may_be_said_in_so_many_words():
    site = small('[pools.p]\nnumbers = ["+7 499 000-00-01"]\ncool_off = "0s"')
    assert site.pools["p"].cool_off == timedelta(0)


def test_a_rule_may_lead_to_a_pool_to_a_fixed_number_or_nowhere():
    site = small(
        '[pools.p]\nnumbers = ["+7 499 000-00-01"]\n'
        '[fixed.f]\nnumber = "+7 499 000-00-77"\nsource = "radio"\n'
        '[[rules]]\nname = "a"\ntarget = "main"\nfixed = "f"\nwhen = { source = "radio" }\n'
        '[[rules]]\nname = "b"\ntarget = "main"\nkeep = true\nwhen = { device = "tablet" }\n'
        '[[rules]]\nname = "c"\ntarget = "main"\npool = "p"\nenabled = false\n'
    )
    assert [(rule.pool, rule.fixed, rule.enabled) for rule in site.rules] == [
        (None, "f", True),
        (None, None, True),
        ("p", None, False),
    ]
    assert site.rules[2].when is None


def test_two_targets_may_have_rules_of_one_name():
    rule = '[[rules]]\nname = "all"\ntarget = "{}"\nkeep = true\n'
    site = small(
        '[targets.sales]\nnumber = "+7 495 765-43-21"\n'
        + rule.format("main")
        + rule.format("sales")
    )
    assert [rule.target for rule in site.rules] == ["main", "sales"]


def test_hosts_in_national_letters_are_kept_in_punycode():
    site = read_site(SMALL.replace('region = "RU"', 'hosts = ["окна.рф", "xn--80atjc.xn--p1ai"]'))
    assert site.hosts == ("xn--80atjc.xn--p1ai",)


def test_a_site_on_a_workbench_may_be_served_by_address():
    hosts = '["localhost", "127.0.0.1", "::1"]'
    site = read_site(SMALL.replace('region = "RU"', f"hosts = {hosts}"))
    assert site.hosts == ("localhost", "127.0.0.1", "::1")


def test_listed_contact_pages_take_the_place_of_the_usual_ones():
    site = read_site(SMALL.replace('region = "RU"', 'contact_pages = ["/где-мы/*"]'))
    assert site.contact_pages == ("/где-мы/*",)
    assert site.about_pages == ()


@pytest.mark.parametrize("length", [24, 64])
def test_a_secret_has_24_to_64_bytes(length):
    secret = "whsec_" + base64.b64encode(bytes(length)).decode()
    site = small(f'[providers.generic]\nsecret = "{secret}"')
    assert site.providers["generic"].secrets == (secret,)


@pytest.mark.parametrize("length", [23, 65])
def test_other_lengths_of_a_secret_are_refused(length):
    secret = "whsec_" + base64.b64encode(bytes(length)).decode()
    with pytest.raises(SiteErrors, match=f"the secret has {length} bytes, not 24 to 64"):
        small(f'[providers.generic]\nsecret = "{secret}"')


def test_a_secret_is_written_out_or_taken_from_the_environment():
    document = SMALL + f'[providers.generic]\nsecret = ["env:NEW", "{OTHER_SECRET}"]'
    site = read_site(document, environ={"NEW": SECRET})
    assert site.providers == {"generic": Provider(key="generic", secrets=(SECRET, OTHER_SECRET))}
    assert SECRET not in site.document
    assert SECRET not in repr(site.providers)


def test_whoever_only_shows_pages_needs_no_secret():
    document = SMALL + f'[providers.generic]\nsecret = ["env:NEW", "{OTHER_SECRET}"]'
    assert read_site(document, environ=None).providers["generic"].secrets == (OTHER_SECRET,)


@pytest.mark.parametrize(
    ("region", "written", "zone"),
    [
        ("RU", "8 (495) 123-45-67", "Europe/Moscow"),
        ("GB", "020 7946 0123", "Europe/London"),
        ("US", "(212) 555-0123", "America/New_York"),
        (None, "+7 495 123-45-67", "Europe/Moscow"),
        # Nobody is at home at a toll-free number.
        ("US", "+1 800 555 0199", "UTC"),
    ],
)
def test_the_first_document_reads_without_a_problem(region, written, zone):
    site = read_site(starter_document("okna", ["okna.example"], region, written))
    assert site.key == "okna"
    assert site.hosts == ("okna.example",)
    assert site.region == region
    assert site.timezone == ZoneInfo(zone)
    assert site.targets["main"].number == phone.read(written, region)
    assert site.rules == ()


def test_the_first_document_still_reads_when_its_examples_are_switched_on():
    document = starter_document("okna", ["okna.example"], "RU", "+7 495 123-45-67")
    document = re.sub(r"^# (?=\[|[a-z_.]+ = )", "", document, flags=re.MULTILINE)
    for last in range(5):
        document = document.replace('"…"', f'"+7 499 000-00-0{last}"', 1)
    site = read_site(document, environ={"CALLGRAFT_WEBHOOK_SECRET": SECRET})
    assert len(site.pools["main"].numbers) == 3
    assert site.fixed["billboard"].source == "billboard"
    assert [(rule.pool, rule.promo) for rule in site.rules] == [("main", False), (None, True)]
    assert len(site.targets["main"].route) == 1
    assert [len(site.bodies), len(site.images)] == [1, 1]
    assert site.consent.cookie == "cookie_consent"
    assert site.privacy == Privacy()


def test_the_first_document_is_not_made_of_nonsense():
    with pytest.raises(SiteErrors) as caught:
        starter_document('ок"на', ["https://okna.example/"], "RU", "ring us")
    assert [problem.key for problem in caught.value.problems] == [
        "site.key",
        "site.hosts[0]",
        "targets.main.number",
    ]


def test_how_long_people_are_remembered_is_a_matter_of_the_document():
    read = small('[privacy]\nkeep_visits = "90d"\nkeep_calls = "2000d"')
    day = timedelta(days=1)
    assert read.privacy == Privacy(
        keep_visits=90 * day, keep_calls=2000 * day, keep_callers=400 * day
    )
    assert small("").privacy == Privacy()


def test_what_a_declined_consent_looks_like_is_a_matter_of_the_document():
    read = small(
        '[consent]\ncookie = "cc"\ndeclined = ["no", "re:^0"]\naccepted = ["yes*"]\n'
        "required = true\ngpc = true"
    )
    assert read.consent == Consent(
        cookie="cc",
        declined=(Pattern("no"), Pattern("re:^0")),
        accepted=(Pattern("yes*"),),
        required=True,
        gpc=True,
    )
    assert small("").consent == Consent()


def test_a_published_document_is_read_where_its_secrets_are_not_known():
    document = OKNA + '\n[providers.a]\nsecret = "env:A"\n\n[providers.b]\nsecret = "env:B"\n'
    secret = "whsec_" + base64.b64encode(bytes(24)).decode()
    read = read_published(document, name="okna", environ={"A": secret, "B": "no secret"})
    assert (read.providers["a"].secrets, read.providers["b"].secrets) == ((secret,), ())
    with pytest.raises(SiteErrors):
        read_published(document + "x = 1", name="okna")
