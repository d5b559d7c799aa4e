"""
Numbers in bodies that are no pages: JSON, XML and plain text, byte for byte like pages.

Only text counts: numbers and keys of JSON, names and comments of XML are for machines.
"""

from __future__ import annotations

from callgraft.html.bodies.plan import make_body_plan

__all__ = ["make_body_plan"]
