"""A tracking server for each test that asks for one, over a store in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from callgraft.server.issuing import Scope
from callgraft.stores import open_store
from tests.core.served import Served, served
from tests.core.server.api import Api
from tests.core.tracked import NOON


@pytest.fixture
def server() -> Iterator[Served]:
    """A server at noon."""
    with served(open_store("memory:"), clock=lambda: NOON) as running:
        yield running


@pytest.fixture
def api(server: Served) -> Api:
    """Somebody who may do everything, and has published the site."""
    admin = Api(server.url, server.token(Scope.ADMIN, name="admin"))
    assert admin.publish().status_code == 200
    return admin
