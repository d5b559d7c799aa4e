"""Ways to write the target, each with what the visitor gets instead."""

from __future__ import annotations

import pytest

TEXTS = [
    ("+7 495 123-45-67", "+7 499 000-00-01"),
    ("+74951234567", "+74990000001"),
    ("8 (495) 123-45-67", "8 (499) 000-00-01"),
    ("8(495)1234567", "8(499)0000001"),
    ("84951234567", "84990000001"),
    ("4951234567", "4990000001"),
    ("(495) 123 45 67", "(499) 000 00 01"),
    ("8.495.123.45.67", "8.499.000.00.01"),
    ("8/495/123-45-67", "8/499/000-00-01"),
    ("тел.84951234567,", "тел.84990000001,"),
    ("тел:8495-123-4567.", "тел:8499-000-0001."),
    ("+7&nbsp;495&nbsp;123&#8209;45&#x2011;67", "+7&nbsp;499&nbsp;000&#8209;00&#x2011;01"),
    ("&#43;7 495 123-45-67", "&#43;7 499 000-00-01"),
    ("&plus;7&ensp;495&thinsp;1234567", "&plus;7&ensp;499&thinsp;0000001"),
    ("8 &lpar;495&rpar; 123&ndash;45&minus;67", "8 &lpar;499&rpar; 000&ndash;00&minus;01"),
    ("&#56; 495 12&#51;-45-67", "&#56; 499 000-00-01"),
    ("&#x34;951234567", "4990000001"),
    ("+7\u00a0495\u00a0123\u201145\u201167", "+7\u00a0499\u00a0000\u201100\u201101"),
    ("8\u2009495\u2009123–45–67", "8\u2009499\u2009000–00–01"),
    ("8 (4\u00ad95) 123-45-67", "8 (4\u00ad99) 000-00-01"),
    ("8 495\n\t\t\t123-45-67", "8 499\n\t\t\t000-00-01"),
    ("<b>8 (495)</b> 123-45-67", "<b>8 (499)</b> 000-00-01"),
    (
        "8 (<span class='c'>495</span>) 1<b>23</b>-45-67",
        "8 (<span class='c'>499</span>) 0<b>00</b>-00-01",
    ),
    ("+7<!-- 1 --> 495<wbr>123<wbr/>4567", "+7<!-- 1 --> 499<wbr>000<wbr/>0001"),
    (
        '8 <i title="a>b 5">495</i> <NOBR>123-45-67</NOBR>',
        '8 <i title="a>b 5">499</i> <NOBR>000-00-01</NOBR>',
    ),
    ("+7 495 123-45-67 24 часа", "+7 499 000-00-01 24 часа"),
    ("8 495 123-45-67, доб. 12", "8 499 000-00-01, доб. 12"),
    ("8 495 765-43-21 8 495 123-45-67", "8 495 765-43-21 8 499 000-00-01"),
    ("8-495-123-45-67 8-495-765-43-21", "8-499-000-00-01 8-495-765-43-21"),
]


@pytest.mark.parametrize(("source", "expected"), TEXTS)
def test_every_notation_of_the_target_is_swapped_in_text(swap, source, expected):
    assert swap(f"<p>{source}</p>") == f"<p>{expected}</p>"


@pytest.mark.parametrize(("source", "expected"), TEXTS)
def test_every_notation_is_found_at_both_ends_of_a_page(swap, source, expected):
    assert swap(source) == expected


LINKS = [
    ("tel:+74951234567", "tel:+74990000001"),
    ("tel:84951234567", "tel:84990000001"),
    ("tel://84951234567", "tel://84990000001"),
    ("TEL:+7 (495) 123-45-67", "TEL:+7 (499) 000-00-01"),
    (" tel:+7-495-123-45-67", " tel:+7-499-000-00-01"),
    ("tel:%2B74951234567", "tel:%2B74990000001"),
    ("tel:+7%20495%20123%2D45%2D67", "tel:+7%20499%20000%2D00%2D01"),
    ("tel:&#43;74951234567", "tel:&#43;74990000001"),
    ("tel:+74951234567;ext=12", "tel:+74990000001;ext=12"),
    ("tel:84951234567,12", "tel:84990000001,12"),
    ("sms:+74951234567?body=84951234567", "sms:+74990000001?body=84990000001"),
    ("callto:+74951234567", "callto:+74990000001"),
]


@pytest.mark.parametrize("quote", ["'", '"', ""])
@pytest.mark.parametrize(("source", "expected"), LINKS)
def test_links_that_call_are_swapped(swap, source, expected, quote):
    if not quote and " " in source:
        quote = '"'
    assert (
        swap(f"<a class=x href={quote}{source}{quote}>ring</a>")
        == f"<a class=x href={quote}{expected}{quote}>ring</a>"
    )
