"""What can be written behind an option of the command, and what is wrong with what cannot."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import click

from callgraft_proxy.units import parse_duration, parse_size

Parameter = click.Parameter | None
Context = click.Context | None


class Duration(click.ParamType[timedelta]):
    """``50ms``, ``2s``."""

    name = "duration"

    def convert(self, value: object, param: Parameter, ctx: Context) -> timedelta:
        try:
            return parse_duration(str(value))
        except ValueError as exc:
            self.fail(str(exc), param, ctx)


class Size(click.ParamType[int]):
    """``8MiB``, ``65536``."""

    name = "size"

    def convert(self, value: object, param: Parameter, ctx: Context) -> int:
        try:
            return parse_size(str(value))
        except ValueError as exc:
            self.fail(str(exc), param, ctx)


class Listen(click.ParamType[tuple[str, int]]):
    """``127.0.0.1:8000``, ``[::]:8000``."""

    name = "host:port"

    def convert(self, value: object, param: Parameter, ctx: Context) -> tuple[str, int]:
        host, _, port = str(value).rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65535:
            self.fail(f"{value!r} is no address; write it like 127.0.0.1:8000.", param, ctx)
        return host.strip("[]"), int(port)


class Origin(click.ParamType[str]):
    """``http://127.0.0.1:8080``."""

    name = "url"

    def convert(self, value: object, param: Parameter, ctx: Context) -> str:
        text = str(value)
        if not _is_origin(text):
            cure = "write scheme, host and port only, like http://127.0.0.1:8080."
            self.fail(f"{text!r} is no address of a site; {cure}", param, ctx)
        return text.rstrip("/")


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        has_port = parts.port != 0
    except ValueError:
        return False
    has_more = parts.path.strip("/") or parts.query or parts.fragment or parts.username
    return parts.scheme in ("http", "https") and bool(parts.hostname) and has_port and not has_more
