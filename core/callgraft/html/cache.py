"""Plans remembered by content: a page that was seen before needs no second look."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from callgraft.html.bodies import make_body_plan
from callgraft.html.plan import Plan, make_plan, patch_plan
from callgraft.html.targets import Targets

try:
    from blake3 import blake3 as _blake3
except ImportError:
    _blake3 = None  # type: ignore[assignment,misc] # an extra that need not be there

_Key = tuple[bytes, bytes, str | None, str | None, bool]
_Family = tuple[str, bytes, str | None, bool]


class PlanCache:
    """
    At most ``max_bytes`` of plans, the longest unused go first. Threads may share it.

    The key is a collision-resistant hash of the body, with charset, form and targets: pages carry
    strangers' text, and nobody may choose a text that brings up another page.

    A page that is new, but much the same as the last one from its address, is made of that one's
    plan: ``patched`` counts those among the ``misses``.
    """

    def __init__(self, max_bytes: int = 64 * 2**20) -> None:
        self.max_bytes = max_bytes
        self.size = 0
        self.hits = 0
        self.misses = 0
        self.patched = 0
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._latest: dict[_Family, _Key] = {}
        self._lock = Lock()

    def plan(
        self,
        body: bytes,
        targets: Targets,
        *,
        content_type: str | None,
        form: str | None = None,
        hashed_scripts: bool = False,
        address: str | None = None,
    ) -> Plan:
        """
        Return the plan of a page, made now if this page with these targets is new.

        :param form: ``json``, ``xml`` or ``text``, where the body is no page (`make_body_plan`).
        :param hashed_scripts: as `make_plan` wants to know.
        :param address: whence the page came. It decides about speed only, never about the plan.
        """
        key = (digest(body), targets.digest, content_type, form, hashed_scripts)
        family = None
        if address and not form:
            family = (address, targets.digest, content_type, hashed_scripts)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self.hits += 1
                kept.is_used = True
                self._kept.move_to_end(key)
                return kept.plan
            self.misses += 1
            like = self._last_of(family)
        # Outside of the lock: two threads may make the same plan at once, which does no harm.
        plan = like and patch_plan(
            like, body, targets, content_type=content_type, hashed_scripts=hashed_scripts
        )
        is_patched = plan is not None
        if plan is None and form:
            plan = make_body_plan(body, targets, form, content_type=content_type)
        elif plan is None:
            plan = make_plan(
                body, targets, content_type=content_type, hashed_scripts=hashed_scripts
            )
        self._keep(key, _Kept(plan=plan, family=family), patched=is_patched)
        return plan

    def _last_of(self, family: _Family | None) -> Plan | None:
        key = self._latest.get(family) if family else None
        return self._kept[key].plan if key else None

    def _keep(self, key: _Key, new: _Kept, *, patched: bool) -> None:
        with self._lock:
            self.patched += patched
            if new.plan.size > self.max_bytes:
                return
            self._drop(key)
            if new.family:
                if patched:
                    self._drop_unused(self._latest.get(new.family))
                self._latest[new.family] = key
            self.size += new.plan.size
            self._kept[key] = new
            while self.size > self.max_bytes:
                self._drop(next(iter(self._kept)))

    def _drop_unused(self, key: _Key | None) -> None:
        """Drop what nobody came back for: a page with a new token each time takes one plan."""
        if key is not None and not self._kept[key].is_used:
            self._drop(key)

    def _drop(self, key: _Key) -> None:
        old = self._kept.pop(key, None)
        if old is None:
            return
        self.size -= old.plan.size
        if old.family and self._latest.get(old.family) == key:
            del self._latest[old.family]


@dataclass(slots=True, kw_only=True)
class _Kept:
    plan: Plan
    family: _Family | None
    is_used: bool = False


def digest(body: bytes) -> bytes:
    """Return the body's BLAKE3 where that is installed, which is four times as fast."""
    if _blake3 is not None:
        return _blake3(body).digest()
    return hashlib.blake2b(body, digest_size=32).digest()
