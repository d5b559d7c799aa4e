"""The states of the tokenizer, as few as decide what a number in them means."""

from __future__ import annotations

from enum import IntEnum, auto


class Mode(IntEnum):
    """Where in the grammar of HTML a byte stands."""

    DATA = auto()
    TAG_NAME = auto()
    BEFORE_NAME = auto()
    NAME = auto()
    AFTER_NAME = auto()
    BEFORE_VALUE = auto()
    VALUE = auto()
    COMMENT = auto()
    BOGUS = auto()
    CDATA = auto()
    RAW = auto()
    ESCAPED = auto()
    DOUBLE_ESCAPED = auto()


IN_TAG = frozenset(
    (
        Mode.TAG_NAME,
        Mode.BEFORE_NAME,
        Mode.NAME,
        Mode.AFTER_NAME,
        Mode.BEFORE_VALUE,
        Mode.VALUE,
    )
)
"""Between the ``<`` of a tag and its ``>``."""
