"""Where a visit came from: click ids, UTM values and the referrer make a Touch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """
    One arrival with a known origin.

    ``source`` … ``content`` are the five UTM values (``keyword`` is ``utm_term``); ``channel`` is
    one of the glossary's; ``click_id`` is ``name:value``, like ``gclid:Cj0…``; ``referrer`` is the
    referring host; ``landing`` the path of the page where the visitor arrived. Empty means unknown.
    """

    source: str
    medium: str
    channel: str
    campaign: str = ""
    keyword: str = ""
    content: str = ""
    click_id: str = ""
    referrer: str = ""
    landing: str = ""
