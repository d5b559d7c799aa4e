"""What goes wrong with the site behind the proxy."""

from __future__ import annotations


class UpstreamFailed(Exception):
    """
    The site did not give a whole answer.

    :param status: what to tell a client that got nothing yet: 502, or 504 for a timeout.
    :param reason: what happened, for the log; never in the site's words, which may be a page.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Unanswered(UpstreamFailed):
    """The connection was lost before a byte of the answer: on a kept one, nobody was to blame."""

    def __init__(self) -> None:
        super().__init__(502, "the connection was lost before the answer")
