"""Packed pages: filled as plain ones are, and not unpacked twice."""

from __future__ import annotations

import gzip
import time
from collections.abc import Mapping

import pytest

from callgraft import encoding
from callgraft.html import Plan, PlanCache, Targets, make_plan
from callgraft.packed import PackedPlan, PackedPlans
from callgraft.packed import plan as packed_plan
from callgraft.phone import Number, read
from callgraft.site import Target

TARGETS = Targets.of([Target(key="main", number=read("+7 495 123-45-67"))])
TYPE = "text/html; charset=utf-8"
FILLER = "".join(f"<li>{row * row}</li>" for row in range(1500))
HTML = f"""<html><body><a href="tel:+74951234567">8 (495) 123-45-67</a><ul>{FILLER}</ul>
<footer>+7 495 123-45-67, +7&nbsp;495&nbsp;1234567</footer></body></html>""".encode()
CODINGS = ("gzip", "br", "zstd", "deflate")
SAME = {"main": read("+7 499 000-00-01")}
NEXT = {"main": read("+7 499 000-00-02")}
LONGER = {"main": read("+44 20 7946 0018")}


def plans() -> PackedPlans:
    return PackedPlans(PlanCache())


def planned(known: PackedPlans, body: bytes, coding: str | None) -> Plan | PackedPlan:
    return known.plan(body, TARGETS, coding=coding, limit=10**6, content_type=TYPE)


@pytest.mark.parametrize("coding", CODINGS)
def test_every_fill_unpacks_to_what_the_plain_plan_gives(coding: str) -> None:
    plain = make_plan(HTML, TARGETS, content_type=TYPE)
    packed = planned(plans(), encoding.encode(HTML, coding), coding)
    nothing: Mapping[str, Number] = {}
    for numbers in (SAME, NEXT, LONGER, SAME, LONGER, nothing, SAME, nothing):
        body = packed.swap(numbers)
        assert encoding.decode(body, coding, limit=10**6) == plain.swap(numbers)


@pytest.mark.parametrize("coding", CODINGS)
def test_a_page_that_came_packed_before_is_not_unpacked(coding: str) -> None:
    known = plans()
    body = encoding.encode(HTML, coding)
    first, second = planned(known, body, coding), planned(known, body, coding.upper())
    assert second is first
    assert (known.misses, known.hits, known.plans.misses + known.plans.hits) == (1, 1, 1)


def test_a_page_that_comes_plain_has_a_plain_plan() -> None:
    for coding in (None, "identity"):
        assert isinstance(planned(plans(), HTML, coding), Plan)


def test_the_same_bytes_under_another_coding_or_charset_are_another_page() -> None:
    known = plans()
    body = gzip.compress(HTML)
    assert planned(known, body, "gzip") is not known.plan(
        body, TARGETS, coding="gzip", limit=10**6, content_type="text/html; charset=windows-1251"
    )
    with pytest.raises(encoding.BadEncoding):
        planned(known, body, "br")


def test_only_the_second_fill_of_a_length_is_spliced(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = planned(plans(), encoding.encode(HTML, "gzip"), "gzip")
    whole = encoding.encode(make_plan(HTML, TARGETS, content_type=TYPE).swap(SAME), "gzip")
    assert packed.swap(SAME) == whole
    spliced = packed.swap(SAME)
    assert spliced != whole
    monkeypatch.setattr(encoding, "encode", None)  # it is not needed any more
    assert packed.swap(SAME) == spliced
    assert gzip.decompress(packed.swap(NEXT)) == gzip.decompress(spliced).replace(
        b"499 000-00-01", b"499 000-00-02"
    ).replace(b"499&nbsp;0000001", b"499&nbsp;0000002").replace(
        b"4990000001", b"4990000002"
    ).replace(b"(499) 000-00-01", b"(499) 000-00-02")


def test_a_splice_that_would_not_unpack_rightly_is_never_sent(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        size = 0

        def fill(self, texts: object) -> bytes:
            return gzip.compress(b"another page")

    monkeypatch.setitem(packed_plan._MAKERS, "gzip", lambda constants, lengths: Broken())
    packed = planned(plans(), encoding.encode(HTML, "gzip"), "gzip")
    plain = make_plan(HTML, TARGETS, content_type=TYPE)
    for _ in range(3):
        assert gzip.decompress(packed.swap(SAME)) == plain.swap(SAME)
    assert caplog.messages == [
        f"A page of {len(plain.swap(SAME))} bytes cannot be spliced as gzip."
    ]


def test_a_page_asked_for_often_gets_smaller_in_br() -> None:
    packed = planned(plans(), encoding.encode(HTML, "br"), "br")
    packed.swap(SAME)
    before = len(packed.swap(SAME))
    deadline = time.monotonic() + 30
    while len(packed.swap(SAME)) >= before and time.monotonic() < deadline:
        pass
    after = packed.swap(NEXT)
    assert len(after) < before
    assert encoding.decode(after, "br", limit=10**6) == make_plan(
        HTML, TARGETS, content_type=TYPE
    ).swap(NEXT)


def test_what_is_kept_stays_within_its_bounds() -> None:
    known = PackedPlans(PlanCache(), max_bytes=2_000_000)
    for page in range(40):
        planned(known, encoding.encode(HTML + b"%d" % page, "gzip"), "gzip")
    assert 0 < known.size <= 2_000_000
    assert planned(known, encoding.encode(HTML + b"39", "gzip"), "gzip")
    assert known.hits == 1
    planned(known, encoding.encode(HTML + b"0", "gzip"), "gzip")
    assert known.hits == 1


def test_a_page_in_a_charset_that_is_left_alone_stays_whole() -> None:
    body = HTML.decode().encode("utf-16")
    packed = plans().plan(
        gzip.compress(body),
        TARGETS,
        coding="gzip",
        limit=10**6,
        content_type="text/html; charset=utf-16",
    )
    assert packed.targets == frozenset()
    assert gzip.decompress(packed.swap(SAME)) == body
