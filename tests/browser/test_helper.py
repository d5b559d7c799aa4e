"""The helper in a real browser: what people do on a page reaches the store as signs."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from callgraft import read_site
from callgraft.stores import open_store
from callgraft.tracking.states import SignKind
from examples.tour.processes import start

PAGE = """<!DOCTYPE html><html lang="ru"><head><meta charset="utf-8"><title>Okna</title>
<link rel="icon" href="data:,"><script src="/.callgraft/helper.js" defer></script></head><body>
<p id="number">8 (495) 123-45-67</p><p><a href="tel:+74951234567">Позвоните</a></p>
<textarea></textarea></body></html>"""
# As strict as sites are: no script inside the page, and nothing from elsewhere.
POLICY = "default-src 'self'; img-src data:"
NUMBERS = [f"+7 499 000-03-{last:02}" for last in range(1, 21)]
SITE = f"""
[site]
key = "okna"
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = [{", ".join(f'"{number}"' for number in NUMBERS)}]
hold = "30m"

[[rules]]
name = "everybody"
target = "main"
pool = "direct"
"""
PATIENCE = 20


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
    return f"sqlite:///{tmp_path_factory.mktemp('helper')}/callgraft.db"


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
    yield start(processes, "callgraft-proxy with the helper", command, environment=os.environ)
    server.shutdown()


@pytest.fixture
def store(url, backend):
    with closing(open_store(backend)) as store:
        yield store


@pytest.fixture
def tab(url, profile):
    """A tab whose own clock can be put forward, on the page."""
    tab = profile()
    tab.problems = []
    tab.on("console", lambda message: tab.problems.append(message.text))
    tab.on("pageerror", lambda error: tab.problems.append(str(error)))
    tab.clock.install()
    tab.goto(f"{url}/")
    return tab


def lease_of(store, tab, number=None):
    """The lease on the number that the page shows."""
    national = number or tab.locator("#number").inner_text()
    e164 = "+7" + "".join(letter for letter in national if letter.isdigit())[1:]
    return store.read(lambda here: here.leases_on("okna", e164, limit=1))[0]


def signs(store, session):
    log = store.read(lambda here: here.stays("okna", [session])[session].log)
    return [sign for sign in log if sign.kind is not SignKind.PAGE]


def signs_once(store, session, **wanted):
    """The session's signs, as soon as there are so many of each kind as are wanted."""
    until = time.monotonic() + PATIENCE
    while True:
        found = signs(store, session)
        kinds = [sign.kind.value for sign in found]
        if all(kinds.count(kind) >= count for kind, count in wanted.items()):
            return found
        assert time.monotonic() < until, f"{wanted} did not come, only {kinds}"
        time.sleep(0.02)  # between two looks at another process's work


def test_a_page_that_is_looked_at_says_so_under_a_strict_content_security_policy(store, tab):
    lease = lease_of(store, tab)
    found = signs_once(store, lease.session, helper=1, visible=1)
    assert {sign.kind.value for sign in found} == {"helper", "visible"}
    assert lease_of(store, tab).state == "held"
    assert tab.problems == []


def test_a_tab_that_is_kept_open_renews_its_lease_every_minute(store, tab):
    session = lease_of(store, tab).session
    signs_once(store, session, helper=1, visible=1)
    for minute in (1, 2, 3):
        tab.clock.fast_forward("01:00")
        newest = signs_once(store, session, visible=1 + minute)[-1]
        lease = lease_of(store, tab)
        assert (lease.session, lease.seen_at) == (session, newest.at)


def test_half_an_hour_after_the_last_use_a_tab_falls_silent_until_it_is_used(store, tab):
    session = lease_of(store, tab).session
    signs_once(store, session, helper=1, visible=1)
    tab.clock.fast_forward("31:00")
    tab.clock.fast_forward("05:00")
    before = len(signs_once(store, session))
    tab.mouse.move(20, 20)
    signs_once(store, session, active=1)
    tab.clock.fast_forward("01:00")
    found = signs_once(store, session, active=1, visible=2)
    assert len(found) == before + 2


def test_closing_the_tab_is_told(store, tab):
    number = tab.locator("#number").inner_text()
    session = lease_of(store, tab).session
    signs_once(store, session, helper=1, visible=1)
    tab.close(run_before_unload=True)
    found = signs_once(store, session, hidden=1)
    assert [sign.kind.value for sign in found].count("hidden") == 1
    assert lease_of(store, tab, number).seen_at == found[-1].at


def test_pressing_the_number_is_told_before_anything_rings(store, tab):
    session = lease_of(store, tab).session
    tab.locator("a").hover()
    tab.mouse.down()
    signs_once(store, session, tel_pressed=1)


def test_copying_the_number_and_resting_on_its_link_touch_it(store, tab):
    session = lease_of(store, tab).session
    tab.locator("#number").select_text()
    signs_once(store, session, number_touched=1)
    tab.clock.fast_forward("00:10")
    tab.locator("a").hover()
    tab.clock.fast_forward("00:01")
    signs_once(store, session, number_touched=2)


def test_input_is_told_once_in_ten_seconds(store, tab):
    session = lease_of(store, tab).session
    tab.locator("textarea").press_sequentially("окна на балкон")
    tab.evaluate("navigator.sendBeacon('/.callgraft/beacon', 'tel_pressed')")
    found = signs_once(store, session, active=1, tel_pressed=1)
    assert [sign.kind.value for sign in found].count("active") == 1


def test_a_page_opened_from_the_browsers_own_copy_goes_on_telling(url, store, tab):
    session = lease_of(store, tab).session
    signs_once(store, session, helper=1, visible=1)
    tab.goto(f"{url}/contacts")
    tab.go_back()
    found = signs_once(store, session, hidden=2, visible=3)
    assert {sign.kind.value for sign in found} <= {"helper", "visible", "hidden"}
