from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callgraft.source import Touch, touch_of
from callgraft.visit import Visit

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
OWN = ("okna.example", "www.okna.example")
CHANNELS = {
    "paid search",
    "organic search",
    "social",
    "messenger",
    "email",
    "referral",
    "direct",
    "offline",
    "other",
}


def arrival(query="", referrer=None, path="/okna/", own=OWN):
    headers = () if referrer is None else (("Referer", referrer),)
    url = f"https://okna.example{path}" + (f"?{query}" if query else "")
    return touch_of(Visit(url=url, received_at=NOON, headers=headers), own)


def told(touch):
    return touch.source, touch.medium, touch.channel


# Direct, and our own pages


def test_who_comes_from_nowhere_comes_directly():
    assert arrival() == Touch(source="direct", medium="none", channel="direct", landing="/okna/")


@pytest.mark.parametrize(
    "referrer",
    [
        "https://okna.example/",
        "http://OKNA.example:8080/price?utm_source=yandex",
        "https://www.okna.example/price",
        "https://shop.okna.example/",
    ],
)
def test_our_own_pages_are_no_arrival(referrer):
    assert arrival(referrer=referrer) is None


def test_the_host_of_the_visit_is_our_own_without_being_listed():
    assert arrival(referrer="https://okna.example/", own=()) is None


def test_a_host_that_only_ends_like_ours_is_not_ours():
    assert told(arrival(referrer="https://plastokna.example/")) == (
        "plastokna.example",
        "referral",
        "referral",
    )


def test_a_tagged_link_on_our_own_page_is_an_arrival():
    touch = arrival("utm_source=banner&utm_medium=display", "https://okna.example/")
    assert told(touch) == ("banner", "display", "other")
    assert touch.referrer == ""


@pytest.mark.parametrize(
    "referrer", ["", "about:blank", "https://", "https://[::1", "javascript:alert(1)", "\x00", "/a"]
)
def test_a_broken_referrer_is_none(referrer):
    assert told(arrival(referrer=referrer)) == ("direct", "none", "direct")


# Click ids


@pytest.mark.parametrize(
    ("name", "source", "medium", "channel"),
    [
        ("gclid", "google", "cpc", "paid search"),
        ("gbraid", "google", "cpc", "paid search"),
        ("wbraid", "google", "cpc", "paid search"),
        ("dclid", "google", "display", "other"),
        ("yclid", "yandex", "cpc", "paid search"),
        ("ymclid", "yandex.market", "cpc", "other"),
        ("ysclid", "yandex", "organic", "organic search"),
        ("msclkid", "bing", "cpc", "paid search"),
        ("fbclid", "facebook", "social", "social"),
        ("ttclid", "tiktok", "cpc", "social"),
        ("twclid", "twitter", "cpc", "social"),
        ("li_fat_id", "linkedin", "cpc", "social"),
        ("vkclid", "vk", "cpc", "social"),
        ("rb_clickid", "vk", "cpc", "social"),
    ],
)
def test_a_click_id_tells_source_medium_and_channel(name, source, medium, channel):
    touch = arrival(f"{name}=AbC-1_2")
    assert told(touch) == (source, medium, channel)
    assert touch.click_id == f"{name}:AbC-1_2"


@pytest.mark.parametrize("value", ["", "{gclid}", "%7Bgclid%7D", "x" * 513])
def test_what_cannot_be_a_click_id_is_none(value):
    assert arrival(f"gclid={value}") == arrival()


def test_the_referrer_tells_which_network_appended_an_id_that_two_share():
    touch = arrival("fbclid=IwAR1", "https://l.instagram.com/")
    assert told(touch) == ("instagram", "social", "social")
    assert touch.click_id == "fbclid:IwAR1"


def test_an_advertisement_goes_before_a_link_that_was_passed_on():
    assert arrival("fbclid=IwAR1&gclid=Cj0").click_id == "gclid:Cj0"
    assert arrival("gclid=Cj0&fbclid=IwAR1").click_id == "gclid:Cj0"


def test_of_two_advertisements_the_last_appended_its_id():
    assert arrival("gclid=Cj0&yclid=7412").click_id == "yclid:7412"


def test_a_click_id_goes_before_the_referrer():
    touch = arrival("yclid=7412", "https://www.google.com/")
    assert told(touch) == ("yandex", "cpc", "paid search")
    assert touch.referrer == "www.google.com"


# UTM values


def test_the_five_utm_values_are_kept():
    query = (
        "utm_source=Yandex&utm_medium=CPC&utm_campaign=Okna_Msk&utm_content=Ad-1&utm_term=Okna+PVC"
    )
    assert arrival(query) == Touch(
        source="yandex",
        medium="cpc",
        channel="paid search",
        campaign="Okna_Msk",
        keyword="Okna PVC",
        content="Ad-1",
        landing="/okna/",
    )


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251"])
def test_cyrillic_is_read_in_utf8_and_in_the_encoding_of_old_advertisements(charset):
    term = quote("пластиковые окна".encode(charset))
    assert arrival(f"utm_source=yandex&utm_term={term}").keyword == "пластиковые окна"


def test_values_are_decoded_once():
    assert arrival("utm_source=a&utm_campaign=100%2525").campaign == "100%25"


def test_of_repeated_values_the_last_that_says_something_counts():
    query = "utm_source=google&utm_source=yandex&utm_source=&utm_source=%7Bsource%7D"
    assert arrival(query).source == "yandex"


@pytest.mark.parametrize(
    "query",
    [
        "UTM_SOURCE=yandex",
        "a=b&amp;utm_source=yandex",
        "page=2?utm_source=yandex",
        "%75tm_source=yandex",
        "&&=&utm_source=%20yandex%0A",
    ],
)
def test_links_put_together_badly_still_tell_their_source(query):
    assert arrival(query).source == "yandex"


def test_long_and_dirty_values_are_cut_and_cleaned():
    touch = arrival(f"utm_source={'s' * 999}&utm_campaign=a%00b%0D%0Ac{'x' * 999}")
    assert touch.source == "s" * 100
    assert touch.campaign == "a b c" + "x" * 295


def test_with_a_click_id_the_names_are_the_advertisers_and_the_channel_is_the_click_ids():
    touch = arrival("utm_source=yd_moscow&utm_medium=banner&utm_campaign=spring&yclid=7412")
    assert told(touch) == ("yd_moscow", "banner", "paid search")
    assert (touch.campaign, touch.click_id) == ("spring", "yclid:7412")


def test_an_advertisements_click_id_outweighs_a_medium_that_says_otherwise():
    assert arrival("utm_source=spring&utm_medium=email&yclid=7412").channel == "paid search"


def test_a_click_id_that_any_link_gets_gives_the_channel_that_the_tags_do_not_tell():
    touch = arrival("utm_source=spring&utm_medium=unheard-of&fbclid=IwAR1")
    assert told(touch) == ("spring", "unheard-of", "social")


def test_a_click_id_fills_in_what_the_utm_values_leave_out():
    touch = arrival("utm_campaign=spring&gclid=Cj0")
    assert told(touch) == ("google", "cpc", "paid search")
    assert touch.campaign == "spring"


def test_a_click_id_that_any_link_gets_does_not_outweigh_the_tags():
    touch = arrival("utm_source=news&utm_medium=email&fbclid=IwAR1")
    assert told(touch) == ("news", "email", "email")


def test_a_tag_without_a_medium_is_not_called_organic_for_its_referrer():
    touch = arrival("utm_source=yandex", "https://yandex.ru/search/?text=окна")
    assert told(touch) == ("yandex", "", "other")
    assert touch.keyword == ""


def test_a_campaign_alone_takes_its_source_from_the_referrer():
    touch = arrival("utm_campaign=spring", "https://vk.com/")
    assert told(touch) == ("vk", "social", "social")


def test_a_campaign_alone_without_a_referrer_is_no_direct_arrival():
    assert told(arrival("utm_campaign=spring")) == ("", "", "other")


@pytest.mark.parametrize(
    ("source", "medium", "channel"),
    [
        ("google", "cpc", "paid search"),
        ("yandex_direct", "cpc", "paid search"),
        ("direct.yandex.ru", "ppc", "paid search"),
        ("unheard-of", "paid_search", "paid search"),
        ("vk", "cpc", "social"),
        ("vk_ads", "cpm", "social"),
        ("mytarget", "cpc", "social"),
        ("yandex_zen", "cpc", "social"),
        ("unheard-of", "paid_social", "social"),
        ("telegram", "cpm", "messenger"),
        ("avito", "cpc", "other"),
        ("unheard-of", "cpc", "other"),
        ("yandex", "organic", "organic search"),
        ("vk", "organic", "social"),
        ("vk", "post", "social"),
        ("tg", "social", "messenger"),
        ("t.me", "", "messenger"),
        ("whatsapp", "messenger", "messenger"),
        ("spring", "email", "email"),
        ("unisender", "", "email"),
        ("partner-shop", "affiliate", "referral"),
        ("2gis", "", "referral"),
        ("chatgpt.com", "", "referral"),
        ("leaflet", "qr", "offline"),
        ("billboard", "offline", "offline"),
        ("unheard-of", "display", "other"),
        ("unheard-of", "", "other"),
    ],
)
def test_tags_name_a_channel(source, medium, channel):
    assert arrival(f"utm_source={source}&utm_medium={medium}").channel == channel


# Referrers


@pytest.mark.parametrize(
    ("referrer", "source", "medium", "channel"),
    [
        ("https://www.google.com/", "google", "organic", "organic search"),
        ("https://www.google.co.uk/", "google", "organic", "organic search"),
        ("https://www.google.com.tr/", "google", "organic", "organic search"),
        ("https://yandex.ru/", "yandex", "organic", "organic search"),
        ("https://ya.ru/", "yandex", "organic", "organic search"),
        ("https://www.bing.com/", "bing", "organic", "organic search"),
        ("https://duckduckgo.com/", "duckduckgo", "organic", "organic search"),
        ("https://go.mail.ru/search?q=a", "mail.ru", "organic", "organic search"),
        ("https://yabs.yandex.ru/count/1", "yandex", "cpc", "paid search"),
        ("https://vk.com/away.php?to=a", "vk", "social", "social"),
        ("https://away.vk.com/", "vk", "social", "social"),
        ("https://ok.ru/", "ok", "social", "social"),
        ("https://dzen.ru/a/1", "dzen", "social", "social"),
        ("https://zen.yandex.ru/", "dzen", "social", "social"),
        ("https://lm.facebook.com/", "facebook", "social", "social"),
        ("https://t.co/abc", "twitter", "social", "social"),
        ("https://t.me/", "telegram", "messenger", "messenger"),
        ("https://web.whatsapp.com/", "whatsapp", "messenger", "messenger"),
        ("https://mail.google.com/", "gmail", "email", "email"),
        ("https://e.mail.ru/", "mail.ru", "email", "email"),
        ("https://mail.yandex.ru/", "yandex-mail", "email", "email"),
        ("https://chatgpt.com/", "chatgpt", "referral", "referral"),
        ("https://gemini.google.com/", "gemini", "referral", "referral"),
        ("https://2gis.ru/moscow", "2gis", "referral", "referral"),
        ("https://www.avito.ru/moskva", "avito", "referral", "referral"),
        ("https://maps.yandex.ru/", "yandex-maps", "referral", "referral"),
        ("https://www.forum.example/t/1", "forum.example", "referral", "referral"),
        ("https://GOOGLE.com./", "google", "organic", "organic search"),
        ("https://google.com.evil.example/", "google.com.evil.example", "referral", "referral"),
        ("https://notgoogle.com/", "notgoogle.com", "referral", "referral"),
        ("android-app://com.google.android.gm/", "gmail", "email", "email"),
        (
            "android-app://com.google.android.googlequicksearchbox/https/www.google.com",
            "google",
            "organic",
            "organic search",
        ),
        ("android-app://org.telegram.messenger/", "telegram", "messenger", "messenger"),
        ("android-app://com.vkontakte.android/", "vk", "social", "social"),
    ],
)
def test_a_referrer_tells_by_its_host_what_it_is(referrer, source, medium, channel):
    assert told(arrival(referrer=referrer)) == (source, medium, channel)


def test_the_referring_host_is_kept():
    assert arrival(referrer="https://www.Forum.example:8443/t/1").referrer == "www.forum.example"


@pytest.mark.parametrize(
    ("referrer", "keyword"),
    [
        ("https://yandex.ru/search/?lr=213&text=%D0%BE%D0%BA%D0%BD%D0%B0", "окна"),
        ("https://yandex.ru/yandsearch?text=%EE%EA%ED%E0", "окна"),
        ("https://www.bing.com/search?q=plastic+windows&form=QBLH", "plastic windows"),
        ("https://www.google.com/", ""),
        ("https://vk.com/search?q=windows", ""),
    ],
)
def test_the_words_searched_for_are_the_keyword(referrer, keyword):
    assert arrival(referrer=referrer).keyword == keyword


def test_the_referrer_that_a_redirect_passed_on_goes_before_the_redirect():
    passed_on = quote("https://dzen.ru/a/1", safe="")
    touch = arrival(f"utm_referrer={passed_on}", "https://redirect.example/")
    assert told(touch) == ("dzen", "social", "social")
    assert touch.referrer == "dzen.ru"


def test_the_landing_is_the_path_of_the_page():
    assert arrival(path="").landing == "/"
    assert arrival(path="/a/b.html", query="c=d").landing == "/a/b.html"


@given(query=st.text(max_size=200), referrer=st.one_of(st.none(), st.text(max_size=80)))
def test_every_arrival_has_a_channel_of_the_glossary_and_bounded_texts(query, referrer):
    touch = arrival(query.replace("#", ""), referrer)
    if touch is not None:
        assert touch.channel in CHANNELS
        assert all(len(getattr(touch, name)) <= 530 for name in Touch.__slots__)


names = st.sampled_from(["utm_source", "utm_medium", "utm_campaign", "gclid", "fbclid", "text"])


@given(st.lists(st.tuples(names, st.binary(max_size=20)), max_size=6))
def test_no_bytes_in_a_query_are_too_strange(pairs):
    touch = arrival("&".join(f"{name}={quote(value)}" for name, value in pairs))
    assert touch.channel in CHANNELS
