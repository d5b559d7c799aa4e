"""
Makes ``test-city.mmdb``: a geo database of invented networks, for the demo and the tests.

::

    python examples/geo/make_geo.py

The networks are those that RFC 5737 and RFC 3849 keep for documentation, so no visitor of a real
site is ever found in it. For real visitors get GeoLite2-City or DB-IP City.

The format: https://maxmind.github.io/MaxMind-DB/
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path


def place(country: str, region: str, **names: str) -> dict[str, object]:
    """Return a record as City databases have it."""
    return {
        "city": {"names": names},
        "country": {"iso_code": country},
        "subdivisions": [{"iso_code": region}],
    }


MOSCOW = place("RU", "MOW", en="Moscow", ru="Москва", de="Moskau")
PETERSBURG = place("RU", "SPE", en="Saint Petersburg", ru="Санкт-Петербург", de="Sankt Petersburg")
SMOLENSK = place("RU", "SMO", en="Smolensk", ru="Смоленск")

PLACES: dict[str, object] = {
    "203.0.113.0/24": MOSCOW,
    "198.51.100.0/24": PETERSBURG,
    "192.0.2.0/24": SMOLENSK,
    "2001:db8:1::/48": MOSCOW,
}


def database(places: Mapping[str, object]) -> bytes:
    """Return a MaxMind-format database that gives each network its record."""
    data = b""
    tree: list[list[int | None]] = [[None, None]]  # a child is a node, or minus the data's place
    for network, record in places.items():
        _put(tree, _bits(ip_network(network)), -len(data) - 1)
        data += _encoded(record)
    return _nodes(tree) + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + _metadata(len(tree))


def _bits(network: IPv4Network | IPv6Network) -> str:
    # IPv4 lives in the tree of IPv6, at ::/96.
    bits = f"{int(network.network_address):0128b}"
    return bits[: network.prefixlen + (96 if network.version == 4 else 0)]


def _put(tree: list[list[int | None]], bits: str, value: int) -> None:
    node = 0
    for bit in map(int, bits[:-1]):
        child = tree[node][bit]
        if child is None:
            child = tree[node][bit] = len(tree)
            tree.append([None, None])
        node = child
    tree[node][int(bits[-1])] = value


def _nodes(tree: list[list[int | None]]) -> bytes:
    def pointer(child: int | None) -> bytes:
        if child is None:
            child = len(tree)
        elif child < 0:
            child = len(tree) + 16 - child - 1
        return child.to_bytes(3, "big")

    return b"".join(pointer(child) for node in tree for child in node)


_UINT16, _UINT32, _UINT64 = 5, 6, 9


def _metadata(nodes: int) -> bytes:
    return _encoded(
        {
            "binary_format_major_version": (_UINT16, 2),
            "binary_format_minor_version": (_UINT16, 0),
            "build_epoch": (_UINT64, 1_767_225_600),
            "database_type": "Callgraft-Test-City",
            "description": {"en": "Invented networks for demonstrations and tests"},
            "ip_version": (_UINT16, 6),
            "languages": ["en", "ru"],
            "node_count": (_UINT32, nodes),
            "record_size": (_UINT16, 24),
        }
    )


def _encoded(value: object) -> bytes:
    if isinstance(value, str):
        raw = value.encode()
        return _control(2, len(raw)) + raw
    if isinstance(value, tuple):
        kind, number = value
        raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
        return _control(kind, len(raw)) + raw
    if isinstance(value, dict):
        pairs = (_encoded(key) + _encoded(item) for key, item in value.items())
        return _control(7, len(value)) + b"".join(pairs)
    if isinstance(value, list):
        return _control(11, len(value)) + b"".join(map(_encoded, value))
    raise TypeError(f"{value!r} has no place in a geo database.")


def _control(kind: int, size: int) -> bytes:
    """The type and size that stand before a value; types above 7 take a byte of their own."""
    longer = bytes([size - 29]) if size >= 29 else b""
    first, second = (kind, b"") if kind < 8 else (0, bytes([kind - 7]))
    return bytes([first << 5 | min(size, 29)]) + second + longer


if __name__ == "__main__":
    path = Path(__file__).with_name("test-city.mmdb")
    path.write_bytes(database(PLACES))
    print(path)
