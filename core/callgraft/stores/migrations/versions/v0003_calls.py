"""Call events as they came, and the calls that they tell of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_events",
        *_texts("provider account event_id site call state number"),
        sa.Column("at", sa.BigInteger, nullable=False),
        *_texts("caller"),
        sa.Column("talk", sa.BigInteger),
        sa.Column("missed", sa.Boolean),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("provider", "account", "event_id", name="pk_call_events"),
    )
    op.create_index("call_events_of_call", "call_events", ["provider", "account", "call"])
    op.create_table(
        "calls",
        *_texts("id site provider account call number caller state"),
        sa.Column("rang_at", sa.BigInteger, nullable=False),
        sa.Column("answered_at", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("talk", sa.BigInteger),
        sa.Column("missed", sa.Boolean),
        *_texts("visitor session"),
        sa.Column("attribution", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    op.create_index("calls_once", "calls", ["provider", "account", "call"], unique=True)
    op.create_index("calls_newest", "calls", ["site", "rang_at"])
    op.create_index("calls_on_number", "calls", ["site", "number", "rang_at"])


def downgrade() -> None:
    op.drop_table("calls")
    op.drop_table("call_events")


def _texts(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names.split()]
