"""Call tracking for Wagtail: every visitor sees a phone number of their own."""

__version__ = "0.1.0"
