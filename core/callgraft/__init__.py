"""Callgraft: call tracking on the server."""

__version__ = "0.1.0"
