"""Bytes mean what the page's charset says, and a charset unlike ASCII is left alone."""

from __future__ import annotations

import pytest

from callgraft.html import make_plan
from callgraft.html.charset import sniff

NBSP = "8\u00a0(495)\u00a0123\u00a045\u00a067"
SWAPPED = "8\u00a0(499)\u00a0000\u00a000\u00a001"
WITH_NBSP = ["utf-8", "windows-1251", "windows-1252", "koi8-r", "koi8-u", "iso-8859-1"]
WITH_NBSP += ["iso-8859-2", "iso-8859-5", "iso-8859-15", "cp866", "windows-1250", "mac-cyrillic"]


@pytest.mark.parametrize("charset", WITH_NBSP)
def test_a_raw_space_that_does_not_break_is_a_space_in_every_charset(swap, charset):
    assert swap(f"<p>{NBSP}</p>", charset=charset) == f"<p>{SWAPPED}</p>"


@pytest.mark.parametrize("charset", ["windows-1251", "windows-1252", "utf-8", "windows-1257"])
def test_dashes_are_hyphens(swap, charset):
    assert swap("8 495 123–45—67", charset=charset) == "8 499 000–00—01"


@pytest.mark.parametrize(
    "charset", ["utf-8", "windows-1251", "koi8-r", "iso-8859-5", "cp866", "euc-jp", "gb18030"]
)
def test_letters_are_letters_in_every_charset(swap, charset):
    assert swap("Звоните: 84951234567, ждём", charset=charset) == "Звоните: 84990000001, ждём"
    assert swap("Я84951234567", charset=charset) == "Я84951234567"


@pytest.mark.parametrize("charset", ["shift_jis", "euc-jp", "euc-kr", "gbk", "big5", "gb18030"])
def test_east_asian_pages_are_swapped(swap, charset):
    assert swap("<p>中 +7 495 123-45-67 中", charset=charset) == "<p>中 +7 499 000-00-01 中"


def test_digits_that_are_a_part_of_another_character_stay(targets, numbers):
    # In gb18030 four bytes, 81 30 81 34, are one character; the number seems to begin in it.
    page = b"<p>\x81\x30\x81\x34951234567 \x81\x30\x81\x34 951 234567"
    plan = make_plan(page, targets, content_type="text/html; charset=gbk")
    assert plan.swap(numbers) == page


@pytest.mark.parametrize(
    "charset", ["utf-16", "utf-16le", "utf-7", "utf-32", "iso-2022-jp", "hz", "cp037", "johab"]
)
def test_a_charset_unlike_ascii_is_left_alone(targets, numbers, charset):
    page = b"<p>84951234567</p>"
    plan = make_plan(page, targets, content_type=f"text/html; charset={charset}")
    assert plan.places == ()
    assert plan.swap(numbers) is page


def test_a_utf_16_page_is_left_alone_whatever_the_header_says(targets, numbers):
    page = "<p>84951234567</p>".encode("utf-16")
    plan = make_plan(page, targets, content_type="text/html; charset=utf-8")
    assert plan.swap(numbers) is page


LABELS = [
    (b"\xef\xbb\xbf<meta charset=koi8-r>", "text/html; charset=windows-1251", "utf-8"),
    (b"<meta charset=koi8-r>", 'text/html; Charset="windows-1251"', "cp1251"),
    (b"<meta charset=koi8-r>", "text/html", "koi8-r"),
    (b"<META  CHARSET = 'win-1251'/>", None, "cp1251"),
    (b"<meta http-equiv=Content-Type content='text/html; charset=cp1251'>", None, "cp1251"),
    (b'<meta content="text/html;charset=koi8-u" http-equiv="content-type">', None, "koi8-u"),
    (b"<!-- <meta charset=koi8-r> --><meta charset=cp1251>", None, "cp1251"),
    (b"<meta name=x content='charset=koi8-r'>", None, "utf-8"),
    (b"<meta charset=koi8-r>", "text/html; charset=klingon", "koi8-r"),
    (b"<meta charset=klingon>", None, "utf-8"),
    (b"<meta charset=utf-16>", None, "utf-8"),
    (b"<meta charset=iso-8859-1>", None, "cp1252"),
    (b"<?xml version='1.0' encoding='windows-1251'?>", None, "cp1251"),
    (b" " * 1024 + b"<meta charset=koi8-r>", None, "utf-8"),
    (b"<meta charset=base64>", None, "utf-8"),
    (b"", "text/html; charset=unicode_escape", "utf-8"),
    (b"", 'text/html; charset="\0"', "utf-8"),
    (b"", "text/html; charset=", "utf-8"),
]


@pytest.mark.parametrize(("head", "content_type", "codec"), LABELS)
def test_the_charset_is_found_as_browsers_find_it(head, content_type, codec):
    charset = sniff(head, content_type)
    assert charset is not None
    assert charset.codec == codec


def test_where_nothing_is_declared_utf_8_and_windows_separators_count(targets, numbers):
    for charset in ("utf-8", "windows-1251"):
        plan = make_plan(NBSP.encode(charset), targets, content_type=None)
        assert plan.swap(numbers) == SWAPPED.encode(charset)
    # The last byte of the letter is that of a Windows space.
    letter = "8 495\u0420123 45 67".encode()
    assert make_plan(letter, targets, content_type=None).places == ()
