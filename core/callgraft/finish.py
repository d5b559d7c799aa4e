"""Steps 6 and 7 of a page view: the numbers printed, and the head that belongs to them."""

from __future__ import annotations

from collections.abc import Sequence

from callgraft import encoding
from callgraft.images import MEDIA_TYPE, Drawing
from callgraft.packed import PackedPlan
from callgraft.page import Head, Page
from callgraft.personal import keep_private, of_a_new_body
from callgraft.phone import Number
from callgraft.preparation import Prepared
from callgraft.tracking.values import Assignment


def finish(prepared: Prepared, assigned: Sequence[Assignment]) -> Page:
    """
    Return the page with its numbers in place.

    A page on which a target stands is private whatever its visitor is shown: a copy that a shared
    cache took from a bot's visit would hide the numbers from everyone after it.
    """
    numbers = _numbers(prepared, assigned)
    page = _swapped(prepared, numbers) if numbers else prepared.page
    head = page.head
    if prepared.plan.targets:
        head = keep_private(of_a_new_body(head, len(page.body)))
    return Page(head=_with_cookie(head, prepared), body=page.body)


def _numbers(prepared: Prepared, assigned: Sequence[Assignment]) -> dict[str, Number]:
    """The number to print for each target; a target without one keeps its own."""
    site = prepared.site
    numbers = {each.target: site.tracking_number(each.number) for each in assigned if each.number}
    for decision in prepared.decisions:
        if decision.fixed:
            numbers[decision.target] = site.fixed[decision.fixed].number
        elif decision.pool and prepared.is_of_nobody:
            overflow = site.pools[decision.pool].overflow
            if overflow is not None:
                numbers[decision.target] = overflow
    return numbers


def _swapped(prepared: Prepared, numbers: dict[str, Number]) -> Page:
    head = prepared.page.head
    if isinstance(prepared.plan, Drawing):
        head = head.without("content-type").plus(("Content-Type", MEDIA_TYPE))
    body = prepared.plan.swap(numbers)
    if not isinstance(prepared.plan, PackedPlan):
        body = encoding.encode(body, head.header("content-encoding"))
    return Page(head=head, body=body)


def _with_cookie(head: Head, prepared: Prepared) -> Head:
    cookie = prepared.person.cookie if prepared.person else None
    if cookie is None:
        return head
    # A shared cache that kept this response would make everyone the same visitor.
    return keep_private(head).plus(("Set-Cookie", cookie))
