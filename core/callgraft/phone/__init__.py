"""
Phone numbers: reading any notation, and printing one number in another number's notation.

A written number is a row of *zones* (country code, trunk prefix, area code, subscriber number, see
`notation`) cut into *groups* by whatever stands between its digits. Printing a tracking number in
the notation of a target gives each zone its new digits and then cuts them into the same groups.
"""

from __future__ import annotations

from callgraft.errors import NotANumber
from callgraft.phone.grouping import regroup
from callgraft.phone.keypad import keys, may_be_spelled
from callgraft.phone.notation import forms, local_form
from callgraft.phone.number import Number
from callgraft.phone.printing import international, print_like
from callgraft.phone.reading import read
from callgraft.phone.regions import region_of

__all__ = [
    "NotANumber",
    "Number",
    "forms",
    "international",
    "keys",
    "local_form",
    "may_be_spelled",
    "print_like",
    "read",
    "region_of",
    "regroup",
]
