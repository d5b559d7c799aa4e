"""What each number is and was: the document in force says the one, the store keeps the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from callgraft.errors import SiteError
from callgraft.roles import Role, RoleKind, roles_of
from callgraft.site import Site
from callgraft.stores.protocol import NumberRole, Transaction

STILL_CALLED = timedelta(days=8)
"""How long people go on calling a number that they saw: 98 % do so within a week."""

_TRACKING = (RoleKind.POOL, RoleKind.OVERFLOW, RoleKind.FIXED)


def check_owners(transaction: Transaction, site: Site) -> None:
    """
    Refuse a number that would be a pool's here and track something else for another site.

    Two visitors would have it on the screen, and each site would name its own as the caller.

    :raises SiteError: names the number, the other site and the cure.
    """
    ours = {number: role for number, role in roles_of(site).items() if role.kind in _TRACKING}
    for other in transaction.roles_elsewhere(site.key, list(ours)):
        role = ours[other.number]
        if other.role.kind in _TRACKING and RoleKind.POOL in (role.kind, other.role.kind):
            raise SiteError(
                _place(role),
                other.number,
                f"the site {other.site!r} tracks with this number in the same store.",
                f"Take it out of one of the two documents, {site.key!r} or {other.site!r},"
                " or give the two sites a backend each.",
            )


def keep_roles(transaction: Transaction, site: Site, *, at: datetime) -> None:
    """Write down what the numbers of the site are from ``at`` on, and what ceased to be."""
    there = transaction.roles_in_force(site.key)
    wanted = roles_of(site)
    ended = [
        replace(before, until=max(at, before.since))
        for number, before in there.items()
        if not _is_same(wanted.get(number), before.role)
    ]
    begun = [
        _begun(there.get(number), NumberRole(site=site.key, number=number, role=role, since=at))
        for number, role in wanted.items()
    ]
    changed = [role for role in begun if there.get(role.number) != role]
    # Those that ended first: what begins at the same moment takes their place.
    transaction.put_roles([*ended, *changed])


def knows_roles(transaction: Transaction, site: Site) -> bool:
    """Whether the roles of the document in force were kept; older versions did not."""
    first = next(iter(roles_of(site)), None)
    return first is None or bool(transaction.roles_of(site.key, first))


def roles_at(
    transaction: Transaction, site: str, number: str, rang_at: datetime
) -> Sequence[NumberRole]:
    """
    What the number was when it rang, newest first, and what it was while callers may have seen it.
    """
    known = [role for role in transaction.roles_of(site, number) if role.until != role.since]
    # A call from before all documents is told of late, or by another clock.
    begun = [role for role in known if role.since <= rang_at] or known[-1:]
    return [*begun[:1], *_recent(begun[1:], rang_at - STILL_CALLED)]


def _recent(roles: Sequence[NumberRole], since: datetime) -> Iterator[NumberRole]:
    return (role for role in roles if role.until is not None and role.until > since)


def _begun(before: NumberRole | None, new: NumberRole) -> NumberRole:
    if before is None:
        return new
    if _is_same(new.role, before.role):
        return replace(new, since=before.since)
    return replace(new, since=max(new.since, before.since))


def _is_same(role: Role | None, other: Role) -> bool:
    """Another source or medium is a correction of the same role."""
    return role is not None and (role.kind, role.key) == (other.kind, other.key)


def _place(role: Role) -> str:
    if role.kind is RoleKind.FIXED:
        return f"fixed.{role.key}.number"
    name = "numbers" if role.kind is RoleKind.POOL else "overflow"
    return f"pools.{role.key}.{name}"
