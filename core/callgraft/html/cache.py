"""Plans remembered by content: a page that was seen before needs no second look."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from threading import Lock

from callgraft.html.plan import Plan, make_plan
from callgraft.html.targets import Targets


class PlanCache:
    """
    At most ``max_bytes`` of plans, the longest unused go first. Threads may share it.

    The key is a collision-resistant hash of body, charset and targets: pages carry strangers' text,
    and nobody may choose a text that brings up another page.
    """

    def __init__(self, max_bytes: int = 64 * 2**20) -> None:
        self.max_bytes = max_bytes
        self.size = 0
        self.hits = 0
        self.misses = 0
        self._plans: OrderedDict[bytes, Plan] = OrderedDict()
        self._lock = Lock()

    def plan(self, body: bytes, targets: Targets, *, content_type: str | None) -> Plan:
        """Return the plan of a page, made now if this page with these targets is new."""
        key = _key(body, targets, content_type)
        with self._lock:
            plan = self._plans.get(key)
            if plan is not None:
                self.hits += 1
                self._plans.move_to_end(key)
                return plan
            self.misses += 1
        # Outside of the lock: two threads may make the same plan at once, which does no harm.
        plan = make_plan(body, targets, content_type=content_type)
        self._keep(key, plan)
        return plan

    def _keep(self, key: bytes, plan: Plan) -> None:
        if plan.size > self.max_bytes:
            return
        with self._lock:
            before = self._plans.pop(key, None)
            self.size += plan.size - (before.size if before else 0)
            self._plans[key] = plan
            while self.size > self.max_bytes:
                _, oldest = self._plans.popitem(last=False)
                self.size -= oldest.size


def _key(body: bytes, targets: Targets, content_type: str | None) -> bytes:
    digest = hashlib.blake2b(body, digest_size=32, key=targets.digest)
    digest.update(b"\0" + (content_type or "").encode("utf-8", "surrogateescape"))
    return digest.digest()
