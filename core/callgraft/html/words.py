"""What the words around plain digits say they are: a price, a taxpayer's number, an order."""

from __future__ import annotations

import html
import re

from callgraft.html.charset import Charset

BEFORE, AFTER = 64, 32
_NAMES = (
    "инн|кпп|огрн(?:ип)?|окпо|бик|снилс|р/с|к/с|расч[её]тный сч[её]т|сч[её]т|арт(?:икул)?|"
    "заказ|договор|накладная|inn|vat|tin|ein|iban|isbn|issn|ean|gtin|sku|uid|id|order|invoice|"
    "item|article|account|part"
)
_UNITS = (
    r"руб(?:л(?:ь|я|ей|ях|ям|ями))?|р\.|коп(?:е[ей]\w{0,2})?|₽|€|£|¥|\$|rub|usd|eur|gbp|"
    r"шт|кг|тонн|км|kg|km|pcs|bytes|байт"
)
_NAMED = re.compile(
    rf"(?<![^\W_])(?:{_NAMES})\.?(?:\s*(?:№|n[o°r]?\.?|#|number|номер))?\s*[:=№#]?\s*\Z",
    re.IGNORECASE,
)
_COUNTED = re.compile(rf"\s*(?:{_UNITS})(?![^\W\d_])", re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]*>|\A[^<>]*>")
_CUT_TAG = re.compile(r"<[^<>]*\Z")


def says_otherwise(page: bytes | bytearray, start: int, end: int, charset: Charset) -> bool:
    """Whether the words around the plain digits of ``page[start:end]`` name something else."""
    before = _text(page[max(start - BEFORE, 0) : start], charset)
    if _NAMED.search(_TAGS.sub(" ", before)):
        return True
    after = _text(page[end : end + AFTER], charset)
    return _COUNTED.match(_TAGS.sub(" ", _CUT_TAG.sub(" ", after))) is not None


def _text(piece: bytes | bytearray, charset: Charset) -> str:
    return html.unescape(bytes(piece).decode(charset.codec, "ignore"))
