"""What a Content-Security-Policy allows by its hash keeps its bytes, or it would not run."""

from __future__ import annotations

import pytest

from callgraft.html import Place, PlanCache, Targets, make_plan
from callgraft.html.csp import allows_by_hash
from callgraft.html.plan import patch_plan
from callgraft.phone import read
from callgraft.site import Target

TARGETS = Targets.of([Target(key="main", number=read("+7 495 123-45-67"))])
TRACKING = {"main": read("+7 499 000-00-01")}
HASH = "'sha256-n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg='"
STATE = b'<script>window.__STATE__ = {"phone": "8 (495) 123-45-67"}</script>'
DATA = b'<script type="application/json">{"phone": "8 (495) 123-45-67"}</script>'
TEXT = b"<p>8 (495) 123-45-67</p>"
PAGE = b"<head></head>" + STATE + DATA + TEXT


def _meta(policy: str) -> bytes:
    tag = f'<META http-equiv="Content-Security-Policy" content="{policy}">'
    return PAGE.replace(b"</head>", tag.encode() + b"</head>")


def _policies(places: tuple[Place, ...]) -> list[str]:
    return [place.policy for place in places]


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        ([], False),
        (["default-src 'self'; script-src 'self' 'nonce-abc'"], False),
        ([f"script-src 'self' {HASH}"], True),
        (["SCRIPT-SRC 'SHA512-x'"], True),
        ([f"default-src {HASH}"], True),
        ([f"default-src {HASH}; script-src 'unsafe-inline'"], False),
        ([f"script-src {HASH}; script-src-elem 'self'"], False),
        ([f"style-src {HASH}"], False),
        (["script-src 'self'", f"img-src *, script-src {HASH}"], True),
        (["", ";;", "script-src"], False),
    ],
)
def test_the_directive_for_scripts_tells_of_hashes(policies, expected):
    assert allows_by_hash(policies) is expected


def test_what_runs_is_kept_and_what_is_data_is_swapped():
    plan = make_plan(PAGE, TARGETS, content_type=None, hashed_scripts=True)
    assert _policies(plan.places) == ["keep", "swap", "swap"]
    assert plan.places[0].reason == (
        "inside <script>, in __STATE__; the Content-Security-Policy allows scripts by their hash"
    )
    assert plan.swap(TRACKING).count(STATE) == 1


def test_without_hashes_all_are_swapped():
    for page in (PAGE, _meta("script-src 'self' 'unsafe-inline'"), PAGE + b"<!-- sha256-x -->"):
        plan = make_plan(page, TARGETS, content_type=None)
        assert _policies(plan.places) == ["swap", "swap", "swap"]


@pytest.mark.parametrize("sign", ["'", "&#39;", "&apos;"])
def test_a_policy_in_the_page_counts_as_well(sign):
    page = _meta(f"script-src {HASH}".replace("'", sign))
    plan = make_plan(page, TARGETS, content_type=None)
    assert _policies(plan.places) == ["keep", "swap", "swap"]


def test_a_policy_that_came_is_not_overlooked_on_a_page_much_like_another():
    known = make_plan(_meta("script-src 'self'"), TARGETS, content_type=None)
    page = _meta(f"script-src {HASH}")
    assert patch_plan(known, page, TARGETS, content_type=None) is None
    cache = PlanCache()
    for hashed, expected in ((False, "swap"), (True, "keep"), (False, "swap")):
        plan = cache.plan(PAGE, TARGETS, content_type=None, hashed_scripts=hashed, address="/")
        assert plan.places[0].policy == expected
