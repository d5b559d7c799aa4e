"""
Prefixes that pages still show though the exchanges have forgotten them.

They are read, and recognised on a page, but a tracking number is printed without them: nobody
would get through with them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

OLD_COUNTRY_PREFIXES: Mapping[str, tuple[str, ...]] = {
    "MX": ("1",),  # +52 1 55 …: mobile numbers, until 2019
}
OLD_NATIONAL_PREFIXES: Mapping[str, tuple[str, ...]] = {
    "MX": ("01", "044", "045"),  # until 2019
    "CL": ("0",),  # until 2016
    "UA": ("8",),  # 8 (044) …, before the trunk prefix 0, until 2009
}
_READ_AS = {
    "MX": (re.compile(r"(?:01|04[45])([0-9]{10})"), r"\1"),
    "CL": (re.compile(r"0([0-9]{9})"), r"\1"),
    "UA": (re.compile(r"80([0-9]{9})"), r"0\1"),
}
_MEXICAN_MOBILE = re.compile("521([0-9]{10})")


def without_old_prefix(digits: str, international: bool, region: str | None) -> str:
    """Give the digits without a prefix that phonenumbers no longer knows."""
    exit_code = re.match("" if international else "00|011|810", digits)
    if exit_code is not None:
        mobile = _MEXICAN_MOBILE.fullmatch(digits, exit_code.end())
        if mobile is not None:
            return exit_code.group() + "52" + mobile.group(1)
    if not international and region in _READ_AS:
        pattern, replacement = _READ_AS[region]
        if pattern.fullmatch(digits):
            return pattern.sub(replacement, digits)
    return digits
