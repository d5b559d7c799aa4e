"""mitmproxy with the addon, in reverse mode before a real site."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import threading

import pytest
from mitmproxy.addonmanager import Loader
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.exceptions import OptionsError
from mitmproxy.test import taddons, tflow

from callgraft_proxy.addon import CallgraftAddon
from callgraft_proxy.testing_mitm import mitmproxy_serving
from tests.proxy_swap.okna import BROWSER, HTML, PAGE, number_in, okna_engine
from tests.proxy_swap.origin import PATIENCE, chunked, response
from tests.proxy_swap.wire import ask, dial, hear_all, read_reply


@pytest.fixture(scope="module")
def _mitm(_site):
    engine = okna_engine(max_body=2**20)
    with mitmproxy_serving(_site.url, engine) as url:
        yield url
    engine.close()


@pytest.fixture
def mitm(site, _mitm):
    """The URL of a strict mitmproxy of the example site; pages of more than 1 MiB pass."""
    return _mitm


def test_each_visitor_gets_a_number_of_their_own(site, mitm):
    site.answer = response(PAGE, HTML, "Set-Cookie: a=1", 'ETag: "1"')
    first, second = ask(mitm, "/", *BROWSER), ask(mitm, "/", *BROWSER)
    assert number_in(first.body) != number_in(second.body)
    assert first.all("cache-control") == ["private, no-cache"]
    assert first.all("etag") == []
    assert [cookie.partition("=")[0] for cookie in first.all("set-cookie")] == ["a", "callgraft"]


def test_a_packed_page_is_swapped_and_packed_again(site, mitm):
    site.answer = response(gzip.compress(PAGE), HTML, "Content-Encoding: gzip")
    reply = ask(mitm, "/", *BROWSER, "Accept-Encoding: gzip, dcb")
    number_in(gzip.decompress(reply.body))
    assert reply.one("content-length") == str(len(reply.body))
    assert site.last.all("accept-encoding") == [b"gzip"]


def test_a_page_in_chunks_leaves_with_one_length(site, mitm):
    site.answer = lambda heard: chunked(PAGE[:50], PAGE[50:], headers=(HTML,))
    reply = ask(mitm, "/", *BROWSER)
    number_in(reply.body)
    assert reply.all("transfer-encoding") == []
    assert reply.one("content-length") == str(len(reply.body))


def test_the_target_goes_up_byte_for_byte(site, mitm):
    site.answer = response(b"ok")
    ask(mitm, "//x/%2F/..?q=%CF&a=b")
    assert site.last.target == b"//x/%2F/..?q=%CF&a=b"
    assert site.last.all("host") == [b"okna.example"]


@pytest.mark.parametrize("headers", [("Content-Type: text/plain",), ("Content-Type: image/png",)])
def test_what_is_no_page_passes_as_it_came(site, mitm, headers):
    site.answer = lambda heard: chunked(PAGE[:50], PAGE[50:], headers=(*headers, 'ETag: "1"'))
    reply = ask(mitm, "/", *BROWSER)
    assert (reply.body, reply.is_whole, reply.one("etag")) == (PAGE, True, '"1"')
    assert reply.all("set-cookie") == []


def test_what_is_no_page_is_streamed(site, mitm):
    received = threading.Event()

    def answer(heard):
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\nContent-Type: text/plain\r\n\r\nfirst"
        assert received.wait(PATIENCE)
        yield b"second"

    site.answer = answer
    with dial(mitm) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: okna.example\r\nConnection: close\r\n\r\n")
        data = b""
        while b"first" not in data:
            data += client.recv(4096)
        received.set()
        assert read_reply(data + hear_all(client)).body == b"firstsecond"


def test_a_page_that_turns_out_large_passes_as_it_came(site, mitm, caplog):
    large = PAGE + bytes(2 * 2**20)
    site.answer = lambda heard: chunked(large, headers=(HTML, 'ETag: "1"'))
    reply = ask(mitm, "/", *BROWSER)
    assert (reply.body == large, reply.one("etag")) == (True, '"1"')
    assert [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []


def test_a_robot_gets_the_page_as_it_is(site, mitm):
    site.answer = response(PAGE, HTML)
    assert ask(mitm, "/", "User-Agent: Googlebot/2.1").body == PAGE


@pytest.mark.parametrize(
    "answer",
    [
        lambda heard: response(PAGE, HTML, "Connection: close", length=len(PAGE) + 1),
        lambda heard: chunked(PAGE, headers=(HTML, "Connection: close"), end=False),
    ],
    ids=["lying length", "no last chunk"],
)
def test_half_a_page_is_an_error(site, mitm, answer):
    site.answer = answer
    reply = ask(mitm, "/", *BROWSER)
    assert reply.status == 502
    assert b"+7" not in reply.body


def test_a_head_request_passes(site, mitm):
    site.answer = response(b"", HTML, length=1234)
    reply = ask(mitm, "/", *BROWSER, method="HEAD")
    assert (reply.status, reply.one("content-length"), reply.body) == (200, "1234", b"")


def test_the_engines_own_paths_never_reach_the_site(site, mitm):
    reply = ask(mitm, "/.callgraft/health")
    assert (reply.status, json.loads(reply.body)["site"]) == (200, "okna")
    event = ask(mitm, "/.callgraft/calls/generic", method="POST", body=b"{}")
    assert event.status == 401
    assert ask(mitm, "/.callgraft/calls/generic", method="POST", body=bytes(70_000)).status == 413
    assert site.heard == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"site": "nowhere.toml"}, "nowhere.toml: the file cannot be read"),
        ({"site": "x", "max_body": 0}, "callgraft_max_body = 0: write at least 1 byte."),
        ({"site": "x", "budget": "soon"}, "callgraft_budget: 'soon' is no duration; write it like"),
        ({"site": "x", "trusted_proxies": ["10.0.0"]}, "trusted_proxies[0] = '10.0.0'"),
    ],
)
def test_a_wrong_option_is_refused_with_the_cure(settings, message):
    async def configure():
        addon = CallgraftAddon()
        with taddons.context() as context:
            addon.load(Loader(context.master))
            context.options.update(**{f"callgraft_{key}": it for key, it in settings.items()})
            addon.configure({"callgraft_site"})

    with pytest.raises(OptionsError, match=re.escape(message)):
        asyncio.run(configure())


def test_a_broken_flow_is_left_alone(site):
    async def run():
        addon = CallgraftAddon(okna_engine())
        with taddons.context(addon):
            flow = tflow.tflow(resp=True, err=True)
            await addon.request(flow)
            addon.responseheaders(flow)
            await addon.response(flow)
            streamed = tflow.tflow(resp=True)
            streamed.metadata["callgraft_wanted"] = True
            streamed.response.raw_content = None
            await addon.response(streamed)
            return flow, streamed

    flow, streamed = asyncio.run(run())
    assert flow.response.raw_content == b"message"
    assert streamed.response.raw_content is None


@pytest.mark.parametrize(
    ("mode", "keeps_host", "warnings"),
    [
        ("reverse:http://127.0.0.1:1", False, 1),
        ("reverse:http://x", True, 0),
        ("regular", False, 0),
    ],
)
def test_a_reverse_mode_that_forgets_the_host_is_warned_of(mode, keeps_host, warnings, caplog):
    async def run():
        with taddons.context(Proxyserver()) as context:
            context.options.update(mode=[mode], keep_host_header=keeps_host, server=False)
            CallgraftAddon(okna_engine()).running()

    asyncio.run(run())
    assert caplog.text.count("Add --set keep_host_header.") == warnings
