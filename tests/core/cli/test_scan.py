"""``callgraft scan``, as a person at a terminal and a script meet it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sysconfig
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from callgraft.cli import main

CALLGRAFT = Path(sysconfig.get_path("scripts")) / "callgraft"
MAIN = ("--number", "+7 495 123-45-67")
DOCUMENT = """
[site]
key = "okna"
hosts = ["127.0.0.1"]
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[targets.sales]
number = "+7 495 765-43-21"

[[bodies]]
paths = ["/listed.json"]

[[images]]
url = "/phone.svg"
target = "main"
"""
PAGE = "<p>Звоните: 8 (495) 123-45-67</p>\n<!-- 8 (495) 123-45-67 -->\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    (tmp_path / "site.toml").write_text(DOCUMENT, encoding="utf-8")
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "empty.html").write_text("<p>none</p>", encoding="utf-8")
    for name in ("listed.json", "other.json"):
        (tmp_path / name).write_text('{"phone": "8 (495) 123-45-67"}', encoding="utf-8")
    (tmp_path / "phone.svg").write_text('<svg width="200" height="20"/>', encoding="utf-8")
    return tmp_path


@pytest.fixture
def url(folder):
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def run(*arguments):
    return CliRunner().invoke(main, ["scan", *arguments])


@pytest.mark.parametrize(
    ("markup", "written"),
    [
        ("(495) 123-45-67", "(495) 123-45-67"),
        ("(<b>495</b>) 123-45-67", "(495) 123-45-67"),
        ("(495 123-45-67)", "495 123-45-67"),
    ],
)
def test_a_number_is_told_with_the_bracket_that_it_begins_with(folder, markup, written):
    (folder / "page.html").write_text(f"<p>{markup}</p>", encoding="utf-8")
    done = run("page.html", *MAIN, "--json")
    assert [place["written"] for place in json.loads(done.output)] == [written]


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "koi8-r"])
def test_columns_count_characters_in_every_charset(folder, charset):
    (folder / "page.html").write_bytes(PAGE.encode(charset))
    done = run("page.html", *MAIN, "--json", "--charset", charset)
    assert [(p["line"], p["column"]) for p in json.loads(done.output)] == [(1, 13), (2, 6)]


def test_a_byte_order_mark_is_no_character(folder):
    (folder / "page.html").write_text(PAGE, encoding="utf-8-sig")
    assert json.loads(run("page.html", *MAIN, "--json").output)[0]["column"] == 13


def test_the_last_line_sums_up(folder):
    done = run("page.html", *MAIN)
    assert done.exit_code == 0
    assert done.output.splitlines()[-1] == "2 places, 1 swapped"


def test_several_pages_are_told_apart(folder):
    done = run("page.html", "empty.html", "listed.json", *MAIN)
    lines = done.output.splitlines()
    assert lines[0] == "page.html"
    assert "empty.html" in lines
    assert "  no place" in lines
    assert "listed.json" in lines
    assert lines[-1] == "3 places on 3 pages, 2 swapped"


def test_json_says_on_which_page_each_place_is(folder):
    done = run("page.html", "listed.json", *MAIN, "--json")
    found = [(p["page"], p["place"], p["policy"]) for p in json.loads(done.output)]
    assert found == [
        ("page.html", "text", "swap"),
        ("page.html", "comment", "keep"),
        ("listed.json", "body", "swap"),
    ]


def test_a_number_that_stands_nowhere_is_named_and_may_be_an_error(folder):
    asked = ("page.html", "--site", "site.toml")
    done = run(*asked)
    assert done.exit_code == 0
    assert done.stderr == "sales (+7 495 765-43-21) was not found.\n"
    assert run(*asked, "--fail-if-missing").exit_code == 1
    assert run("page.html", *MAIN, "--fail-if-missing").exit_code == 0


def test_a_page_that_visitors_get_as_it_is_comes_with_the_reason(url):
    done = run(f"{url}/other.json", f"{url}/listed.json", "--site", "site.toml")
    notes = [line for line in done.output.splitlines() if line.startswith("A visitor gets")]
    assert notes == [f"A visitor gets {url}/other.json as it is: application/json is no page."]


def test_explain_knows_listed_bodies_and_images(url):
    for name, rules in (("listed.json", True), ("phone.svg", True), ("other.json", False)):
        done = CliRunner().invoke(main, ["explain", f"{url}/{name}", "--site", "site.toml"])
        assert done.exit_code == 0
        assert ("Target main" in done.output) is rules


def on_a_terminal(*arguments, **environ):
    """What the command prints when a person looks."""
    ours, theirs = pty.openpty()
    kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "CI")}
    command = [CALLGRAFT, "scan", *arguments]
    shown = {**kept, "TERM": "xterm-256color", **environ}
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE, env=shown) as process:
        os.close(theirs)
        output = b""
        while piece := _read(ours):
            output += piece
        assert process.wait(60) == 0
    os.close(ours)
    return output.decode()


def _read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""  # how Linux says that the other end is closed


def test_a_terminal_shows_in_colour_what_is_swapped(folder):
    shown = on_a_terminal("page.html", *MAIN)
    assert "\x1b[32mswap" in shown
    assert "\x1b[2mkeep" in shown


def test_no_color_is_respected(folder):
    assert "\x1b[32m" not in on_a_terminal("page.html", *MAIN, NO_COLOR="1")


def test_a_pipe_gets_no_colour(folder):
    assert "\x1b" not in run("page.html", *MAIN).output
