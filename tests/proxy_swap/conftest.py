"""One origin and one proxy for all tests here; each test says what the origin answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from callgraft_proxy.gate import Gate
from callgraft_proxy.testing import proxy_serving, serving
from callgraft_proxy.upstream import Upstream
from tests.proxy_swap.okna import okna_engine
from tests.proxy_swap.origin import Origin, origin


@pytest.fixture(scope="session")
def _site() -> Iterator[Origin]:
    with origin() as site:
        yield site


@pytest.fixture(scope="session")
def _passing(_site: Origin) -> Iterator[str]:
    with serving(Gate(Upstream(_site.url))) as url:
        yield url


@pytest.fixture(scope="session")
def _swapping(_site: Origin) -> Iterator[str]:
    engine = okna_engine()
    with proxy_serving(_site.url, engine) as url:
        yield url
    engine.close()


@pytest.fixture
def site(_site: Origin) -> Origin:
    """The origin, with nothing heard yet."""
    _site.heard.clear()
    _site.answer = b""
    return _site


@pytest.fixture
def passing(site: Origin, _passing: str) -> str:
    """The URL of a proxy without an engine before the origin: everything passes."""
    return _passing


@pytest.fixture
def swapping(site: Origin, _swapping: str) -> str:
    """The URL of a strict proxy of the example site before the origin."""
    return _swapping
