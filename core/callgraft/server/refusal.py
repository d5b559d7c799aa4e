"""Requests that are refused, in problem details."""

from __future__ import annotations

from callgraft.client.problem_json import problem
from callgraft.visit import Headers


class Refused(Exception):
    """A request that is not carried out; it carries the whole answer."""

    def __init__(
        self,
        status: int,
        slug: str,
        title: str,
        detail: str,
        *headers: tuple[str, str],
        **facts: object,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers: Headers = headers
        self.problem = problem(status, slug, title, detail, **facts)


def unknown_token() -> Refused:
    return Refused(
        401,
        "no-token",
        "A token is needed",
        "The request has no token, or one that is not valid (any more)."
        ' Send "Authorization: Bearer cg_…"; `callgraft token add` makes one.',
        ("WWW-Authenticate", 'Bearer realm="callgraft"'),
    )


def wrong_scope(name: str, needed: str) -> Refused:
    return Refused(
        403,
        "wrong-scope",
        "The token is not good for this",
        f"The token {name!r} lacks the scope for this: {needed}. Make one that has it.",
        ("WWW-Authenticate", 'Bearer realm="callgraft", error="insufficient_scope"'),
    )


def wrong_site(name: str, site: str) -> Refused:
    return Refused(
        403,
        "wrong-site",
        "The token is not good for this site",
        f"The token {name!r} is for another site than {site!r}. Make one for it, or for all.",
        site=site,
    )


def not_found(what: str) -> Refused:
    return Refused(404, "not-found", "There is no such thing", what)


def invalid(*problems: tuple[str, str]) -> Refused:
    """
    What was sent cannot be taken; values stay out, they may hold a caller's number.

    :param problems: each with the key of what is wrong, and what is wrong with it.
    """
    listed = [{"key": key, "problem": what} for key, what in problems]
    detail = "; ".join(f"{key}: {what}" for key, what in problems[:5])
    return Refused(422, "invalid", "The request cannot be taken", detail, problems=listed)
