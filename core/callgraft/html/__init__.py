"""
Pages: where the targets stand in the bytes, and the same bytes with other numbers in them.

`make_plan` scans a page once; `Plan.swap` then fills it for each visitor. Bytes outside of the
places are those that the site sent, whatever the HTML is worth.
"""

from __future__ import annotations

from callgraft.html.bodies import make_body_plan
from callgraft.html.cache import PlanCache
from callgraft.html.kinds import POLICY
from callgraft.html.place import Place, position
from callgraft.html.plan import Plan, make_plan
from callgraft.html.stream import Stream
from callgraft.html.targets import Targets

__all__ = [
    "POLICY",
    "Place",
    "Plan",
    "PlanCache",
    "Stream",
    "Targets",
    "make_body_plan",
    "make_plan",
    "position",
]
