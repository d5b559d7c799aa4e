"""Signed text: bytes that travel through somebody else's hands and come back unaltered."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from callgraft.errors import SetupError

SHORTEST_SECRET = 16


class Signer:
    """
    Signs bytes as ``version.payload.signature``, every letter of it fit for a cookie or a URL.

    The first secret signs and all of them verify, so that a new secret can be put before an old one
    without anybody being forgotten. ``purpose`` keeps texts signed for one thing from being taken
    for another under the same secret.

    :raises SetupError: there is no secret, or one is too short.
    """

    def __init__(self, secrets: Sequence[bytes], *, purpose: str, version: str) -> None:
        self._secrets = _checked(secrets)
        self._purpose = purpose.encode() + b"\0"
        self._prefix = f"{version}."

    def sign(self, payload: bytes) -> str:
        """Return the payload as signed text."""
        signed = self._prefix + _encoded(payload)
        return f"{signed}.{self._signature(self._secrets[0], signed)}"

    def verify(self, text: str) -> bytes | None:
        """Return the payload of a text that was signed here, or None."""
        signed, dot, signature = text.rpartition(".")
        if not (dot and text.isascii() and signed.startswith(self._prefix)):
            return None
        if not self._is_signed(signed, signature):
            return None
        return _decoded(signed[len(self._prefix) :])

    def _is_signed(self, signed: str, signature: str) -> bool:
        # As texts, not as the bytes that they stand for: the last letter of a base64 text has bits
        # that decoding drops, and a text with those altered is not the text that we signed.
        return any(
            hmac.compare_digest(self._signature(secret, signed), signature)
            for secret in self._secrets
        )

    def _signature(self, secret: bytes, signed: str) -> str:
        return _encoded(hmac.digest(secret, self._purpose + signed.encode(), "sha256"))


def _checked(secrets: Sequence[bytes]) -> tuple[bytes, ...]:
    cure = f"Give {SHORTEST_SECRET} random bytes or more, as secrets.token_bytes(32) makes them."
    if not secrets:
        raise SetupError("secrets", None, "There is no secret to sign cookies with.", cure)
    for place, secret in enumerate(secrets):
        if len(secret) < SHORTEST_SECRET:
            # The value itself stays out of the message: messages end up in logs.
            problem = f"The secret has only {len(secret)} bytes."
            raise SetupError(f"secrets[{place}]", None, problem, cure)
    return tuple(secrets)


def _encoded(payload: bytes) -> str:
    return urlsafe_b64encode(payload).rstrip(b"=").decode()


def _decoded(text: str) -> bytes | None:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
