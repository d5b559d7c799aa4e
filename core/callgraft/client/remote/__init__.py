"""The tracking engine on another machine, behind the same Protocol."""

from callgraft.client.remote.address import read_address
from callgraft.client.remote.client import RemoteClient

__all__ = ["RemoteClient", "read_address"]
