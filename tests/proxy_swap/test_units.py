"""Durations and sizes as an operator writes them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callgraft_proxy.units import parse_duration, parse_size


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("50ms", 50), ("2s", 2_000), ("1.5 s", 1_500), ("1m", 60_000), (" 50MS ", 50)],
)
def test_a_duration_has_a_unit(text, milliseconds):
    assert parse_duration(text) == timedelta(milliseconds=milliseconds)


@pytest.mark.parametrize("text", ["", "50", "0ms", "-1s", "ms", "1h", "1 s s"])
def test_what_is_no_duration_is_refused_with_the_cure(text):
    with pytest.raises(ValueError, match="write it like 50ms or 2s"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [("65536", 65_536), ("8MiB", 8 * 2**20), ("512 KiB", 2**19), ("1m", 2**20), ("4kb", 4096)],
)
def test_a_size_counts_bytes(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "0", "-1", "MiB", "8GiB", "1.5M"])
def test_what_is_no_size_is_refused_with_the_cure(text):
    with pytest.raises(ValueError, match="write it like 8MiB or 65536"):
        parse_size(text)
