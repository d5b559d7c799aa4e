"""Click ids: what an advertising system appends to the address when somebody clicks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_LONGEST = 512
"""Longer than any known id; what is longer is not one, and half of it would be nobody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """What a click id says of an arrival; ``paid`` is whether only advertisements carry it."""

    source: str
    medium: str
    channel: str
    paid: bool
    click_id: str = ""


def click_of(parameters: Iterable[tuple[str, str]]) -> Click | None:
    """
    Return the click that brought a visitor to an address with these parameters, or None.

    Where several ids stand there, an advertisement's goes before one that any link gets, and among
    equals the last, because each system appends its own to what it finds.
    """
    clicks = [click for name, value in parameters if (click := _click(name, value))]
    return max(reversed(clicks), key=lambda click: click.paid, default=None)


def _click(name: str, value: str) -> Click | None:
    kind = _KINDS.get(name)
    # {gclid} is a template that nobody filled in.
    if kind is None or not value or len(value) > _LONGEST or value.startswith("{"):
        return None
    source, medium, channel, paid = kind
    return Click(
        source=source, medium=medium, channel=channel, paid=paid, click_id=f"{name}:{value}"
    )


_KINDS = {
    # name: (source, medium, channel, paid)
    "gclid": ("google", "cpc", "paid search", True),
    "gbraid": ("google", "cpc", "paid search", True),
    "wbraid": ("google", "cpc", "paid search", True),
    "dclid": ("google", "display", "other", True),
    "srsltid": ("google", "organic", "organic search", False),
    "yclid": ("yandex", "cpc", "paid search", True),
    "ymclid": ("yandex.market", "cpc", "other", True),
    "ysclid": ("yandex", "organic", "organic search", False),
    "msclkid": ("bing", "cpc", "paid search", True),
    "vkclid": ("vk", "cpc", "social", True),
    "rb_clickid": ("vk", "cpc", "social", True),
    "fbclid": ("facebook", "social", "social", False),
    "ttclid": ("tiktok", "cpc", "social", True),
    "twclid": ("twitter", "cpc", "social", True),
    "li_fat_id": ("linkedin", "cpc", "social", True),
    "epik": ("pinterest", "cpc", "social", True),
    "sccid": ("snapchat", "cpc", "social", True),
    "rdt_cid": ("reddit", "cpc", "social", True),
    "igshid": ("instagram", "social", "social", False),
    "igsh": ("instagram", "social", "social", False),
}
