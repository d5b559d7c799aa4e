"""The version, in step with all four distributions."""

__version__ = "0.1.0"
