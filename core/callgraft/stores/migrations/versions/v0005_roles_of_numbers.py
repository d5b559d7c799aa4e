"""What each number was when; and no two sites lease one number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_IS_OPEN = sa.text("released_at IS NULL")


def upgrade() -> None:
    # The next start of each site's door fills it in.
    op.create_table(
        "number_roles",
        *_texts("site number"),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger),
        *_texts("kind key source medium campaign"),
        sa.PrimaryKeyConstraint("site", "number", "since", name="pk_number_roles"),
    )
    op.create_index("number_roles_by_number", "number_roles", ["number"])
    _leave_each_number_to_one_site()
    _index_leases(["number"])


def downgrade() -> None:
    _index_leases(["site", "number"], drop=True)
    op.drop_table("number_roles")


def _leave_each_number_to_one_site() -> None:
    """Of the open leases that two sites have on one number, the newest one stays open."""
    op.execute(
        "UPDATE leases SET released_at = seen_at, released_why = 'two sites'"
        " WHERE released_at IS NULL AND EXISTS (SELECT 1 FROM leases AS other"
        " WHERE other.number = leases.number AND other.released_at IS NULL"
        " AND (other.shown_at, other.id) > (leases.shown_at, leases.id))"
    )
    op.execute(
        "UPDATE numbers SET lease = NULL WHERE lease IN"
        " (SELECT id FROM leases WHERE released_why = 'two sites')"
    )
    op.drop_index("leases_one_per_number", "leases")


def _index_leases(columns: list[str], *, drop: bool = False) -> None:
    if drop:
        op.drop_index("leases_one_per_number", "leases")
    op.create_index(
        "leases_one_per_number",
        "leases",
        columns,
        unique=True,
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    )


def _texts(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names.split()]
