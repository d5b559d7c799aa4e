"""The tables of the memory store keep nothing of what left them."""

from __future__ import annotations

from callgraft.stores.memory_tables import Changes, Index


def test_a_group_that_is_empty_again_takes_no_memory() -> None:
    changes = Changes()
    index: Index[str, tuple[int]] = Index(changes)
    for place in range(100):
        index.add(f"session {place}", (place,))
        index.drop(f"session {place}", (place,))
    assert vars(index)["_groups"] == {}
    changes.undo()
    assert index.group("session 7") == []
