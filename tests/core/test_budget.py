import asyncio
import gc
import os
import threading
import time
from datetime import timedelta

import pytest

from callgraft.budget import Budget, StoreResting
from callgraft.errors import StoreUnavailable

LIMIT = timedelta(milliseconds=40)


@pytest.fixture
def budget():
    budget = Budget(LIMIT)
    yield budget
    budget.close()


@pytest.fixture
def stuck():
    """A job that does not end before the test does."""
    release = threading.Event()
    yield lambda *_: release.wait(20)
    release.set()


def test_a_job_in_time_gives_its_answer(budget):
    assert budget.run(lambda _: 42) == 42
    assert asyncio.run(budget.arun(lambda _: 43)) == 43


def test_a_jobs_own_exception_comes_through(budget):
    def job(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        budget.run(job)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(budget.arun(job))


def test_a_late_job_is_not_waited_for(budget, stuck):
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match="within 40 ms"):
        budget.run(stuck)
    assert time.monotonic() - began < 2


def test_a_late_job_does_not_hold_up_the_event_loop(budget, stuck):
    async def both():
        late = asyncio.create_task(budget.arun(stuck))
        await asyncio.sleep(0)
        ticks = 0
        while not late.done():
            await asyncio.sleep(0.001)
            ticks += 1
        with pytest.raises(StoreUnavailable):
            late.result()
        return ticks

    assert asyncio.run(both()) > 3


def late(budget, stuck, times=3):
    for _ in range(times):
        with pytest.raises(StoreUnavailable, match="within 40 ms"):
            budget.run(stuck)


def test_one_late_job_is_no_reason_to_rest(budget, stuck):
    late(budget, stuck, times=2)
    assert budget.run(lambda _: 1) == 1
    late(budget, stuck, times=1)
    assert budget.run(lambda _: 2) == 2


def test_after_three_late_jobs_the_store_rests_and_nobody_waits(budget, stuck):
    late(budget, stuck)
    began = time.monotonic()
    for _ in range(200):
        with pytest.raises(StoreResting):
            budget.run(lambda _: 1)
    assert time.monotonic() - began < 200 * LIMIT.total_seconds() / 4


def test_after_its_rest_the_store_is_asked_again(budget, stuck, monkeypatch):
    late(budget, stuck)
    later = time.monotonic() + 1
    monkeypatch.setattr("callgraft.budget.time.monotonic", lambda: later)
    assert budget.run(lambda _: "back") == "back"
    assert budget.run(lambda _: "for good") == "for good"


def test_more_page_views_than_can_wait_are_turned_away(budget, stuck):
    for _ in range(64):
        budget.post(stuck)
    with pytest.raises(StoreUnavailable, match="64 page views"):
        budget.run(lambda _: 1)


def test_a_forked_process_has_threads_of_its_own(budget):
    assert budget.run(lambda _: 1) == 1
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if budget.run(lambda _: 2) == 2 else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_closed_budget_says_so():
    budget = Budget(LIMIT)
    budget.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        budget.run(lambda _: 1)


def test_many_late_jobs_at_once_are_one_reason_to_rest(budget, stuck, monkeypatch):
    async def at_once():
        return await asyncio.gather(*(budget.arun(stuck) for _ in range(3)), return_exceptions=True)

    assert all(isinstance(each, StoreUnavailable) for each in asyncio.run(at_once()))
    later = time.monotonic() + 0.15
    monkeypatch.setattr("callgraft.budget.time.monotonic", lambda: later)
    assert budget.run(lambda _: "a short rest is enough") == "a short rest is enough"


def test_a_job_that_nobody_waits_for_can_end_the_rest(budget, stuck, monkeypatch, caplog):
    late(budget, stuck)
    for _ in range(3):
        with pytest.raises(StoreResting):
            budget.post(lambda: 1)
    later = time.monotonic() + 1
    monkeypatch.setattr("callgraft.budget.time.monotonic", lambda: later)
    done = threading.Event()
    budget.post(done.set)
    assert done.wait(5)
    assert budget.run(lambda _: 2) == 2
    assert "answers again; 3 page views did without" in caplog.text


def test_a_job_is_told_until_when_somebody_waits(budget):
    before = time.monotonic()
    deadline = budget.run(lambda deadline: deadline)
    assert before + 0.04 <= deadline <= time.monotonic() + 0.04


def test_a_late_jobs_own_exception_troubles_nobody(budget, caplog):
    release = threading.Event()

    def job(_):
        release.wait(20)
        raise ZeroDivisionError

    async def given_up():
        with pytest.raises(StoreUnavailable):
            await budget.arun(job)
        release.set()
        await asyncio.sleep(0.05)
        gc.collect()

    asyncio.run(given_up())
    assert "never retrieved" not in caplog.text
