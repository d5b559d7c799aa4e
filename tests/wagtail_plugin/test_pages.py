import asyncio
import gzip
import logging

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import AsyncClient, override_settings

from tests.wagtail_plugin.clinic.urls import PAGE
from tests.wagtail_plugin.conftest import ASYNC_BROWSER, HOST

SHOWN = PAGE.replace(b"495 123-45-67", b"499 000-00-01").decode()


def numbers(response) -> list[str]:
    """The numbers of the home page: in its rich text, in its footer's link, and beside it."""
    text = response.content.decode()
    link, _, shown = text.partition('href="tel:')[2].partition("</a>")[0].partition('">')
    rich = text.partition("по телефону ")[2].partition("</p>")[0]
    return [rich, link, shown]


def of(number: str) -> list[str]:
    last = f"{number[-7:-4]}-{number[-4:-2]}-{number[-2:]}"
    return [f"<b>8 ({number[2:5]})</b> {last}", number, f"+7 {number[2:5]} {last}"]


def test_a_page_served_to_two_visitors_shows_two_numbers(visitor):
    anna, boris = visitor(), visitor()
    assert numbers(anna.get("/")) == of("+74990000001")
    assert numbers(boris.get("/")) == of("+74990000002")
    assert numbers(anna.get("/en/site/")) == of("+74990000001")


def test_the_page_is_private_and_its_validator_gone(visitor):
    response = visitor().get("/")
    assert response["Cache-Control"] == "private, no-cache"
    assert not {"ETag", "Last-Modified", "Expires"} & set(response.headers)
    assert response.cookies["callgraft"]["httponly"]


def test_a_packed_page_is_swapped_and_packed_again(visitor):
    response = visitor().get("/", headers={"accept-encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    assert "+7 499 000-00-01" in gzip.decompress(response.content).decode()
    assert response["Content-Length"] == str(len(response.content))


def test_the_page_cache_keeps_the_page_of_everybody(visitor):
    anna, boris = visitor(), visitor()
    first, second = anna.get("/plain/"), boris.get("/plain/")
    made = first.content.partition(b"<i>")[2]
    assert second.content.partition(b"<i>")[2] == made
    assert b"+7 499 000-00-01" in first.content
    assert b"+7 499 000-00-02" in second.content
    kept = [each for each in map(cache.get, _keys()) if hasattr(each, "content")]
    assert [each.content for each in kept] == [PAGE + b"<i>" + made]


def _keys() -> list[str]:
    return [key.split(":", 2)[2] for key in cache._cache]


@pytest.mark.parametrize("path", ["/stream/", "/file/"])
def test_streams_and_files_are_swapped(visitor, path):
    response = visitor().get(path)
    assert response.getvalue().decode() == SHOWN


def test_a_form_that_was_sent_comes_back_as_the_site_wrote_it(visitor):
    response = visitor().post("/form/", b"a=1", content_type="text/plain")
    assert response.content == PAGE + b"a=1"


def test_an_error_of_the_site_stays_its_own(visitor, caplog):
    caplog.set_level(logging.CRITICAL, logger="django.request")
    assert visitor().get("/crash/").status_code == 500


def test_a_host_that_django_refuses_is_refused(visitor, caplog):
    caplog.set_level(logging.CRITICAL, logger="django.security.DisallowedHost")
    assert visitor().get("/", headers={"host": "evil.example"}).status_code == 400


def test_a_host_that_nobody_asks_about_gets_the_page_as_it_is(visitor):
    with override_settings(MIDDLEWARE=settings.MIDDLEWARE[:1]):
        response = visitor().get("/stream/", headers={"host": "evil.example"})
        assert response.getvalue() == PAGE


def test_a_call_event_needs_no_csrf_token(visitor):
    client = visitor(enforce_csrf_checks=True)
    response = client.post("/.callgraft/calls/generic", b"{}", content_type="application/json")
    assert response.status_code == 401
    assert response.json()["detail"].startswith("webhook-id: missing.")
    assert "csrftoken" not in client.cookies


def test_health_tells_which_document_is_in_force(visitor):
    assert visitor().get("/.callgraft/health").json()["site"] == "clinic"


def test_our_paths_are_at_the_root_of_the_host(visitor):
    client = visitor()
    assert client.get("/.callgraft/health", SCRIPT_NAME="/shop").status_code == 404
    response = client.get("/.callgraft/health")
    assert (response.status_code, response.json()["status"]) == (200, "ok")


@pytest.mark.parametrize("path", ["/plain/", "/stream/", "/file/"])
@pytest.mark.filterwarnings("error:StreamingHttpResponse must consume:Warning")
def test_an_asynchronous_server_shows_the_same(visitor, path):
    client = AsyncClient()

    async def fetch():
        response = await client.get(path, headers=ASYNC_BROWSER)
        if response.streaming:
            return b"".join([piece async for piece in response])
        return response.content

    assert asyncio.run(fetch()).decode().startswith(SHOWN)


def test_a_site_served_over_https_has_a_secure_cookie(visitor):
    with override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")):
        response = visitor().get("/", headers={"x-forwarded-proto": "https"})
    assert response.cookies["callgraft"]["secure"]
    assert HOST in response.wsgi_request.get_host()


def test_the_page_of_a_visitor_costs_no_query_more(visitor):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries(client) -> int:
        client.get("/stream/")
        client.get("/")
        cache.clear()
        with CaptureQueriesContext(connection) as seen:
            client.get("/")
        return len(seen)

    with_us = queries(visitor())
    with override_settings(MIDDLEWARE=settings.MIDDLEWARE[1:]):
        assert with_us == queries(visitor()) > 0
