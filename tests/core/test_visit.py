from datetime import UTC, datetime

import pytest

from callgraft.visit import Visit

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def visit(url="https://okna.example/", **more):
    return Visit(url=url, received_at=NOON, **more)


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="timezone-aware"):
        Visit(url="https://okna.example/", received_at=datetime(2026, 3, 2, 12))


def test_the_host_is_in_lower_case_and_has_no_port():
    assert visit("http://Okna.Example:8080/kontakty?a=1").host == "okna.example"
    assert visit("http://Okna.Example:8080/kontakty?a=1").path == "/kontakty"
    assert visit("http://Okna.Example:8080/kontakty?a=1").query == "a=1"


@pytest.mark.parametrize("url", ["http://[broken", "//", "", "http://okna.example:port/"])
def test_an_address_that_makes_no_sense_is_no_error(url):
    assert visit(url).path.startswith("/") or visit(url).path == "/"
    assert visit(url).host in ("", "okna.example")


def test_a_cookie_is_found_among_others_and_in_repeated_fields():
    headers = (("Cookie", "a=1; broken; b=x=y"), ("cookie", 'callgraft="v1.abc"'))
    assert visit(headers=headers).cookie("b") == "x=y"
    assert visit(headers=headers).cookie("callgraft") == "v1.abc"
    assert visit(headers=headers).cookie("c") is None
