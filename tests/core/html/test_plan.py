"""A plan is made once and filled for every visitor."""

from __future__ import annotations

import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest

from callgraft.html import Plan, PlanCache, Targets, make_plan
from callgraft.phone import read
from callgraft.site import Target

MAIN = Target(key="main", number=read("+7 495 123-45-67"))
PITER = Target(key="piter", number=read("+7 812 123-45-67"))
BOTH = Targets.of([MAIN, PITER])
PAGE = b"<p>8 495 123-45-67, 8 (812) 123-45-67 <i>+74951234567</i> <!-- 84951234567 -->"


def _plan(page: bytes, targets: Targets = BOTH) -> Plan:
    return make_plan(page, targets, content_type=None)


def test_each_target_gets_its_own_number():
    numbers = {"main": read("+7 499 000-00-01"), "piter": read("+7 812 000-00-02")}
    assert _plan(PAGE).swap(numbers) == (
        b"<p>8 499 000-00-01, 8 (812) 000-00-02 <i>+74990000001</i> <!-- 84951234567 -->"
    )


def test_a_target_without_a_number_keeps_its_bytes():
    assert _plan(PAGE).swap({"piter": read("+7 812 000-00-02")}) == PAGE.replace(
        b"(812) 123-45-67", b"(812) 000-00-02"
    )


def test_one_plan_serves_visitor_after_visitor():
    plan = _plan(b"84951234567")
    for last in range(1000):
        assert plan.swap({"main": read(f"+7499000{last:04}")}) == b"8499000%04d" % last


@pytest.mark.parametrize("numbers", [{}, {"other": read("+7 499 000-00-01")}])
def test_nothing_to_do_gives_the_same_object_back(numbers):
    assert _plan(PAGE).swap(numbers) is PAGE


def test_targets_are_those_that_would_be_swapped():
    assert _plan(PAGE).targets == {"main", "piter"}
    assert _plan(b"<!-- 84951234567 -->").targets == frozenset()
    assert len(_plan(b"<!-- 84951234567 -->").places) == 1
    assert _plan(b"nothing").places == ()


@pytest.mark.parametrize(
    ("page", "number", "expected"),
    [
        ("+7 (495) 123-45-67", "+7 4812 34-56-78", "+7 (4812) 34-56-78"),
        ("8 (495) 123-45-67", "+7 49624 1-23-45", None),
        ("+74951234567", "+44 20 7946 0123", "+442079460123"),
        ("<b>+7</b> (<i>495</i>) 123-45-67", "+44 20 7946 0123", None),
        ("tel. 8 495 123-45-67", "+1 212 555 0123", None),
        ("&#56; 49&#53; 123-45-67", "+1 212 555 0123", None),
    ],
)
def test_numbers_of_other_lengths_have_all_their_digits_on_the_page(page, number, expected):
    tracking = read(number)
    text = _plan(page.encode()).swap({"main": tracking}).decode()
    if expected is not None:
        assert text == expected
    digits = "".join(char for char in text if char.isdigit())
    assert digits.endswith(tracking.national)
    assert "&#5" not in text
    assert text.count("<") == page.count("<")


ICELAND = read("+354 410 4000")


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (b"+7 495 123-45-67", b"+354 410 40-00"),
        (b"+7&nbsp;495&nbsp;123&nbsp;45&nbsp;67", b"+354&nbsp;410&nbsp;40&nbsp;00"),
        (b"+7 495 1-2-345-67", b"+354 410 40-00"),
        (b"+7 (495) <b>123</b>-45-67", b"+354 (410) <b></b>-40-00"),
        (b"+7 495 12<i>3</i>-45-67", b"+354 410 <i></i>-40-00"),
        (b"+7 (495) 123 (45-67)", b"+354 (410)  (40-00)"),
    ],
)
def test_a_group_that_becomes_empty_takes_its_separator_along(page, expected):
    assert _plan(page).swap({"main": ICELAND}) == expected


def test_the_longer_number_wins_where_one_contains_another():
    short = Target(key="short", number=read("+49 30 1234567"))
    long = Target(key="long", number=read("+49 30 12345678"))
    plan = _plan(b"030 12345678, 030 1234567", Targets.of([short, long]))
    assert [(place.target, place.written) for place in plan.places] == [
        ("long", "030 12345678"),
        ("short", "030 1234567"),
    ]


def test_two_targets_with_one_number_are_found_as_the_first():
    twin = Target(key="twin", number=MAIN.number)
    assert _plan(PAGE, Targets.of([MAIN, twin])).targets == {"main"}


def test_no_targets_find_nothing():
    assert _plan(PAGE, Targets.of([])).places == ()


def test_a_known_page_is_not_scanned_again():
    cache = PlanCache()
    first = cache.plan(PAGE, BOTH, content_type="text/html")
    assert cache.plan(bytes(bytearray(PAGE)), BOTH, content_type="text/html") is first
    assert (cache.hits, cache.misses) == (1, 1)


def test_another_body_charset_or_set_of_targets_is_another_plan():
    cache = PlanCache()
    cache.plan(PAGE, BOTH, content_type="text/html")
    cache.plan(PAGE + b" ", BOTH, content_type="text/html")
    cache.plan(PAGE, BOTH, content_type="text/html; charset=koi8-r")
    cache.plan(PAGE, Targets.of([MAIN]), content_type="text/html")
    other = Target(key="main", number=MAIN.number, places={"text": "keep"})
    cache.plan(PAGE, Targets.of([other, PITER]), content_type="text/html")
    assert (cache.hits, cache.misses) == (0, 5)


def test_equal_targets_share_their_plans():
    cache = PlanCache()
    cache.plan(PAGE, Targets.of([MAIN, PITER]), content_type=None)
    cache.plan(PAGE, Targets.of([MAIN, PITER]), content_type=None)
    assert cache.hits == 1


def test_the_cache_stays_within_its_bytes_and_forgets_the_longest_unused():
    cache = PlanCache(max_bytes=150_000)
    pages = [PAGE + b"%d" % number + b" " * 5_000 for number in range(10)]
    for page in pages:
        cache.plan(pages[0], BOTH, content_type=None)
        cache.plan(page, BOTH, content_type=None)
        assert cache.size <= 150_000
    hits = cache.hits
    cache.plan(pages[0], BOTH, content_type=None)
    assert cache.hits == hits + 1
    cache.plan(pages[1], BOTH, content_type=None)
    assert cache.hits == hits + 1


def test_the_texts_that_a_plan_remembers_count_as_its_size():
    few = make_plan(PAGE, BOTH, content_type=None)
    many = make_plan(PAGE * 10, BOTH, content_type=None)
    tracking = [read(f"+7 499 000-{number:02}-00") for number in range(96)]
    for number in tracking:
        # What the numbers themselves cost is remembered elsewhere, once for all pages.
        few.swap(dict.fromkeys(few.targets, number))
    tracemalloc.start()
    for number in tracking:
        many.swap(dict.fromkeys(many.targets, number))
    remembered = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert remembered < many.size
    assert many.size > 5 * few.size


def test_a_page_larger_than_the_cache_is_planned_and_not_kept():
    cache = PlanCache(max_bytes=1000)
    assert cache.plan(PAGE * 20, BOTH, content_type=None).targets == {"main", "piter"}
    assert cache.size == 0


def test_threads_may_share_a_cache_and_its_plans():
    cache = PlanCache(max_bytes=20_000)
    pages = [PAGE + b"%d" % number for number in range(40)]

    def serve(visit: int) -> bool:
        page = pages[visit % 40]
        number = read(f"+7499000{visit % 50:04}")
        swapped = cache.plan(page, BOTH, content_type=None).swap({"main": number})
        return swapped.startswith(b"<p>8 499 000-%02d-%02d" % divmod(visit % 50, 100))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(serve, range(2000)))
    assert cache.hits + cache.misses == 2000
    assert cache.size <= 20_000
