"""Is it the target? The strict look at a candidate and at what stands on its both sides."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from callgraft.html.shadow import EDGE, Shadow
from callgraft.html.targets import Target
from callgraft.phone.keypad import DIGITS, LETTERS

REACH = 180
"""How far before a candidate the number may begin, in bytes of the shadow."""
_NUMBER_DIGITS = 7
"""So many digits on the other side of a space are a number of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A target in a shadow: ``start`` and ``end`` are indices there."""

    start: int
    end: int
    plus: bool
    local: bool = False
    """Whether it has no area code."""


def match(shadow: Shadow, core: int, target: Target, *, link: bool, trailing: bool) -> Match | None:
    """
    Return the notation of ``target`` that is around the shadow's index ``core``.

    :param link: in a ``tel:`` link and the like, where colons and slashes end a number.
    :param trailing: the charset has digits among the bytes of other characters.
    """
    begin = _begin(shadow, core)
    hit = _plain(shadow, core, begin, target, link=link, trailing=trailing)
    if hit is None and target.spelled is not None:
        return _spelled(shadow, core, begin, target, trailing=trailing)
    return hit


def _plain(
    shadow: Shadow, core: int, at: int, target: Target, *, link: bool, trailing: bool
) -> Match | None:
    while found := target.pattern.search(shadow.text, at):
        if found.start() > core:
            return None
        at = found.end()
        if found.end() > core:
            if _is_whole(shadow, found, target, link=link, trailing=trailing):
                plus = found["plus"] is not None
                local = _is_local(_shape(shadow, found), target)
                return Match(start=found.start(), end=found.end(), plus=plus, local=local)
            if not _cuts_digits(shadow, found.start()):
                return None
            # In "765-43-28 (495) 123-45-67" the 8 is no trunk prefix: a shorter notation, then.
            at = found.start() + 1
    return None


def _spelled(
    shadow: Shadow, core: int, begin: int, target: Target, *, trailing: bool
) -> Match | None:
    """Find it in letters; they are digits in the shadow from then on."""
    found = target.spelled.search(shadow.text, begin) if target.spelled else None
    if found is None or not found.start() <= core < found.end():
        return None
    letters = _LETTERS.findall(found[0])
    if len(letters) < _FEWEST_LETTERS or not letters[0].isupper():
        return None
    if not _is_whole(shadow, found, target, link=False, trailing=trailing):
        return None
    shadow.text[found.start() : found.end()] = found[0].translate(_KEYPAD)
    return Match(start=found.start(), end=found.end(), plus=found["plus"] is not None)


def _cuts_digits(shadow: Shadow, index: int) -> bool:
    return shadow.text[:index].rstrip(b"\0")[-1:].isdigit()


def _begin(shadow: Shadow, core: int) -> int:
    """As far back from ``core`` as there are digits and gaps: never inside of a longer run."""
    before = bytes(shadow.text[max(core - REACH, 0) : core])
    return core - len(before) + len(before.rstrip(_OF_NUMBERS))


def _is_whole(
    shadow: Shadow, found: re.Match[bytes], target: Target, *, link: bool, trailing: bool
) -> bool:
    text = shadow.text
    shape = _shape(shadow, found)
    left = bytes(text[: found.start()]).translate(None, b"\0")[-48:]
    right = bytes(text[found.end() :]).translate(None, b"\0")[:48]
    if link:
        left, right = _loosened(left, right)
    if _parted(shadow, found.start() - 1, -1):
        left = b"" if _stands_alone(left[-1:], _TAIL.search(left)) else left
    if _parted(shadow, found.end(), 1):
        right = b"" if _stands_alone(right[:1], _HEAD.match(right)) else right
    if trailing and left[-1:] >= b"\x80":
        return False
    if _is_local(shape, target) and not _is_free_local(left, shape, link=link):
        return False
    return (
        is_shaped(shape, target)
        and _free_left(left, shape, target)
        and _free_right(right, shape, target)
    )


def _shape(shadow: Shadow, found: re.Match[bytes]) -> bytes:
    written = bytes(shadow.text[found.start() : found.end()])
    return written.translate(_KEYPAD).translate(None, b"\0")


def _is_local(shape: bytes, target: Target) -> bool:
    number = target.target.number
    return target.target.local and _digits(shape) < len(number.national)


def _is_free_local(left: bytes, shape: bytes, *, link: bool) -> bool:
    """
    Whether digits without an area code are a number: another code before them makes it another's.

    Seven digits in a row may count or name anything, unless they stand in a link that calls.
    """
    if left.rstrip(b" \t\n\f\r()-./")[-1:].isdigit():
        return False
    return link or not shape.isdigit()


def _parted(shadow: Shadow, index: int, step: int) -> bool:
    """Whether there is a tag between ``index`` and the next that is seen in that direction."""
    if not shadow.tags:
        return False
    end = index
    while 0 <= end < len(shadow.text) and shadow.text[end] == 0:
        end += step
    first, last = (end, index + 1) if step < 0 else (index, end)
    return bisect_left(shadow.tags, first) < bisect_left(shadow.tags, last)


def _stands_alone(neighbour: bytes, run: re.Match[bytes] | None) -> bool:
    """
    Whether what is on the other side of a tag is no part of this number.

    Styles keep apart what no space parts: words always, and two whole numbers.
    """
    if run is not None:
        return _digits(run[0]) >= _NUMBER_DIGITS
    return neighbour.isalpha() or neighbour >= b"\x80"


def _loosened(left: bytes, right: bytes) -> tuple[bytes, bytes]:
    left = b"" if left[-1:] in _LINK_STARTS else left
    return left, b"" if right[:1] in _LINK_ENDS else right


def is_shaped(shape: bytes, target: Target) -> bool:
    """Whether the digits are cut as those of a phone number are: 4 951 234 567 is a price."""
    if _DECIMAL.fullmatch(shape):
        return False
    number = target.target.number
    if _is_local(shape, target):
        return len(shape.translate(_SPACED).split()[0]) >= _SHORTEST_LOCAL_GROUP
    groups = shape.translate(_SPACED).split()
    digits = 0
    for group in reversed(groups):
        digits += len(group)
        if digits >= len(number.national):
            first = len(group) - (digits - len(number.national))
            return first >= min(2, number.area or 2)
    return False


def _free_left(left: bytes, shape: bytes, target: Target) -> bool:
    plus = shape.startswith(b"+")
    bare = shape.isdigit()
    last = left[-1:]
    if not last or last[0] == EDGE:
        return True
    if _WORD.fullmatch(last) or (bare and last >= b"\x80"):
        return False
    if last in b".,:" and left[-2:-1].isdigit():
        return False
    if last == b"-" and _WORD_OR_HIGH.fullmatch(left[-2:-1]) and not plus:
        return False
    if bare and last in b"/#@=&?%$*\\_~|":
        return False
    if last == b"'" and left[-2:-1].isdigit():
        return False
    outside = left.rstrip(b" \t\n\f\r(/" if not bare else b" \t\n\f\r(")
    if not plus and outside.endswith(b"+"):
        return False
    return not _continues(_TAIL.search(outside), outside != left, shape, plus=plus, target=target)


def _free_right(right: bytes, shape: bytes, target: Target) -> bool:
    plus = shape.startswith(b"+")
    bare = shape.isdigit()
    first, second = right[:1], right[1:2]
    if not first or first[0] == EDGE:
        return True
    if _EXTENSION.match(right):
        return True
    if _WORD.fullmatch(first) or (bare and first >= b"\x80"):
        return False
    if first in b".,-:_'" and (second.isdigit() or (first in b"._" and _WORD.fullmatch(second))):
        return False
    if first in b"@%" or (bare and first in b"/=\\$_~"):
        return False
    if bare and first == b"-" and _WORD_OR_HIGH.fullmatch(second):
        return False
    beyond = right.lstrip(b" \t\n\f\r/")
    if beyond == right or not beyond[:1].isdigit():
        return not _MONEY.match(right) or not bare
    if plus and right[:1] != b"/":
        return True
    run = _HEAD.match(beyond)
    if run is not None and _digits(run[0]) >= _NUMBER_DIGITS:
        return True
    # "495 123-45-67 24 hours" goes on with something else, "495 123 45 67 89" with more of it.
    return right[:1] != b"/" and not _SPACED_END.search(shape) and not _is_national(shape, target)


def _continues(
    run: re.Match[bytes] | None, apart: bool, shape: bytes, *, plus: bool, target: Target
) -> bool:
    """Whether the digits before, with a space between, make it a longer or another number."""
    if run is None or not apart or plus:
        return False
    if _digits(run[0]) >= _NUMBER_DIGITS and _digits(run[0].split()[-1]) > 1:
        return False
    return b"+" in run[0] or _is_national(shape, target) or _SPACED_START.match(shape) is not None


def _is_national(shape: bytes, target: Target) -> bool:
    return _digits(shape) <= len(target.target.number.national)


def _digits(text: bytes) -> int:
    return len(text.translate(None, _NO_DIGITS))


_FEWEST_LETTERS = 3
_SHORTEST_LOCAL_GROUP = 2
_LETTERS = re.compile(rb"[A-Za-z]")
_KEYPAD = bytes.maketrans((LETTERS + LETTERS.lower()).encode(), (DIGITS * 2).encode())
_EXTENSION = re.compile(rb"[xX][0-9]{1,6}(?![0-9A-Za-z_])")
_NO_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
_SPACED = bytes(byte if chr(byte).isdigit() and byte < 128 else 0x20 for byte in range(256))
_OF_NUMBERS = b"\0+-./() \t\n\f\r0123456789"
_LINK_STARTS = frozenset((b":", b"/", b"?", b";", b",", b"&", b"#", b"="))
_LINK_ENDS = _LINK_STARTS | frozenset((b"p", b"w", b"P", b"W"))
_DECIMAL = re.compile(rb"[0-9]+\.[0-9]+")
_WORD = re.compile(rb"[0-9A-Za-z_]")
_WORD_OR_HIGH = re.compile(rb"[0-9A-Za-z_\x80-\xff]")
_TAIL = re.compile(rb"\+?[0-9][0-9 ().-]*\Z")
_HEAD = re.compile(rb"[0-9][0-9 ().-]*")
_MONEY = re.compile(rb"[ ]?\$")
_SPACED_START = re.compile(rb"[0-9]+[ \t\n\f\r]+[0-9]")
_SPACED_END = re.compile(rb"[0-9][ \t\n\f\r]+[0-9]+\Z")
