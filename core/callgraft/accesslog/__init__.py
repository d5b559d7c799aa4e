"""Access logs: what a web server wrote of its visitors."""

from __future__ import annotations

from callgraft.accesslog.lines import Hit, read_line
from callgraft.accesslog.ordered import InOrder, Logs
from callgraft.accesslog.reading import LogReader
from callgraft.accesslog.sessions import Session, sessions_of

__all__ = ["Hit", "InOrder", "LogReader", "Logs", "Session", "read_line", "sessions_of"]
