"""What the READMEs show is what happens: their snippets are run."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

from callgraft import read_site
from callgraft.html import POLICY

ROOT = Path(__file__).parent.parent
SCRIPTS = Path(sysconfig.get_path("scripts"))
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
READMES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("*/README.md"))
PAGE = '<p>Ring <b>8 (495)</b> 123-45-67 <a href="tel:+74951234567">now</a></p>\n'


def blocks(readme, language):
    text = (ROOT / readme).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path):
    """A folder with the files that the READMEs speak of."""
    document = blocks("README.md", "toml")[0]
    everyone = '\n[[rules]]\nname = "All ads"\ntarget = "main"\npool = "direct"\n'
    (tmp_path / "okna.toml").write_text(document, encoding="utf-8")
    (tmp_path / "broken.toml").write_text(document.replace('"direct"', '"dirct"'), encoding="utf-8")
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "for_python").mkdir()
    (tmp_path / "for_python" / "okna.toml").write_text(document + everyone, encoding="utf-8")
    return tmp_path


def environment():
    path = f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "CALLGRAFT_WEBHOOK_SECRET": SECRET, "COLUMNS": "88"}


def test_the_site_document_of_the_readme_has_no_mistake():
    for block in blocks("README.md", "toml"):
        site = read_site(block, environ={"CALLGRAFT_WEBHOOK_SECRET": SECRET})
        assert site.rules[0].pool == "direct"


def commands():
    for readme in ("README.md", *READMES):
        for block in blocks(readme, "console"):
            for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.M):
                yield pytest.param(command, output, id=f"{readme}: {command[:40]}")


@pytest.mark.parametrize(("command", "output"), list(commands()))
def test_a_command_of_a_readme_prints_what_stands_there(folder, command, output):
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    assert _lines(done.stdout) == _lines(output)


@pytest.mark.parametrize("readme", [name for name in READMES if "core" in name])
def test_the_python_of_a_readme_runs(folder, readme):
    for block in blocks(readme, "python"):
        done = subprocess.run(
            [sys.executable, "-c", block],
            cwd=folder / "for_python",
            env=environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr


def options_shown():
    for readme in ("README.md", *READMES):
        for block in blocks(readme, "sh"):
            for line in block.splitlines():
                words = line.partition("  #")[0].split()
                if words and words[0] in ("callgraft", "callgraft-proxy"):
                    yield pytest.param(words, id=f"{readme}: {line[:50]}")


@pytest.mark.parametrize("words", list(options_shown()))
def test_a_command_that_is_not_run_has_the_options_that_a_readme_shows(words):
    command = list(itertools.takewhile(lambda word: not word.startswith("--"), words))
    program = [str(SCRIPTS / command[0]), *command[1:], "--help"]
    shown = subprocess.run(program, capture_output=True, text=True, timeout=60, check=True).stdout
    missing = [word for word in words if word.startswith("--") and word not in shown]
    assert missing == []


def test_all_distributions_have_one_version():
    projects = [tomllib.loads(path.read_text()) for path in ROOT.glob("*/pyproject.toml")]
    assert len(projects) == 4
    assert {project["project"]["version"] for project in projects} == {"0.1.0"}


def _lines(text):
    """Without the blank lines and the spaces at line ends that tables leave."""
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def test_the_readme_of_core_has_every_row_of_the_policy_table():
    text = (ROOT / "core/README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?) \|.*\| (\w+) \|$", text, re.MULTILINE)
    told = {name: policy for names, policy in rows for name in re.findall(r"`(\w+)`", names)}
    assert told == POLICY
