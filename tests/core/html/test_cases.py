"""Pages as files: each with what a visitor gets, and back again."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from callgraft.html import POLICY, Plan, Stream, Targets, make_plan
from callgraft.phone import read
from callgraft.site import Target

CASES = Path(__file__).parent / "cases"
INDEX = tomllib.loads((CASES / "index.toml").read_text(encoding="utf-8"))
EACH = [(name, charset) for name in INDEX for charset in INDEX[name].get("charsets", ["utf-8"])]
BACK = [(name, charset) for name, charset in EACH if INDEX[name].get("back", True)]


def _page(name: str, charset: str) -> bytes:
    return (CASES / name).read_bytes().decode("utf-8").encode(charset)


def _targets(case: dict, number: str) -> Targets:
    target = Target(
        key="main",
        number=read(number),
        places=case.get("places", {}),
        local=case.get("local", False),
        only=tuple(case.get("only", ())),
        except_=tuple(case.get("except", ())),
    )
    return Targets.of([target])


def _type(case: dict, charset: str) -> str:
    return f"{case.get('content_type', 'text/html')}; charset={charset}"


def _plan(name: str, page: bytes, charset: str, number: str) -> Plan:
    case = INDEX[name]
    return make_plan(page, _targets(case, case[number]), content_type=_type(case, charset))


@pytest.mark.parametrize(("name", "charset"), EACH)
def test_a_page_becomes_what_is_expected(name, charset):
    plan = _plan(name, _page(f"{name}.html", charset), charset, "target")
    swapped = plan.swap({"main": read(INDEX[name]["tracking"])})
    assert swapped.decode(charset) == _page(f"{name}.expected.html", charset).decode(charset)


@pytest.mark.parametrize(("name", "charset"), BACK)
def test_swapping_back_gives_the_original_bytes(name, charset):
    plan = _plan(name, _page(f"{name}.expected.html", charset), charset, "tracking")
    assert plan.swap({"main": read(INDEX[name]["target"])}) == _page(f"{name}.html", charset)


@pytest.mark.parametrize(("name", "charset"), EACH)
def test_swapping_a_number_for_itself_gives_the_original_bytes(name, charset):
    page = _page(f"{name}.html", charset)
    assert _plan(name, page, charset, "target").swap({"main": read(INDEX[name]["target"])}) == page


@pytest.mark.parametrize("name", [name for name in INDEX if "counts" in INDEX[name]])
def test_a_case_has_the_places_that_it_counts(name):
    plan = _plan(name, _page(f"{name}.html", "utf-8"), "utf-8", "target")
    assert Counter(place.kind for place in plan.places) == INDEX[name]["counts"]


@pytest.mark.parametrize(
    "name", [name for name in INDEX if not {"only", "except"} & set(INDEX[name])]
)
def test_a_page_in_pieces_becomes_the_same(name):
    case, page = INDEX[name], _page(f"{name}.html", "utf-8")
    if b"data-callgraft" in page:
        # A stream keeps what follows: see test_selectors.
        return
    stream = Stream(
        _targets(case, case["target"]),
        {"main": read(case["tracking"])},
        content_type=_type(case, "utf-8"),
    )
    out = b"".join(stream.feed(page[at : at + 11]) for at in range(0, len(page), 11))
    assert out + stream.close() == _page(f"{name}.expected.html", "utf-8")


def test_every_file_is_in_the_index():
    names = {path.name.removesuffix(".expected.html") for path in CASES.glob("*.expected.html")}
    sources = {path.stem for path in CASES.glob("*.html")} - {f"{name}.expected" for name in names}
    assert names == sources == INDEX.keys()


def test_every_row_of_the_policy_table_has_its_case():
    rows = POLICY.keys() - {"body"}  # the one that is in no page
    assert INDEX["rows"]["counts"].keys() == INDEX["rows_turned"]["places"].keys() == rows
