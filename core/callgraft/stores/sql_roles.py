"""What numbers are and were, in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from callgraft.roles import Role, RoleKind
from callgraft.stores.protocol import NumberRole
from callgraft.stores.schema import number_roles
from callgraft.stores.upsert import insert_or_update

_ASKED_AT_ONCE = 500
_ROLE = ("kind", "key", "source", "medium", "campaign")

_OF_NUMBER = (
    select(number_roles)
    .where(number_roles.c.site == bindparam("site"), number_roles.c.number == bindparam("number"))
    .order_by(number_roles.c.since.desc())
)


class SqlRoles:
    """The part of a transaction that deals with the roles of numbers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def roles_in_force(self, site: str) -> Mapping[str, NumberRole]:
        rows = self._connection.execute(
            select(number_roles).where(number_roles.c.site == site, number_roles.c.until.is_(None))
        )
        return {row.number: _role(row) for row in rows}

    def roles_of(self, site: str, number: str) -> Sequence[NumberRole]:
        rows = self._connection.execute(_OF_NUMBER, {"site": site, "number": number})
        return [_role(row) for row in rows]

    def roles_elsewhere(self, site: str, asked: Sequence[str]) -> Sequence[NumberRole]:
        found: list[NumberRole] = []
        for start in range(0, len(asked), _ASKED_AT_ONCE):
            rows = self._connection.execute(
                select(number_roles).where(
                    number_roles.c.number.in_(asked[start : start + _ASKED_AT_ONCE]),
                    number_roles.c.site != site,
                    number_roles.c.until.is_(None),
                )
            )
            found.extend(_role(row) for row in rows)
        return found

    def put_roles(self, roles: Sequence[NumberRole]) -> None:
        if roles:
            changed = ("until", *_ROLE)
            statement = insert_or_update(self._connection.dialect.name, number_roles, changed)
            self._connection.execute(statement, [_row(role) for role in roles])


def _role(row: Row[Any]) -> NumberRole:
    words = {name: row._mapping[name] for name in _ROLE}
    role = Role(**words | {"kind": RoleKind(words["kind"])})
    return NumberRole(site=row.site, number=row.number, role=role, since=row.since, until=row.until)


def _row(kept: NumberRole) -> dict[str, object]:
    return {
        "site": kept.site,
        "number": kept.number,
        "since": kept.since,
        "until": kept.until,
        **{name: getattr(kept.role, name) for name in _ROLE},
    }
