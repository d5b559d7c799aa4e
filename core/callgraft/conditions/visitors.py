"""Conditions on the visitor: known from before, and in which network."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

from callgraft.conditions.leaf import Leaf, one_of

if TYPE_CHECKING:
    from callgraft.rules import Circumstances
    from callgraft.site import Site


@dataclass(frozen=True, slots=True)
class ReturningIs(Leaf):
    """The visitor was here before, or (``returning`` false) was not."""

    returning: bool

    def holds(self, site: Site, here: Circumstances) -> bool:
        return here.is_returning is self.returning

    def fact(self, site: Site, here: Circumstances) -> str:
        return f"the visitor is {_visitor(here.is_returning)}"

    @property
    def wish(self) -> str:
        return _visitor(self.returning)


@dataclass(frozen=True, slots=True)
class NetworkIs(Leaf):
    """
    The visitor's address is in one of the networks.

    Its explanation names the network, never the address: explanations are kept, addresses are not.
    """

    networks: tuple[IPv4Network | IPv6Network, ...]

    def holds(self, site: Site, here: Circumstances) -> bool:
        return self._network(here) is not None

    def fact(self, site: Site, here: Circumstances) -> str:
        if _address(here.address) is None:
            return "the visitor's address is unknown"
        return f"the visitor's address is in {self._network(here) or 'another network'}"

    @property
    def wish(self) -> str:
        return one_of([str(network) for network in self.networks])

    def _network(self, here: Circumstances) -> IPv4Network | IPv6Network | None:
        address = _address(here.address)
        if address is None:
            return None
        return next((network for network in self.networks if address in network), None)


def _visitor(returning: bool) -> str:
    return "a returning one" if returning else "a new one"


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # A server that listens on IPv6 shows an IPv4 visitor as ::ffff:192.0.2.1.
    return (address.version == 6 and getattr(address, "ipv4_mapped", None)) or address
