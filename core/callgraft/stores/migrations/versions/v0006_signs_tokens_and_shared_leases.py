"""Signs of life between page loads, tokens of the tracking server, and leases that are shared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_IS_OPEN = "released_at IS NULL"


def upgrade() -> None:
    _add("sites", "by", sa.Text, "''")
    _add("numbers", "state_since", sa.BigInteger, "0")
    _add("numbers", "state_why", sa.Text, "''")
    op.add_column("numbers", sa.Column("due_at", sa.BigInteger))
    _index("numbers_watched", ["site", "due_at"], "due_at IS NOT NULL", table="numbers")
    _add("leases", "network", sa.Text, "''")
    _add("leases", "is_shared", sa.Boolean, sa.false())
    _add("leases", "hold", sa.BigInteger, "0")
    # As far as the table tells; the next page view of the session writes the pool's.
    op.execute("UPDATE leases SET hold = held_until - seen_at")
    op.drop_index("leases_one_per_number", "leases")
    _index("leases_one_per_number", ["number"], f"{_IS_OPEN} AND NOT is_shared", unique=True)
    _index("leases_open_on_number", ["number"], _IS_OPEN)
    _index("leases_of_network", ["site", "pool", "network", "held_until", "state"], _IS_OPEN)
    op.create_index("leases_of_session", "leases", ["site", "session"])
    op.create_index("sessions_by_age", "sessions", ["site", "started_at"])
    for column in ("marks", "region"):
        _add("calls", column, sa.Text, "''")
    op.add_column("calls", sa.Column("rescored_at", sa.BigInteger))
    _add("calls", "earlier", sa.JSON, "'[]'")
    op.create_index("calls_by_caller", "calls", ["site", "caller", "rang_at"])
    _create_signs()
    _create_proofs()
    _create_promo_codes()
    _create_pool_hours()
    _create_tables_of_the_server()


def downgrade() -> None:
    for table in (
        "answers",
        "tokens",
        "proofs",
        "promo_codes",
        "dry_sessions",
        "due_calls",
        "pool_hours",
        "signs",
    ):
        op.drop_table(table)
    op.drop_index("calls_by_caller", "calls")
    op.drop_index("sessions_by_age", "sessions")
    op.drop_index("leases_of_session", "leases")
    op.drop_index("numbers_watched", "numbers")
    op.drop_index("leases_of_network", "leases")
    op.drop_index("leases_open_on_number", "leases")
    op.drop_index("leases_one_per_number", "leases")
    # The older version knows no sharing: of the open leases on a number, one stays.
    op.execute(
        "UPDATE leases SET released_at = seen_at, released_why = 'shared'"
        " WHERE released_at IS NULL AND is_shared"
        " AND id NOT IN (SELECT lease FROM numbers WHERE lease IS NOT NULL)"
    )
    # Nor does it know numbers that wait or run dry: they are not shown, as before.
    op.execute("UPDATE numbers SET state = 'retired' WHERE state IN ('draining', 'quarantined')")
    _index("leases_one_per_number", ["number"], _IS_OPEN, unique=True)
    for table, column in (
        ("calls", "earlier"),
        ("calls", "rescored_at"),
        ("calls", "region"),
        ("calls", "marks"),
        ("leases", "hold"),
        ("leases", "is_shared"),
        ("leases", "network"),
        ("numbers", "due_at"),
        ("numbers", "state_why"),
        ("numbers", "state_since"),
        ("sites", "by"),
    ):
        op.drop_column(table, column)


def _create_signs() -> None:
    op.create_table(
        "signs",
        *_texts("site session"),
        sa.Column("at", sa.BigInteger, nullable=False),
        *_texts("kind"),
        sa.PrimaryKeyConstraint("site", "session", "at", "kind", name="pk_signs"),
        sa.ForeignKeyConstraint(
            ["site", "session"], ["sessions.site", "sessions.session"], name="fk_signs_sessions"
        ),
    )


def _create_proofs() -> None:
    op.create_table(
        "proofs",
        *_texts("site call kind"),
        sa.Column("at", sa.BigInteger, nullable=False),
        *_texts("session visitor source"),
        sa.PrimaryKeyConstraint(
            *("site", "call", "kind", "at", "session", "visitor", "source"), name="pk_proofs"
        ),
    )
    op.create_index("proofs_of_visitor", "proofs", ["site", "visitor"])
    op.create_table(
        "due_calls",
        *_texts("site call"),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        *_texts("why"),
        sa.PrimaryKeyConstraint("site", "call", name="pk_due_calls"),
    )
    op.create_index("due_calls_by_time", "due_calls", ["due_at"])


def _create_promo_codes() -> None:
    op.create_table(
        "promo_codes",
        *_texts("site code session visitor"),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("site", "code", name="pk_promo_codes"),
    )
    op.create_index("promo_codes_of_session", "promo_codes", ["site", "session"], unique=True)


def _create_pool_hours() -> None:
    op.create_table(
        "pool_hours",
        *_texts("site pool"),
        sa.Column("hour", sa.BigInteger, nullable=False),
        *_texts("outcome"),
        sa.Column("sessions", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("site", "pool", "hour", "outcome", name="pk_pool_hours"),
    )
    op.create_table(
        "dry_sessions",
        *_texts("site session pool"),
        sa.PrimaryKeyConstraint("site", "session", "pool", name="pk_dry_sessions"),
    )


def _create_tables_of_the_server() -> None:
    op.create_table(
        "tokens",
        *_texts("token name digest site scopes"),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("revoked_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("token", name="pk_tokens"),
    )
    op.create_index("tokens_by_digest", "tokens", ["digest"], unique=True)
    op.create_table(
        "answers",
        *_texts("token key digest"),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("token", "key", name="pk_answers"),
    )
    op.create_index("answers_by_age", "answers", ["at"])


_Default = str | sa.ColumnElement[bool]
_Kind = type[sa.Text | sa.BigInteger | sa.Boolean | sa.JSON]


def _add(table: str, column: str, kind: _Kind, default: _Default) -> None:
    told = sa.text(default) if isinstance(default, str) else default
    op.add_column(table, sa.Column(column, kind, nullable=False, server_default=told))


def _index(
    name: str, columns: list[str], where: str, *, table: str = "leases", unique: bool = False
) -> None:
    op.create_index(
        name,
        table,
        columns,
        unique=unique,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def _texts(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names.split()]
