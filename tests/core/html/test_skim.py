"""What the compiled scanner finds is what patterns find; without it there is nothing to compare."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.corpus import FIVE, mix
from callgraft.html import Targets, make_plan
from callgraft.html.skim import DEPTH, Head, table
from callgraft.phone import read
from callgraft.site import Target
from tests.core.html.soup import soup
from tests.core.html.steps import SCANNERS, with_scanner
from tests.core.html.test_coarse import ALL, GAPS, _torn
from tests.core.html.test_hostile import PIECES

TARGETS = Targets.of([Target(key=each, number=read(each)) for each in FIVE])
COMPILED = SCANNERS[1:]


@pytest.mark.parametrize("scanner", COMPILED)
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    parts=st.lists(st.one_of(_torn(), soup), max_size=6),
    numbers=st.sampled_from([*ALL]),
    data=st.data(),
)
def test_candidates_are_the_same(scanner, parts, numbers, data):
    page = " ".join(parts).encode()
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(page))] * 2)))
    with with_scanner(scanner):
        found = list(ALL[numbers].candidates(page, start, end))
    with with_scanner(None):
        assert found == list(ALL[numbers].candidates(page, start, end))


@pytest.mark.parametrize("scanner", COMPILED)
@pytest.mark.parametrize("gap", [*GAPS, "&amp;nbsp;", "<b>", " <i class='5'> ", "\u00a0 "])
def test_so_are_they_whatever_stands_between_two_digits(scanner, gap):
    digits = "74951234567"
    for cut in range(1, len(digits)):
        page = f"{'x' * 99}{digits[:cut]}{gap}{digits[cut:]}{'x' * 99}".encode()
        with with_scanner(scanner):
            found = list(TARGETS.candidates(page, 0, len(page)))
        with with_scanner(None):
            assert found == list(TARGETS.candidates(page, 0, len(page)))


@pytest.mark.parametrize("scanner", COMPILED)
def test_so_are_the_places_of_the_benchmarks_pages(scanner):
    for page in (one for pages in mix().values() for one in pages[:6]):
        told = f"text/html; charset={page.charset}"
        with with_scanner(scanner):
            found = make_plan(page.body, TARGETS, content_type=told).places
        TARGETS.looks.clear()
        with with_scanner(None):
            assert found == make_plan(page.body, TARGETS, content_type=told).places


@pytest.mark.parametrize("scanner", COMPILED)
@pytest.mark.parametrize("prefix", [b"", b"<!--", b"<script>", b"<a title='", b"<svg>"])
@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_four_times_the_page_is_at_most_four_times_the_bytes_to_look_at(scanner, piece, prefix):
    def looked(size: int) -> int:
        before = scanner.looked()
        page = prefix + (piece * size)[:size] + b" 84951234567"
        with with_scanner(scanner):
            make_plan(page, TARGETS, content_type=None)
        return scanner.looked() - before

    assert looked(24_000) <= 4.2 * looked(6_000) + 4000


@pytest.mark.parametrize("scanner", COMPILED)
@settings(max_examples=300, deadline=None)
@given(page=st.binary(max_size=300), at=st.tuples(*[st.integers(-9, 400)] * 3))
def test_any_bytes_and_any_bounds_are_fine(scanner, page, at):
    pos, until, most = at
    for each in (page, bytearray(page)):
        assert min(max(pos, 0), len(page)) <= scanner.skim(each, pos, until, most) <= len(page)
        everything = table([Head([b"4", b"9"]), Head([bytes(range(256))] * DEPTH)])
        for found in scanner.beginnings(each, pos, until, most, everything):
            assert pos <= found < until
        for found in scanner.references(each, pos, until, most):
            assert pos <= found < until


@pytest.mark.parametrize("scanner", COMPILED)
def test_what_is_no_table_is_refused(scanner):
    with pytest.raises(TypeError, match="table"):
        scanner.beginnings(b"4", 0, 1, 1, b"short")
