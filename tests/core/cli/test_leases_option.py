"""``--leases``: commands see the numbers that are given out in Redis."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from callgraft import read_site
from callgraft.cli import main
from callgraft.client import open_client
from tests.core.backends import fresh
from tests.core.tracked import FIRST, view
from tests.servers import redis, uses_redis

DOCUMENT = """
[site]
key = "okna"
hosts = ["okna.example"]
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = ["+7 499 000-00-01"]
overflow = "+7 499 000-00-99"

[[rules]]
name = "Everybody"
target = "main"
pool = "direct"
"""


def _said(*words: str, code: int = 0, **environment: str) -> str:
    ran = CliRunner().invoke(main, list(words), env=environment)
    assert ran.exit_code == code, ran.output
    return ran.output


@pytest.mark.skipif(not uses_redis(), reason="needs redis-server; CI has it")
def test_the_pool_shows_the_leases_that_redis_has(tmp_path: Path) -> None:
    document = tmp_path / "okna.toml"
    document.write_text(DOCUMENT, encoding="utf-8")
    with fresh("sqlite+redis", tmp_path) as backend:
        now = datetime.now(UTC)
        with closing(open_client(backend.url, leases=backend.leases)) as client:
            client.publish(read_site(DOCUMENT), at=now)
            client.page_view(view("a", now))
        words = ("pool", "--site", str(document), "--backend", backend.url, "--json")
        for told in (
            _said(*words, "--leases", redis().url),
            _said(*words, CALLGRAFT_LEASES=redis().url),
        ):
            [pool] = json.loads(told)
            assert [lease["number"] for lease in pool["leases"]] == [FIRST]


def test_a_wrong_redis_is_told_without_its_password(tmp_path: Path) -> None:
    document = tmp_path / "okna.toml"
    document.write_text(DOCUMENT, encoding="utf-8")
    with fresh("sqlite", tmp_path) as backend:
        words = ("pool", "--site", str(document), "--backend", backend.url)
        said = _said(*words, "--leases", "tcp://:hunter2@host", code=2)
    assert "leases" in said
    assert "redis://host" in said
    assert "hunter2" not in said
