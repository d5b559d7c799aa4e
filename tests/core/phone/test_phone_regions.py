"""The region that a number's area code tells."""

from __future__ import annotations

from collections import Counter

import pytest

from callgraft.phone import region_of
from callgraft.phone.regions import _BY_COUNTRY


@pytest.mark.parametrize(
    ("number", "region"),
    [
        ("+74951234567", "RU-MOW"),
        ("+74990000001", "RU-MOW"),
        ("+74961234567", "RU-MOS"),
        ("+78120000001", "RU-SPE"),
        ("+78185345678", "RU-NEN"),
        ("+78182345678", "RU-ARK"),
        ("+77272345678", "KZ-75"),
        ("+77277034567", "KZ-19"),
        ("+77172345678", "KZ-71"),
        ("+380441234567", "UA-30"),
        ("+380321234567", "UA-46"),
        ("+375171234567", "BY-MI"),
        ("+375172345678", "BY-HM"),
        ("+12125550123", "US-NY"),
        ("+13125550123", "US-IL"),
        ("+14165550123", "CA-ON"),
        ("+442079460001", "GB-ENG"),
        ("+441614960001", "GB-ENG"),
        ("+441314960001", "GB-SCT"),
        ("+441414960001", "GB-SCT"),
        ("+442920180001", "GB-WLS"),
        ("+442896496001", "GB-NIR"),
        ("+493023125001", "DE-BE"),
        ("+498999998001", "DE-BY"),
    ],
)
def test_an_area_code_tells_its_region(number: str, region: str) -> None:
    assert region_of(number) == region


@pytest.mark.parametrize(
    "number",
    [
        "+79160000001",  # mobile phones
        "+77011234567",
        "+380501234567",
        "+375291234567",
        "+447700900123",
        "+4915112345678",
        "+78005550123",  # freephone
        "+18005550123",
        "+19025550123",  # two provinces
        "+441632960123",  # no place, for fiction
        "+441534960123",  # Jersey
        "+33199001234",  # a country that is not listed
        "",
        "+",
    ],
)
def test_a_number_that_tells_no_region_gives_none(number: str) -> None:
    assert region_of(number) == ""


def test_no_area_code_is_that_of_two_regions() -> None:
    codes = Counter(
        country + code
        for country, regions in _BY_COUNTRY
        for listed in regions.values()
        for code in listed.split()
    )
    assert [code for code, count in codes.items() if count > 1] == []
