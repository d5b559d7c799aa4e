"""A glance finds what a close look finds, the same bytes and the same policy; and no more."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.corpus import FIVE, mix
from callgraft.html import Targets, near, scan
from callgraft.html.charset import sniff
from callgraft.html.mode import Mode
from callgraft.html.scan import Found, Scan
from callgraft.html.walk import Walker
from callgraft.phone import read
from callgraft.site import Target
from tests.core.html.soup import DECOYS, MARKUP, NOTATIONS
from tests.core.html.test_cases import CASES, INDEX

MAIN = "+7 495 123-45-67"
OTHERS = (MAIN, "+7 812 123-45-67", "+1 800 356 9377", "+44 161 496 0123")
LOCAL = Targets.of([Target(key=MAIN, number=read(MAIN), local=True)])
ALL = [Targets.of([Target(key=each, number=read(each)) for each in of]) for of in (FIVE, OTHERS)]
NUMBERS = (
    *("8 495 123-45-67", "+7 (495) 123-45-67", "(495) 123-45-67", "84951234567", "74951234567"),
    *("8&nbsp;495&nbsp;123&#8209;45&#8209;67", "+7\u00a0495\u00a0123\u201145\u201167"),
    *("%2B74951234567", "8 (495) 123&ndash;45&ndash;67", "+7 (812) 123-45-67", "+74951234567"),
    *("14951234567", "55.4951234567", "4 951 234 567", "495 123 45 67 89", "495123456789"),
    *("8 (916) 123-45-67", "8 800 FLOWERS", "1-800-356-93-77", "18003569377", "+1 800 356 9300"),
    *("+44 161 496 0123", "0161 496 0123"),
)
AROUND = (
    *(
        '<a href="tel:',
        '">',
        "</a>",
        "</a></li>",
        "<li>",
        "<b>",
        "</b>",
        '<span class="a">',
        "<br>",
    ),
    *('<a class=x href="tel:+7-495-123-45-67">', '<button data-phone="', '<a href="https://wa.me/'),
    *(
        '<meta name="description" content="Окна, ',
        '<script>window.__STATE__={"tel":"',
        '"}</script>',
    ),
    *('<script type="application/ld+json">{"telephone": "', "<a title='Тел.: ", "<a href=", "<td>"),
    *(
        ": ",
        "ИНН ",
        "руб.",
        " руб",
        " ₽",
        "$",
        '"',
        "'",
        "; ",
        ", ",
        ". ",
        ".",
        "Тел.: ",
        "a:",
        "&",
    ),
    *(
        "&nbsp;",
        "&nbsp",
        "<!--x-->",
        "(",
        ")",
        " ",
        "\n",
        "7",
        "8",
        "5",
        "+",
        "5. ",
        "1,",
        "@",
        "/",
    ),
    *("x12", "доб. 5", "\\u0441", "\\u00a0", '\\"', "€", "%", "<svg>", "x" * 170),
)
pieces = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(AROUND),
    st.sampled_from((*NOTATIONS, *DECOYS, *MARKUP)),
)
charsets = st.sampled_from(("utf-8", "windows-1251", "koi8-r", "gb18030", None))


def _found(page: bytes, targets: Targets, content_type: str | None) -> list[Found]:
    targets.looks.clear()
    charset = sniff(page[:1024], content_type)
    return [] if charset is None else list(Scan(targets, charset).run(page, final=True))


def _found_slowly(page: bytes, targets: Targets, content_type: str | None) -> list[Found]:
    """Find what there is by close looks alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "glance", lambda *_: None)
        patch.setattr(scan, "is_denied", lambda *_: False)
        patch.setattr(near, "go", _go_slowly)
        patch.setattr(Walker, "to_tag", lambda walker, page, until, most: walker.to(page, until))
        return _found(page, targets, content_type)


def _go_slowly(walker: Walker, page: bytes, begin: int, until: int) -> None:
    walker.to(page, begin)
    walker.since = walker.pos if walker.mode is Mode.DATA else -1
    walker.to(page, until)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    parts=st.lists(pieces, max_size=14), charset=charsets, targets=st.sampled_from([*ALL, LOCAL])
)
def test_a_glance_finds_what_a_close_look_finds(parts, charset, targets):
    page = "".join(parts).encode(charset or "utf-8", "replace")
    told = f"text/html; charset={charset}" if charset else None
    assert _found(page, targets, told) == _found_slowly(page, targets, told)


@pytest.mark.parametrize("name", INDEX)
@pytest.mark.parametrize("charset", ["utf-8", "windows-1251"])
def test_so_it_is_on_every_page_of_the_cases(name, charset):
    page = (CASES / f"{name}.html").read_text(encoding="utf-8").encode(charset, "replace")
    told = f"text/html; charset={charset}"
    for targets in (*ALL, LOCAL):
        assert _found(page, targets, told) == _found_slowly(page, targets, told)


@pytest.fixture(scope="module")
def corpus() -> dict[str, list]:
    return mix()


def test_so_it_is_on_the_pages_of_the_benchmark(corpus):
    for page in (one for pages in corpus.values() for one in pages[:4]):
        told = f"text/html; charset={page.charset}"
        assert _found(page.body, ALL[0], told) == _found_slowly(page.body, ALL[0], told)


def test_most_numbers_of_those_pages_need_no_closer_look(corpus, monkeypatch):
    looks: list[int] = []
    look = Scan._look_again
    monkeypatch.setattr(Scan, "_look_again", lambda *args: looks.append(1) or look(*args))
    places = 0
    for page in (one for pages in corpus.values() for one in pages[:4]):
        places += len(_found(page.body, ALL[0], f"text/html; charset={page.charset}"))
    assert len(looks) < places / 3


@settings(max_examples=400, deadline=None)
@given(parts=st.lists(pieces, max_size=10), data=st.data())
def test_the_last_steps_are_those_of_the_walker(parts, data):
    page = "".join(parts).encode()
    stops = st.integers(0, len(page))
    at, begin, until = sorted(data.draw(st.tuples(stops, stops, stops)))
    walker = Walker()
    walker.to(page, at)
    walkers = walker.copy(), walker.copy()
    near.go(walkers[0], page, begin, until)
    _go_slowly(walkers[1], page, begin, until)
    assert _state(walkers[0]) == _state(walkers[1])


def _state(walker: Walker) -> tuple[object, ...]:
    told: tuple[object, ...] = (walker.pos, walker.mode, walker.foreign)
    if walker.mode is Mode.DATA:
        return (*told, walker.since)
    if walker.mode is Mode.VALUE:
        told += (walker.attribute, walker.quote, walker.start, walker.tag, walker.tag_start)
        return (*told, walker.facts) if walker.attribute in {b"content", b"value"} else told
    return (*told, walker.element, walker.start, walker.head) if walker.mode is Mode.RAW else told
