"""Call tracking for Flask: every visitor sees a phone number of their own."""

from flask_callgraft.extension import CallTracking

__all__ = ["CallTracking"]
__version__ = "0.1.0"
