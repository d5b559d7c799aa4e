import string
from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import count

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callgraft.errors import SetupError
from callgraft.identity import (
    SESSION_IDLE,
    Identity,
    Seal,
    needs_cookie,
    new_id,
    next_view,
    recognise,
    set_cookie,
)
from callgraft.signer import Signer
from callgraft.source import UNKNOWN, Touch
from callgraft.visit import Visit

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
SEAL = Seal([b"a secret of 16 bytes or more"])
DIRECT = Touch(source="direct", medium="none", channel="direct", landing="/")
YANDEX = Touch(
    source="yandex",
    medium="cpc",
    channel="paid search",
    campaign="Окна, Москва",
    keyword="пластиковые окна",
    click_id="yclid:7412",
    landing="/okna/",
)
ANNA = Identity(
    visitor="v-anna",
    session="s-1",
    first_seen_at=NOON - timedelta(days=3),
    session_started_at=NOON,
    seen_at=NOON + MINUTE,
    pages=2,
    touch=YANDEX,
)


def asked(at=NOON, cookie=None, url="https://okna.example/"):
    headers = (("Cookie", f"a=b; callgraft={cookie}; c=d"),) if cookie is not None else ()
    return Visit(url=url, received_at=at, headers=headers)


def ids():
    numbers = count(1)
    return lambda: f"id-{next(numbers)}"


def identify(seal, visit, touch, **ids):
    return next_view(recognise(seal, visit), visit, touch, **ids)


def anna_at(at, touch=None, known=ANNA):
    return identify(SEAL, asked(at, SEAL.seal(known)), touch, new_id=ids())


# Who it is


def test_a_browser_without_a_cookie_is_a_new_visitor_in_a_new_session():
    assert identify(SEAL, asked(), YANDEX, new_id=ids()) == Identity(
        visitor="id-1",
        session="id-2",
        first_seen_at=NOON,
        session_started_at=NOON,
        seen_at=NOON,
        pages=1,
        touch=YANDEX,
    )


def test_a_new_visitor_is_not_returning():
    assert not identify(SEAL, asked(), DIRECT).is_returning


def test_a_cookie_that_we_did_not_sign_is_no_cookie():
    forged = Seal([b"somebody else's secret"]).seal(ANNA)
    assert identify(SEAL, asked(cookie=forged), DIRECT, new_id=ids()).visitor == "id-1"


def test_the_next_page_belongs_to_the_same_session():
    at = ANNA.seen_at + 5 * MINUTE
    assert anna_at(at) == replace(ANNA, pages=3, seen_at=at)


def test_a_second_arrival_within_the_session_changes_nothing_about_its_touch():
    assert anna_at(ANNA.seen_at + MINUTE, DIRECT).touch == YANDEX


def test_a_session_lasts_until_the_idle_time_is_over():
    assert anna_at(ANNA.seen_at + SESSION_IDLE).session == "s-1"


def test_after_the_idle_time_the_same_visitor_starts_a_new_session_with_the_new_touch():
    at = ANNA.seen_at + SESSION_IDLE + SECOND
    assert anna_at(at, DIRECT) == Identity(
        visitor="v-anna",
        session="id-1",
        first_seen_at=ANNA.first_seen_at,
        session_started_at=at,
        seen_at=at,
        pages=1,
        touch=DIRECT,
    )
    assert anna_at(at, DIRECT).is_returning


def test_who_goes_on_reading_an_old_tab_came_the_way_they_came_before():
    assert anna_at(ANNA.seen_at + timedelta(hours=2), touch=None).touch == YANDEX


def test_who_comes_from_our_own_page_without_a_cookie_came_nobody_knows_how():
    assert identify(SEAL, asked(), None).touch == UNKNOWN


@pytest.mark.parametrize("back", [SECOND, timedelta(minutes=45), timedelta(hours=20)])
def test_a_clock_that_went_backwards_ends_no_session_and_takes_no_time_from_it(back):
    identity = anna_at(ANNA.seen_at - back, DIRECT)
    assert identity == replace(ANNA, pages=3)


def test_a_session_that_a_wrong_clock_put_far_ahead_comes_back_to_the_present():
    ahead = replace(ANNA, seen_at=NOON + timedelta(days=4000))
    assert anna_at(NOON, known=ahead) == replace(ahead, pages=3, seen_at=NOON)


def test_ids_are_hard_to_guess_and_never_the_same():
    made = {new_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(each) == 16 and set(each) <= COOKIE_LETTERS for each in made)


# The seal


texts = st.text(max_size=40)
moments = st.datetimes(
    min_value=datetime(1971, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=3)), timezone(-timedelta(hours=9.5))]),
    max_value=datetime(9000, 1, 1),
)
touches = st.builds(Touch, **dict.fromkeys(Touch.__slots__, texts))
identities = st.builds(
    Identity,
    visitor=st.text(max_size=20),
    session=st.text(max_size=20),
    first_seen_at=moments,
    session_started_at=moments,
    seen_at=moments,
    pages=st.integers(min_value=1, max_value=10**6),
    touch=touches,
)


@given(identities)
def test_any_identity_comes_back_as_it_was_sealed(identity):
    assert SEAL.open(SEAL.seal(identity)) == identity


long_texts = st.one_of(
    st.text(max_size=400),
    st.builds(lambda one, times: one * times, st.text(max_size=3), st.integers(0, 5000)),
)


@given(st.builds(Touch, **dict.fromkeys(Touch.__slots__, long_texts)))
@example(Touch(**dict.fromkeys(Touch.__slots__, "Ж" * 5000)))
@example(Touch(**dict.fromkeys(Touch.__slots__, "\x01" * 5000)))
@example(Touch(**dict.fromkeys(Touch.__slots__, "🏠" * 5000)))
def test_texts_of_any_length_leave_a_cookie_that_browsers_keep(touch):
    identity = replace(ANNA, visitor="v" * 64, session="s" * 64, touch=touch)

    cookie = set_cookie(identity, SEAL, secure=True)
    opened = SEAL.open(SEAL.seal(identity))

    assert len(cookie.encode()) < 3_600
    assert opened is not None
    assert replace(opened, touch=touch) == identity
    for name in set(Touch.__slots__) - {"click_id"}:
        assert getattr(touch, name).startswith(getattr(opened.touch, name))
    assert opened.touch.click_id in ("", touch.click_id)


def test_a_long_campaign_alone_is_kept_whole():
    identity = replace(ANNA, touch=replace(YANDEX, campaign="Ж" * 600))
    assert SEAL.open(SEAL.seal(identity)) == identity


def test_a_lone_surrogate_becomes_a_question_mark():
    identity = replace(ANNA, touch=replace(YANDEX, keyword="окна\udc80"))
    assert SEAL.open(SEAL.seal(identity)).touch.keyword == "окна?"


@given(st.text())
@example("1..")
@example("1.e30.é")
@example("1." + "A" * 100_000)
def test_no_text_is_too_strange_to_be_refused(text):
    assert SEAL.open(text) is None
    assert recognise(SEAL, asked(cookie=text)) is None


@given(st.binary())
def test_no_bytes_are_too_strange_to_be_refused(raw):
    assert recognise(SEAL, asked(cookie=raw.decode("latin-1"))) is None
    assert recognise(SEAL, asked(cookie=raw.decode("utf-8", "surrogateescape"))) is None


SEALED = SEAL.seal(ANNA)
COOKIE_LETTERS = set(string.ascii_letters + string.digits + "-_.")


@pytest.mark.parametrize("place", range(len(SEALED)))
def test_one_altered_letter_breaks_the_seal(place):
    for letter in sorted(COOKIE_LETTERS | {"=", "é", " "}):
        altered = SEALED[:place] + letter + SEALED[place + 1 :]
        assert SEAL.open(altered) is None or altered == SEALED


@given(identities, st.data())
def test_any_alteration_breaks_the_seal(identity, data):
    sealed = SEAL.seal(identity)
    place = data.draw(st.integers(0, len(sealed) - 1))
    letter = data.draw(st.characters().filter(lambda one: one != sealed[place]))
    assert SEAL.open(sealed[:place] + letter + sealed[place + 1 :]) is None


@pytest.mark.parametrize("cut", range(len(SEALED)))
def test_a_truncated_cookie_is_refused(cut):
    assert SEAL.open(SEALED[:cut]) is None


@pytest.mark.parametrize("altered", [f"{SEALED}=", f"{SEALED} ", f"{SEALED}.", f" {SEALED}"])
def test_a_cookie_with_something_added_is_refused(altered):
    assert SEAL.open(altered) is None


def test_a_cookie_of_another_version_is_refused():
    assert SEALED.startswith("1.")
    assert SEAL.open("2." + SEALED[2:]) is None


def test_a_text_that_the_same_secret_signed_for_something_else_is_refused():
    secret = [b"a secret of 16 bytes or more"]
    payload = Signer(secret, purpose="callgraft identity", version="1").verify(SEALED)
    for purpose, version in (("callgraft identity", "2"), ("a token", "1")):
        signed = Signer(secret, purpose=purpose, version=version).sign(payload)
        assert SEAL.open(signed) is None


@pytest.mark.parametrize(
    "payload",
    [b"", b"[]", b"{}", b"7", b"\xff", b'["v","s","x",0,0,1]', b'["v","s",9e99,0,0,1]'],
)
def test_a_well_signed_text_that_is_no_identity_is_refused(payload):
    signer = Signer([b"a secret of 16 bytes or more"], purpose="callgraft identity", version="1")
    assert SEAL.open(signer.sign(payload)) is None


def test_the_first_secret_signs_and_all_of_them_verify():
    old, new = b"the secret of last year", b"the secret of this year"
    rotated = Seal([new, old])
    assert rotated.open(Seal([old]).seal(ANNA)) == ANNA
    assert rotated.open(Seal([new]).seal(ANNA)) == ANNA
    assert Seal([new]).open(rotated.seal(ANNA)) == ANNA
    assert Seal([old]).open(rotated.seal(ANNA)) is None


def test_a_sealed_cookie_needs_no_quoting():
    assert set(SEALED) <= COOKIE_LETTERS


def test_the_cookie_tells_what_the_documentation_says():
    payload = SEALED.split(".")[1]
    assert urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode() == (
        '["v-anna","s-1",1772193600000000,1772452800000000,1772452860000000,2,"yandex","cpc",'
        '"paid search","Окна, Москва","пластиковые окна","","yclid:7412","","/okna/"]'
    )


@pytest.mark.parametrize("secrets", [[], [b"short"], [b"long enough for anybody", b""]])
def test_a_seal_needs_real_secrets(secrets):
    with pytest.raises(SetupError, match=r"Give 16 random bytes or more"):
        Seal(secrets)


def test_the_message_about_a_short_secret_keeps_it_secret():
    with pytest.raises(SetupError) as caught:
        Seal([b"hunter2"])
    assert str(caught.value).startswith("secrets[0]: The secret has only 7 bytes.")


# The cookie


def test_the_cookie_is_first_party_and_out_of_reach_of_scripts():
    assert set_cookie(ANNA, SEAL, secure=False) == (
        f"callgraft={SEALED}; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax"
    )


def test_on_https_the_cookie_stays_on_https():
    assert set_cookie(ANNA, SEAL, secure=True).endswith("; SameSite=Lax; Secure")


def test_the_browser_is_recognised_by_the_cookie_that_it_was_given():
    value = set_cookie(ANNA, SEAL, secure=True).partition(";")[0].removeprefix("callgraft=")
    assert recognise(SEAL, asked(cookie=value)) == ANNA


def test_a_new_visitor_gets_a_cookie():
    assert needs_cookie(None, ANNA)


def test_a_new_session_gets_a_cookie():
    assert needs_cookie(ANNA, replace(ANNA, session="s-2", pages=9))


def test_the_second_page_view_of_a_session_is_written_down():
    first = replace(ANNA, pages=1)
    assert needs_cookie(first, replace(first, pages=2, seen_at=first.seen_at + SECOND))


@pytest.mark.parametrize(
    ("later", "needed"), [(0 * SECOND, False), (59 * SECOND, False), (60 * SECOND, True)]
)
def test_a_later_page_view_is_written_down_once_a_minute(later, needed):
    assert needs_cookie(ANNA, replace(ANNA, pages=3, seen_at=ANNA.seen_at + later)) is needed


def test_a_moment_that_was_put_right_is_written_down():
    assert needs_cookie(ANNA, replace(ANNA, pages=3, seen_at=ANNA.seen_at - timedelta(days=2)))


def test_a_browser_that_reads_a_page_every_ten_seconds_gets_a_cookie_a_minute():
    cookie, written = None, 0
    for page in range(61):
        visit = asked(NOON + page * 10 * SECOND, cookie)
        known = recognise(SEAL, visit)
        identity = next_view(known, visit, DIRECT if page == 0 else None)
        if needs_cookie(known, identity):
            written += 1
            cookie = SEAL.seal(identity)
    assert identity.session_started_at == NOON
    assert written == 11


AD = replace(YANDEX, campaign="balconies")


@pytest.mark.parametrize(
    "touch",
    [
        replace(YANDEX, source="google"),
        AD,
        replace(YANDEX, click_id="yclid:2"),
        replace(YANDEX, source="vk", medium="social", channel="social", campaign=""),
    ],
)
def test_a_click_on_another_advertisement_begins_a_new_session(touch):
    again = anna_at(ANNA.seen_at + MINUTE, touch, known=replace(ANNA, touch=with_click(YANDEX)))
    assert again.session != ANNA.session
    assert (again.visitor, again.touch, again.pages) == (ANNA.visitor, touch, 1)


@pytest.mark.parametrize(
    "touch",
    [
        None,
        YANDEX,
        DIRECT,
        replace(YANDEX, landing="/other", referrer="ya.ru"),
        replace(DIRECT, source="bank.example", medium="referral", channel="referral"),
    ],
)
def test_a_reload_a_plain_link_and_a_way_back_do_not_begin_a_session(touch):
    again = anna_at(ANNA.seen_at + MINUTE, touch)
    assert (again.session, again.touch) == (ANNA.session, YANDEX)


def test_a_text_that_the_cookie_cut_short_begins_no_session_on_a_reload():
    long = replace(YANDEX, campaign="Ж" * 600, click_id="yclid:" + "9" * 3000)
    known = SEAL.open(SEAL.seal(replace(ANNA, touch=long)))
    assert known.touch != long
    assert anna_at(ANNA.seen_at + MINUTE, long, known=known).session == ANNA.session


def with_click(touch):
    return replace(touch, click_id="yclid:1")
