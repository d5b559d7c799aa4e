"""An app may send one response object to many visitors; what each of them gets is their own."""

import re
from functools import cache

import pytest
from flask import Response, make_response

from flask_callgraft import CallTracking
from tests.flask_ext.conftest import visitor

PAGE = "<p>+7 495 123-45-67</p>"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
NUMBER = re.compile(r"\+7 499 000-00-\d\d")


@pytest.fixture
def tracked(app):
    CallTracking(app)
    return app


class Pieces:
    """A stream that can be read again and again."""

    def __init__(self, *pieces: str) -> None:
        self._pieces = pieces
        self.closings = 0

    def __iter__(self):
        return iter(self._pieces)

    def close(self):
        self.closings += 1


def kept(app, response: Response) -> Response:
    """The app answers everybody with this one object."""
    app.add_url_rule("/", view_func=lambda: response)
    return response


def in_full(response: Response) -> tuple:
    return response.status, list(response.headers), response.response


def test_two_visitors_of_a_cached_response_get_two_numbers_and_a_cookie_each(tracked):
    @tracked.get("/")
    @cache
    def home():
        return make_response(PAGE)

    first, second = visitor(tracked).get("/"), visitor(tracked).get("/")
    assert [first.text, second.text] == ["<p>+7 499 000-00-01</p>", "<p>+7 499 000-00-02</p>"]
    cookies = [response.headers.getlist("Set-Cookie") for response in (first, second)]
    assert [len(each) for each in cookies] == [1, 1]
    assert cookies[0] != cookies[1]


@pytest.mark.parametrize("body", [PAGE, ["<p>no number</p>"], Pieces(PAGE[:9], PAGE[9:])])
@pytest.mark.parametrize("agent", [None, GOOGLEBOT])
def test_nothing_is_written_into_the_apps_own_response(tracked, body, agent):
    own = kept(tracked, Response(body, headers={"ETag": '"1"', "Cache-Control": "public"}))
    before = in_full(own)
    client = visitor(tracked)
    if agent:
        client.environ_base["HTTP_USER_AGENT"] = agent
    client.get("/")
    assert in_full(own) == before


def test_nothing_is_written_into_a_response_that_turns_out_too_large(new_app):
    app = new_app(MAX_BODY=30)
    CallTracking(app)
    stream = Pieces(PAGE, PAGE)
    own = kept(app, Response(stream))
    before = in_full(own)
    assert [visitor(app).get("/").text for _ in range(2)] == [PAGE * 2] * 2
    assert in_full(own) == before


def test_a_stream_that_is_kept_is_closed_once_by_each_response(tracked):
    stream = Pieces(PAGE)
    ended = []
    kept(tracked, Response(stream)).call_on_close(lambda: ended.append(1))
    for times in (1, 2):
        visitor(tracked).get("/").close()
        assert (stream.closings, len(ended)) == (times, times)


def test_what_the_app_noted_on_its_response_is_there_for_later_hooks(app):
    class Noted(Response):
        pass

    seen = []

    @app.after_request
    def look(response):
        seen.append((type(response), response.made_by, response.status))
        return response

    CallTracking(app)
    kept(app, Noted(PAGE, status="200 Fine")).made_by = "the app"
    assert NUMBER.search(visitor(app).get("/").text)
    assert seen == [(Noted, "the app", "200 Fine")]


@pytest.mark.parametrize("length", [len(PAGE) - 1, len(PAGE) + 1])
@pytest.mark.parametrize("is_streamed", [False, True])
def test_a_body_that_is_not_as_long_as_its_head_says_goes_out_as_it_came(
    tracked, is_streamed, length
):
    own = Response(Pieces(PAGE) if is_streamed else PAGE, headers={"ETag": '"1"'})
    own.headers["Content-Length"] = str(length)
    kept(tracked, own)
    response = visitor(tracked).get("/")
    assert response.text == PAGE
    assert list(response.headers) == list(own.headers)
