"""Which address a visitor has: the peer's, or what listed proxies say of the peer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_interface,
    ip_network,
)

from callgraft.errors import SetupError
from callgraft.visit import Visit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def client_address(visit: Visit, trusted: Sequence[Network]) -> str:
    """
    Return the visitor's address, empty where nobody knows it.

    Only what proxies in ``trusted`` wrote is believed: their fields are read right to left, listed
    proxies are skipped, and the first address that is none of them is the visitor's. Where the
    reading ends at something that is no address, the last good one stands.

    A proxy writes ``X-Forwarded-For`` or ``Forwarded`` (RFC 7239) and passes the other on as it
    came, so that the visitor may have made it up. Where they disagree, neither is believed.
    """
    peer = _address(visit.peer)
    if peer is None:
        return ""
    if not _is_in_one_of(peer, trusted):
        return str(peer)
    chains = [_forwarded_for(visit), _forwarded(visit)]
    answers = {_visitor(peer, chain, trusted) for chain in chains if chain}
    return str(answers.pop() if len(answers) == 1 else peer)


@lru_cache(maxsize=1024)
def is_listed(address: str, networks: tuple[Network, ...]) -> bool:
    """Whether the address, in any of the ways in which proxies write one, is in a network."""
    read = _address(address)
    return read is not None and _is_in_one_of(read, networks)


def parse_networks(texts: Iterable[str], *, key: str = "trusted_proxies") -> tuple[Network, ...]:
    """
    Read networks like ``10.0.0.0/8``, ``2001:db8::/32`` or single addresses.

    :param key: where the texts stand in the set-up, for the message.
    :raises SetupError: one of them is neither.
    """
    return tuple(_network(text, f"{key}[{place}]") for place, text in enumerate(texts))


def truncated(address: str) -> str:
    """
    Return the address with the visitor's own part as zeros: IPv4 to /24, IPv6 to /48.

    Empty for what is no address. Nothing finer is ever stored.
    """
    read = _address(address)
    if read is None:
        return ""
    kept = 24 if read.version == 4 else 48
    return str(ip_network((read, kept), strict=False).network_address)


def _network(text: str, key: str) -> Network:
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError as exc:
        cure = "Write a network like '10.0.0.0/8' or an address like '203.0.113.7'."
        raise SetupError(key, text, "This is no network.", cure) from exc
    if str(network.network_address) != str(ip_interface(text.strip()).ip):
        cure = f"Write '{network}', or the address alone."
        raise SetupError(key, text, "The address has bits outside its network.", cure)
    return network


def _is_in_one_of(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)


def _visitor(peer: Address, chain: Sequence[str], trusted: Sequence[Network]) -> Address:
    last_good = peer
    for text in reversed(chain):
        address = _address(text)
        if address is None:
            break
        last_good = address
        if not _is_in_one_of(address, trusted):
            break
    return last_good


def _forwarded_for(visit: Visit) -> list[str]:
    return _elements(visit, "x-forwarded-for")


def _forwarded(visit: Visit) -> list[str]:
    return [_for(element) for element in _elements(visit, "forwarded")]


def _elements(visit: Visit, name: str) -> list[str]:
    # Every comma separates, quoted or not: no address has one, and a visitor's unclosed quote must
    # not swallow what the proxy appended to it.
    lines = [value for key, value in visit.headers if key.lower() == name]
    return [element.strip() for element in ",".join(lines).split(",")] if lines else []


def _for(element: str) -> str:
    for pair in element.split(";"):
        name, _, value = pair.partition("=")
        if name.strip().lower() == "for":
            return value.strip().strip('"')
    return ""


def _address(text: str) -> Address | None:
    """An address in any of the ways in which proxies write one: with brackets, port, zone."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
