"""Callgraft: call tracking on the server."""

from callgraft.version import __version__

__all__ = ["__version__"]
