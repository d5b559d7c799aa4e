"""Chromium unpacks a spliced page to the page that the visitor should see."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from callgraft.html import Targets, make_plan
from callgraft.packed import PackedPlan
from callgraft.phone import read
from callgraft.site import Target

ROWS = "".join(f"<li>{row * row} окон</li>" for row in range(2000))
HTML = f"""<!DOCTYPE html><meta charset="utf-8"><p id="top">8 (495) 123-45-67</p><ul>{ROWS}</ul>
<footer><a href="tel:+74951234567">+7 495 123-45-67</a></footer>""".encode()
TYPE = "text/html; charset=utf-8"
TARGETS = Targets.of([Target(key="main", number=read("+7 495 123-45-67"))])


@contextmanager
def serving(body: bytes, coding: str) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", TYPE)
            self.send_header("Content-Encoding", coding)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
@pytest.mark.parametrize("number", ["+7 499 000-00-01", "+7 499 000-00-02", "+44 20 7946 0018"])
def test_chromium_shows_the_visitor_s_number(chromium, coding: str, number: str) -> None:
    plan = make_plan(HTML, TARGETS, content_type=TYPE)
    packed, numbers = PackedPlan(plan, coding, packed=0), {"main": read(number)}
    assert packed.swap(numbers) != packed.swap(numbers), "the second one is spliced"
    page = chromium.new_page()
    with serving(packed.swap(numbers), coding) as url:
        page.goto(url)
        top, _, footer = (text.decode() for text in plan.texts(numbers))
        assert (page.inner_text("#top"), page.inner_text("footer")) == (top, footer)
        assert page.content().count("<li>") == 2000
    page.close()
