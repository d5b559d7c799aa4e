"""A target, its tracking numbers, and the shortest way from a page to the swapped page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from callgraft.html import Targets, make_plan
from callgraft.phone import Number, read
from callgraft.site import Target

MOSCOW = Target(key="main", number=read("+7 495 123-45-67"))
TRACKING = read("+7 499 000-00-01")
HTML = "text/html; charset=utf-8"


@pytest.fixture(scope="session")
def targets() -> Targets:
    return Targets.of([MOSCOW])


@pytest.fixture(scope="session")
def numbers() -> dict[str, Number]:
    return {"main": TRACKING}


@pytest.fixture(scope="session")
def swap(targets: Targets, numbers: dict[str, Number]) -> Callable[..., str]:
    """A page as text → the page as a visitor gets it, in UTF-8 or another charset."""

    def _swap(page: str, *, charset: str = "utf-8") -> str:
        content_type = f"text/html; charset={charset}"
        plan = make_plan(page.encode(charset), targets, content_type=content_type)
        return plan.swap(numbers).decode(charset)

    return _swap
