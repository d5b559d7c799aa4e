"""Is a number in a text a part of an address? Text that is no markup does not tell otherwise."""

from __future__ import annotations

import html
import re


def row_of_address(before: bytes, writing: str) -> str | None:
    """
    Return the row of the policy table for a number that the text ``before`` leads up to.

    ``link`` behind ``tel:``, ``messenger`` and ``url`` within such addresses; None in plain text.
    """
    text = before.decode("latin-1")
    if writing == "json":
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
        text = text.replace("\\/", "/").replace('\\"', '"')
    elif writing == "characters":
        text = html.unescape(text)
    if _CALL.search(text):
        return "link"
    if _MESSENGER.search(text):
        return "messenger"
    return "url" if _URL.search(text) else None


_ESCAPE = re.compile(r"\\u00([0-7][0-9a-fA-F])")
# An address goes on to a space, a quotation mark or an angle bracket. No repeat within a repeat,
# and the text is short: this stays linear.
_SAME = r"[^\s\"'<>\\|]*+\Z"
_CALL = re.compile(r"(?i)(?<![\w.-])(?:tel|sms|smsto|callto):" + r"[+()\d\s.-]{0,24}\Z")
_MESSENGER = re.compile(
    r"(?i)(?<![\w-])(?:(?:whatsapp|viber|tg|skype|signal|facetime|facetime-audio):"
    r"|(?:wa\.me|api\.whatsapp\.com|web\.whatsapp\.com|chat\.whatsapp\.com|t\.me|telegram\.me"
    r"|viber\.click|chats\.viber\.com|signal\.me|m\.me)[/?:])" + _SAME
)
_URL = re.compile(r"(?i)(?<![\w-])(?:https?:|mailto:|data:|ftp:)" + _SAME)
