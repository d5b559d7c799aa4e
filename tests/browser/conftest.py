"""The demo's legacy site behind the real proxy, and Chromium before both."""

import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from callgraft.telephony.signature import new_secret
from examples.tour.processes import Running, start

CHROMIUM = shutil.which("chromium")
IS_CI = bool(os.environ.get("CI"))
# Where nobody promised a browser, these tests are left out; where CI runs, a missing one fails.
collect_ignore_glob = [] if CHROMIUM or IS_CI else ["test_*.py"]

ROOT = Path(__file__).parents[2]
CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def processes():
    with Running() as running:
        yield running


@pytest.fixture(scope="module")
def legacy(processes):
    command = [sys.executable, str(ROOT / "examples/legacy_site/server.py"), "--port", "0"]
    return start(processes, "The site", command, environment=os.environ)


@pytest.fixture(scope="module")
def proxy(processes, legacy, tmp_path_factory):
    folder = tmp_path_factory.mktemp("proxy")
    site = folder / "okna.toml"
    site.write_text(with_numbers_for_everyone((ROOT / "examples/okna.toml").read_text()))
    options = {
        "--upstream": legacy,
        "--site": str(site),
        "--backend": f"sqlite:///{folder}/callgraft.db",
        "--listen": "127.0.0.1:0",
        "--budget": "5s",
    }
    command = [str(Path(sys.executable).with_name("callgraft-proxy")), *sum(options.items(), ())]
    environment = {**os.environ, "CALLGRAFT_WEBHOOK_SECRET": new_secret()}
    return start(processes, "callgraft-proxy", command, environment=environment)


def with_numbers_for_everyone(document: str) -> str:
    """The demo's Site document, with more numbers than these tests have visitors."""
    many = ", ".join(f'"+7 499 000-02-{last:02}"' for last in range(1, 41))
    changed, count = re.subn(r"(\[pools\.site\]\nnumbers = )\[[^]]*\]", rf"\1[{many}]", document)
    assert count == 1
    return changed


@pytest.fixture(scope="module")
def chromium():
    # Ended with its module: while it is open, Playwright's event loop runs in this thread.
    assert CHROMIUM, "Install Debian's package chromium; with CI set, these tests are not left out."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def profile(chromium):
    """Make a profile with cookies of its own, and open a tab in it."""
    made = []

    def profile(**options):
        # A headless browser says so in its name, and would be taken for a robot.
        made.append(chromium.new_context(user_agent=CHROME, locale="ru-RU", **options))
        return made[-1].new_page()

    yield profile
    for context in made:
        context.close()
