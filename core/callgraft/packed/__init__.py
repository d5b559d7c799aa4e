"""
Pages that come packed: the constant parts stay packed, only the visitor's digits go in.

A slot is cut out of the packed page at byte boundaries, and its text is laid in as a block that is
not packed; the page's checksum follows by arithmetic. Nothing is unpacked for a page seen before.
"""

from __future__ import annotations

from callgraft.packed.cache import PackedPlans
from callgraft.packed.plan import PackedPlan

__all__ = ["PackedPlan", "PackedPlans"]
