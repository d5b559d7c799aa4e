"""However a site cuts a page into pieces, the visitor gets one and the same page."""

from contextlib import closing

import pytest

from tests.doors.client import Browser
from tests.doors.every_door import DOORS
from tests.doors.journey import ADVERTISEMENT, DIRECT_1
from tests.doors.origin import page
from tests.doors.sites import engine_of

PAGE = page().encode()
NUMBERS = range(PAGE.index("Звоните".encode()), PAGE.index(b"</a>") + 1)


@pytest.fixture(scope="module", params=DOORS)
def anna(request):
    with closing(engine_of()) as engine, DOORS[request.param](engine) as url:
        browser = Browser(url)
        browser.ask(f"/reviews?{ADVERTISEMENT}")
        yield browser


def test_a_page_cut_anywhere_in_its_number_is_swapped_whole(anna):
    pages = {anna.ask(f"/split/{cut}").body.decode() for cut in NUMBERS}
    assert pages == {DIRECT_1}


@pytest.mark.parametrize("size", [1, 2, 3, 16, 100])
def test_a_page_in_equal_pieces_is_swapped_whole(anna, size):
    cuts = ",".join(str(cut) for cut in range(size, len(PAGE), size))
    assert anna.ask(f"/split/{cuts}").body.decode() == DIRECT_1
