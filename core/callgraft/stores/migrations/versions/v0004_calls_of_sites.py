"""Calls and their events belong to a site first: two sites may have a provider of one name each."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ACCOUNT = ["provider", "account"]


def upgrade() -> None:
    _key_by(["site", *_ACCOUNT])


def downgrade() -> None:
    # Of what two sites call alike, the older tables have room for one; the first site's stays.
    for table, name in (("call_events", "event_id"), ("call_events", "call"), ("calls", "call")):
        op.execute(
            f"DELETE FROM {table} WHERE EXISTS (SELECT 1 FROM {table} AS other"  # noqa: S608 - ours
            f" WHERE other.provider = {table}.provider AND other.account = {table}.account"
            f" AND other.{name} = {table}.{name} AND other.site < {table}.site)"
        )
    _key_by(_ACCOUNT)


def _key_by(account: list[str]) -> None:
    for index, table in (("call_events_of_call", "call_events"), ("calls_once", "calls")):
        op.drop_index(index, table)
    with op.batch_alter_table("call_events") as events:
        events.drop_constraint("pk_call_events", type_="primary")
        events.create_primary_key("pk_call_events", [*account, "event_id"])
    op.create_index("call_events_of_call", "call_events", [*account, "call"])
    op.create_index("calls_once", "calls", [*account, "call"], unique=True)
