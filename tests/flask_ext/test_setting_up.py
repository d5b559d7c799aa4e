import sys
from contextlib import closing
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location

import pytest
from flask import Flask

from callgraft import SetupError, open_engine
from flask_callgraft import CallTracking
from tests.flask_ext.conftest import PATIENCE, SITE, visitor

PAGE = "<p>+7 495 123-45-67</p>"
DOCUMENT = SITE.document


def test_one_line_gives_every_visitor_a_number_of_their_own(app):
    CallTracking(app)
    app.add_url_rule("/", view_func=lambda: PAGE)
    anna, boris = visitor(app), visitor(app)
    assert anna.get("/").text == "<p>+7 499 000-00-01</p>"
    assert boris.get("/").text == "<p>+7 499 000-00-02</p>"
    assert anna.get("/").text == "<p>+7 499 000-00-01</p>"


def test_an_app_is_set_up_once(app):
    tracking = CallTracking(app)
    engine = app.extensions["callgraft"]
    with pytest.raises(RuntimeError, match="call init_app once"):
        tracking.init_app(app)
    assert app.extensions["callgraft"] is engine


def test_one_extension_serves_several_apps_that_know_nothing_of_each_other(new_app):
    tracking = CallTracking()
    apps = [new_app(), new_app()]
    for app in apps:
        tracking.init_app(app)
        app.add_url_rule("/", view_func=lambda: PAGE)
    shown = [visitor(app).get("/").text for app in apps]
    assert shown == ["<p>+7 499 000-00-01</p>"] * 2
    assert vars(tracking) == {}


def test_what_the_app_configured_is_kept_and_the_rest_has_defaults(new_app, tmp_path):
    app = new_app(MAX_BODY=1000)
    for name in ("BACKEND", "BUDGET", "STRICT"):
        del app.config[f"CALLGRAFT_{name}"]
    CallTracking(app)
    assert app.config["CALLGRAFT_MAX_BODY"] == 1000
    assert app.config["CALLGRAFT_BUDGET"] == timedelta(milliseconds=50)
    assert app.config["CALLGRAFT_STRICT"] is False
    assert app.config["CALLGRAFT_BACKEND"] == f"sqlite:///{tmp_path}/instance/callgraft.db"
    assert (tmp_path / "instance" / "callgraft.db").is_file()


def test_a_store_elsewhere_makes_no_instance_folder(app, tmp_path):
    CallTracking(app)
    assert not (tmp_path / "instance").exists()


@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_a_relative_path_of_the_site_starts_at_the_apps_folder(new_app, tmp_path, kind):
    path = tmp_path / "sites" / "okna.toml"
    path.parent.mkdir()
    path.write_text(DOCUMENT)
    app = new_app()
    app.config["CALLGRAFT_SITE"] = kind(path.relative_to(tmp_path))
    CallTracking(app)
    app.add_url_rule("/", view_func=lambda: PAGE)
    assert visitor(app).get("/").text == "<p>+7 499 000-00-01</p>"


def test_the_site_may_be_the_one_that_is_published_in_the_store(new_app, tmp_path):
    backend = f"sqlite:///{tmp_path}/callgraft.db"
    with closing(open_engine(SITE, backend=backend)):
        pass  # it is published there now
    app = new_app()
    app.config.update(CALLGRAFT_SITE="store:okna", CALLGRAFT_BACKEND=backend)
    CallTracking(app)
    app.add_url_rule("/", view_func=lambda: PAGE)
    assert visitor(app).get("/").text == "<p>+7 499 000-00-01</p>"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SITE", None, "CALLGRAFT_SITE: is not set. Name a TOML file, or give a Site;"),
        ("SITE", 7, "CALLGRAFT_SITE = 7: is no site. Give the path of a TOML document"),
        ("BACKEND", "mysql://x", "CALLGRAFT_BACKEND = 'mysql://x'"),
        ("BACKEND", None, "CALLGRAFT_BACKEND: is no URL."),
        ("LEASES", "http://x", "CALLGRAFT_LEASES = 'http://x'"),
        ("LEASES", 6379, "CALLGRAFT_LEASES = 6379: is no URL."),
        ("GEO", "/nowhere.mmdb", "CALLGRAFT_GEO = '/nowhere.mmdb': It cannot be read"),
        ("TRUSTED_PROXIES", ["10.0.0"], "CALLGRAFT_TRUSTED_PROXIES[0] = '10.0.0': This is no"),
        ("BUDGET", 50, "CALLGRAFT_BUDGET = 50: is no length of time. Give a timedelta"),
        ("MAX_BODY", 0, "CALLGRAFT_MAX_BODY = 0: is no size."),
    ],
)
def test_a_mistake_names_its_key_its_value_and_the_cure(new_app, name, value, message):
    app = new_app()
    app.config[f"CALLGRAFT_{name}"] = value
    with pytest.raises(SetupError) as caught:
        CallTracking(app)
    assert str(caught.value).startswith(message)
    assert "callgraft" not in app.extensions


def test_a_site_document_that_is_not_there_is_called_by_the_apps_key(new_app, tmp_path):
    app = new_app()
    app.config["CALLGRAFT_SITE"] = "okna.toml"
    with pytest.raises(SetupError) as caught:
        CallTracking(app)
    assert caught.value.key == "CALLGRAFT_SITE"
    assert caught.value.value == str(tmp_path / "okna.toml")


def test_a_faulty_site_document_tells_its_own_mistakes(new_app, tmp_path):
    (tmp_path / "okna.toml").write_text(DOCUMENT.replace("hosts", "hots"))
    app = new_app()
    app.config["CALLGRAFT_SITE"] = "okna.toml"
    with pytest.raises(SetupError, match=r"site\.hots"):
        CallTracking(app)


def test_the_readme_is_true(readme, tmp_path, monkeypatch):
    toml, python = readme
    (tmp_path / "okna.toml").write_text(toml)
    (tmp_path / "app.py").write_text(python)
    patient = {**Flask.default_config, "CALLGRAFT_BUDGET": PATIENCE}
    monkeypatch.setattr(Flask, "default_config", patient)
    app = imported(tmp_path / "app.py").app
    with closing(app.extensions["callgraft"]):
        shown = [visitor(app).get("/").text for _ in range(2)]
    assert shown == [
        '<p>Call us: <a href="tel:+74990000001">8 (499) 000-00-01</a></p>',
        '<p>Call us: <a href="tel:+74990000002">8 (499) 000-00-02</a></p>',
    ]
    assert (tmp_path / "instance" / "callgraft.db").is_file()


def imported(path):
    """The module at the path, as ``flask --app`` would import it."""
    spec = spec_from_file_location(path.stem, path)
    module = module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[path.stem]
    return module


def test_the_readme_has_every_key_of_the_configuration(readme_text, app):
    CallTracking(app)
    rows = [line.split("|")[1].strip(" `") for line in readme_text.splitlines() if "| `" in line]
    assert sorted(rows) == sorted(key for key in app.config if key.startswith("CALLGRAFT_"))
