"""How long a number's area code is, where nobody wrote it in brackets."""

from __future__ import annotations

import re

import phonenumbers

# phonenumbers takes every Russian area code for three digits long. The first three digits name a
# region. Its capital has either that very code and seven-digit numbers (Kazan, 843) or one digit
# more, nearly always a 2, and six-digit numbers (Smolensk, 4812). A few big towns have four digits
# too (Magnitogorsk, 3519); the small ones have five.
_ALL_SEVEN_DIGITS = frozenset({"495", "496", "498", "499", "812", "862"})
_CAPITAL_NUMBERS_BEGIN_WITH = {
    "342": "2",  # Perm
    "343": "23",  # Yekaterinburg
    "347": "2",  # Ufa
    "351": "27",  # Chelyabinsk
    "383": "23",  # Novosibirsk
    "391": "2",  # Krasnoyarsk
    "423": "2",  # Vladivostok
    "473": "2",  # Voronezh
    "831": "24",  # Nizhny Novgorod
    "843": "25",  # Kazan
    "846": "239",  # Samara
    "861": "2",  # Krasnodar
    "863": "23",  # Rostov-on-Don
}
_FOUR_DIGIT_TOWNS = re.compile(
    "3424|343[59]|346[67]|3473|349[469]|351[39]|3537|3823|384[36]|3854|3919|395[35]|4217|423[46]|"
    "4725|4855|8184|8313|8443|8453|8464|855[35]|8617|863[456]|8793"
)


def known_area(number: phonenumbers.PhoneNumber) -> int:
    """Tell how many digits of the national number are its area code; 0 where nobody knows."""
    national = phonenumbers.national_significant_number(number)
    if number.country_code == 7:
        return _area_of_seven(number, national)
    if phonenumbers.region_code_for_country_code(number.country_code or 0) == "001":
        return 0  # +800 and its like belong to no country
    geographic = geographic_area(number)
    return geographic or phonenumbers.length_of_national_destination_code(number)


def geographic_area(number: phonenumbers.PhoneNumber) -> int:
    """Give the length of a geographic number's area code by phonenumbers; 0 for all others."""
    area = phonenumbers.length_of_geographical_area_code(number)
    # Ukraine's chief towns moved the last digit of their codes into the number: 0562 is 056 now.
    return 2 if number.country_code == 380 and area == 3 else area


def _area_of_seven(number: phonenumbers.PhoneNumber, national: str) -> int:
    if re.match("[348](?!00)", national):
        return _russian_area(national)
    if national.startswith("727"):  # Almaty has seven-digit numbers, the rest of Kazakhstan six.
        return 3
    return phonenumbers.length_of_national_destination_code(number)


def _russian_area(national: str) -> int:
    region, next_digit = national[:3], national[3]
    # No number begins with a 0, so a number that does is invented, and its digits say nothing.
    if region in _ALL_SEVEN_DIGITS or next_digit == "0":
        return 3
    if _FOUR_DIGIT_TOWNS.match(national):
        return 4
    if region in _CAPITAL_NUMBERS_BEGIN_WITH:
        return 3 if next_digit in _CAPITAL_NUMBERS_BEGIN_WITH[region] else 5
    return 4 if next_digit == "2" else 5
