"""Large pages, which an event loop has no time for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from callgraft.page import Page

T = TypeVar("T")

_LARGE = 32 * 1024
"""Above this many bytes a page is worked on beside the event loop, not in it."""


async def beside(page: Page, job: Callable[[], T]) -> T:
    """Do the job here when the page is small and plain, beside the event loop when it is not."""
    is_quick = len(page.body) <= _LARGE and page.head.header("content-encoding") is None
    return job() if is_quick else await asyncio.to_thread(job)
