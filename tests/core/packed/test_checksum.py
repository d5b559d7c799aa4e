"""A checksum follows a change of some bytes without a look at the others."""

from __future__ import annotations

import zlib

from hypothesis import given
from hypothesis import strategies as st

from callgraft.packed.checksum import Shift


@given(before=st.binary(max_size=50), behind=st.binary(max_size=3000))
def test_a_shifted_checksum_and_the_rest_s_make_the_whole_s(before: bytes, behind: bytes) -> None:
    whole = Shift(len(behind))(zlib.crc32(before)) ^ zlib.crc32(behind)
    assert whole == zlib.crc32(before + behind)


def test_a_gigabyte_behind_a_text_is_no_longer_way_than_a_kilobyte() -> None:
    once, behind = zlib.crc32(b"+7 495 123-45-67"), 2**30
    halves = Shift(behind // 2)(Shift(behind // 2)(once))
    assert Shift(behind)(once) == halves
