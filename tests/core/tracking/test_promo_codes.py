"""Promo codes: what they look like, how they are issued, and what mishearing does to them."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callgraft.errors import MistypedCode
from callgraft.stores import open_store
from callgraft.tracking.promo_codes import promo_code, read_code, with_check_digit
from callgraft.tracking.promo_values import PromoWanted
from tests.core.tracked import NOON

WANTED = PromoWanted(site="okna", session="s", visitor="v", at=NOON, digits=4)


def is_code(digits: str) -> bool:
    try:
        return read_code(digits) == digits
    except MistypedCode:
        return False


@pytest.fixture
def store():
    store = open_store("memory:")
    yield store
    store.close()


def issued(store, *sessions, draw, digits=4):
    wanted = [replace(WANTED, session=each, digits=digits) for each in sessions]
    return [store.write(lambda found, one=one: promo_code(found, one, draw=draw)) for one in wanted]


def drawing(*numbers):
    """Draws these, one after the other."""
    left = list(numbers)
    return lambda below: left.pop(0)


def test_the_check_digit_is_damms():
    # The example of the literature.
    assert with_check_digit("572") == "5724"


def test_every_single_wrong_digit_and_every_swap_of_neighbours_is_caught():
    for digits in map("".join, product("0123456789", repeat=3)):
        code = with_check_digit(digits)
        assert is_code(code)
        for at in range(4):
            for other in "0123456789":
                wrong = code[:at] + other + code[at + 1 :]
                assert is_code(wrong) == (other == code[at])
        for at in range(3):
            swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
            assert is_code(swapped) == (swapped == code)


@given(st.integers(10**4, 10**11 - 1), st.integers(0, 11), st.integers(1, 9))
def test_a_wrong_digit_is_caught_in_a_code_of_any_length(number, at, more):
    code = with_check_digit(str(number))
    at %= len(code)
    wrong = code[:at] + str((int(code[at]) + more) % 10) + code[at + 1 :]
    assert is_code(code)
    assert not is_code(wrong)


@pytest.mark.parametrize(
    "written", ["57-24", " 5 7 2 4 ", "5724", "57\u20132.4", "57\N{NO-BREAK SPACE}24"]
)
def test_what_people_write_between_the_digits_does_not_count(written):
    assert read_code(written) == "5724"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("5742", "its last digit does not fit the others"),
        ("", "a code is made of 4 to 12 digits"),
        ("572", "a code is made of 4 to 12 digits"),
        ("57A4", "a code is made of 4 to 12 digits"),
        ("٥٧٢٤", "a code is made of 4 to 12 digits"),
        ("0" * 13, "a code is made of 4 to 12 digits"),
    ],
)
def test_what_is_no_code_says_why(written, why):
    with pytest.raises(MistypedCode, match=why):
        read_code(written)


def test_a_session_keeps_its_code_and_another_one_gets_another(store):
    first, second = issued(store, "a", "b", draw=drawing(0, 1))
    assert (first, second) == (with_check_digit("100"), with_check_digit("101"))
    assert issued(store, "a", "b", draw=drawing()) == [first, second]


def test_codes_grow_when_there_are_no_short_ones_left(store):
    [taken] = issued(store, "a", draw=drawing(7))
    [longer] = issued(store, "b", draw=drawing(7, 7, 7, 7, 5))
    assert (len(taken), len(longer)) == (4, 5)
    assert longer == with_check_digit("1005")


def test_no_code_begins_with_a_zero_which_people_leave_out(store):
    lowest, highest = issued(store, "a", "b", draw=lambda below: below - 1), []
    highest = issued(store, "c", draw=lambda below: 0)
    assert all(not code.startswith("0") for code in (*lowest, *highest))


def test_a_site_asks_for_longer_codes(store):
    [code] = issued(store, "a", draw=lambda below: 0, digits=8)
    assert code == with_check_digit("1000000")
