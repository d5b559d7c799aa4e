from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.test import override_settings

from callgraft import SetupError
from tests.wagtail_plugin.clinic.settings import CALLGRAFT
from wagtail_callgraft.conf import DEFAULTS, open_configured

OURS = "wagtail_callgraft.middleware.CallgraftMiddleware"


def found() -> list[tuple[str, str, str]]:
    ours = [each for each in run_checks() if each.id.startswith("wagtail_callgraft.")]
    return [(each.id.partition(".")[2], each.msg, each.hint) for each in ours]


def with_setting(**changed):
    return override_settings(CALLGRAFT={**CALLGRAFT, **changed})


def test_a_site_that_is_set_up_as_the_readme_says_has_nothing_to_be_told():
    assert found() == []


@pytest.mark.parametrize(
    ("changed", "problem", "hint"),
    [
        ({"SITE": None}, "CALLGRAFT['SITE']: is missing.", "Name a TOML file;"),
        ({"SITE": 7}, "CALLGRAFT['SITE'] = 7: is no site.", "Give the path of a TOML"),
        ({"SITE": "/no.toml"}, "CALLGRAFT['SITE'] = '/no.toml': the file cannot be read", "Check"),
        ({"SIET": "x"}, "CALLGRAFT['SIET'] = 'x': is not known.", "Use SITE, BACKEND, "),
        ({"BUDGET": 50}, "CALLGRAFT['BUDGET'] = 50: is no length of time.", "Give a timedelta"),
        ({"TRUSTED_PROXIES": ["x"]}, "CALLGRAFT['TRUSTED_PROXIES'][0] = 'x': This is no", "Write"),
    ],
)
def test_a_mistake_in_the_setting_is_an_error_with_its_cure(changed, problem, hint):
    with with_setting(**changed):
        [(id, message, cure)] = found()
    assert id == "E001"
    assert message.startswith(problem)
    assert cure.startswith(hint)
    assert cure not in message


def test_a_faulty_site_document_is_an_error(tmp_path):
    path = tmp_path / "clinic.toml"
    path.write_text(Path(CALLGRAFT["SITE"]).read_text().replace("hosts", "hots"))
    with with_setting(SITE=path):
        [(id, message, _)] = found()
    assert id == "E001"
    assert "site.hots" in message


def test_a_check_leaves_no_store_behind(tmp_path):
    with with_setting(BACKEND=f"sqlite:///{tmp_path}/callgraft.db"):
        assert found() == []
    assert list(tmp_path.iterdir()) == []


def test_a_backend_that_cannot_be_used_stops_the_start():
    with with_setting(BACKEND="mysql://x"), pytest.raises(SetupError) as caught:
        open_configured()
    assert caught.value.key == "CALLGRAFT['BACKEND']"


def test_leases_that_cannot_be_used_stop_the_start_and_not_the_checks(tmp_path):
    with with_setting(BACKEND=f"sqlite:///{tmp_path}/callgraft.db", LEASES="http://x"):
        assert found() == []
        with pytest.raises(SetupError) as caught:
            open_configured()
    assert caught.value.key == "CALLGRAFT['LEASES']"


def test_a_missing_middleware_is_told():
    with override_settings(MIDDLEWARE=settings.MIDDLEWARE[1:]):
        [(id, message, hint)] = found()
    assert (id, hint) == ("W001", f"Put {OURS!r} first in MIDDLEWARE.")
    assert "visitors see the original numbers" in message


def test_a_middleware_inside_the_page_cache_is_told():
    moved = [*settings.MIDDLEWARE[1:], settings.MIDDLEWARE[0]]
    with override_settings(MIDDLEWARE=moved):
        [(id, _, hint)] = found()
    assert (id, hint) == ("W002", f"Put {OURS!r} first in MIDDLEWARE.")


def test_the_readme_is_true(tmp_path, monkeypatch, visitor, readme):
    toml, python = readme
    (tmp_path / "clinic.toml").write_text(toml)
    monkeypatch.chdir(tmp_path)
    named = {"BASE_DIR": tmp_path}
    exec(python, named)
    assert named["INSTALLED_APPS"] == settings.INSTALLED_APPS[:1]
    assert named["MIDDLEWARE"] == settings.MIDDLEWARE[:1]
    with override_settings(CALLGRAFT={**named["CALLGRAFT"], "BUDGET": CALLGRAFT["BUDGET"]}):
        assert "+74990000001" in visitor().get("/").content.decode()
    assert (tmp_path / "callgraft.db").is_file()


def test_the_readme_has_every_key_of_the_setting(readme_text):
    rows = [line.split("|")[1].strip(" `") for line in readme_text.splitlines() if "| `" in line]
    assert rows == list(DEFAULTS)
