"""What numbers are and were, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from callgraft.stores.memory_tables import Changes, Rows
from callgraft.stores.protocol import NumberRole


class MemoryRoles:
    """The part of the memory store that deals with the roles of numbers."""

    def __init__(self, changes: Changes) -> None:
        self._roles: Rows[tuple[str, str, datetime], NumberRole] = Rows(changes)

    def roles_in_force(self, site: str) -> Mapping[str, NumberRole]:
        return {
            role.number: role
            for _, role in self._roles.items()
            if role.site == site and role.until is None
        }

    def roles_of(self, site: str, number: str) -> Sequence[NumberRole]:
        found = [
            role for _, role in self._roles.items() if role.site == site and role.number == number
        ]
        return sorted(found, key=lambda role: role.since, reverse=True)

    def roles_elsewhere(self, site: str, asked: Sequence[str]) -> Sequence[NumberRole]:
        numbers = frozenset(asked)
        return [
            role
            for _, role in self._roles.items()
            if role.site != site and role.number in numbers and role.until is None
        ]

    def put_roles(self, roles: Sequence[NumberRole]) -> None:
        for role in roles:
            self._roles.put((role.site, role.number, role.since), role)
