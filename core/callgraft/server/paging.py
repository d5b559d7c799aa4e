"""Cursors: where the next page begins, in a form that nobody takes apart."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

from callgraft.server.refusal import invalid

_VERSION = b"1:"


def cursor_after(last: str) -> str:
    """A cursor for what comes behind the item with the id ``last``, whatever is new before it."""
    return urlsafe_b64encode(_VERSION + last.encode()).decode().rstrip("=")


def place_of(cursor: str) -> str:
    """
    The id that a cursor was made of; "" for no cursor.

    :raises Refused: nobody made this one.
    """
    if not cursor:
        return ""
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        place = text.removeprefix(_VERSION).decode()
        if text.startswith(_VERSION) and place.isprintable():
            return place
    except ValueError:
        pass
    raise invalid(("cursor", "it is none. Send the next of the page before, or none."))
