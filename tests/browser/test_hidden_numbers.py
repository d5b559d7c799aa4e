"""Hidden numbers and promo codes in a real browser, with scripts and without."""

from __future__ import annotations

import os
import re
import sys
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from callgraft import read_site
from callgraft.stores import open_store
from callgraft.tracking.promo_codes import read_code
from examples.tour.processes import start

PAGE = """<!DOCTYPE html><html lang="ru"><head><meta charset="utf-8"><title>Okna</title>
<link rel="icon" href="data:,"><script src="/.callgraft/helper.js" defer></script></head><body>
<p id="text">Звоните: <b>8 (495)</b> 123-45-67</p>
<p><a id="link" href="tel:+74951234567">Тел. XXL: <i>+7&nbsp;495</i>&nbsp;123-45-67</a></p>
<p id="code">Код: {{ promo_code }}</p></body></html>"""
POLICY = "default-src 'self'; img-src data:"
NUMBERS = [f"+7 499 000-04-{last:02}" for last in range(1, 21)]
SITE = f"""
[site]
key = "okna"
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = [{", ".join(f'"{number}"' for number in NUMBERS)}]

[reveal]
label = "Показать номер"

[[rules]]
name = "everybody"
target = "main"
pool = "direct"
reveal = true

[[rules]]
name = "a code for everybody"
promo = true
"""


class Okna(BaseHTTPRequestHandler):
    """One page for every path."""

    def do_GET(self) -> None:
        body = PAGE.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the test's own output is enough."""


@pytest.fixture(scope="module")
def backend(tmp_path_factory):
    return f"sqlite:///{tmp_path_factory.mktemp('hidden')}/callgraft.db"


@pytest.fixture(scope="module")
def url(processes, backend, tmp_path_factory):
    document = tmp_path_factory.mktemp("site") / "okna.toml"
    document.write_text(SITE)
    read_site(SITE)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Okna)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    options = {
        "--upstream": f"http://127.0.0.1:{server.server_address[1]}",
        "--site": str(document),
        "--backend": backend,
        "--listen": "127.0.0.1:0",
        "--budget": "5s",
    }
    command = [str(Path(sys.executable).with_name("callgraft-proxy")), *sum(options.items(), ())]
    yield start(processes, "callgraft-proxy that hides", command, environment=os.environ)
    server.shutdown()


@pytest.fixture
def leased(url, backend):
    """How many numbers are leased."""
    with closing(open_store(backend)) as store:

        def count():
            numbers = [number.replace(" ", "").replace("-", "") for number in NUMBERS]
            return sum(
                len(store.read(lambda here, it=it: here.leases_on("okna", it, limit=9)))
                for it in numbers
            )

        yield count


def text(tab, css):
    return tab.locator(css).inner_text().replace("\xa0", " ")


@pytest.mark.parametrize("clicked", ["#text a", "#link"])
def test_a_click_without_scripts_shows_the_number_on_the_same_page(url, profile, leased, clicked):
    tab, before = profile(java_script_enabled=False), leased()
    tab.goto(f"{url}/contacts?city=moscow")
    assert text(tab, "#text") == "Звоните: 8 (499) 000-04-XX".replace("04-XX", "XX-XX")
    assert text(tab, "#link") == "Тел. XXL: +7 499 000-XX-XX"
    assert tab.get_by_role("link", name="Показать номер").count() == 1
    assert leased() == before
    tab.locator(clicked).click()
    assert tab.url == f"{url}/contacts?city=moscow"
    shown = re.fullmatch(r"Звоните: 8 \(499\) 000-(04-\d\d)", text(tab, "#text"))[1]
    assert text(tab, "#link") == f"Тел. XXL: +7 499 000-{shown}"
    assert tab.locator("#link").get_attribute("href") == f"tel:+7499000{shown.replace('-', '')}"
    assert leased() == before + 1


@pytest.mark.parametrize("clicked", ["#text a", "#link"])
def test_with_the_helper_the_number_is_shown_without_a_page_load(url, profile, leased, clicked):
    tab, before, loads, problems = profile(), leased(), [], []
    tab.on("console", lambda message: problems.append(message.text))
    tab.on("pageerror", lambda error: problems.append(str(error)))
    tab.goto(f"{url}/")
    tab.on("framenavigated", lambda frame: loads.append(frame.url))
    tab.locator(clicked).click()
    tab.wait_for_function("!document.querySelector('[data-callgraft-mask]')")
    shown = re.fullmatch(r"Звоните: 8 \(499\) 000-(04-\d\d)", text(tab, "#text"))[1]
    assert text(tab, "#link") == f"Тел. XXL: +7 499 000-{shown}"
    dial = f"tel:+7499000{shown.replace('-', '')}"
    assert tab.locator("#link").get_attribute("href") == dial
    assert tab.locator("#text a").get_attribute("href") == dial
    assert (loads, problems) == ([], [])
    assert leased() == before + 1
    tab.reload()
    assert text(tab, "#text") == f"Звоните: 8 (499) 000-{shown}"


def test_the_keyboard_shows_the_number_too(url, profile):
    tab = profile(java_script_enabled=False)
    tab.goto(f"{url}/")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.locator("#text", has_text="000-04-").wait_for()


def test_a_visitor_sees_a_code_that_another_does_not(url, profile):
    codes = []
    for _ in range(2):
        tab = profile()
        tab.goto(f"{url}/")
        codes.append(read_code(text(tab, "#code").removeprefix("Код: ")))
        tab.goto(f"{url}/contacts")
        assert text(tab, "#code") == f"Код: {codes[-1]}"
    assert codes[0] != codes[1]
