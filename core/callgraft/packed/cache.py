"""Plans of packed pages, remembered by their packed bytes."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from callgraft import encoding
from callgraft.html import Plan, PlanCache, Targets
from callgraft.html.cache import digest
from callgraft.packed.plan import PackedPlan

_Key = tuple[bytes, str, bytes, str | None, str | None, bool]


class PackedPlans:
    """
    At most ``max_bytes`` of packed plans, the longest unused go first. Threads may share it.

    A page that is known by its packed bytes is not unpacked; any other is, and ``plans`` know it
    perhaps by what was in it.
    """

    def __init__(self, plans: PlanCache, max_bytes: int = 64 * 2**20) -> None:
        self.plans = plans
        self.max_bytes = max_bytes
        self.size = 0
        self.hits = 0
        self.misses = 0
        self._kept: OrderedDict[_Key, PackedPlan] = OrderedDict()
        self._lock = Lock()

    def plan(
        self,
        body: bytes,
        targets: Targets,
        *,
        coding: str | None,
        limit: int,
        content_type: str | None,
        form: str | None = None,
        hashed_scripts: bool = False,
        address: str | None = None,
    ) -> Plan | PackedPlan:
        """
        Return the plan of a body as it is on the wire; the arguments are `PlanCache.plan`'s.

        :param coding: its ``Content-Encoding``.
        :param limit: the most bytes that it may unpack to.
        :raises BadEncoding: the body is not what ``coding`` says, or larger.
        """
        name = encoding.name_of(coding)
        key = (digest(body), name, targets.digest, content_type, form, hashed_scripts)
        if name != "identity" and (known := self._known(key)) is not None:
            return known
        plan = self.plans.plan(
            encoding.decode(body, coding, limit=limit),
            targets,
            content_type=content_type,
            form=form,
            hashed_scripts=hashed_scripts,
            address=address,
        )
        if name == "identity":
            return plan
        packed = PackedPlan(plan, name, packed=len(body))
        self._keep(key, packed)
        return packed

    def _known(self, key: _Key) -> PackedPlan | None:
        with self._lock:
            known = self._kept.get(key)
            if known is None:
                self.misses += 1
                return None
            self.hits += 1
            self._kept.move_to_end(key)
            return known

    def _keep(self, key: _Key, packed: PackedPlan) -> None:
        with self._lock:
            if packed.size > self.max_bytes or key in self._kept:
                return
            self._kept[key] = packed
            self.size += packed.size
            while self.size > self.max_bytes:
                _, gone = self._kept.popitem(last=False)
                self.size -= gone.size
