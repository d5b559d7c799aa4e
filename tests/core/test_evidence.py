from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callgraft.evidence import Reader, judge
from callgraft.visit import Visit

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15"
ANDROID = f"Mozilla/5.0 (Linux; Android 12; SM-A125F; wv) {KIT} Version/4.0 Chrome/118.0 Mobile"
CHROME = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KIT} Chrome/120.0.0.0 Safari/537.36"


def asked(user_agent=CHROME, *headers, method="GET"):
    said = () if user_agent is None else (("User-Agent", user_agent),)
    return Visit(
        url="https://okna.example/", received_at=NOON, method=method, headers=(*said, *headers)
    )


@pytest.mark.parametrize(
    "user_agent",
    [
        CHROME,
        f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {KIT} Version/17.1 Safari/605.1.15",
        "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0",
        f"Mozilla/5.0 (Windows NT 10.0) {KIT} Chrome/116.0 YaBrowser/23.9.5 Yowser/2.5 Safari/537",
        f"Mozilla/5.0 (Linux; arm_64; Android 12; SM-A525F) {KIT} Chrome/116 YaApp_Android/23.91.1 "
        "YaSearchBrowser/23.91.1 BroPP/1.0 SA/3 Mobile Safari/537.36",
        # Cubot makes telephones.
        f"Mozilla/5.0 (Linux; Android 13; CUBOT KINGKONG 9 Build/TP1A) {KIT} Chrome/119 Mobile",
        f"Mozilla/5.0 (Linux; Android 8.1.0; Cubot_J5) {KIT} Chrome/75.0 Mobile Safari/537.36",
        f"Mozilla/5.0 (Linux; U; Android 9; CUBOT) {KIT} Chrome/75.0 Mobile Safari/537.36",
        # Browsers inside apps.
        f"{IPHONE} (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/441.0.0.23.105;FBLC/ru_RU]",
        f"{ANDROID} Safari/537.36 [FB_IAB/FB4A;FBAV/440.0.0.30.115;]",
        f"{ANDROID} Safari/537.36 MetaIAB Facebook",
        f"{ANDROID} Safari/537.36 Instagram 310.0.0.37.328 Android",
        f"{ANDROID} Safari/537.36 Telegram-Android/10.6.2 (Samsung SM-A125F; Android 12; SDK 31)",
        f"{ANDROID} Safari/537.36 WhatsApp/2.23.20.76",
        f"{ANDROID} Safari/537.36 Viber/20.1",
        f"{ANDROID} Safari/537.36 VKAndroidApp/8.50-18123",
        f"{ANDROID} Safari/537.36 musical_ly_2022 BytedanceWebview/d8a21c6",
        f"{IPHONE} (KHTML, like Gecko) Mobile/15E148 [Pinterest/iOS]",
        f"{IPHONE} (KHTML, like Gecko) Mobile/15E148 [LinkedInApp]/9.28",
        f"{IPHONE} (KHTML, like Gecko) GSA/284.0 Mobile/15E148 Safari/604.1",
        f"{IPHONE} (KHTML, like Gecko) Mobile/15E148 Snapchat/12.58 (like Safari/8615, panda)",
        f"{IPHONE} (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.42 Language/ru",
        f"Mozilla/5.0 (Linux; Android 13) {KIT} Chrome/118 Mobile DuckDuckGo/5 Safari/537.36",
        f"Mozilla/5.0 (Linux; U; Android 13; Redmi) {KIT} Mobile Safari XiaoMi/MiuiBrowser/14.7",
        f"Mozilla/5.0 (Linux; Android 9; KFTRWI) {KIT} Silk/120.1 like Chrome/120 Safari/537.36",
        # Old ones.
        "Nokia6300/2.0 (07.21) Profile/MIDP-2.0 Configuration/CLDC-1.1",
        "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/29.3709; U; ru) Presto/2.8.119 Version/11.10",
        "SAMSUNG-GT-S5260/S5260XXKA1 SHP/VPP/R5 Dolfin/2.0 SMM-MMS/1.2.0 profile/MIDP-2.1",
        "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)",
        "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko",
    ],
)
def test_people_are_people_whatever_they_browse_with(user_agent):
    evidence = judge(asked(user_agent))
    assert evidence.reason == "a browser, and nothing speaks against a person"
    assert evidence.reader is Reader.PERSON
    assert evidence.is_person


@pytest.mark.parametrize(
    ("reader", "user_agent"),
    [
        ("bot", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
        ("bot", f"{IPHONE} Mobile/15E148 (compatible; Googlebot/2.1; +http://google.com/bot.html)"),
        ("bot", "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)"),
        ("bot", "Mozilla/5.0 (compatible; YandexMetrika/2.0; +http://yandex.com/bots)"),
        ("bot", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"),
        ("bot", "Mozilla/5.0 (compatible; Linux x86_64; Mail.RU_Bot/2.0; +https://help.mail.ru)"),
        ("bot", "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)"),
        ("bot", "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)"),
        ("bot", f"Mozilla/5.0 {KIT}; compatible; GPTBot/1.0; +https://openai.com/gptbot)"),
        ("bot", f"Mozilla/5.0 {KIT}; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)"),
        ("bot", "Mozilla/5.0 (compatible; BrandNewBot/0.1)"),
        ("bot", "Mozilla/5.0 (compatible; Nobody Listed; +https://nobody.example/about)"),
        ("preview", "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"),
        ("preview", "TelegramBot (like TwitterBot)"),
        ("preview", "WhatsApp/2.23.20.0 A"),
        ("preview", "WhatsApp/2.21.12.21 N"),
        ("preview", "Viber"),
        ("preview", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"),
        ("preview", "Twitterbot/1.0"),
        ("preview", "Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)"),
        ("preview", "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)"),
        ("preview", "LinkedInBot/1.0 (compatible; Mozilla/5.0; +http://www.linkedin.com)"),
        ("preview", "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5"),
        ("tool", "curl/8.4.0"),
        ("tool", "Wget/1.21.3"),
        ("tool", "python-requests/2.31.0"),
        ("tool", "Python-urllib/3.11"),
        ("tool", "python-httpx/0.25.0"),
        ("tool", "Python/3.11 aiohttp/3.9.1"),
        ("tool", "Go-http-client/2.0"),
        ("tool", "okhttp/4.12.0"),
        ("tool", "axios/1.6.2"),
        ("tool", "Java/17.0.9"),
        ("tool", "Dalvik/2.1.0 (Linux; U; Android 12; SM-A125F Build/SP1A)"),
        ("tool", "MobileSafari/8617.1 CFNetwork/1485 Darwin/23.1.0"),
        ("tool", "PostmanRuntime/7.35.0"),
        ("tool", "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)"),
        ("tool", "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)"),
        ("tool", "check_http/v2.3.3 (nagios-plugins 2.3.3)"),
        ("tool", f"Mozilla/5.0 (X11; Linux x86_64) {KIT} HeadlessChrome/119.0 Safari/537.36"),
        ("tool", ""),
        ("tool", "  "),
        ("tool", None),
    ],
)
def test_machines_are_no_visitors(reader, user_agent):
    evidence = judge(asked(user_agent))
    assert evidence.reader == reader
    assert not evidence.is_person


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Sec-Purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("Sec-Purpose", "prefetch;anonymous-client-ip"),
        ("Purpose", "prefetch"),
        ("X-Moz", "prefetch"),
        ("X-Purpose", "preview"),
    ],
)
def test_a_page_that_is_fetched_ahead_of_time_is_not_read_yet(name, value):
    assert judge(asked(CHROME, (name, value))).reader is Reader.PREFETCH


@pytest.mark.parametrize(
    ("method", "reader"), [("HEAD", "head"), ("POST", "tool"), ("OPTIONS", "tool"), ("PUT", "tool")]
)
def test_only_get_asks_for_a_page_to_read(method, reader):
    assert judge(asked(method=method)).reader == reader


@pytest.mark.parametrize(
    ("visit", "reason"),
    [
        (asked(method="HEAD"), "HEAD asks for no page"),
        (asked(method="POST"), "POST asks for no page to read"),
        (asked(CHROME, ("Purpose", "prefetch")), "Purpose says prefetch"),
        (asked(None), "no user agent"),
        (asked("Twitterbot/1.0"), "the user agent says 'Twitterbot'"),
        (asked("Java/17.0.9"), "the user agent says 'Java/'"),
    ],
)
def test_the_reason_is_given_in_words(visit, reason):
    assert judge(visit).reason == reason


@given(st.text(max_size=3000))
def test_no_user_agent_is_too_strange_to_be_judged(user_agent):
    assert judge(asked(user_agent)).reader in Reader
