"""Tokens, and a server that is set up wrongly, at the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from callgraft.cli import main


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")


def callgraft(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def listed() -> list[dict[str, object]]:
    return list(json.loads(callgraft("token", "list", "--json").stdout))


def test_tokens_are_made_listed_and_revoked_at_the_command_line() -> None:
    made = callgraft(
        "token", "add", "--name", "door", "--scope", "door", "--site", "okna",
        "--scope", "events", "--expires", "90d", "--json",
    )  # fmt: skip
    told = json.loads(made.stdout)
    assert told["secret"].startswith("cg_")
    [shown] = listed()
    assert shown["token"] == told["token"]
    assert (shown["name"], shown["site"], shown["state"]) == ("door", "okna", "valid")
    assert shown["scopes"] == ["door", "events"]
    assert shown["expires_at"] > shown["made_at"]
    assert told["secret"] not in callgraft("token", "list").stdout
    revoked = callgraft("token", "revoke", "door")
    assert revoked.stdout == f"{told['token']} (door) is revoked.\n"
    assert callgraft("token", "revoke", "door").exit_code == 2
    [shown] = listed()
    assert shown["state"] == "revoked"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--backend", "memory:"], "nobody could add a token"),
        (["--backend", "mysql://u:hunter2@h/x"], "is not a kind of store"),
        (["--host", "192.0.2.1"], "cannot be listened on"),
    ],
)
def test_a_server_that_is_set_up_wrongly_does_not_start(words: list[str], told: str) -> None:
    ended = callgraft("serve", *words)
    assert ended.exit_code == 2
    assert told in ended.stderr
    assert "hunter2" not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_scope_that_is_none_and_a_time_that_is_none_are_refused() -> None:
    add = ("token", "add", "--name", "x")
    assert callgraft(*add, "--scope", "everything").exit_code == 2
    assert callgraft(*add, "--scope", "read", "--expires", "soon").exit_code == 2
    assert callgraft(*add, "--scope", "read", "--site", "a b").exit_code == 2
    assert listed() == []


def test_a_secret_is_all_that_a_script_reads() -> None:
    made = callgraft("token", "add", "--name", "x", "--scope", "read")
    assert made.stdout.startswith("cg_")
    assert made.stdout.count("\n") == 1
    assert "it is not shown again" in made.stderr


def test_without_a_token_the_list_says_how_to_make_one() -> None:
    assert "callgraft token add" in callgraft("token", "list").stdout


def test_of_two_tokens_of_one_name_none_is_revoked_by_it() -> None:
    ids = []
    for _ in range(2):
        made = callgraft("token", "add", "--name", "x", "--scope", "read", "--json")
        ids.append(json.loads(made.stdout)["token"])
    refused = callgraft("token", "revoke", "x")
    assert (refused.exit_code, "2 valid tokens" in refused.stderr) == (2, True)
    assert callgraft("token", "revoke", ids[0]).exit_code == 0
    assert [each["state"] for each in listed()] == ["revoked", "valid"]


def test_without_the_extra_tokens_are_made_and_a_server_says_what_to_install() -> None:
    story = """
import sys
for name in ("starlette", "uvicorn", "pydantic", "prometheus_client"):
    sys.modules[name] = None
from callgraft.cli import main
main(sys.argv[1:])
"""
    program = [sys.executable, "-c", story]
    made = subprocess.run(
        [*program, "token", "add", "--name", "x", "--scope", "read"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert made.stdout.startswith("cg_")
    refused = subprocess.run([*program, "serve"], capture_output=True, text=True, timeout=60)
    assert refused.returncode == 2
    assert 'Install "callgraft[server]"' in refused.stderr
