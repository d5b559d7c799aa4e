"""
Everything that Callgraft raises on purpose::

    CallgraftError
    ├── SetupError              set up wrongly: names the key, the value and the cure
    │   ├── SiteError           a mistake in a Site document
    │   │   └── SiteErrors      every mistake of one Site document
    │   └── BackendError        a backend URL that cannot be used
    ├── NotANumber              a text that is no phone number
    ├── NotPublished            a store that does not know the site yet
    ├── MistypedCode            a promo code that was misheard or mistyped
    ├── UnknownCall             a call that the store does not know
    ├── StoreUnavailable        the tracking store did not answer, or not in time
    │   └── TrackerUnavailable  a tracking server that did not, or whose token is refused
    └── BadEvent                a call event that cannot be taken
        ├── BadSignature        a call event that its sender did not sign
        └── RepeatedEvent       a call event with the id of another one
"""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from datetime import date, time


class CallgraftError(Exception):
    """The root of the tree."""


class SetupError(CallgraftError):
    """
    Something is set up wrongly, and nothing should start until it is mended.

    :param key: where it stands, like ``pools.direct.hold``.
    :param value: what stands there, as written.
    :param problem: what is wrong with it.
    :param cure: what to write instead.
    """

    def __init__(self, key: str, value: object, problem: str, cure: str) -> None:
        super().__init__(key, value, problem, cure)
        self.key = key
        self.value = value
        self.problem = problem
        self.cure = cure

    def __str__(self) -> str:
        shown = "" if self.value is None else f" = {_shortened(self.value)}"
        return f"{self.key}{shown}: {self.problem} {self.cure}".strip()


class SiteError(SetupError):
    """A mistake in a Site document; the old document stays in force."""


class SiteErrors(SiteError):
    """
    Every mistake of one Site document, found in one go.

    It is itself the first of them (``key`` … ``cure``); ``problems`` are all.

    :param name: the document, as its reader knows it: a file's path.
    """

    def __init__(self, name: str, problems: Sequence[SiteError]) -> None:
        first = problems[0]
        super().__init__(first.key, first.value, first.problem, first.cure)
        self.args = (name, tuple(problems))
        self.name = name
        self.problems = tuple(problems)

    def __str__(self) -> str:
        count = "1 mistake" if len(self.problems) == 1 else f"{len(self.problems)} mistakes"
        return "\n  ".join((f"{self.name} has {count}:", *map(str, self.problems)))


class BackendError(SetupError):
    """A backend URL that cannot be used."""


class NotANumber(CallgraftError):
    """A text that is no phone number, not even a possible one."""

    def __init__(self, text: str, region: str | None) -> None:
        super().__init__(f"{text!r} is no phone number in {region or 'international notation'}.")
        self.text = text
        self.region = region


class NotPublished(CallgraftError):
    """The store knows no document of this site: it is new, or was put in place of another."""

    def __init__(self, site: str, edition: int = 0) -> None:
        what = f"edition {edition}" if edition else "Site document"
        super().__init__(f"The store knows no {what} of {site!r}.")
        self.site = site
        self.edition = edition


class MistypedCode(CallgraftError):
    """What somebody typed is no promo code: it was misheard, or mistyped."""

    def __init__(self, written: str, why: str) -> None:
        super().__init__(
            f"{_shortened(written)} is no promo code: {why}. It was misheard or mistyped;"
            " ask for it once more, digit by digit."
        )
        self.written = written
        self.why = why


class UnknownCall(CallgraftError):
    """The store knows no such call of the site, or not any more."""

    def __init__(self, site: str, call: str) -> None:
        super().__init__(
            f"The site {site!r} has no call {_shortened(call)}."
            " `callgraft calls` lists the calls with their ids."
        )
        self.site = site
        self.call = call


class StoreUnavailable(CallgraftError):
    """The tracking store did not answer, or not in time."""


class TrackerUnavailable(StoreUnavailable):
    """
    The tracking server did not answer, or not as one.

    A door that reached it before starts without it all the same, from what it kept on its disk.
    """


class BadEvent(CallgraftError):
    """A call event that cannot be taken: ``status`` is the HTTP status to answer with."""

    status = 400


class BadSignature(BadEvent):
    """A call event that its sender did not sign, or that is too old."""

    status = 401


class RepeatedEvent(BadEvent):
    """A call event whose id another event, of other content, had before; it is not taken."""

    status = 409

    def __init__(self, event_id: str) -> None:
        super().__init__(
            f"webhook-id = {_shortened(event_id)}: another event of other content had this id."
            " Give every event an id of its own, and send the same id only with the same body."
        )
        self.event_id = event_id


def _shortened(value: object) -> str:
    if isinstance(value, bool | date | time):
        return str(value).lower()
    shortener = reprlib.Repr()
    shortener.maxstring = shortener.maxother = 100
    shortener.maxlevel = 3
    try:
        return shortener.repr(value)
    except ValueError:
        # Python refuses to print an integer of more than 4,300 digits; TOML can hold one in hex.
        return "a very large number"
