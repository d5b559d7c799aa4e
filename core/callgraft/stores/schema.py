"""The tables. Every change here needs a migration; a test holds the two against each other."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

from callgraft.stores.types import Moment, Span, Tainted

PATH = 512
"""Longest path that the log keeps, in characters; it is part of a key."""

WORDS = 1024
"""Longest value of a touch, in characters."""

PROVEN_SOURCE = 256
"""Longest source that a proof names, in characters; it is part of a key."""

TOUCH = (
    "source",
    "medium",
    "channel",
    "campaign",
    "keyword",
    "content",
    "click_id",
    "referrer",
    "landing",
)
"""The words of a touch."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


def _text(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=False)


def _words(name: str, longest: int = WORDS, *, key: bool = False) -> Column[str]:
    return Column(name, Tainted(longest), primary_key=key, nullable=False)


meta = Table("meta", metadata, _text("key", key=True), _text("value"))

sites = Table(
    "sites",
    metadata,
    _text("site", key=True),
    Column("edition", Integer, primary_key=True, autoincrement=False),
    _text("version"),
    _text("document"),
    Column("published_at", Moment, nullable=False),
    _text("by"),
)

numbers = Table(
    "numbers",
    metadata,
    _text("site", key=True),
    _text("number", key=True),
    _text("pool"),
    Column("position", Integer, nullable=False),
    _text("state"),  # active | quarantined | draining | retired
    Column("state_since", Moment, nullable=False),
    _text("state_why"),
    Column("due_at", Moment),
    Column("lease", Text),
    # 1970 for a number that was never issued, so that it is idle longest.
    Column("idle_since", Moment, nullable=False),
)

_is_free = text("lease IS NULL AND state = 'active'")
Index(
    "numbers_free",
    *(numbers.c[name] for name in ("site", "pool", "idle_since", "position")),
    sqlite_where=_is_free,
    postgresql_where=_is_free,
)

_is_watched = text("due_at IS NOT NULL")
Index(
    "numbers_watched",
    numbers.c.site,
    numbers.c.due_at,
    sqlite_where=_is_watched,
    postgresql_where=_is_watched,
)

number_roles = Table(
    "number_roles",
    metadata,
    _text("site", key=True),
    _text("number", key=True),
    Column("since", Moment, primary_key=True, autoincrement=False),
    Column("until", Moment),
    _text("kind"),
    _text("key"),
    _text("source"),
    _text("medium"),
    _text("campaign"),
)
Index("number_roles_by_number", number_roles.c.number)

visitors = Table(
    "visitors",
    metadata,
    _text("site", key=True),
    _text("visitor", key=True),
    Column("first_seen_at", Moment, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    _text("site", key=True),
    _text("session", key=True),
    _text("visitor"),
    Column("started_at", Moment, nullable=False),
    _text("device"),
    _text("country"),
    _text("region"),
    _text("city"),
    _text("network"),
    ForeignKeyConstraint(["site", "visitor"], ["visitors.site", "visitors.visitor"]),
)
Index("sessions_by_visitor", sessions.c.site, sessions.c.visitor, sessions.c.started_at)
Index("sessions_by_age", sessions.c.site, sessions.c.started_at)

touches = Table(
    "touches",
    metadata,
    _text("site", key=True),
    _text("session", key=True),
    Column("at", Moment, primary_key=True),
    *(_words(name) for name in TOUCH),
    ForeignKeyConstraint(["site", "session"], ["sessions.site", "sessions.session"]),
)

visits = Table(
    "visits",
    metadata,
    _text("site", key=True),
    _text("session", key=True),
    Column("at", Moment, primary_key=True),
    _words("path", PATH, key=True),
    Column("is_contact", Boolean, nullable=False),
    ForeignKeyConstraint(["site", "session"], ["sessions.site", "sessions.session"]),
)

signs = Table(
    "signs",
    metadata,
    _text("site", key=True),
    _text("session", key=True),
    Column("at", Moment, primary_key=True),
    _text("kind", key=True),
    ForeignKeyConstraint(["site", "session"], ["sessions.site", "sessions.session"]),
)

leases = Table(
    "leases",
    metadata,
    _text("id", key=True),
    _text("site"),
    _text("pool"),
    _text("target"),
    _text("number"),
    _text("visitor"),
    _text("session"),
    _text("state"),
    Column("shown_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("held_until", Moment, nullable=False),
    Column("released_at", Moment),
    _text("released_why"),
    _text("network"),
    Column("is_shared", Boolean, nullable=False),
    Column("hold", Span, nullable=False),
    ForeignKeyConstraint(["site", "session"], ["sessions.site", "sessions.session"]),
)

_is_open = text("released_at IS NULL")
_is_exclusive = text("released_at IS NULL AND NOT is_shared")


def _open_index(name: str, *columns: str, unique: bool) -> None:
    picked = (leases.c[column] for column in columns)
    Index(name, *picked, unique=unique, sqlite_where=_is_open, postgresql_where=_is_open)


# The promise of exclusivity, held by the database whatever the code above it does.
Index(
    "leases_one_per_number",
    leases.c.number,
    unique=True,
    sqlite_where=_is_exclusive,
    postgresql_where=_is_exclusive,
)
_open_index("leases_one_per_place", "site", "session", "pool", "target", unique=True)
_open_index("leases_expiring", "site", "pool", "state", "held_until", "number", unique=False)
_open_index("leases_open_on_number", "number", unique=False)
_open_index("leases_of_network", "site", "pool", "network", "held_until", "state", unique=False)
# What hangs on a session is looked for whenever one is deleted.
Index("leases_of_session", leases.c.site, leases.c.session)
Index("leases_on_number", leases.c.site, leases.c.number, leases.c.shown_at)
Index(
    "leases_of_visitor",
    *(leases.c[name] for name in ("site", "visitor", "pool", "target", "shown_at")),
)

call_events = Table(
    "call_events",
    metadata,
    _text("site", key=True),
    _text("provider", key=True),
    _text("account", key=True),
    _text("event_id", key=True),
    _text("call"),
    _text("state"),
    _text("number"),
    Column("at", Moment, nullable=False),
    _text("caller"),
    Column("talk", Span),
    Column("missed", Boolean),
    Column("raw", LargeBinary, nullable=False),
    Column("received_at", Moment, nullable=False),
)
# A call's key is its provider's word, and two sites may have a provider of one name each.
_CALL = ("site", "provider", "account", "call")
Index("call_events_of_call", *(call_events.c[name] for name in _CALL))

calls = Table(
    "calls",
    metadata,
    _text("id", key=True),
    _text("site"),
    _text("provider"),
    _text("account"),
    _text("call"),
    _text("number"),
    _text("caller"),
    _text("state"),
    Column("rang_at", Moment, nullable=False),
    Column("answered_at", Moment),
    Column("ended_at", Moment),
    Column("talk", Span),
    Column("missed", Boolean),
    _text("visitor"),
    _text("session"),
    Column("attribution", JSON, nullable=False),
    _text("marks"),
    _text("region"),
    Column("rescored_at", Moment),
    Column("earlier", JSON, nullable=False),
)
Index("calls_once", *(calls.c[name] for name in _CALL), unique=True)
Index("calls_newest", calls.c.site, calls.c.rang_at)
Index("calls_by_caller", calls.c.site, calls.c.caller, calls.c.rang_at)
Index("calls_on_number", calls.c.site, calls.c.number, calls.c.rang_at)

proofs = Table(
    "proofs",
    metadata,
    _text("site", key=True),
    _text("call", key=True),  # its id
    _text("kind", key=True),
    Column("at", Moment, primary_key=True),
    _text("session", key=True),
    _text("visitor", key=True),
    _words("source", PROVEN_SOURCE, key=True),
)
Index("proofs_of_visitor", proofs.c.site, proofs.c.visitor)

due_calls = Table(
    "due_calls",  # those to be attributed again
    metadata,
    _text("site", key=True),
    _text("call", key=True),  # its id
    Column("due_at", Moment, nullable=False),
    _text("why"),
)
Index("due_calls_by_time", due_calls.c.due_at)

pool_hours = Table(
    "pool_hours",
    metadata,
    _text("site", key=True),
    _text("pool", key=True),
    Column("hour", Moment, primary_key=True, autoincrement=False),  # when it began, UTC
    _text("outcome", key=True),
    Column("sessions", Integer, nullable=False),
)

# Sessions that a pool had no number for: each of their page views is told the same again, and maybe
# to another process.
dry_sessions = Table(
    "dry_sessions",
    metadata,
    _text("site", key=True),
    _text("session", key=True),
    _text("pool", key=True),
)

promo_codes = Table(
    "promo_codes",
    metadata,
    _text("site", key=True),
    _text("code", key=True),
    _text("session"),
    _text("visitor"),
    Column("issued_at", Moment, nullable=False),
)
Index("promo_codes_of_session", promo_codes.c.site, promo_codes.c.session, unique=True)

tokens = Table(
    "tokens",
    metadata,
    _text("token", key=True),  # its id, which may be seen; the secret is kept as a hash alone
    _text("name"),
    _text("digest"),
    _text("site"),  # "" for all sites
    _text("scopes"),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
)
Index("tokens_by_digest", tokens.c.digest, unique=True)

answers = Table(
    "answers",
    metadata,
    _text("token", key=True),
    _text("key", key=True),  # the Idempotency-Key of a request
    _text("digest"),
    Column("status", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
)
Index("answers_by_age", answers.c.at)
