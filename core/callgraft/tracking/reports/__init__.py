"""Reports: the one source of truth of what calls came of, for commands, doors and the server."""

from __future__ import annotations

from callgraft.tracking.reports.calls import report
from callgraft.tracking.reports.query import DIMENSIONS, MODELS, ReportQuery, before, of_site
from callgraft.tracking.reports.values import OTHERS, UNKNOWN, Report, Row

__all__ = [
    "DIMENSIONS",
    "MODELS",
    "OTHERS",
    "UNKNOWN",
    "Report",
    "ReportQuery",
    "Row",
    "before",
    "of_site",
    "report",
]
