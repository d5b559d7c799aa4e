"""Reading the table ``[promo]``: how the site marks where promo codes go."""

from __future__ import annotations

import re
from collections.abc import Iterable

from callgraft.promo import PROMO, Promo
from callgraft.rules import Rule
from callgraft.site import SHOW_NUMBER
from callgraft.site_toml.table import Table
from callgraft.tracking.promo_codes import LONGEST, SHORTEST

KEYS = ("placeholder", "fallback", "digits")
_BRACED = re.compile(r"\{\{\s*[A-Za-z_][\w.-]{0,39}\s*\}\}", re.ASCII)
_WORD = re.compile(r"[A-Za-z_#$%@!?*~^|:.-][\w#$%@!?*~^|:.-]{3,39}", re.ASCII)
_UNSAFE = re.compile(r"[<>&\"'\\`{}\x00-\x1f\x7f]")
"""What would be markup, or would end a text, somewhere on a page."""


def read_promo(root: Table, rules: Iterable[Rule]) -> Promo | None:
    """None where the document speaks of promo codes nowhere; a rule alone is enough."""
    table = root.table("promo", KEYS)
    if table is None:
        return Promo() if any(rule.target == PROMO for rule in rules) else None
    return Promo(placeholder=_placeholder(table), fallback=_fallback(table), digits=_digits(table))


def read_reveal_label(root: Table) -> str:
    """What ``[reveal]`` says that the link is called which shows a hidden number."""
    table = root.table("reveal", ("label",))
    return (table and table.text("label", "Показать номер")) or SHOW_NUMBER


def _placeholder(table: Table) -> str:
    written = (table.text("placeholder", PROMO) or PROMO).strip()
    if not _BRACED.fullmatch(written) and not _WORD.fullmatch(written):
        problem = "a mark is a name in {{ }}, or 4 to 40 Latin letters, digits and signs."
        table.wrong("placeholder", problem, f'Write placeholder = "{PROMO}", or "PROMO-CODE".')
    return written


def _fallback(table: Table) -> str:
    value = table.get("fallback", "")
    if not isinstance(value, str) or len(value) > 200 or _UNSAFE.search(value):
        problem = "it is plain text on one line, without < > & \" ' \\ ` { }."
        table.wrong("fallback", problem, 'Write fallback = "ask us", or leave it out.')
        return ""
    return value


def _digits(table: Table) -> int:
    default = Promo().digits
    digits = table.whole("digits", default, default)
    if digits is None or not SHORTEST <= digits <= LONGEST:
        problem = f"a code has {SHORTEST} to {LONGEST} digits."
        table.wrong("digits", problem, f"Write digits = {default}.")
        return default
    return digits
