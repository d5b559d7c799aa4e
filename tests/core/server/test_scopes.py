"""Who may do what: every route with every scope, of every site, of one, and of another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from callgraft.server.endpoints import ENDPOINTS
from callgraft.server.issuing import Scope
from callgraft.stores import open_store
from callgraft.tracking.promo_values import PromoWanted
from callgraft.tracking.states import SignKind
from callgraft.tracking.values import Proof, ProofKind, SessionSign
from tests.core.served import Served, served
from tests.core.server.api import DOCUMENT, TOML, Api, slug
from tests.core.tracked import FIRST, NOON, rings, view

SIGN = SessionSign(site="okna", session="a", at=NOON, kind=SignKind.ACTIVE)
PROMO = PromoWanted(site="okna", session="a", visitor="v", at=NOON, digits=6)
DOOR, EVENTS, READ, ADMIN = Scope.DOOR, Scope.EVENTS, Scope.READ, Scope.ADMIN
BODIES = {
    "take_page_views": {"views": [view("a")]},
    "take_signs": {"signs": [SIGN]},
    "release": {"at": NOON},
    "take_call_event": rings(),
    "put_document": DOCUMENT.encode(),
    "forget": {"caller": "+74991239999"},
    "rescore": {"calls": ["none"]},
    "issue_promo_code": PROMO,
    "prove": Proof(site="okna", call="none", kind=ProofKind.CRM, at=NOON, source="ads"),
}
PLACES = {
    "{site}": "okna",
    "{session}": "a",
    "{number}": FIRST,
    "{call}": "none",
    "{code}": "5724",
    "{edition}": "1",
    "{visitor}": "nobody",
}
MAY = {
    "take_page_views": {DOOR},
    "take_signs": {DOOR},
    "release": {DOOR},
    "secret": {DOOR},
    "take_call_event": {EVENTS},
    "list_calls": {READ},
    "one_call": {READ},
    "prove": {EVENTS},
    "rescore": set(),
    "issue_promo_code": {DOOR},
    "one_promo_code": {READ},
    "list_pools": {READ},
    "list_leases": {READ},
    "tell_report": {READ},
    "tell_missed": {READ},
    "tell_service": {READ},
    "tell_demand": {READ},
    "list_sites": {DOOR, READ},
    "document": {DOOR, READ},
    "put_document": {DOOR},
    "list_editions": {DOOR, READ},
    "restore": set(),
    "metrics": {READ},
    "one_visitor": set(),
    "forget_visitor": set(),
    "forget": set(),
}
OPEN = {"take_signed_event", "health", "ready"}
FOR_ALL_SITES = {"metrics"}
OF_NOBODY = {"one_call", "one_promo_code", "one_visitor", "prove"}
"""Asked for by an id that is nobody's."""
OF_NO_SITE = {"secret", "list_sites"}
GUARDED = [endpoint for endpoint in ENDPOINTS if endpoint.name not in OPEN]


class Tokens:
    """A server with one token of each kind; a new one takes it a moment to learn of."""

    def __init__(self, server: Served) -> None:
        self.url = server.url
        sites = ("", "okna", "dveri")
        self._made = {
            (scope, site): server.token(scope, site=site) for scope in Scope for site in sites
        }

    def token(self, scope: Scope, *, site: str = "") -> str:
        return self._made[scope, site]


@pytest.fixture(scope="module")
def busy() -> Iterator[Tokens]:
    with served(open_store("memory:"), clock=lambda: NOON) as running:
        tokens = Tokens(running)
        Api(tokens.url, tokens.token(ADMIN)).publish()
        yield tokens


def ask(endpoint, server, secret):
    path = endpoint.path
    for place, value in PLACES.items():
        path = path.replace(place, value)
    headers = TOML if endpoint.name == "put_document" else {}
    body = BODIES.get(endpoint.name)
    return Api(server.url, secret)(endpoint.method, path, headers=headers, body=body)


def test_the_table_has_every_route() -> None:
    assert {endpoint.name for endpoint in ENDPOINTS} == set(MAY) | OPEN


@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize("endpoint", GUARDED, ids=lambda endpoint: endpoint.name)
def test_a_token_may_do_what_its_scope_says_and_nothing_else(endpoint, scope, busy) -> None:
    answered = ask(endpoint, busy, busy.token(scope))
    if scope is ADMIN or scope in MAY[endpoint.name]:
        expected = 404 if endpoint.name in OF_NOBODY else endpoint.status
        assert answered.status_code == expected
    else:
        assert (answered.status_code, slug(answered)) == (403, "wrong-scope")
        assert 'error="insufficient_scope"' in answered.headers["WWW-Authenticate"]


@pytest.mark.parametrize("endpoint", GUARDED, ids=lambda endpoint: endpoint.name)
def test_a_token_of_the_site_is_enough_where_a_site_is_spoken_of(endpoint, busy) -> None:
    answered = ask(endpoint, busy, busy.token(ADMIN, site="okna"))
    if endpoint.name in FOR_ALL_SITES:
        assert slug(answered) == "wrong-site"
    else:
        assert answered.status_code in (endpoint.status, 404)


@pytest.mark.parametrize("endpoint", GUARDED, ids=lambda endpoint: endpoint.name)
def test_a_token_of_another_site_is_not(endpoint, busy) -> None:
    answered = ask(endpoint, busy, busy.token(ADMIN, site="dveri"))
    if endpoint.name in OF_NO_SITE:
        assert answered.status_code == 200
    else:
        assert (answered.status_code, slug(answered)) == (403, "wrong-site")


@pytest.mark.parametrize("endpoint", GUARDED, ids=lambda endpoint: endpoint.name)
def test_nobody_without_a_token_learns_anything(endpoint, busy) -> None:
    answered = ask(endpoint, busy, "")
    assert (answered.status_code, slug(answered)) == (401, "no-token")
    assert answered.headers["WWW-Authenticate"] == 'Bearer realm="callgraft"'


def test_a_token_of_one_site_is_told_of_no_other(busy: Tokens) -> None:
    assert Api(busy.url, busy.token(READ)).get("/v1/sites").json()["items"] != []
    theirs = Api(busy.url, busy.token(READ, site="dveri"))
    assert theirs.get("/v1/sites").json() == {"items": []}


def test_a_batch_with_one_view_of_another_site_is_refused_whole(busy: Tokens) -> None:
    theirs = Api(busy.url, busy.token(DOOR, site="dveri"))
    assert slug(theirs.show(view("somebody"))) == "wrong-site"
    reader = Api(busy.url, busy.token(READ))
    leases = reader.get(f"/v1/sites/okna/numbers/{FIRST}/leases").json()["items"]
    assert "somebody" not in [lease["session"] for lease in leases]
