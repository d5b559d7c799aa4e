"""What a visitor holds in hand: a phone, a tablet, or neither."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

Device = Literal["mobile", "tablet", "desktop"]

# Televisions say Android; nobody taps a number on one.
_TELEVISION = re.compile(r"smart-?tv|android tv|googletv|apple ?tv|hbbtv|bravia|\baft\w", re.I)
_TABLET = re.compile(
    r"ipad|tablet|playbook|kindle|silk/(?!.*mobile)|android(?!.*mobile)(?!.*opera mini)", re.I
)
_MOBILE = re.compile(
    r"mobi|iphone|ipod|android|windows phone|iemobile|blackberry|bb10|opera mini|opera mobi"
    r"|symbian|series ?[46]0|midp|nokia|sonyericsson|\bucweb|kaios|palm|webos(?!.*tv)",
    re.I,
)


@lru_cache(maxsize=4096)
def device_of(user_agent: str) -> Device:
    """
    Return the class of device that a user agent names, ``desktop`` where it names none.

    An iPad that asks for desktop pages, as iPads do, says that it is a Macintosh, and cannot be
    told from one.
    """
    if _TELEVISION.search(user_agent):
        return "desktop"
    if _TABLET.search(user_agent):
        return "tablet"
    return "mobile" if _MOBILE.search(user_agent) else "desktop"
