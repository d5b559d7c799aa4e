"""Visitors, their sessions, touches and page loads, and the leases of numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_IS_OPEN = sa.text("released_at IS NULL")
_WORDS = "source medium channel campaign keyword content click_id referrer landing"


def upgrade() -> None:
    _create_sessions()
    _create_log()
    _create_leases()


def downgrade() -> None:
    for table in ("leases", "visits", "touches", "sessions", "visitors"):
        op.drop_table(table)
    # Whoever held a number is forgotten now; a number must not stay taken by nobody.
    op.execute("UPDATE numbers SET lease = NULL")


def _create_sessions() -> None:
    op.create_table(
        "visitors",
        *_texts("site visitor"),
        sa.Column("first_seen_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("site", "visitor", name="pk_visitors"),
    )
    op.create_table(
        "sessions",
        *_texts("site session visitor"),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        *_texts("device country region city network"),
        sa.PrimaryKeyConstraint("site", "session", name="pk_sessions"),
        sa.ForeignKeyConstraint(
            ["site", "visitor"],
            ["visitors.site", "visitors.visitor"],
            name="fk_sessions_visitors",
        ),
    )
    op.create_index("sessions_by_visitor", "sessions", ["site", "visitor", "started_at"])


def _create_log() -> None:
    op.create_table(
        "touches",
        *_texts("site session"),
        sa.Column("at", sa.BigInteger, nullable=False),
        *_texts(_WORDS),
        sa.PrimaryKeyConstraint("site", "session", "at", name="pk_touches"),
        _of_session("touches"),
    )
    op.create_table(
        "visits",
        *_texts("site session"),
        sa.Column("at", sa.BigInteger, nullable=False),
        *_texts("path"),
        sa.Column("is_contact", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("site", "session", "at", "path", name="pk_visits"),
        _of_session("visits"),
    )


def _create_leases() -> None:
    op.create_table(
        "leases",
        *_texts("id site pool target number visitor session state"),
        sa.Column("shown_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("held_until", sa.BigInteger, nullable=False),
        sa.Column("released_at", sa.BigInteger),
        *_texts("released_why"),
        sa.PrimaryKeyConstraint("id", name="pk_leases"),
        _of_session("leases"),
    )
    _index_open("leases_one_per_number", "site number", unique=True)
    _index_open("leases_one_per_place", "site session pool target", unique=True)
    _index_open("leases_expiring", "site pool state held_until number", unique=False)
    op.create_index("leases_on_number", "leases", ["site", "number", "shown_at"])
    of_visitor = ["site", "visitor", "pool", "target", "shown_at"]
    op.create_index("leases_of_visitor", "leases", of_visitor)


def _texts(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names.split()]


def _of_session(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["site", "session"], ["sessions.site", "sessions.session"], name=f"fk_{table}_sessions"
    )


def _index_open(name: str, columns: str, *, unique: bool) -> None:
    op.create_index(
        name,
        "leases",
        columns.split(),
        unique=unique,
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    )
