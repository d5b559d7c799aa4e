"""
Renewals on PostgreSQL: two statements, and two round trips, where a transaction needs six.

Most page views of a session only renew its lease. Each of the two statements is a transaction of
its own, and the second one renews nothing that was ended in between.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Select, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from callgraft.stores.hot import Hot
from callgraft.stores.schema import leases, sessions, visits
from callgraft.stores.sql_leases import RENEWAL, lease_of_columns, renewal_of
from callgraft.tracking.values import Lease, PageView

_IS_OPEN = leases.c.released_at.is_(None)
# A row for each open lease of a known session, and one of nothing where it has none.
_OPEN = Hot(
    select(leases)
    .select_from(
        sessions.outerjoin(
            leases,
            (leases.c.site == sessions.c.site)
            & (leases.c.session == sessions.c.session)
            & _IS_OPEN,
        )
    )
    .where(sessions.c.site == bindparam("site"), sessions.c.session == bindparam("session"))
)
_RENEWED = RENEWAL.returning(leases.c.id).cte("renewed")
_VISITED = (
    insert(visits)
    .values({column.name: bindparam(f"visit_{column.name}") for column in visits.c})
    .on_conflict_do_nothing()
    .cte("visited")
)


# As in every transaction of a page view: a power cut may take the last moments of them.
_AT_ONCE = func.set_config(
    *(literal_column(word) for word in ("'synchronous_commit'", "'off'", "true"))
)


def _renewal() -> Select[tuple[object, ...]]:
    return select(_AT_ONCE, select(func.count()).select_from(_RENEWED).scalar_subquery())


_VISIT = Hot(select(_AT_ONCE).add_cte(_VISITED))
_RENEW = Hot(_renewal())
_RENEW_AND_VISIT = Hot(_renewal().add_cte(_VISITED))


def open_leases(connection: Connection, view: PageView) -> Sequence[Lease] | None:
    """The open leases of the page view's session, None when nobody knows it."""
    rows = _OPEN.rows(connection, {"site": view.site, "session": view.identity.session})
    if not rows:
        return None
    return [lease_of_columns(row) for row in rows if row[0] is not None]


def renew(connection: Connection, view: PageView, lease: Lease) -> bool:
    """Log the page view and renew the lease; False: it is open no longer."""
    values = renewal_of(lease)
    if not view.is_load:
        [row] = _RENEW.rows(connection, values)
    else:
        [row] = _RENEW_AND_VISIT.rows(connection, values | _visit(view))
    return bool(row[1])


def log_visit(connection: Connection, view: PageView) -> None:
    """Log the page view of a session that is known."""
    _VISIT.rows(connection, _visit(view))


def _visit(view: PageView) -> dict[str, object]:
    return {
        "visit_site": view.site,
        "visit_session": view.identity.session,
        "visit_at": view.at,
        "visit_path": view.path,
        "visit_is_contact": view.is_contact,
    }
