import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from callgraft import read_site

SITE = read_site(
    """
    [site]
    key = "okna"
    hosts = ["okna.example"]
    region = "RU"

    [targets.main]
    number = "+7 495 123-45-67"

    [pools.all]
    numbers = ["+7 499 000-00-01", "+7 499 000-00-02"]

    [[rules]]
    name = "Everyone"
    target = "main"
    pool = "all"
    """
)
PATIENCE = timedelta(seconds=10)
"""How slow the machine is, is not what these tests look at."""
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"


@pytest.fixture
def new_app(tmp_path):
    """Make an app that is configured and not set up yet."""

    def new_app(**config):
        app = Flask(__name__, root_path=str(tmp_path), instance_path=str(tmp_path / "instance"))
        app.config.update(
            TESTING=True,
            CALLGRAFT_SITE=SITE,
            CALLGRAFT_BACKEND="memory:",
            CALLGRAFT_STRICT=True,
            CALLGRAFT_BUDGET=PATIENCE,
            **{f"CALLGRAFT_{name}": value for name, value in config.items()},
        )
        opened.append(app)
        return app

    opened = []
    yield new_app
    for app in opened:
        if "callgraft" in app.extensions:
            app.extensions["callgraft"].close()


@pytest.fixture
def app(new_app):
    return new_app()


class Visitor(FlaskClient):
    """Asks for pages as a browser does, and keeps cookies."""

    host = "okna.example"

    def open(self, *args, **kwargs):
        kwargs.setdefault("base_url", f"http://{self.host}")
        return super().open(*args, **kwargs)


def visitor(app, host="okna.example"):
    app.test_client_class = Visitor
    client = app.test_client()
    client.host = host
    client.environ_base["HTTP_USER_AGENT"] = CHROME
    return client


@pytest.fixture
def readme_text():
    return (Path(__file__).parents[2] / "flask_ext" / "README.md").read_text()


@pytest.fixture
def readme(readme_text):
    """The blocks of TOML and of Python in the README."""
    return [
        re.search(rf"^```{language}\n(.*?)^```$", readme_text, re.S | re.M)[1]
        for language in ("toml", "python")
    ]
