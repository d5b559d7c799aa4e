"""One site, one engine, six doors: whoever comes in gets the same bytes and the same head."""

from contextlib import closing
from functools import cache

import pytest

from tests.doors.client import Reply
from tests.doors.every_door import DOORS
from tests.doors.journey import STEPS, Step, walk
from tests.doors.sites import engine_of

# Django would warn of every page that an asynchronous server is given in the wrong kind of stream.
pytestmark = pytest.mark.filterwarnings("error:StreamingHttpResponse must consume:Warning")

FIRST = next(iter(DOORS))


@cache
def replies_at(door: str) -> dict[str, Reply]:
    with closing(engine_of()) as engine:
        return walk(DOORS[door], engine)


def named(step: Step) -> str:
    return step.name


@pytest.mark.parametrize("step", STEPS, ids=named)
@pytest.mark.parametrize("door", DOORS)
def test_every_door_gives_the_reply_that_is_right(door, step):
    assert replies_at(door)[step.name] == step.expected


@pytest.mark.parametrize("door", [door for door in DOORS if door != FIRST])
def test_all_doors_give_the_same_replies(door):
    assert replies_at(door) == replies_at(FIRST)
