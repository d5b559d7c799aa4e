"""
The JSON in which a client and a tracking server speak: the values of the protocol as they are.

A dataclass is an object with the names of its fields; moments are ISO 8601 with ``Z``, durations
seconds as numbers, bytes base64 (RFC 4648 §5). Fields that a reader does not know are left out, so
that a door and a server of neighbouring versions understand each other.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, TypeVar, cast

from callgraft.errors import SetupError

try:
    from pydantic import ConfigDict, TypeAdapter
    from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python
except ImportError as exc:
    raise SetupError(
        "backend",
        None,
        "a tracking server needs pydantic, which is not installed.",
        'Install "callgraft[remote]".',
    ) from exc

T = TypeVar("T")


def dump(value: object) -> bytes:
    """
    Return ``value`` as JSON: a value of the protocol, or lists and dicts of such.

    A lone surrogate, as broken percent-encoding can leave it in a path, becomes ``?``, as in every
    store.
    """
    try:
        return to_json(value, timedelta_mode="float", bytes_mode="base64")
    except PydanticSerializationError:
        plain = to_jsonable_python(value, timedelta_mode="float", bytes_mode="base64")
        return json.dumps(plain, ensure_ascii=False).encode("utf-8", "replace")


def load(kind: type[T], body: bytes) -> T:
    """
    Return the value that ``body`` tells of; ``load(CallEvent, dump(event)) == event``.

    :param kind: a dataclass of the protocol, or ``list[…]`` of one, or ``Published | None``.
    :raises ValueError: the body is no such value; the message names every field that is wrong.
    """
    reader = adapter(kind)  # type: ignore[arg-type]  # mypy takes a type for unhashable
    [value] = reader.validate_json(b"[" + body + b"]")
    return cast(T, value)


@cache
def adapter(kind: Any) -> TypeAdapter[tuple[Any]]:
    """
    What reads a list of exactly one ``kind``.

    A list, because pydantic takes no settings for a bare dataclass, and hands those of the list on
    to what is in it.
    """
    return TypeAdapter(tuple[kind], config=ConfigDict(val_json_bytes="base64"))
