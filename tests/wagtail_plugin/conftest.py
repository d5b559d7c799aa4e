import os
import re
from pathlib import Path

import django
import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.wagtail_plugin.clinic.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.cache import cache  # noqa: E402  (needs the settings)
from django.test import Client  # noqa: E402

HOST = "clinic.example"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
BROWSER = {"host": HOST, "user-agent": CHROME}
ASYNC_BROWSER = {"user-agent": CHROME}
"""Django's asynchronous client always asks the host ``testserver``."""


@pytest.fixture(scope="session")
def database():
    """The tables, a site with a page on which the clinic's number stands, and an editor."""
    from django.core.management import call_command
    from wagtail.models import Locale, Page, Site

    from tests.wagtail_plugin.clinic.models import HomePage

    call_command("migrate", run_syncdb=True, verbosity=0)
    Locale.objects.create(language_code="en")
    root = Page.add_root(title="Root", slug="root")
    body = "<p>Запись по телефону <b>8 (495)</b> 123-45-67</p>"
    home = root.add_child(instance=HomePage(title="Клиника", slug="home", body=body))
    Site.objects.create(hostname=HOST, root_page=home, is_default_site=True)
    User.objects.create_superuser("editor", "editor@clinic.example", "password")
    User.objects.create_user("patient", "patient@clinic.example", "password")
    return home


@pytest.fixture
def home(database):
    from tests.wagtail_plugin.clinic.models import HomePage

    return HomePage.objects.get(pk=database.pk)


@pytest.fixture(autouse=True)
def fresh_engine():
    """Each test has a store of its own, and an empty cache."""
    from wagtail_callgraft.conf import engine

    engine.cache_clear()
    cache.clear()
    yield
    if engine.cache_info().currsize:
        engine().close()
        engine.cache_clear()


@pytest.fixture
def visitor(database):
    """Make a visitor, who asks for pages as a browser does and keeps cookies."""

    def visitor(user: str = "", kind=Client, **options):
        client = kind(raise_request_exception=False, headers=BROWSER, **options)
        if user:
            client.force_login(User.objects.get(username=user))
        return client

    return visitor


@pytest.fixture
def readme_text():
    return (Path(__file__).parents[2] / "wagtail_plugin" / "README.md").read_text()


@pytest.fixture
def readme(readme_text):
    """The blocks of TOML and of Python in the README."""
    return [
        re.search(rf"^```{language}\n(.*?)^```$", readme_text, re.S | re.M)[1]
        for language in ("toml", "python")
    ]
