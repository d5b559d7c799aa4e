import os
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callgraft import encoding
from callgraft.encoding import BadEncoding

CODINGS = ("gzip", "deflate", "br", "zstd")
PAGE = os.urandom(500) * 40 + b"<p>8 (495) 123-45-67</p>" * 400


def test_every_coding_that_browsers_ask_for_is_understood():
    assert encoding.accepted() == ("zstd", "br", "gzip", "deflate")
    assert all(encoding.understood(coding) for coding in (*CODINGS, "x-gzip", "GZIP", "", None))
    assert not encoding.understood("gzip, br")
    assert not encoding.understood("compress")


@pytest.mark.parametrize("coding", CODINGS)
def test_what_is_packed_unpacks_to_the_same_bytes(coding):
    packed = encoding.encode(PAGE, coding)
    assert len(packed) < len(PAGE) / 4
    assert encoding.decode(packed, coding, limit=len(PAGE)) == PAGE


@pytest.mark.parametrize("coding", CODINGS)
def test_equal_pages_give_equal_packed_bytes(coding):
    assert encoding.encode(PAGE, coding) == encoding.encode(bytes(bytearray(PAGE)), coding)


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("missing", [1, 4, 9, 200])
def test_a_truncated_body_is_refused(coding, missing):
    packed = encoding.encode(PAGE, coding)
    with pytest.raises(BadEncoding):
        encoding.decode(packed[:-missing], coding, limit=len(PAGE))


@pytest.mark.parametrize("coding", CODINGS)
def test_an_empty_body_is_no_packed_body(coding):
    with pytest.raises(BadEncoding):
        encoding.decode(b"", coding, limit=100)


@pytest.mark.parametrize("coding", CODINGS)
def test_a_small_body_that_hides_a_large_one_is_refused_before_it_is_unpacked(coding):
    bomb = encoding.encode(bytes(400_000_000), coding)
    tracemalloc.start()
    try:
        with pytest.raises(BadEncoding, match="more than 1000000 bytes"):
            encoding.decode(bomb, coding, limit=1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 200_000_000
    finally:
        tracemalloc.stop()


def test_a_body_of_very_many_members_is_refused():
    empty = encoding.encode(b"", "gzip")
    with pytest.raises(BadEncoding, match="more than 1000 members"):
        encoding.decode(empty * 100_000, "gzip", limit=1_000_000)


@pytest.mark.parametrize("coding", CODINGS)
@given(garbage=st.binary(min_size=1, max_size=300))
def test_garbage_is_refused_and_nothing_else_happens(coding, garbage):
    try:
        encoding.decode(garbage, coding, limit=10_000)
    except BadEncoding:
        return


def test_gzip_may_come_in_several_members_and_zero_padding():
    packed = encoding.encode(b"one", "gzip") + encoding.encode(b"two", "gzip") + bytes(7)
    assert encoding.decode(packed, "gzip", limit=100) == b"onetwo"


def test_deflate_is_understood_bare_and_in_zlibs_wrapping():
    bare = zlib.compressobj(wbits=-15)
    assert encoding.decode(bare.compress(PAGE) + bare.flush(), "deflate", limit=10**6) == PAGE
    assert encoding.decode(zlib.compress(PAGE), "deflate", limit=10**6) == PAGE


def test_zstd_may_come_in_several_frames():
    packed = encoding.encode(b"one", "zstd") + encoding.encode(b"two", "zstd")
    assert encoding.decode(packed, "zstd", limit=100) == b"onetwo"
