"""Promo codes are the same in this process and across the network."""

from __future__ import annotations

import time

import pytest

from callgraft.client import TrackingClient
from callgraft.errors import MistypedCode, StoreUnavailable
from callgraft.tracking.promo_values import PromoWanted
from tests.core.tracked import NOON, view


def wanted(session: str) -> PromoWanted:
    return PromoWanted(
        site="okna", session=session, visitor=f"visitor of {session}", at=NOON, digits=6
    )


def test_a_session_has_one_code_and_it_is_found_again(either: TrackingClient) -> None:
    either.page_view(view("a", path="/landing"))
    code = either.promo_code(wanted("a"))
    assert either.promo_code(wanted("a")) == code != either.promo_code(wanted("b"))
    found = either.promo("okna", f" {code[:2]}-{code[2:]} ")
    assert found is not None
    assert (found.code.code, found.code.session, found.code.issued_at) == (code, "a", NOON)
    assert found.stay is not None
    assert (found.stay.touch.source, found.stay.visits[0].path) == ("yandex", "/landing")


def test_nobody_has_a_code_that_was_not_issued(either: TrackingClient) -> None:
    assert either.promo("okna", "5724") is None
    assert either.promo("dveri", either.promo_code(wanted("a"))) is None


def test_a_mistyped_code_says_so(either: TrackingClient) -> None:
    with pytest.raises(MistypedCode, match="its last digit does not fit") as mistyped:
        either.promo("okna", "5742")
    assert mistyped.value.written == "5742"


def test_a_code_comes_in_time_or_not_at_all(either: TrackingClient) -> None:
    with pytest.raises(StoreUnavailable):
        either.promo_code(wanted("a"), deadline=time.monotonic() - 1)
