"""What people see in a real browser: the demo's site behind the proxy."""

import re

import pytest

PAGES = ["/", "/contacts.html", "/about.html", "/prices.html", "/okna/", "/spb/", "/en/"]

# The firm's number in any of its notations, and not in the bank account that holds its digits.
TARGET = re.compile(r"(?<!\d\d)495([^\d]{0,3})123([^\d]?)45([^\d]?)67(?!\d)")


def links(tab) -> set[str]:
    """Where the number links of the page lead."""
    found = tab.locator("a[href^='tel:']").evaluate_all("all => all.map(one => one.href)")
    return {"+7" + re.sub(r"\D", "", link)[-10:] for link in found}


def text(tab) -> str:
    return tab.locator("body").evaluate("body => body.innerText")


def number(tab) -> str:
    """The one tracking number that the page's links lead to."""
    (found,) = {link for link in links(tab) if link.startswith("+7499000")}
    return found


def with_number(original: str, e164: str) -> str:
    """The text with the firm's number exchanged, in its own notation."""
    area, a, b, c = e164[2:5], e164[5:8], e164[8:10], e164[10:]
    return TARGET.sub(rf"{area}\g<1>{a}\g<2>{b}\g<3>{c}", original)


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_two_profiles_see_two_numbers_and_each_keeps_its_own(proxy, profile, script):
    shown = []
    for tab in (profile(java_script_enabled=script), profile(java_script_enabled=script)):
        tab.goto(f"{proxy}/")
        first = number(tab)
        tab.locator("a[href$='contacts.html']").first.click()
        tab.wait_for_url("**/contacts.html")
        on_the_next_page = number(tab)
        tab.reload()
        assert {first, on_the_next_page, number(tab)} == {first}
        shown.append(first)
    assert len(set(shown)) == 2


@pytest.mark.parametrize("path", PAGES)
def test_people_read_the_same_page_but_for_the_number(proxy, legacy, profile, path):
    original, tab = profile(), profile()
    original.goto(f"{legacy}{path}")
    tab.goto(f"{proxy}/")
    shown = number(tab)
    tab.goto(f"{proxy}{path}")
    assert TARGET.search(text(original))
    assert text(tab) == with_number(text(original), shown)


def test_back_and_forward_show_the_same_number(proxy, profile):
    tab = profile()
    tab.goto(f"{proxy}/")
    shown = [number(tab)]
    tab.goto(f"{proxy}/contacts.html")
    for move in (tab.go_back, tab.go_forward, tab.go_back):
        move()
        shown.append(number(tab))
    assert set(shown) == {shown[0]}


def test_a_second_tab_shows_the_number_of_the_first(proxy, profile):
    tab = profile()
    tab.goto(f"{proxy}/")
    other = tab.context.new_page()
    other.goto(f"{proxy}/contacts.html")
    assert number(other) == number(tab)
