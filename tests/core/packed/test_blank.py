"""What stands for a slot while its page is packed matches nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callgraft.packed.blank import blanks


@given(
    unused=st.integers(1, 40).map(lambda count: bytes(range(count))),
    lengths=st.lists(st.integers(1, 30), max_size=40),
)
def test_blanks_are_of_unused_bytes_and_no_four_in_a_row_come_twice(
    unused: bytes, lengths: list[int]
) -> None:
    page = bytes(set(range(256)) - set(unused))
    found = blanks([page], lengths)
    if found is None:
        assert sum(lengths) > len(unused) ** 4
        return
    assert [len(blank) for blank in found] == lengths
    whole = b"".join(found)
    assert set(whole) <= set(unused)
    assert len({whole[at : at + 4] for at in range(len(whole) - 3)}) == max(0, len(whole) - 3)


def test_no_two_in_a_row_come_twice_where_the_page_leaves_enough_unused() -> None:
    found = blanks([bytes(range(28, 256))], [18] * 40)
    assert found is not None
    whole = b"".join(found)
    assert len({whole[at : at + 2] for at in range(len(whole) - 1)}) == len(whole) - 1


def test_a_page_of_all_bytes_leaves_nothing_to_stand_in() -> None:
    assert blanks([bytes(range(256))], [16]) is None
    assert blanks([bytes(range(1, 256))], [2]) is None
