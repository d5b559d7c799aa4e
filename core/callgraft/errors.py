"""
Everything that Callgraft raises on purpose::

    CallgraftError
    ├── SetupError              set up wrongly: names the key, the value and the cure
    │   ├── SiteError           a mistake in a Site document
    │   └── BackendError        a backend URL that cannot be used
    ├── NotANumber              a text that is no phone number
    ├── PoolExhausted           no number of the pool is free or can be reclaimed
    ├── StoreUnavailable        the tracking store did not answer, or not in time
    └── BadEvent                a call event that cannot be taken
        └── BadSignature        a call event that its sender did not sign
"""

from __future__ import annotations


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
        shown = "" if self.value is None else f" = {self.value!r}"
        return f"{self.key}{shown}: {self.problem} {self.cure}".strip()


class SiteError(SetupError):
    """A mistake in a Site document; the old document stays in force."""


class BackendError(SetupError):
    """A backend URL that cannot be used."""


class NotANumber(CallgraftError):
    """A text that is no phone number, not even a possible one."""

    def __init__(self, text: str, region: str | None) -> None:
        super().__init__(f"{text!r} is no phone number in {region or 'international notation'}.")
        self.text = text
        self.region = region


class PoolExhausted(CallgraftError):
    """No number of the pool is free, and none can be reclaimed."""

    def __init__(self, pool: str) -> None:
        super().__init__(f"Pool {pool!r} has no free number.")
        self.pool = pool


class StoreUnavailable(CallgraftError):
    """The tracking store did not answer, or not in time."""


class BadEvent(CallgraftError):
    """A call event that cannot be taken: ``status`` is the HTTP status to answer with."""

    status = 400


class BadSignature(BadEvent):
    """A call event that its sender did not sign, or that is too old."""

    status = 401
