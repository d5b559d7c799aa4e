"""What all tests share: a word on what could not be tested here."""

from __future__ import annotations

import pytest

from tests.servers import left_out


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for sentence in left_out():
        terminalreporter.write_line(f"LEFT OUT: {sentence}", yellow=True)
