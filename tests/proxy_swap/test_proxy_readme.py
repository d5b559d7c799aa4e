"""What the README shows is what happens."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from mitmproxy.addonmanager import Loader
from mitmproxy.test import taddons

import callgraft_proxy
from callgraft import read_site
from callgraft_proxy.addon import CallgraftAddon
from callgraft_proxy.cli import main

README = Path(callgraft_proxy.__file__).parents[1] / "README.md"


@pytest.fixture(scope="module")
def text() -> str:
    return README.read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def options_in(table: str) -> set[str]:
    return set(re.findall(r"^\| `([-\w]+)", table, re.MULTILINE))


def test_the_site_document_can_be_read(text):
    (document,) = blocks(text, "toml")
    assert read_site(document).key == "okna"


def test_the_middleware_is_made_by_the_lines_shown(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("okna.toml").write_text(blocks(text, "toml")[0], encoding="utf-8")
    (code,) = blocks(text, "python")
    names: dict[str, object] = {"app": None}
    exec(code, names)
    assert isinstance(names["app"], callgraft_proxy.CallgraftMiddleware)


def test_the_table_has_every_option_of_the_command(text):
    table = text.partition("## Run it")[2].partition("### Behind")[0]
    real = {name for option in main.params for name in option.opts}
    assert options_in(table) == real - {"--version"}


def test_the_table_has_every_option_of_the_addon(text):
    async def added():
        with taddons.context() as context:
            CallgraftAddon().load(Loader(context.master))
            return set(filter(re.compile("callgraft_").match, context.options.keys()))

    table = text.partition("## With mitmproxy")[2].partition("## What passes")[0]
    assert options_in(table) == asyncio.run(added())
