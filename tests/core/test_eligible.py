from datetime import UTC, datetime

import pytest

from callgraft.eligible import why_not
from callgraft.page import Head
from callgraft.visit import Visit

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HTML = ("Content-Type", "text/html; charset=windows-1251")


def reason(*headers, status=200, method="GET"):
    visit = Visit(url="http://okna.example/", received_at=NOON, method=method)
    return why_not(Head(status=status, headers=headers), visit, max_body=1000)


@pytest.mark.parametrize(
    "headers",
    [
        [HTML],
        [("content-type", "TEXT/HTML")],
        [("Content-Type", "application/xhtml+xml")],
        [HTML, ("Content-Encoding", "gzip")],
        [HTML, ("Content-Length", "1000")],
        [HTML, ("Content-Disposition", "inline; filename=page.html")],
        [HTML, ("Cache-Control", "public, max-age=600")],
    ],
)
def test_these_are_pages(headers):
    assert reason(*headers) == ""


@pytest.mark.parametrize(
    ("headers", "status", "method", "why"),
    [
        ([HTML], 404, "GET", "status 404 is no page view"),
        ([HTML], 206, "GET", "status 206 is no page view"),
        ([HTML], 304, "GET", "status 304 is no page view"),
        ([HTML], 200, "HEAD", "a HEAD request is no page view"),
        ([HTML], 200, "POST", "a POST request is no page view"),
        ([("Content-Type", "image/png")], 200, "GET", "image/png is no page"),
        ([("Content-Type", "text/html-ish")], 200, "GET", "text/html-ish is no page"),
        ([], 200, "GET", "a body without Content-Type is no page"),
        ([HTML, ("Content-Disposition", "attachment")], 200, "GET", "it is a download"),
        ([HTML, ("Content-Encoding", "gzip, br")], 200, "GET", "cannot be undone"),
        ([HTML, ("Content-Length", "1001")], 200, "GET", "1001 bytes are more than max_body"),
        (
            [HTML, ("Cache-Control", "max-age=1"), ("Cache-Control", "No-Transform")],
            200,
            "GET",
            "no-transform",
        ),
    ],
)
def test_these_are_left_alone_and_the_reason_is_told(headers, status, method, why):
    assert why in reason(*headers, status=status, method=method)
