"""Published documents, and the numbers of their pools."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_IS_FREE = sa.text("lease IS NULL AND state = 'active'")


def upgrade() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    op.create_table(
        "sites",
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("edition", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("published_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("site", "edition", name="pk_sites"),
    )
    op.create_table(
        "numbers",
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("pool", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("lease", sa.Text),
        sa.Column("idle_since", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("site", "number", name="pk_numbers"),
    )
    op.create_index(
        "numbers_free",
        "numbers",
        ["site", "pool", "idle_since", "position"],
        sqlite_where=_IS_FREE,
        postgresql_where=_IS_FREE,
    )


def downgrade() -> None:
    for table in ("numbers", "sites", "meta"):
        op.drop_table(table)
