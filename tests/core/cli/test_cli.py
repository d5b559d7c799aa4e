"""The command line, as a person at a terminal meets it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sysconfig
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from callgraft import Head, Page, Visit, open_engine
from callgraft.cli import main
from callgraft.cli.fetching import USER_AGENT
from callgraft.evidence import Reader, judge
from callgraft.telephony.generic import signed_event

CALLGRAFT = Path(sysconfig.get_path("scripts")) / "callgraft"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
DOCUMENT = """
[site]
key = "okna"
hosts = ["okna.example"]
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = ["+7 499 000-00-01", "+7 499 000-00-02"]
overflow = "+7 499 000-00-99"

[providers.generic]
secret = "env:CALLGRAFT_WEBHOOK_SECRET"

[[rules]]
name = "Yandex"
target = "main"
when = { source = "yandex" }
pool = "direct"
"""
PAGE = '<p>Звоните: 8 (495) 123-45-67</p>\n<script>var phone = "84951234567"</script>\n'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLGRAFT_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("COLUMNS", "120")
    (tmp_path / "callgraft.toml").write_text(DOCUMENT, encoding="utf-8")
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(main, arguments)


def swap(body, *arguments):
    command = [CALLGRAFT, "swap", *arguments]
    return subprocess.run(command, input=body, capture_output=True, timeout=60)


MAP = ("--map", "+7 495 123-45-67=+7 499 000-00-01")


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "koi8-r", "iso-8859-5"])
def test_swap_is_a_filter_that_keeps_every_other_byte(charset):
    body = PAGE.encode(charset)
    done = swap(body, *MAP, "--charset", charset)
    expected = PAGE.replace("8 (495) 123-45-67", "8 (499) 000-00-01").encode(charset)
    assert (done.returncode, done.stdout, done.stderr) == (0, expected, b"")


def test_swap_reads_national_numbers_by_the_region():
    body = b"<p>(020) 7946 0018</p>"
    done = swap(body, "--map", "020 7946 0018=0161 496 0018", "--region", "GB")
    assert done.stdout == b"<p>(0161) 496 0018</p>"


def test_swap_takes_a_whole_content_type():
    body = "<p>тел. 8 (495) 123-45-67</p>".encode("koi8-r")
    done = swap(body, *MAP, "--content-type", "text/html; charset=koi8-r")
    assert done.stdout.decode("koi8-r") == "<p>тел. 8 (499) 000-00-01</p>"


def test_swap_passes_bytes_that_are_no_text_at_all():
    body = bytes(range(256)) * 999
    assert swap(body, *MAP).stdout == body


@pytest.mark.parametrize(
    ("body", "arguments", "words"),
    [
        (gzip.compress(PAGE.encode()), [], "This is packed data."),
        (PAGE.encode("utf-16"), [], "not one that contains ASCII"),
        (PAGE.encode("utf-7"), ["--charset", "utf-7"], "not one that contains ASCII"),
    ],
)
def test_swap_says_when_it_can_find_nothing(body, arguments, words):
    done = swap(body, *MAP, *arguments)
    assert (done.returncode, done.stdout) == (0, body)
    assert words in done.stderr.decode()


def test_scan_and_explain_are_no_visitors():
    asked = Visit(
        url="https://okna.example/",
        received_at=datetime.now(UTC),
        headers=(("User-Agent", USER_AGENT),),
    )
    assert judge(asked).reader is Reader.BOT


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--map", "+7 495 123-45-67"], "has no = between two numbers"),
        (["--map", "+7 495 123-45-67=anonymous"], "'anonymous' is no phone number"),
        (["--map", "8 495 123-45-67=+7 499 000-00-01"], "is no phone number in international"),
    ],
)
def test_swap_refuses_what_is_no_pair_of_numbers(arguments, words):
    done = swap(b"", *arguments)
    assert done.returncode == 2
    assert words in done.stderr.decode()
    assert done.stdout == b""


def test_scan_lists_each_place_with_its_policy(folder):
    done = run("scan", "page.html", "--number", "+7 495 123-45-67", "--json")
    assert done.exit_code == 0, done.output
    found = [
        {name: place[name] for name in ("line", "column", "place", "policy", "written")}
        for place in json.loads(done.output)
    ]
    assert found == [
        {
            "line": 1,
            "column": 13,
            "place": "text",
            "policy": "swap",
            "written": "8 (495) 123-45-67",
        },
        {"line": 2, "column": 22, "place": "script", "policy": "keep", "written": "84951234567"},
    ]


def test_scan_takes_the_targets_of_the_site_document(folder):
    done = run("scan", "page.html", "--site", "callgraft.toml")
    assert done.exit_code == 0
    assert "8 (495) 123-45-67" in done.output
    assert "main" in done.output


def test_scan_says_what_it_cannot_read(folder):
    done = run("scan", "nowhere.html", "--number", "+7 495 123-45-67")
    assert done.exit_code == 2
    assert "PAGE = 'nowhere.html': cannot be read" in done.output


def test_init_writes_a_document_that_check_accepts(folder):
    done = run(
        "init",
        "new.toml",
        "--host",
        "okna.example",
        "--region",
        "RU",
        "--number",
        "8 (495) 123-45-67",
    )
    assert done.exit_code == 0, done.output
    done = run("check", "--site", "new.toml", "--backend", "memory:")
    assert done.exit_code == 0, done.output
    assert "No rule is in force for the target main" in done.output


def test_init_does_not_write_over_a_file(folder):
    done = run("init", "callgraft.toml", "--host", "a.example", "--number", "+7 495 123-45-67")
    assert done.exit_code == 2
    assert "--force" in done.output
    assert (folder / "callgraft.toml").read_text(encoding="utf-8") == DOCUMENT


def test_check_describes_a_good_site(folder):
    done = run("check", "--backend", "memory:")
    assert done.exit_code == 0
    assert "+7 495 123-45-67" in done.output
    assert "The tracking store at memory: answers." in done.output


def test_check_tells_of_a_secret_that_is_not_set(folder, monkeypatch):
    monkeypatch.delenv("CALLGRAFT_WEBHOOK_SECRET")
    done = run("check", "--backend", "memory:")
    assert done.exit_code == 1
    assert "Set CALLGRAFT_WEBHOOK_SECRET" in done.output


def test_check_tells_of_a_store_that_cannot_be_opened(folder):
    done = run("check", "--backend", "mysql://localhost/x", "--json")
    assert done.exit_code == 1
    told = json.loads(done.output)
    assert told["ok"] is False
    assert "mysql" in told["problems"][0]


def test_explain_tells_the_rule_and_the_pool(folder):
    done = run("explain", "https://okna.example/", "--no-fetch", "--as", "source=yandex")
    assert done.exit_code == 0
    assert 'source is "yandex"' in done.output
    assert (
        "a number of pool direct (2 numbers), or its overflow number +7 499 000-00-99"
        in done.output
    )


def test_explain_refuses_a_fact_that_it_does_not_know(folder):
    done = run("explain", "https://okna.example/", "--no-fetch", "--as", "sorce=yandex")
    assert done.exit_code == 2
    assert "--as = 'sorce=yandex'" in done.output


@pytest.fixture
def one_call(folder):
    """A store in which a visitor was shown a number and rang it."""
    at = datetime.now(UTC)
    with closing(open_engine("callgraft.toml", budget=timedelta(seconds=5), strict=True)) as engine:
        head = Head(headers=(("Content-Type", "text/html; charset=utf-8"),))
        url = "https://okna.example/?utm_source=yandex&utm_campaign=okna&utm_term=plastic"
        agent = ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0")
        visit = Visit(url=url, received_at=at, headers=(agent,), peer="203.0.113.7")
        engine.swap(visit, Page(head=head, body=PAGE.encode()))
        data = {"call": "c-1", "number": "+74990000001", "caller": "+79160001234"}
        headers, body = signed_event(SECRET, event_id="1", type="call.ringing", data=data, at=at)
        url = "https://okna.example/.callgraft/calls/generic"
        answer = engine.answer(Visit(url=url, method="POST", headers=headers, received_at=at), body)
        assert answer.head.status == 200
        return engine.client.calls("okna")[0].id


def test_calls_lists_the_call_with_its_origin_and_hides_the_caller(one_call):
    done = run("calls")
    assert done.exit_code == 0, done.output
    for word in (one_call[:8], "+7 499 000-00-01", "yandex", "okna", "plastic", "ringing"):
        assert word in done.output
    assert "1234" not in done.output
    assert json.loads(run("calls", "--json").output)[0]["caller"] == "+7916000····"
    shown = json.loads(run("calls", "--json", "--show-callers").output)
    assert shown[0]["caller"] == "+79160001234"


def test_one_call_is_explained_with_its_candidates_and_the_numbers_history(one_call):
    done = run("calls", one_call[:8])
    assert done.exit_code == 0, done.output
    assert "Candidates" in done.output
    assert "Who was shown +7 499 000-00-01" in done.output


def test_a_call_that_is_not_there_is_said_so(one_call):
    done = run("calls", "zzz")
    assert done.exit_code == 2
    assert "'zzz'" in done.output


def test_pool_shows_who_holds_which_number(one_call):
    state = json.loads(run("pool", "--json").output)[0]
    assert (state["pool"], state["total"], state["provisional"], state["free"]) == (
        "direct",
        2,
        1,
        1,
    )
    assert "+7 499 000-00-01" in run("pool").output


def test_migrate_says_what_it_did(folder):
    assert "were made" in run("migrate").output
    assert "already" in run("migrate").output
    assert run("migrate", "--check-schema").output == "The migrations give the schema in use.\n"


@pytest.mark.parametrize("command", ["calls", "pool", "check"])
def test_looking_makes_no_store(folder, command):
    done = run(command, "--backend", "sqlite:///typo.db")
    assert done.exit_code in (1, 2)
    assert "--backend = 'sqlite:///typo.db': is not there." in done.output
    assert not (folder / "typo.db").exists()


def test_explain_reads_where_the_visitor_comes_from_as_any_visit_is_read(folder):
    url = "https://okna.example/?utm_source=yandex&utm_medium=cpc"
    assert "a number of pool direct" in run("explain", url, "--no-fetch").output
    done = run("explain", "https://okna.example/", "--no-fetch", "--as", "referrer=https://ya.ru/")
    assert "a number of pool direct" in done.output


def test_explain_says_that_a_host_is_not_listed(folder):
    done = run("explain", "https://other.example/", "--no-fetch")
    assert "does not list the host other.example" in done.output


@pytest.mark.parametrize("fact", ["country=Germany", "device=phone", "returning=maybe", "x=y"])
def test_explain_refuses_values_that_no_visitor_has(folder, fact):
    done = run("explain", "https://okna.example/", "--no-fetch", "--as", fact)
    assert done.exit_code == 2
    assert f"--as = '{fact}'" in done.output


def test_learn_says_that_it_is_too_early(one_call):
    done = run("learn")
    assert done.exit_code == 0, done.output
    assert "Still learning: 1 first calls in 60 days, 150 are needed." in done.output
    assert json.loads(run("learn", "--json").output)["state"] == "still learning"


def test_learn_wants_the_tracking_servers_own_store(folder):
    done = run("learn", "--backend", "https://tracker.example")
    assert done.exit_code == 2
    assert "is a tracking server" in done.output


def test_marks_stand_in_a_wide_list_and_in_every_explanation(one_call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    assert "first" in run("calls").output
    assert "first" in run("calls", one_call[:8]).output
    assert json.loads(run("calls", "--json").output)[0]["marks"] == ["first"]


@pytest.mark.parametrize("columns", ["80", "120"])
def test_no_word_of_a_table_is_broken(one_call, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    for words in (
        ("outcome", "ringing", "came from", "yandex, okna, plastic"),
        ("provisional", "last seen"),
    ):
        shown = run("calls").output if "outcome" in words else run("pool").output
        assert all(word in shown for word in words)


@pytest.mark.parametrize("command", ["calls", "pool", "explain", "check"])
def test_a_missing_site_document_is_named_with_the_cure(folder, command):
    (folder / "callgraft.toml").unlink()
    done = run(*(["explain", "https://okna.example/"] if command == "explain" else [command]))
    assert done.exit_code in (1, 2)
    assert "callgraft init" in done.output


@pytest.mark.parametrize(
    "command",
    [
        *("init", "check", "scan", "swap", "explain", "pool", "calls", "migrate"),
        *("export", "forget", "purge", "backup", "doctor"),
    ],
)
def test_every_command_has_help_with_an_example(command):
    done = run(command, "--help")
    assert done.exit_code == 0
    assert "Example" in done.output


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def website(folder):
    """The folder, served on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        document = DOCUMENT.replace("okna.example", "127.0.0.1")
        (folder / "callgraft.toml").write_text(document, encoding="utf-8")
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_explain_looks_at_the_page_itself(website, folder):
    (folder / "about.html").write_text("<p>no number</p>", encoding="utf-8")
    done = run("explain", f"{website}/page.html", "--as", "source=yandex")
    assert "a number of pool direct" in done.output
    done = run("explain", f"{website}/about.html")
    assert done.output == (
        "The page is left alone: no target number stands on it in a place that is swapped.\n"
    )
    done = run("explain", f"{website}/callgraft.toml")
    assert "The page is left alone:" in done.output
    done = run("explain", f"{website}/nowhere")
    assert done.output == "The page is left alone: status 404 is no page view.\n"


def test_scan_fetches_a_page(website):
    done = run("scan", f"{website}/page.html", "--site", "callgraft.toml", "--json")
    assert [place["policy"] for place in json.loads(done.output)] == ["swap", "keep"]


def test_scan_names_a_page_that_cannot_be_fetched(folder):
    done = run("scan", "http://127.0.0.1:1/", "--site", "callgraft.toml")
    assert done.exit_code == 2
    assert "URL = 'http://127.0.0.1:1/': cannot be fetched" in done.output


def test_looking_at_a_pool_with_an_old_document_changes_nothing(one_call, folder):
    document = DOCUMENT.replace('"+7 499 000-00-01", ', "")
    (folder / "old.toml").write_text(document, encoding="utf-8")
    run("pool", "--site", "old.toml")
    run("calls", "--site", "old.toml")
    assert json.loads(run("pool", "--json").output)[0]["total"] == 2


def test_a_pool_that_no_door_has_served_is_said_so(folder):
    run("migrate")
    assert "No door has served the site okna" in run("pool").output


def test_no_password_is_printed(folder):
    done = run("check", "--backend", "postgresql://okna:hunter2@127.0.0.1:1/okna")
    assert done.exit_code == 1
    assert "hunter2" not in done.output
