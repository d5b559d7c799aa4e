"""The script, as an operator runs it: mitmdump -s."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import callgraft_proxy
from tests.proxy_swap.okna import BROWSER, DOCUMENT, HTML, PAGE, number_in
from tests.proxy_swap.origin import response
from tests.proxy_swap.wire import ask

SCRIPT = Path(callgraft_proxy.__file__).with_name("mitm.py")
MITMDUMP = Path(sys.executable).with_name("mitmdump")


def command(tmp_path: Path, *settings: str) -> list[str]:
    """The command line; without a proxy server where only the start is looked at."""
    options = [f"confdir={tmp_path / 'mitmproxy'}", "callgraft_backend=memory:", *settings]
    sets = [word for option in options for word in ("--set", option)]
    return [str(MITMDUMP), "-s", str(SCRIPT), *sets]


@contextmanager
def running(words: list[str]):
    """Run the command; gives its URL, which it prints when it listens."""
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdout=pipe, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        try:
            yield url_in(process.stdout)
        finally:
            process.terminate()


def url_in(lines) -> str:
    heard = []
    for line in lines:
        heard.append(line)
        if "listening at" in line:
            return "http://" + line.rpartition("listening at ")[2].strip().rstrip(".")
    raise AssertionError("".join(heard))


def test_the_script_shows_numbers_in_reverse_mode(site, tmp_path):
    (tmp_path / "okna.toml").write_text(DOCUMENT, encoding="utf-8")
    site.answer = response(PAGE, HTML)
    words = command(tmp_path, f"callgraft_site={tmp_path / 'okna.toml'}", "callgraft_budget=10s")
    reverse = ["--mode", f"reverse:{site.url}", "--set", "keep_host_header"]
    with running([*words, *reverse, "--listen-host", "127.0.0.1", "-p", "0"]) as url:
        number_in(ask(url, "/", *BROWSER).body)


def test_without_a_site_it_does_not_start_and_says_why(tmp_path):
    words = [*command(tmp_path), "--set", "server=false"]
    run = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert run.returncode == 1
    cure = "callgraft_site is not set. Add --set callgraft_site=FILE, a Site document."
    assert cure in run.stdout + run.stderr
