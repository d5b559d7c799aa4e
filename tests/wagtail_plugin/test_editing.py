import asyncio

import pytest
from django.db import OperationalError
from django.test import AsyncClient, RequestFactory, override_settings
from django.utils.functional import SimpleLazyObject

from tests.wagtail_plugin.conftest import ASYNC_BROWSER, BROWSER
from wagtail_callgraft.editing import is_editing, is_editor

ORIGINAL, TRACKING = "123-45-67", "000-00-0"


def assert_original(response) -> None:
    assert response.status_code == 200
    text = response.content.decode()
    assert ORIGINAL in text
    assert TRACKING not in text
    assert "callgraft" not in response.cookies


def test_the_login_page_of_the_admin_keeps_its_number(visitor):
    assert_original(visitor().get("/cms/login/"))


@pytest.mark.parametrize("page", ["", "pages/{}/edit/", "pages/{}/view_draft/"])
def test_the_admin_keeps_its_numbers(visitor, home, page):
    assert_original(visitor("editor").get("/cms/" + page.format(home.pk)))


def test_a_preview_keeps_its_numbers_whoever_asks(visitor, home):
    assert_original(home.make_preview_request(RequestFactory(headers=BROWSER).get("/")))


def test_previews_take_no_number(visitor, home):
    for _ in range(3):
        home.make_preview_request(RequestFactory(headers=BROWSER).get("/"))
    assert "+74990000001" in visitor().get("/").content.decode()


def test_an_editor_sees_the_site_as_it_was_written(visitor):
    assert_original(visitor("editor").get("/"))


def test_an_editor_sees_it_as_written_on_an_asynchronous_server_too(visitor):
    session = visitor("editor").cookies["sessionid"].value

    async def fetch():
        client = AsyncClient()
        client.cookies["sessionid"] = session
        return await client.get("/", headers=ASYNC_BROWSER)

    assert_original(asyncio.run(fetch()))


@pytest.mark.parametrize("user", ["patient", ""])
def test_who_may_not_enter_the_admin_is_a_visitor(visitor, user):
    assert "+74990000001" in visitor(user).get("/").content.decode()


def test_a_session_that_nobody_has_is_a_visitors(visitor):
    client = visitor()
    client.cookies["sessionid"] = "x" * 32
    assert "+74990000001" in client.get("/").content.decode()


def test_a_database_that_cannot_tell_who_it_is_costs_no_page():
    def nobody_knows():
        raise OperationalError("The database is gone.")

    request = RequestFactory().get("/")
    request.COOKIES["sessionid"] = "x" * 32
    request.user = SimpleLazyObject(nobody_knows)
    assert is_editor(request) is False


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/ru/cms/pages/", True), ("/en/cms/", True), ("/ru/", False), ("/cms/", False)],
)
def test_the_admin_is_known_below_the_prefix_of_a_language(path, expected):
    with override_settings(ROOT_URLCONF="tests.wagtail_plugin.clinic.urls_with_languages"):
        request = RequestFactory().get(path)
        request.urlconf = "tests.wagtail_plugin.clinic.urls_with_languages"
        assert is_editing(request) is expected
