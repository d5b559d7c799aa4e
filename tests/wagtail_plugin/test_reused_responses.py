"""A site may send one response object to many visitors; what each of them gets is their own."""

import asyncio
import io

import pytest
from django.conf import settings
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.test import AsyncClient, RequestFactory, override_settings

from callgraft import Engine
from tests.wagtail_plugin.clinic.urls import PAGE, REUSED
from tests.wagtail_plugin.conftest import ASYNC_BROWSER, BROWSER

SHOWN = [PAGE.replace(b"495 123-45-67", b"499 000-00-0%d" % n) for n in (1, 2)]
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.fixture(autouse=True)
def ours_alone():
    """Other middleware writes into the site's response on its own account."""
    with override_settings(MIDDLEWARE=settings.MIDDLEWARE[:1]):
        yield


def sync_get(path: str, **headers: str):
    from django.test import Client

    return Client(headers={**BROWSER, **headers}).get(path)


def async_get(path: str, **headers: str):
    async def fetch():
        response = await AsyncClient().get(path, headers={**ASYNC_BROWSER, **headers})
        if response.streaming:
            response.body = b"".join([piece async for piece in response])
        return response

    return asyncio.run(fetch())


def body_of(response) -> bytes:
    if not response.streaming:
        return response.content
    return response.body if hasattr(response, "body") else response.getvalue()


def in_full(response) -> tuple:
    return (
        response.status_code,
        dict(response.headers),
        response.cookies.output(),
        list(response._resource_closers),
    )


@pytest.mark.parametrize("get", [sync_get, async_get])
@pytest.mark.usefixtures("database")
def test_two_visitors_of_one_response_get_two_numbers_and_a_cookie_each(get):
    first, second = get("/reused/"), get("/reused/")
    assert [first.content, second.content] == SHOWN
    assert first.cookies["callgraft"].value != second.cookies["callgraft"].value
    assert {name: each.value for name, each in first.cookies.items() if name != "callgraft"} == {
        "theme": "dark"
    }


@pytest.mark.parametrize("get", [sync_get, async_get])
@pytest.mark.parametrize("headers", [{}, {"user-agent": GOOGLEBOT}])
@pytest.mark.usefixtures("database")
def test_nothing_is_written_into_the_sites_own_response(get, headers):
    before = in_full(REUSED)
    assert get("/reused/", **headers)["Cache-Control"] == "private, no-cache"
    assert (in_full(REUSED), REUSED.content) == (before, PAGE)


@pytest.mark.parametrize("get", [sync_get, async_get])
@pytest.mark.parametrize("length", [len(PAGE) - 1, len(PAGE) + 1])
@pytest.mark.usefixtures("database")
def test_a_body_that_is_not_as_long_as_its_head_says_goes_out_as_it_came(get, length):
    response = get(f"/streamed-as-told/{length}")
    assert body_of(response) == PAGE
    assert (response["Content-Length"], response["ETag"]) == (str(length), '"1"')
    assert not response.cookies


def through_the_middleware(engine: Engine, response):
    from wagtail_callgraft.middleware import CallgraftMiddleware

    request = RequestFactory(headers=BROWSER).get("/")
    return CallgraftMiddleware(lambda request: response, engine)(request)


@pytest.fixture
def small_engine():
    from wagtail_callgraft.conf import open_configured

    engine = open_configured(MAX_BODY=len(PAGE))
    yield engine
    engine.close()


@pytest.mark.parametrize("times", [1, 2])
def test_a_stream_is_not_written_into_and_its_file_is_closed_once(small_engine, times):
    closings = []

    class File(io.BytesIO):
        def close(self):
            closings.append(1)

    own = FileResponse(File(PAGE * times), content_type="text/html")
    del own["Content-Length"]
    before = in_full(own)
    answer = through_the_middleware(small_engine, own)
    assert answer is not own
    assert answer.getvalue() == (SHOWN[0] if times == 1 else PAGE * 2)
    assert (in_full(own), closings) == (before, [])
    answer.close()
    assert closings == [1]
    assert getattr(answer, "file_to_stream", None) is None


@pytest.mark.parametrize("kind", [HttpResponse, StreamingHttpResponse])
def test_what_the_site_noted_on_its_response_is_there_for_middleware_outside(small_engine, kind):
    own = kind([PAGE], reason="Fine")
    own.xframe_options_exempt = True
    answer = through_the_middleware(small_engine, own)
    assert answer.getvalue() == SHOWN[0]
    assert (answer.xframe_options_exempt, answer.reason_phrase) == (True, "Fine")


def test_text_that_the_site_looked_at_is_not_taken_for_the_new_body(small_engine):
    own = HttpResponse(PAGE, content_type="text/html", charset="windows-1251")
    assert "495" in own.text
    answer = through_the_middleware(small_engine, own)
    assert (answer.text, answer.charset) == (SHOWN[0].decode(), "windows-1251")
