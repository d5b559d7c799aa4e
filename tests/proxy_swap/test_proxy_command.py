"""The command, as an operator runs it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from callgraft_proxy.cli import main
from tests.proxy_swap.okna import BROWSER, DOCUMENT, HTML, PAGE, number_in
from tests.proxy_swap.origin import PATIENCE, response
from tests.proxy_swap.wire import ask, dial, hear_all, read_reply

COMMAND = str(Path(sys.executable).with_name("callgraft-proxy"))


@pytest.fixture
def okna(tmp_path):
    path = tmp_path / "okna.toml"
    path.write_text(DOCUMENT, encoding="utf-8")
    return path


@contextmanager
def running(*words: str, cwd: Path):
    """Run the command on a free port; gives the process and the URL that it prints."""
    pipe = subprocess.PIPE
    line = [COMMAND, *words, "--listen", "127.0.0.1:0", "--budget", "10s"]
    with subprocess.Popen(line, stdout=pipe, stderr=pipe, text=True, cwd=cwd) as process:
        assert process.stdout is not None and process.stderr is not None
        try:
            first = process.stdout.readline()
            assert first.startswith("Listening on http://127.0.0.1:"), process.stderr.read()
            yield process, first.rpartition(" ")[2].strip()
        finally:
            process.kill()


def test_it_serves_a_site_with_its_visitors_numbers(site, okna):
    site.answer = response(PAGE, HTML)
    with running("--upstream", site.url, "--site", str(okna), cwd=okna.parent) as (process, url):
        number_in(ask(url, "/", *BROWSER).body)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    assert (okna.parent / "callgraft.db").exists()


@contextmanager
def stopping(site, okna, stop):
    """The command told to stop in mid-response; gives process, client, and how to let it go on."""
    begun, goes_on = threading.Event(), threading.Event()

    def answer(heard):
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst"
        begun.set()
        goes_on.wait(PATIENCE)
        yield b"after"

    site.answer = answer
    words = ("--upstream", site.url, "--site", str(okna), "--backend", "memory:")
    verbose = ("--log-level", "debug")
    with running(*words, *verbose, cwd=okna.parent) as (process, url), dial(url) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: okna.example\r\n\r\n")
        assert begun.wait(PATIENCE)
        process.send_signal(stop)
        assert any("Waiting for connections to close" in line for line in process.stderr)
        try:
            yield process, client, goes_on
        finally:
            goes_on.set()


def test_a_request_under_way_ends_before_it_stops(site, okna):
    with stopping(site, okna, signal.SIGTERM) as (process, client, goes_on):
        goes_on.set()
        reply = read_reply(hear_all(client))
        assert (reply.body, reply.is_whole) == (b"firstafter", True)
        assert process.wait(PATIENCE) == 0


def test_a_second_interrupt_does_not_wait(site, okna):
    with stopping(site, okna, signal.SIGINT) as (process, client, _):
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert not read_reply(hear_all(client)).is_whole


def test_trusted_proxies_are_believed(site, okna):
    site.answer = response(PAGE, HTML)
    words = ("--upstream", site.url, "--site", str(okna), "--backend", "memory:")
    trust = ("--trusted-proxy", "127.0.0.0/8", "--trusted-proxy", "10.0.0.0/8")
    told = ("X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https")
    with running(*words, *trust, cwd=okna.parent) as (_, url):
        reply = ask(url, "/", *BROWSER, *told)
    assert site.last.all("x-forwarded-for") == [b"203.0.113.9, 127.0.0.1"]
    assert site.last.all("x-forwarded-proto") == [b"https"]
    assert reply.all("set-cookie")[0].endswith("; Secure")


def refused(*words: str, code: int = 2) -> str:
    """What the command says when it does not start."""
    run = CliRunner().invoke(main, ["--upstream", "http://127.0.0.1:8080", *words])
    assert (run.exit_code, run.stdout) == (code, "")
    return run.stderr


def test_a_missing_site_document_is_one_clear_sentence(tmp_path):
    said = refused("--site", str(tmp_path / "nowhere.toml"))
    assert said.startswith(f"callgraft-proxy: {tmp_path}/nowhere.toml: the file cannot be read")
    assert said.count("\n") == 1


def test_a_faulty_site_document_names_key_value_and_cure(okna):
    okna.write_text(DOCUMENT.replace("+7 495 123-45-67", "call us"), encoding="utf-8")
    assert "targets.main.number = 'call us'" in refused("--site", str(okna))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_proxy_is_not_its_own_site(okna, host):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    upstream = f"http://{host}:{port}"
    told = refused(*("--upstream", upstream, "--site", str(okna)), "--listen", f"127.0.0.1:{port}")
    assert f"--upstream = '{upstream}': the proxy itself listens there." in told


def test_an_address_that_is_taken_is_named(okna):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        said = refused("--site", str(okna), "--listen", address, "--backend", "memory:")
    cure = "Choose another address or port.\n"
    assert said == f"callgraft-proxy: --listen = '{address}': Address already in use. {cure}"


@pytest.mark.parametrize(
    ("option", "value", "cure"),
    [
        ("--upstream", "127.0.0.1:8080", "like http://127.0.0.1:8080"),
        ("--upstream", "http://127.0.0.1:8080/shop", "like http://127.0.0.1:8080"),
        ("--upstream", "http://user:pass@127.0.0.1", "like http://127.0.0.1:8080"),
        ("--upstream", "http://127.0.0.1:x", "like http://127.0.0.1:8080"),
        ("--listen", "8000", "like 127.0.0.1:8000"),
        ("--listen", "127.0.0.1:99999", "like 127.0.0.1:8000"),
        ("--budget", "soon", "like 50ms or 2s"),
        ("--max-body", "much", "like 8MiB or 65536"),
    ],
)
def test_a_wrong_option_names_itself_and_the_cure(option, value, cure):
    usual = {"--upstream": "http://127.0.0.1:8080", "--site": "okna.toml"}
    words = [word for pair in {**usual, option: value}.items() for word in pair]
    run = CliRunner().invoke(main, words)
    assert run.exit_code == 2
    assert option in run.output and cure in run.output


def test_a_wrong_trusted_proxy_names_itself_and_the_cure(okna):
    said = refused("--site", str(okna), "--trusted-proxy", "10.0.0")
    assert "'10.0.0'" in said and "10.0.0.0/8" in said


def test_a_store_that_cannot_be_used_is_named(okna):
    nowhere = f"sqlite:///{okna.parent}/nowhere/callgraft.db"
    assert "nowhere" in refused("--site", str(okna), "--backend", nowhere)
    full = okna.parent / "full.db"
    full.write_bytes(b"no database " * 100)
    assert "full.db" in refused("--site", str(okna), "--backend", f"sqlite:///{full}", code=1)


def test_a_redis_that_cannot_be_used_is_named(okna):
    said = refused("--site", str(okna), "--leases", "http://:hunter2@nowhere")
    assert "leases" in said and "redis://host" in said
    assert "hunter2" not in said


def test_help_shows_every_option_and_an_example():
    said = CliRunner().invoke(main, ["--help"]).output
    for option in ("--upstream", "--site", "--backend", "--geo", "--listen", "--trusted-proxy"):
        assert option in said
    example = "callgraft-proxy --upstream http://127.0.0.1:8080 --site okna.toml"
    assert example in said
