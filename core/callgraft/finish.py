"""Steps 6 and 7 of a page view: the numbers printed, and the head that belongs to them."""

from __future__ import annotations

from collections.abc import Sequence

from callgraft import encoding
from callgraft.asking import Answer
from callgraft.images import MEDIA_TYPE, Drawing
from callgraft.page import Head, Page
from callgraft.personal import keep_private, of_a_new_body
from callgraft.phone import Number
from callgraft.preparation import Prepared
from callgraft.reveal import link_back
from callgraft.tracking.values import Assignment


def finish(prepared: Prepared, answer: Answer) -> Page:
    """
    Return the page with its numbers and its promo code in place.

    A page on which a target or the mark of a code stands is private whatever its visitor is shown:
    a copy that a shared cache took from a bot's visit would hide the numbers from everyone after
    it.
    """
    plan = prepared.plan
    has_code = not isinstance(plan, Drawing) and plan.has_code
    if not (has_code or _is_view(prepared)):
        return prepared.page  # it was looked at for marks, and has none
    numbers = _numbers(prepared, answer.numbers)
    changes = numbers or has_code or prepared.hidden
    page = _swapped(prepared, numbers, answer.code) if changes else prepared.page
    head = page.head
    if plan.targets or has_code:
        head = keep_private(of_a_new_body(head, len(page.body)))
    return Page(head=_with_cookie(head, prepared), body=page.body)


def _is_view(prepared: Prepared) -> bool:
    return prepared.visit.method == "GET" and prepared.page.head.status == 200


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


def _swapped(prepared: Prepared, numbers: dict[str, Number], code: str) -> Page:
    head, plan = prepared.page.head, prepared.plan
    if isinstance(plan, Drawing):
        head = head.without("content-type").plus(("Content-Type", MEDIA_TYPE))
        filled = encoding.encode(plan.swap(numbers), head.header("content-encoding"))
    else:
        link = link_back(prepared.visit) if prepared.hidden else ""
        filled = plan.swap(numbers, code, hidden=prepared.hidden, link=link)
    return Page(head=head, body=filled)


def _with_cookie(head: Head, prepared: Prepared) -> Head:
    cookie = prepared.person.cookie if prepared.person else None
    if cookie is None:
        return head
    # A shared cache that kept this response would make everyone the same visitor.
    return keep_private(head).plus(("Set-Cookie", cookie))
