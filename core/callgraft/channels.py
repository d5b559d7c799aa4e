"""Channels: how visitors come, told by the words that marketers write into ``utm_medium``."""

from __future__ import annotations

import re

from callgraft.referrers import Referrers

PAID_SEARCH = "paid search"
ORGANIC_SEARCH = "organic search"
SOCIAL = "social"
MESSENGER = "messenger"
EMAIL = "email"
REFERRAL = "referral"
DIRECT = "direct"
OFFLINE = "offline"
OTHER = "other"


def channel_of(source: str, medium: str, known: Referrers) -> str:
    """
    Return the channel of tagged links, :data:`OTHER` where the words do not tell.

    The medium says what kind of link it was, the source whose; a paid link on a social network is
    social, because the glossary's only paid channel is search.
    """
    whose = _whose(source, known)
    if _is_paid(medium):
        return _PAID.get(whose) or _PAID_MEDIUMS.get(_letters(medium), OTHER)
    if medium == "organic":
        return _ORGANIC.get(whose, ORGANIC_SEARCH)
    told = _MEDIUMS.get(medium)
    if told == SOCIAL and whose == MESSENGER:
        return MESSENGER
    return told or _UNTOLD.get(whose, OTHER)


def _is_paid(medium: str) -> bool:
    return medium.startswith("paid") or not _PAID_WORDS.isdisjoint(_words(medium))


def _whose(source: str, known: Referrers) -> str:
    """The kind of a source by its name or host, or by a name among its words (``vk_ads``)."""
    if referrer := known.named(source):
        return referrer.kind
    kinds = [_NAMES[word] for word in _words(source) if word in _NAMES]
    # yandex_zen is the social network, not the search engine of the same house.
    return next((kind for kind in kinds if kind != "search"), kinds[0] if kinds else "")


def _words(text: str) -> list[str]:
    return re.split(r"[\W_]+", text)


def _letters(text: str) -> str:
    return "".join(_words(text))


_PAID = {
    "search": PAID_SEARCH,
    "ads": PAID_SEARCH,
    SOCIAL: SOCIAL,
    MESSENGER: MESSENGER,
    EMAIL: EMAIL,
}
_ORGANIC = {SOCIAL: SOCIAL, MESSENGER: MESSENGER}
_UNTOLD = {
    SOCIAL: SOCIAL,
    MESSENGER: MESSENGER,
    EMAIL: EMAIL,
    REFERRAL: REFERRAL,
    "assistant": REFERRAL,
    DIRECT: DIRECT,
}

_PAID_MEDIUMS = {"paidsearch": PAID_SEARCH, "sem": PAID_SEARCH, "paidsocial": SOCIAL}
_PAID_WORDS = {"cpc", "ppc", "cpa", "cpm", "cpv", "cpl", "cpo", "retargeting", "remarketing", "sem"}

_MEDIUMS = {
    word: channel
    for channel, words in {
        SOCIAL: "social smm sm social-network social_network social-media social_media post story",
        MESSENGER: "messenger messengers chat im sms telegram whatsapp viber bot",
        EMAIL: "email e-mail e_mail mail newsletter mailing rassylka",
        REFERRAL: "referral affiliate affiliates partner partners link catalog",
        OFFLINE: "offline qr qr-code qr_code qrcode print outdoor billboard radio tv flyer leaflet",
        DIRECT: "direct none (none)",
        OTHER: "display banner banners push native video media",
    }.items()
    for word in words.split()
}

# Names that stand in a utm_source where no host does.
_NAMES = {
    **dict.fromkeys(("google", "adwords", "gads", "googleads"), "search"),
    **dict.fromkeys(("yandex", "ya", "direct", "yd", "yadirect", "яндекс"), "search"),
    **dict.fromkeys(("bing", "microsoft", "duckduckgo", "baidu", "yahoo"), "search"),
    **dict.fromkeys(("vk", "vkontakte", "vkads", "mytarget", "target", "вк"), SOCIAL),
    **dict.fromkeys(("facebook", "fb", "instagram", "ig", "inst", "insta", "meta"), SOCIAL),
    **dict.fromkeys(("ok", "odnoklassniki", "tiktok", "youtube", "twitter", "linkedin"), SOCIAL),
    **dict.fromkeys(("pinterest", "dzen", "zen", "threads", "reddit"), SOCIAL),
    **dict.fromkeys(("telegram", "tg", "whatsapp", "wa", "viber", "messenger"), MESSENGER),
    **dict.fromkeys(("email", "newsletter", "unisender", "sendpulse", "mailchimp"), EMAIL),
}
