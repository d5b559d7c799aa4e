"""``callgraft pool --watch``, as it looks on a terminal."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sysconfig
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from callgraft import read_site
from callgraft.cli import main
from callgraft.client import open_client
from tests.core.tracked import view, wanted

CALLGRAFT = Path(sysconfig.get_path("scripts")) / "callgraft"
DOCUMENT = """
[site]
key = "okna"
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = ["+7 499 000-00-01", "+7 499 000-00-02"]
overflow = "+7 499 000-00-99"
"""
SITE = read_site(DOCUMENT)
PATIENCE = 20.0


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "callgraft.toml").write_text(DOCUMENT, encoding="utf-8")
    with closing(open_client("sqlite:///callgraft.db")) as client:
        client.publish(SITE, at=datetime.now(UTC))
        yield client


class Terminal:
    """The command on a terminal of its own, and all that it wrote there."""

    def __init__(self):
        self._own, its = pty.openpty()
        environ = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
        command = [CALLGRAFT, "pool", "--watch"]
        self.process = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=environ)
        os.close(its)
        self.text = ""

    def until(self, words):
        """Read on until the words are on the screen."""
        deadline = time.monotonic() + PATIENCE
        seen = len(self.text)
        while words not in self.text[seen:]:
            assert time.monotonic() < deadline, self.text
            part = os.read(self._own, 65536).decode(errors="replace")
            self.text += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", part)

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self._own)


def test_the_table_is_drawn_anew_and_ends_with_ctrl_c(client):
    with closing(Terminal()) as terminal:
        terminal.until("Pools of okna")
        lease = wanted(SITE.pools["direct"])
        client.page_view(view("somebody", datetime.now(UTC), lease))
        terminal.until("+7 499 000-00-01")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.process.wait(PATIENCE) == 0
    assert "Traceback" not in terminal.text
    assert "Aborted" not in terminal.text


def test_a_full_pool_is_said_to_be_dry(client):
    at = datetime.now(UTC)
    for session in ("a", "b"):
        client.page_view(view(session, at, wanted(SITE.pools["direct"])))
    shown = CliRunner(env={"COLUMNS": "100"}).invoke(main, ["pool"]).output
    assert "0 dry" in shown
    assert "██████████████" in shown


def test_watching_is_not_for_scripts(client):
    done = CliRunner().invoke(main, ["pool", "--watch", "--json"])
    assert done.exit_code == 2
    assert "leave one out" in done.output
