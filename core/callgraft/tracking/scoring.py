"""One call's attribution out of all that the store knows, the same whenever it is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from callgraft.call_terms import CallTerms
from callgraft.roles import Role, RoleKind
from callgraft.stores.protocol import NumberRole, Transaction
from callgraft.tracking.attribution import Posterior, posterior, record, source_only
from callgraft.tracking.call_marks import LOOKED_AT
from callgraft.tracking.caller_memory import Link, link_of, of_client, remembered, with_visitor
from callgraft.tracking.exposures import exposures_of
from callgraft.tracking.learned import tables_in_force
from callgraft.tracking.proofs import evidence_of
from callgraft.tracking.proven import proven
from callgraft.tracking.role_history import roles_at
from callgraft.tracking.tables import Tables
from callgraft.tracking.values import Attribution, Call


def score(
    transaction: Transaction, call: Call, terms: CallTerms, *, tables: Tables | None = None
) -> Attribution:
    """
    Say where a call came from: what is proved of it, else whose phone it is, else who is likely.

    :param tables: the weights; those in force when left out.
    """
    if call.caller in terms.clients:
        return of_client()
    weights = tables or tables_in_force(transaction, call.site)
    link = None if call.caller in terms.service else _link(transaction, call)
    found, shared = _by_number(transaction, call, link, weights)
    if link and found.method == "source_only":
        found = with_visitor(found, link)
    evidence = evidence_of(transaction, call)
    if evidence is None:
        return found
    rang_at = weights.rang_at(call.provider, call.rang_at)
    return proven(evidence, shared, found, rang_at=rang_at, caller_region=call.region or None)


def _link(transaction: Transaction, call: Call) -> Link | None:
    """Whose phone it was before this call rang."""
    if not call.caller:
        return None
    known = transaction.calls_by(call.site, call.caller, limit=LOOKED_AT)
    return link_of([each for each in known if each.rang_at < call.rang_at and each.id != call.id])


def _by_number(
    transaction: Transaction, call: Call, link: Link | None, tables: Tables
) -> tuple[Attribution, Posterior | None]:
    """What the number tells of its caller, and how the call is shared out where it is a pool's."""
    roles = roles_at(transaction, call.site, call.number, call.rang_at)
    if len({(each.role.kind, each.role.key) for each in roles}) > 1 and any(
        each.role.kind is not RoleKind.POOL for each in roles
    ):
        return _of_changed_number(roles), None
    role = roles[0].role if roles else None
    if role and role.kind in (RoleKind.OVERFLOW, RoleKind.FIXED):
        return source_only(role.source, role.medium, role.campaign, _because(role)), None
    if role and role.kind is RoleKind.TARGET:
        because = f"The number is the target {role.key!r} itself: everybody can see it."
        return Attribution(method="none", because=because), None
    # A number that left the document still stands on pages that are open: the store knows it.
    if role or transaction.was_in_pool(call.site, call.number):
        rang_at, region = tables.rang_at(call.provider, call.rang_at), call.region or None
        exposures = exposures_of(transaction, call, rang_at=rang_at)
        shared = posterior(exposures, rang_at=rang_at, caller_region=region, tables=tables)
        known = link and remembered(
            link, shared, number=call.number, rang_at=rang_at, caller_region=region
        )
        return known or record(shared, rang_at=rang_at, caller_region=region), shared
    return Attribution(method="none", because="The number is not one of this site's."), None


def _of_changed_number(roles: Sequence[NumberRole]) -> Attribution:
    """
    Only what is true of all that the number was: nobody knows who saw it when.

    An overflow number's visitors are not kept, so none can be weighed against those of a pool.
    """
    told = [each.role for each in roles]
    because = f"The number changed: {'; before that, '.join(_name(role) for role in told)}."
    origins = {(role.source, role.medium) for role in told}
    if len(origins) > 1 or not told[0].source:
        doubt = f"{because} Whoever rang may have seen it as either, so nothing is told."
        return Attribution(method="none", because=doubt)
    campaign = told[0].campaign if len({role.campaign for role in told}) == 1 else ""
    agreed = f"{because} The source is the same, the visitor may be anybody."
    return source_only(told[0].source, told[0].medium, campaign, agreed)


_NAMES = {
    RoleKind.TARGET: "the target",
    RoleKind.POOL: "a number of the pool",
    RoleKind.OVERFLOW: "the overflow number of the pool",
    RoleKind.FIXED: "the fixed number",
}


def _name(role: Role) -> str:
    return f"{_NAMES[role.kind]} {role.key!r}"


def _because(role: Role) -> str:
    if role.kind is RoleKind.OVERFLOW:
        return f"The overflow number of pool {role.key!r}: many visitors see it at one time."
    return f"The fixed number {role.key!r}: it stands for its source, not for a visitor."
