"""Reading the section ``[providers]`` of a Site document, and the secrets it refers to."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from callgraft.problems import Problems, kind
from callgraft.site import Provider
from callgraft.site_toml.table import Table

_CURE = 'Write "whsec_" and base64 of 24 to 64 random bytes, or "env:NAME".'


@dataclass(frozen=True, slots=True)
class Secrets:
    """
    Where secrets that are written as ``env:NAME`` are looked up: nowhere where ``environ`` is None.

    With ``may_lack`` one that is not there, or is none, is left out, and no mistake.
    """

    environ: Mapping[str, str] | None
    may_lack: bool = False

    def look_up(self, written: str, key: str, problems: Problems) -> str | None:
        if self.environ is None:
            return None
        name = written.removeprefix("env:")
        found = self.environ.get(name)
        if self.may_lack and (found is None or _length(found) is None):
            return None
        if found is None:
            cure = f"Set {name or 'one'} before the start, or write the secret itself here."
            problems.add(key, written, "the environment has no such variable.", cure)
            return None
        return _checked(found, key, f"the secret in {name}", problems)


def read_providers(root: Table, secrets: Secrets) -> dict[str, Provider]:
    return {
        name: Provider(key=name, secrets=_secrets(table, secrets))
        for name, table in root.named("providers", ("secret",))
    }


def _secrets(table: Table, secrets: Secrets) -> tuple[str, ...]:
    """One secret, or several while one replaces another."""
    value, key = table.get("secret"), table.path("secret")
    if value is None or value == []:
        cure = 'Write secret = "env:NAME", and the secret into that variable.'
        table.wrong("secret", "it is missing.", cure)
        return ()
    if not isinstance(value, list):
        read = [_secret(value, key, secrets, table.problems)]
    else:
        read = [
            _secret(each, f"{key}[{place}]", secrets, table.problems)
            for place, each in enumerate(value)
        ]
    return tuple(each for each in read if each is not None)


def _secret(written: object, key: str, secrets: Secrets, problems: Problems) -> str | None:
    if not isinstance(written, str):
        problems.add(key, None, f"a secret is text, not {kind(written)}.", _CURE)
        return None
    if written.startswith("env:"):
        return secrets.look_up(written, key, problems)
    return _checked(written, key, "the secret", problems)


def _checked(found: str, key: str, what: str, problems: Problems) -> str | None:
    """The secret if it is one. A problem never shows it: problems go to logs."""
    length = _length(found)
    if length is None:
        problems.add(key, None, f"{what} is not whsec_ and base64.", _CURE)
    elif not 24 <= length <= 64:
        problems.add(key, None, f"{what} has {length} bytes, not 24 to 64.", _CURE)
    else:
        return found
    return None


def _length(found: str) -> int | None:
    if not found.startswith("whsec_"):
        return None
    try:
        return len(base64.b64decode(found.removeprefix("whsec_"), validate=True))
    except (binascii.Error, ValueError):
        return None
