"""Reports: the one source of truth of what calls came of, for commands, doors and the server."""

from __future__ import annotations

from callgraft.tracking.reports.accuracy import Accuracy, Check
from callgraft.tracking.reports.alerts import Alert
from callgraft.tracking.reports.calls import report
from callgraft.tracking.reports.coverage import HourOfDay, PoolCoverage
from callgraft.tracking.reports.missed import MissedCaller, MissedCalls, missed_calls
from callgraft.tracking.reports.query import (
    DIMENSIONS,
    MODELS,
    ReportQuery,
    before,
    marks_named,
    of_site,
)
from callgraft.tracking.reports.service import ServiceReport, service_report
from callgraft.tracking.reports.values import OTHERS, UNKNOWN, Report, Row

__all__ = [
    "DIMENSIONS",
    "MODELS",
    "OTHERS",
    "UNKNOWN",
    "Accuracy",
    "Alert",
    "Check",
    "HourOfDay",
    "MissedCaller",
    "MissedCalls",
    "PoolCoverage",
    "Report",
    "ReportQuery",
    "Row",
    "ServiceReport",
    "before",
    "marks_named",
    "missed_calls",
    "of_site",
    "report",
    "service_report",
]
