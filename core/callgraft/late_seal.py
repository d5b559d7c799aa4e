"""A seal for cookies whose secret the tracking store may tell later."""

from __future__ import annotations

from collections.abc import Sequence

from callgraft.identity import Identity, Seal


class LateSeal(Seal):
    """A seal that knows nobody until its secrets are brought."""

    def __init__(self, secrets: Sequence[bytes] = ()) -> None:
        self.is_ready = False
        if secrets:
            self.bring(secrets)

    def bring(self, secrets: Sequence[bytes]) -> None:
        """
        Seal and open with these from now on.

        :raises SetupError: there is none, or one is too short.
        """
        super().__init__(secrets)
        self.is_ready = True

    def open(self, text: str) -> Identity | None:
        return super().open(text) if self.is_ready else None
