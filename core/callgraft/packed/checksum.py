"""The CRC-32 of a page of which only some bytes change, without reading the rest of it."""

from __future__ import annotations

_POLYNOMIAL = 0xEDB88320
_ONE = 1 << 31
_X8 = 1 << 23
"""Bits stand as in RFC 1952: the highest one is the constant term."""


class Shift:
    """
    What becomes of a CRC when ``count`` bytes come after it.

    crc(A + B) = Shift(len(B))(crc(A)) + crc(B), where adding is exclusive or.
    """

    __slots__ = ("_rows",)

    def __init__(self, count: int) -> None:
        bits = []
        value = _power(count)
        for _ in range(32):
            bits.append(value)
            value = _times_x(value)
        # The highest bit is the constant term; a row for each four bits, the lowest first.
        bits.reverse()
        self._rows = tuple(_sums(bits[first : first + 4]) for first in range(0, 32, 4))

    def __call__(self, crc: int) -> int:
        a, b, c, d, e, f, g, h = self._rows
        return (
            a[crc & 15]
            ^ b[crc >> 4 & 15]
            ^ c[crc >> 8 & 15]
            ^ d[crc >> 12 & 15]
            ^ e[crc >> 16 & 15]
            ^ f[crc >> 20 & 15]
            ^ g[crc >> 24 & 15]
            ^ h[crc >> 28]
        )


def _sums(bits: list[int]) -> tuple[int, ...]:
    sums = [0]
    for bit in bits:
        sums += [known ^ bit for known in sums]
    return tuple(sums)


def _power(count: int) -> int:
    """x to the power of eight times ``count``, modulo CRC-32's polynomial."""
    result, square = _ONE, _X8
    while count:
        if count & 1:
            result = _product(result, square)
        square = _product(square, square)
        count >>= 1
    return result


def _product(one: int, other: int) -> int:
    result, bit = 0, _ONE
    while bit:
        if one & bit:
            result ^= other
        other = _times_x(other)
        bit >>= 1
    return result


def _times_x(value: int) -> int:
    return value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
