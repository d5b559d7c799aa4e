"""The Site document of the suite, and engines for it."""

from __future__ import annotations

from datetime import timedelta

from callgraft import Engine, read_site
from callgraft.client import TrackingClient, open_client
from callgraft.config import Settings
from callgraft.network import parse_networks
from callgraft.sites import FixedSites
from tests.doors.origin import MAX_BODY

SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSB0ZXN0cyBvZiBhbGwgZG9vcnM="

SITE = read_site(
    """
    [site]
    key = "okna"
    hosts = ["okna.example"]
    region = "RU"

    [targets.main]
    number = "+7 495 123-45-67"

    [pools.direct]
    numbers = ["+7 499 000-00-01", "+7 499 000-00-02"]
    overflow = "+7 499 000-00-99"

    [pools.site]
    numbers = ["+7 499 000-02-01", "+7 499 000-02-02", "+7 499 000-02-03"]

    [fixed.office]
    number = "+7 499 000-00-70"
    source = "office"

    [fixed.kontakty]
    number = "+7 499 000-00-71"
    source = "kontakty"

    [providers.generic]
    secret = "env:SECRET"

    [consent]
    cookie = "cookie_consent"
    declined = ["no"]

    [[bodies]]
    paths = ["/api/*", "/feed.xml"]
    types = ["json", "xml", "text"]

    [[bodies]]
    paths = ["/basket"]

    [[images]]
    url = "/img/phone*.png"
    target = "main"
    notation = "8 (495) 123-45-67"

    [promo]
    fallback = "at the desk"

    [[rules]]
    name = "A code for who came by an advertisement"
    when = { medium = "cpc" }
    promo = true

    [[rules]]
    name = "From the office"
    target = "main"
    when = { network = "203.0.113.0/24" }
    fixed = "office"

    [[rules]]
    name = "Hidden until somebody clicks"
    target = "main"
    when = { path = "/hidden" }
    fixed = "kontakty"
    reveal = true

    [[rules]]
    name = "The page with the Russian address"
    target = "main"
    when = { path = "/контакты/*" }
    fixed = "kontakty"

    [[rules]]
    name = "Yandex Direct"
    target = "main"
    when = { source = "yandex", medium = "cpc", keyword = "окна *" }
    pool = "direct"

    [[rules]]
    name = "Everyone else"
    target = "main"
    pool = "site"
    """,
    name="doors.toml",
    environ={"SECRET": SECRET},
)


def engine_of(client: TrackingClient | None = None, *, budget: float = 10) -> Engine:
    """
    Return an engine with a fresh store.

    :param budget: in seconds; generous where the machine's own slowness is not what is tested.
    """
    return Engine(
        FixedSites(SITE),
        client or open_client("memory:"),
        settings=Settings(
            budget=timedelta(seconds=budget),
            max_body=MAX_BODY,
            trusted_proxies=parse_networks(["127.0.0.1"]),
        ),
    )
