import io
import logging

import pytest
from flask import (
    Blueprint,
    Flask,
    Response,
    after_this_request,
    request,
    send_file,
    stream_with_context,
)
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_callgraft import CallTracking
from tests.flask_ext.conftest import visitor

PAGE = "<p>+7 495 123-45-67</p>"
SHOWN = "<p>+7 499 000-00-01</p>"


@pytest.fixture
def tracked(app):
    CallTracking(app)
    return app


class Body(io.BytesIO):
    """A file that remembers how it was used."""

    def __init__(self, content: str) -> None:
        super().__init__(content.encode())
        self.closings = 0

    def close(self) -> None:
        self.closings += 1
        super().close()


def test_a_streamed_page_is_swapped_and_may_use_its_request(tracked):
    @tracked.get("/")
    def view():
        def pieces():
            yield "<p>+7 495"
            yield f" 123-45-67</p><i>{request.path}</i>"

        return Response(stream_with_context(pieces()), mimetype="text/html")

    response = visitor(tracked).get("/")
    assert response.text == SHOWN + "<i>/</i>"
    assert response.headers["Content-Length"] == str(len(response.data))


def test_a_stream_that_is_no_page_is_not_read_ahead(tracked):
    read = []

    @tracked.get("/")
    def view():
        return Response((read.append(n) or f"{n}\n" for n in range(3)), mimetype="text/plain")

    response = visitor(tracked).get("/", buffered=False)
    assert read == [0]  # by the test client itself
    assert response.text == "0\n1\n2\n"


def test_a_file_that_is_a_page_is_swapped_and_closed(tracked):
    body = Body(PAGE)
    tracked.add_url_rule("/", view_func=lambda: send_file(body, mimetype="text/html"))
    response = visitor(tracked).get("/")
    assert response.text == SHOWN
    response.close()
    assert body.closings == 1


def test_a_file_that_is_no_page_passes_as_it_was_sent(tracked):
    body = Body(PAGE)
    tracked.add_url_rule("/", view_func=lambda: send_file(body, mimetype="text/plain"))
    assert visitor(tracked).get("/").text == PAGE


def test_a_stream_that_grows_too_large_goes_on_where_it_was_and_is_closed(new_app):
    app = new_app(MAX_BODY=30)
    CallTracking(app)
    closings = []

    class Pieces:
        def __iter__(self):
            return iter([PAGE, PAGE, PAGE])

        def close(self):
            closings.append(1)

    app.add_url_rule("/", view_func=lambda: Response(Pieces(), mimetype="text/html"))
    response = visitor(app).get("/")
    assert response.text == PAGE * 3
    response.close()
    assert closings == [1]


def test_a_stream_that_breaks_is_an_error_and_not_half_a_page(tracked):
    tracked.testing = False

    def pieces():
        yield "<p>+7 495"
        raise RuntimeError("a mistake of the site's own")

    tracked.add_url_rule("/", view_func=lambda: Response(pieces(), mimetype="text/html"))
    assert visitor(tracked).get("/").status_code == 500


def test_hooks_after_a_view_run_before_the_swap(tracked):
    shop = Blueprint("shop", __name__)

    @shop.after_request
    def of_the_blueprint(response):
        response.headers["X-Blueprint"] = response.get_data(as_text=True)
        return response

    @shop.get("/")
    def view():
        @after_this_request
        def sign(response):
            response.set_data(response.get_data(as_text=True) + "<b>+7 495 123-45-67</b>")
            return response

        return PAGE

    tracked.register_blueprint(shop)
    response = visitor(tracked).get("/")
    assert response.text == SHOWN + "<b>+7 499 000-00-01</b>"
    assert response.headers["X-Blueprint"] == PAGE + "<b>+7 495 123-45-67</b>"


def test_a_hook_registered_before_the_extension_sees_the_swapped_page(app):
    seen = []

    @app.after_request
    def look(response):
        seen.append(response.get_data(as_text=True))
        return response

    CallTracking(app)
    app.add_url_rule("/", view_func=lambda: PAGE)
    app.add_url_rule("/file", "file", lambda: send_file(Body(PAGE), mimetype="text/html"))
    anna = visitor(app)
    anna.get("/")
    anna.get("/file")
    assert seen == [SHOWN, SHOWN]


def test_head_takes_no_number(tracked):
    tracked.add_url_rule("/", view_func=lambda: PAGE)
    response = visitor(tracked).head("/")
    assert (response.data, response.headers["Content-Length"]) == (b"", str(len(PAGE)))
    assert "Set-Cookie" not in response.headers
    assert visitor(tracked).get("/").text == SHOWN


def test_an_error_page_keeps_its_number(tracked):
    tracked.register_error_handler(404, lambda error: (PAGE, 404))
    response = visitor(tracked).get("/missing")
    assert (response.status_code, response.text) == (404, PAGE)


@pytest.mark.parametrize("host_matching", [False, True])
def test_our_paths_come_before_a_route_that_catches_everything(new_app, host_matching):
    app = new_app()
    app.url_map.host_matching = host_matching
    CallTracking(app)
    for rule in ("/<path:anything>", "/.callgraft/<path:anything>", "/"):
        app.add_url_rule(
            rule, rule, lambda anything="": PAGE, host="okna.example" if host_matching else None
        )
    anna = visitor(app)
    assert anna.get("/.callgraft/health").json["status"] == "ok"
    assert anna.get("/.callgraft").text == SHOWN
    assert anna.get("/prices").text == SHOWN


def test_our_paths_are_ours_on_every_host_and_at_its_root_alone(tracked, caplog):
    tracked.add_url_rule("/<path:anything>", view_func=lambda anything: PAGE)
    assert visitor(tracked, "other.example").get("/.callgraft/health").status_code == 404
    below = visitor(tracked).get("/.callgraft/health", base_url="http://okna.example/shop")
    assert below.text == SHOWN


def test_an_app_below_a_prefix_can_be_mounted_at_our_paths_too(tracked):
    tracked.add_url_rule("/", view_func=lambda: PAGE)
    host = Flask("host")
    mounts = {"/shop": tracked.wsgi_app, "/.callgraft": tracked.wsgi_app}
    host.wsgi_app = DispatcherMiddleware(host.wsgi_app, mounts)
    anna = visitor(host)
    assert anna.get("/.callgraft/health").json["status"] == "ok"
    assert anna.get("/shop/").text == SHOWN


def test_a_host_that_the_app_does_not_trust_is_refused_by_flask(tracked, caplog):
    tracked.config["TRUSTED_HOSTS"] = ["okna.example"]
    tracked.testing = False
    tracked.add_url_rule("/", view_func=lambda: PAGE)
    assert visitor(tracked, "evil.example").get("/").status_code == 400
    assert visitor(tracked).get("/").text == SHOWN
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


def test_behind_proxyfix_the_cookie_of_an_https_page_is_secure(tracked):
    tracked.add_url_rule("/", view_func=lambda: PAGE)
    tracked.wsgi_app = ProxyFix(tracked.wsgi_app, x_proto=1, x_host=1)
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "okna.example"}
    response = visitor(tracked, "127.0.0.1:8000").get("/", headers=forwarded)
    assert response.text == SHOWN
    assert response.headers["Set-Cookie"].endswith("; Secure")


def test_the_apps_own_session_goes_on_beside_our_cookie(tracked):
    from flask import session

    tracked.secret_key = "of the tests"

    @tracked.get("/")
    def view():
        session["visits"] = session.get("visits", 0) + 1
        return f"{PAGE}<i>{session['visits']}</i>"

    anna = visitor(tracked)
    assert [anna.get("/").text for _ in range(2)] == [f"{SHOWN}<i>1</i>", f"{SHOWN}<i>2</i>"]
    assert {cookie.key for cookie in anna._cookies.values()} == {"session", "callgraft"}


def test_an_app_that_lives_below_a_prefix_has_its_whole_address(new_app):
    app = new_app()
    CallTracking(app)
    seen = []

    @app.get("/prices")
    def view():
        seen.append(request.environ["callgraft.visit"].url)
        return PAGE

    visitor(app).get("/prices?q=a%20b", base_url="http://okna.example/shop")
    assert seen == ["http://okna.example/shop/prices?q=a%20b"]
