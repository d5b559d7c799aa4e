"""What the server says of itself in OpenAPI is true, whatever is sent to it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from callgraft.server.endpoints import ENDPOINTS
from callgraft.server.issuing import Scope
from callgraft.server.settings import ServerSettings
from tests.core.backends import SHARED, fresh
from tests.core.served import served
from tests.core.server.api import DOCUMENT, Api
from tests.core.tracked import rings

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]
EXAMPLES = 20


@schemathesis.serializer("application/toml")
def _as_it_is(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    limits = ServerSettings(rate=1e6, burst=10**6)
    # The last one is the most particular of all about what it takes: PostgreSQL and Redis.
    with (
        fresh(SHARED[-1], tmp_path_factory.mktemp("store")) as backend,
        served(backend.open_store(), settings=limits) as running,
    ):
        admin = Api(running.url, running.token(Scope.ADMIN))
        admin.publish()
        admin("POST", "/v1/call-events", body=rings())
        yield admin


@pytest.fixture(scope="module")
def schema(admin: Api):
    return schemathesis.openapi.from_url(f"{admin.url}/openapi.json")


def operation(schema, endpoint):
    return schema[endpoint.path][endpoint.method]


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_every_answer_is_documented_and_none_is_a_fault(endpoint, schema, admin) -> None:
    operations = operation(schema, endpoint)
    likely = st.one_of(
        operations.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operations.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=likely, is_known=st.booleans())
    def check(case, is_known) -> None:
        _speak_of_okna(case, is_known)
        response = case.call(headers={"Authorization": f"Bearer {admin.secret}"}, timeout=30)
        case.validate_response(response, checks=CHECKS)

    check()


def _speak_of_okna(case, is_known) -> None:
    """Of the site that is there, half of the time, or all else would only ever be not found."""
    # Nobody who waits for 0 ms is answered, and nobody here waits long.
    for name in list(case.headers or ()):
        if name.lower() in ("callgraft-budget", "authorization"):
            del case.headers[name]
    if isinstance(case.query, dict) and "wait" in case.query:
        case.query["wait"] = 0
    if not is_known:
        return
    if isinstance(case.path_parameters, dict) and "site" in case.path_parameters:
        case.path_parameters["site"] = "okna"
    if isinstance(case.body, dict):
        listed = case.body.get("views") or case.body.get("signs") or []
        for each in (case.body, *(listed if isinstance(listed, list) else ())):
            if isinstance(each, dict) and "site" in each:
                each["site"] = "okna"
    elif case.media_type == "application/toml":
        case.body = DOCUMENT


def test_every_route_is_described_and_nothing_else(admin: Api) -> None:
    described = requests.get(f"{admin.url}/openapi.json", timeout=10).json()
    found = {(method.upper(), path) for path, item in described["paths"].items() for method in item}
    assert found == {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    assert described["openapi"] == "3.1.0"


def test_what_needs_a_token_says_so(admin: Api) -> None:
    paths = admin.get("/openapi.json").json()["paths"]
    open_ones = {
        path for path, item in paths.items() for told in item.values() if not told["security"]
    }
    assert open_ones == {"/health", "/ready", "/v1/sites/{site}/calls/generic"}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_what_is_refused_before_anything_is_done_is_documented(endpoint, admin: Api) -> None:
    paths = admin.get("/openapi.json").json()["paths"]
    documented = set(paths[endpoint.path][endpoint.method.lower()]["responses"])
    path = re.sub(r"{\w+}", "okna", endpoint.path)
    seen = {str(Api(admin.url)(endpoint.method, path).status_code)}
    if endpoint.takes:
        typed = {"Content-Type": endpoint.takes.media_type}
        large = b" " * (endpoint.takes.most + 1)
        for headers, body in (({"Content-Type": "image/png"}, b"x"), (typed, large), (typed, b"{")):
            answered = admin(endpoint.method, path, headers=headers, body=body)
            seen.add(str(answered.status_code))
        assert "413" in seen
        assert "415" in seen or endpoint.takes.is_any_type
    assert seen <= documented
