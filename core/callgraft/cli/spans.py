"""Options that are durations, and lists of them or of counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from callgraft.problems import Problems
from callgraft.site_toml.scalars import duration

_MOST = 16


class Span(click.ParamType[timedelta]):
    """``30m``, ``1h30m``: as in Site documents."""

    name = "duration"

    def convert(self, value: Any, param: Any, ctx: Any) -> timedelta:
        if isinstance(value, timedelta):
            return value
        read = duration(value, "", Problems(""))
        if not read:
            self.fail(f"{value!r} is no duration. Write it like 30m or 1h30m.", param, ctx)
        return read


class Spans(click.ParamType[tuple[timedelta, ...]]):
    """``5m,30m``."""

    name = "duration,…"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[timedelta, ...]:
        if isinstance(value, tuple):
            return value
        return tuple({Span().convert(each.strip(), param, ctx) for each in value.split(",")})


class Counts(click.ParamType[tuple[int, ...]]):
    """``10,20,50``."""

    name = "count,…"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        counts = {each.strip() for each in value.split(",")}
        if not all(each.isdecimal() and 1 <= int(each) <= 10_000 for each in counts):
            why = "must be counts from 1 to 10,000. Write them like 10,20,50."
            self.fail(f"{value!r}: {why}", param, ctx)
        if len(counts) > _MOST:
            self.fail(f"{len(counts)} counts are too many at once; {_MOST} are not.", param, ctx)
        return tuple(sorted(int(each) for each in counts))
