# ruff: noqa: E501 - the table shows each mistake in one line, as an operator reads it
import pickle
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from callgraft.errors import SetupError, SiteError, SiteErrors
from callgraft.site import Site
from callgraft.site_toml import read_site

BASE = """
[site]
key = "okna"
hosts = ["okna.example"]
region = "RU"
timezone = "Europe/Moscow"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = ["+7 499 000-00-01", "+7 499 000-00-02"]
overflow = "+7 499 000-00-99"

[fixed.billboard]
number = "+7 499 000-00-77"
source = "billboard"

[[rules]]
name = "Direct"
target = "main"
when = { source = "yandex" }
pool = "direct"
"""
OKNA = (Path(__file__).parent / "site_documents" / "okna.toml").read_text(encoding="utf-8")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def changed(old, new):
    assert old in BASE
    return BASE.replace(old, new, 1)


def more(text):
    return BASE + text


def site(line):
    return changed('key = "okna"\n', f'key = "okna"\n{line}\n')


def target(line):
    return changed('number = "+7 495 123-45-67"\n', f'number = "+7 495 123-45-67"\n{line}\n')


def pool(line):
    return changed('overflow = "+7 499 000-00-99"\n', f'overflow = "+7 499 000-00-99"\n{line}\n')


def when(condition):
    return changed('{ source = "yandex" }', condition)


def provider(line):
    return more(f"[providers.generic]\n{line}")


def mistakes(document, **more):
    with pytest.raises(SiteErrors) as caught:
        read_site(document, **more)
    return caught.value


def test_the_base_of_these_tests_is_no_mistake():
    assert isinstance(read_site(BASE), Site)


# fmt: off
MISTAKES = [
    (more('[pool.x]\nnumbers = ["+7 499 000-00-03"]'), "pool", 'there is no such key here. Did you mean "pools"?'),
    (site('time_zone = "UTC"'), "site.time_zone = 'UTC'", 'there is no such key here. Did you mean "timezone"?'),
    (target('nubmer = "1"'), "targets.main.nubmer = '1'", 'there is no such key here. Did you mean "number"?'),
    (pool('overflw = "+7 499 000-00-98"'), "pools.direct.overflw = '+7 499 000-00-98'", 'there is no such key here. Did you mean "overflow"?'),
    (changed('source = "billboard"','source = "billboard"\nregion = "RU-MOW"'), "fixed.billboard.region = 'RU-MOW'", "there is no such key here. Known are: campaign, medium, number, source."),
    (changed('target = "main"','target = "main"\nenable = true'), "rules[0].enable = true", 'there is no such key here. Did you mean "enabled"?'),
    (when('{ regoin = "RU-MOW" }'), "rules[0].when.regoin = 'RU-MOW'", 'in rule "Direct", there is no such condition. Did you mean "region"?'),
    (target('route = [{ rings = ["+7 916 000-00-01"], ring = ["+7 916 000-00-01"] }]'), "targets.main.route[0].rings = ['+7 916 000-00-01']", 'there is no such key here. Did you mean "ring"?'),
    (target('places.jsonld = "swap"'), "targets.main.places.jsonld = 'swap'", 'there is no such key here. Did you mean "json_ld"?'),
    (target('places.json_ld = "remove"'), "targets.main.places.json_ld = 'remove'", 'a place is swapped or kept. Write "swap" or "keep".'),
    (target('places = "swap"'), "targets.main.places = 'swap'", 'it takes a table, not text. Write for example places.json_ld = "swap".'),
    (target('only = "footer"'), "targets.main.only = 'footer'", 'it takes a list, not text. Write only = ["#header .phone"].'),
    (target('only = ["main", "a["]'), "targets.main.only[1] = 'a['", "no CSS selector: Malformed attribute selector at position 1. Write it as in a style sheet, like \"#header .phone\"."),
    (target('except = ["footer >"]'), "targets.main.except[0] = 'footer >'", "no CSS selector: Invalid character ' ' position 6. Write it as in a style sheet, like \"footer\"."),
    (target('except = ["p::before"]'), "targets.main.except[0] = 'p::before'", "no CSS selector: Pseudo-element found at position 1. Write it as in a style sheet, like \"footer\"."),
    (target('except = [""]'), "targets.main.except[0] = ''", 'it is empty. Write it like "footer".'),
    (target('local = "yes"'), "targets.main.local = 'yes'", "it is true or false, not text. Write local = true."),
    (changed('number = "+7 495 123-45-67"\n', 'number = "8 800 555-01-23"\nlocal = true\n'), "targets.main.local = true", "nobody rings +78005550123 without its first digits. Leave it out."),
    (target('route = "+7 916 000-00-01"'), "targets.main.route = '+7 916 000-00-01'", "it takes a list of tables, not text. Write route = [{ … }]."),
    (target('route = ["+7 916 000-00-01"]'), "targets.main.route[0] = '+7 916 000-00-01'", "it takes a table, not text. Write { ring = … }."),
    (target('route = [{ ring = "+7 916 000-00-01" }]'), "targets.main.route[0].ring = '+7 916 000-00-01'", 'it takes a list, not text. Write ring = ["+7 499 000-00-01"].'),
    (target('route = [{ ring = [] }]'), "targets.main.route[0].ring = []", 'it needs a number. Write ring = ["+7 499 000-00-01"].'),
    (target('route = [{ ring = ["+7 916 000-00-01"], timeout = 25 }]'), "targets.main.route[0].timeout = 25", 'a duration is text with its unit, not a number. Write "25s", "25m" or "25h".'),
    (target('route = [{ ring = ["+7 916 000-00-01"], timeout = "0s" }]'), "targets.main.route[0].timeout = '0s'", 'it must be longer than nothing. Write it like "30m".'),
    (changed('[site]\nkey = "okna"\n','[site]\n'), "site.key", 'it is missing. Write key = "okna".'),
    (changed('key = "okna"','key = "Окна и двери"'), "site.key = 'Окна и двери'", 'a name is made of Latin letters, digits, - and _, at most 64 of them. Give it a plain one, like "okna".'),
    (changed('key = "okna"','key = 5'), "site.key = 5", 'it takes text, not a number. Write key = "okna".'),
    (changed('"RU"','"ru"'), "site.region = 'ru'", 'no country has this code. Write "RU".'),
    (changed('"RU"','"UK"'), "site.region = 'UK'", 'no country has this code. Write "GB".'),
    (changed('"RU"','"Russia"'), "site.region = 'Russia'", 'no country has this code. Write two capital letters of ISO 3166-1, like "RU".'),
    (changed('"RU"','7'), "site.region = 7", 'it takes text, not a number. Write region = "RU".'),
    (changed('Europe/Moscow','Europe/Moskow'), "site.timezone = 'Europe/Moskow'", 'there is no such time zone. Did you mean "Europe/Moscow"?'),
    (changed('Europe/Moscow','MSK'), "site.timezone = 'MSK'", 'there is no such time zone. Write it like "Europe/Moscow".'),
    (changed('Europe/Moscow','../../etc/passwd'), "site.timezone = '../../etc/passwd'", 'there is no such time zone. Write it like "Europe/Moscow".'),
    (changed('["okna.example"]','["https://okna.example/kontakty"]'), "site.hosts[0] = 'https://okna.example/kontakty'", 'a host is written alone, in small letters, without scheme, port or path. Write "okna.example".'),
    (changed('["okna.example"]','["okna.example:8080"]'), "site.hosts[0] = 'okna.example:8080'", 'a host is written alone, in small letters, without scheme, port or path. Write "okna.example".'),
    (changed('["okna.example"]','["Okna.example"]'), "site.hosts[0] = 'Okna.example'", 'a host is written alone, in small letters, without scheme, port or path. Write "okna.example".'),
    (changed('["okna.example"]','["*.okna.example"]'), "site.hosts[0] = '*.okna.example'", "no host name. List each host by its name."),
    (changed('["okna.example"]','["okna example"]'), "site.hosts[0] = 'okna example'", 'no host name. Write it like "okna.example".'),
    (changed('["okna.example"]','"okna.example"'), "site.hosts = 'okna.example'", 'it takes a list, not text. Write hosts = ["okna.example"].'),
    (changed('["okna.example"]','[5]'), "site.hosts[0] = 5", 'it takes text, not a number. Write it like "okna.example".'),
    (site('contact_pages = ["contacts"]'), "site.contact_pages[0] = 'contacts'", 'no glob of a page\'s path. Write it like "/contacts/*" or "*contact*".'),
    (changed('number = "+7 495 123-45-67"','number = "ring us"'), "targets.main.number = 'ring us'", 'no phone number in the notation of RU. Write it in full, like "+7 495 123-45-67".'),
    (changed('number = "+7 495 123-45-67"','number = 74951234567'), "targets.main.number = 74951234567", 'it takes text, not a number. Write number = "+7 495 123-45-67".'),
    (changed('number = "+7 495 123-45-67"','number = ""'), "targets.main.number = ''", 'it is empty. Write number = "+7 495 123-45-67".'),
    (changed('number = "+7 495 123-45-67"','# none'), "targets.main.number", 'it is missing. Write number = "+7 495 123-45-67".'),
    (changed('"+7 499 000-00-02"','"+7 49"'), "pools.direct.numbers[1] = '+7 49'", 'no phone number in the notation of RU. Write it in full, like "+7 495 123-45-67".'),
    (changed('["+7 499 000-00-01", "+7 499 000-00-02"]','[]'), "pools.direct.numbers = []", 'it needs a number. Write numbers = ["+7 499 000-00-01"].'),
    (changed('numbers = ["+7 499 000-00-01", "+7 499 000-00-02"]\n',''), "pools.direct.numbers", 'it needs a number. Write numbers = ["+7 499 000-00-01"].'),
    (changed('"+7 499 000-00-02"','"8 499 000 00 01"'), "pools.direct.numbers[1] = '+74990000001'", "it stands already at pools.direct.numbers[0]. A tracking number has one purpose: remove it from one of the two."),
    (changed('"+7 499 000-00-99"','"+7 499 000-00-02"'), "pools.direct.overflow = '+74990000002'", "it stands already at pools.direct.numbers[1]. A tracking number has one purpose: remove it from one of the two."),
    (changed('"+7 499 000-00-77"','"+7 499 000-00-99"'), "fixed.billboard.number = '+74990000099'", "it stands already at pools.direct.overflow. A tracking number has one purpose: remove it from one of the two."),
    (changed('"+7 499 000-00-02"','"+7 495 123-45-67"'), "pools.direct.numbers[1] = '+74951234567'", "it is the target at targets.main.number. A target is replaced by another number."),
    (more('[targets.second]\nnumber = "8 (495) 123-45-67"'), "targets.second.number = '+74951234567'", "it is the target at targets.main.number already. Make one target of the two."),
    (target('route = [{ ring = ["+7 499 000-00-01"] }]'), "targets.main.route[0].ring[0] = '+74990000001'", "it is the tracking number at pools.direct.numbers[0]: a call would go in circles. Ring a number where somebody answers."),
    (pool('hold = 30'), "pools.direct.hold = 30", 'a duration is text with its unit, not a number. Write "30s", "30m" or "30h".'),
    (pool('hold = "30"'), "pools.direct.hold = '30'", 'no duration. Write it like "25s", "30m", "1h30m" or "2d".'),
    (pool('hold = "-5m"'), "pools.direct.hold = '-5m'", 'a duration cannot be negative. Write it like "25s", "30m", "1h30m" or "2d".'),
    (pool('hold = "0m"'), "pools.direct.hold = '0m'", 'it must be longer than nothing. Write it like "30m".'),
    (pool('hold = "soon"'), "pools.direct.hold = 'soon'", 'no duration. Write it like "25s", "30m", "1h30m" or "2d".'),
    (pool('hold = "9999d"'), "pools.direct.hold = '9999d'", 'longer than a year. Write it like "25s", "30m", "1h30m" or "2d".'),
    (pool('hold = true'), "pools.direct.hold = true", 'a duration is text with its unit, not true or false. Write it like "25s", "30m", "1h30m" or "2d".'),
    (pool('cool_off = "-1d"'), "pools.direct.cool_off = '-1d'", 'a duration cannot be negative. Write it like "25s", "30m", "1h30m" or "2d".'),
    (pool('when_full = "wait"'), "pools.direct.when_full = 'wait'", 'there is no such choice. Write "overflow" or "share".'),
    (pool('when_full = true'), "pools.direct.when_full = true", 'there is no such choice. Write "overflow" or "share".'),
    (pool('per_network = -1'), "pools.direct.per_network = -1", 'it takes a whole number, from 0 on. Write per_network = 20.'),
    (pool('per_network = "few"'), "pools.direct.per_network = 'few'", 'it takes a whole number, from 0 on. Write per_network = 20.'),
    (pool('quarantine_calls = true'), "pools.direct.quarantine_calls = true", 'it takes a whole number, from 0 on. Write quarantine_calls = 1.'),
    (pool('quarantine_for = "0d"'), "pools.direct.quarantine_for = '0d'", 'it must be longer than nothing. Write it like "30m".'),
    (pool('quarantine = ["+7 499 000-00-01"]'), "pools.direct.quarantine[0] = '+74990000001'", "it stands already at pools.direct.numbers[0]. A tracking number has one purpose: remove it from one of the two."),
    (pool('draining = "+7 499 000-00-03"'), "pools.direct.draining = '+7 499 000-00-03'", 'it takes a list, not text. Write draining = ["+7 499 000-00-01"].'),
    (more('[pools.vk]\nnumbers = ["+7 499 000-00-03"]\noverflow = "+7 499 000-00-99"\nsource = "vk"'), "pools.vk.overflow = '+74990000099'", "the pool 'direct' shows it too, and stands for another source. Give each an overflow number of its own, or the same source and medium."),
    (pool('source = ["yandex"]'), "pools.direct.source = ['yandex']", 'it takes text, not a list. Write source = "yandex".'),
    (pool('source = ""'), "pools.direct.source = ''", 'it is empty. Write source = "yandex".'),
    (changed('source = "billboard"\n',''), "fixed.billboard.source", 'it is missing. Write source = "billboard".'),
    (changed('target = "main"','target = "mian"'), "rules[0].target = 'mian'", 'in rule "Direct", there is no such target. Did you mean "main"?'),
    (changed('target = "main"\n',''), "rules[0].target", 'in rule "Direct", it is missing. Write target = "main".'),
    (changed('pool = "direct"','pool = "direkt"'), "rules[0].pool = 'direkt'", 'in rule "Direct", there is no such pool. Did you mean "direct"?'),
    (changed('pool = "direct"','fixed = "bilboard"'), "rules[0].fixed = 'bilboard'", 'in rule "Direct", there is no such fixed number. Did you mean "billboard"?'),
    (changed('pool = "direct"','pool = "direct"\nfixed = "billboard"'), "rules[0].fixed = 'billboard'", 'in rule "Direct", a rule leads to a pool or to a fixed number. Take one away.'),
    (changed('pool = "direct"\n',''), "rules[0]", 'in rule "Direct", it leads nowhere. Write pool = … or fixed = …, or keep = true to leave the number alone.'),
    (changed('pool = "direct"','pool = "direct"\nkeep = true'), "rules[0].keep = true", 'in rule "Direct", a rule that keeps the number leads to no pool. Take keep away, or pool.'),
    (changed('pool = "direct"','keep = false'), "rules[0]", 'in rule "Direct", it leads nowhere. Write pool = … or fixed = …, or keep = true to leave the number alone.'),
    (changed('pool = "direct"','keep = "yes"'), "rules[0].keep = 'yes'", 'in rule "Direct", it is true or false, not text. Write keep = true.'),
    (changed('pool = "direct"','pool = ["direct"]'), "rules[0].pool = ['direct']", 'in rule "Direct", it takes text, not a list. Write pool = "direct".'),
    (changed('name = "Direct"\n',''), "rules[0].name", 'it is missing. Write name = "Yandex Direct, Moscow".'),
    (changed('pool = "direct"','pool = "direct"\nenabled = 1'), "rules[0].enabled = 1", 'in rule "Direct", it is true or false, not a number. Write enabled = true.'),
    (more('[[rules]]\nname = "Direct"\ntarget = "main"\nkeep = true'), "rules[1].name = 'Direct'", "rules[0] has this name already, and explanations would be unclear. Give it another name."),
    (when('"yandex"'), "rules[0].when = 'yandex'", 'in rule "Direct", a condition is a table, not text. Write for example { source = "yandex", medium = "cpc" }.'),
    (when('{}'), "rules[0].when", 'in rule "Direct", the condition says nothing. Leave it out, or write one.'),
    (when('{ source = [] }'), "rules[0].when.source = []", 'in rule "Direct", an empty list never holds. Name at least one, or leave it out.'),
    (when('{ source = 5 }'), "rules[0].when.source = 5", 'in rule "Direct", it takes text, not a number. Write a text in quotes, or a list of texts.'),
    (when('{ source = ["yandex", 5] }'), "rules[0].when.source[1] = 5", 'in rule "Direct", it takes text, not a number. Write a text in quotes, or a list of texts.'),
    (when('{ any = { source = "a" } }'), "rules[0].when.any", 'in rule "Direct", it takes a list of conditions, not a table. Write for example [{ source = "yandex" }, { region = "RU-MOW" }].'),
    (when('{ all = [] }'), "rules[0].when.all = []", 'in rule "Direct", it takes a list of conditions, not an empty one. Write for example [{ source = "yandex" }, { region = "RU-MOW" }].'),
    (when('{ all = ["yandex"] }'), "rules[0].when.all[0] = 'yandex'", 'in rule "Direct", a condition is a table, not text. Write for example { source = "yandex", medium = "cpc" }.'),
    (when('{ not = [{ source = "a" }] }'), "rules[0].when.not", 'in rule "Direct", it is unclear how a list is meant here. Write not = { any = [ … ] }, or not = { all = [ … ] }.'),
    (when('{ any = [{ source = "a" }, { sorce = "b" }] }'), "rules[0].when.any[1].sorce = 'b'", 'in rule "Direct", there is no such condition. Did you mean "source"?'),
    (when('{ country = "rus" }'), "rules[0].when.country = 'rus'", 'in rule "Direct", no country has this code. Write two capital letters of ISO 3166-1, like "RU".'),
    (when('{ country = "ru" }'), "rules[0].when.country = 'ru'", 'in rule "Direct", no country has this code. Write "RU".'),
    (when('{ region = "ru-mow" }'), "rules[0].when.region = 'ru-mow'", 'in rule "Direct", no code of ISO 3166-2 looks like this. Write "RU-MOW".'),
    (when('{ region = "Moscow" }'), "rules[0].when.region = 'Moscow'", 'in rule "Direct", no code of ISO 3166-2 looks like this. Write it like "RU-MOW", or "RU" for a country.'),
    (when('{ region = "XX-MOW" }'), "rules[0].when.region = 'XX-MOW'", 'in rule "Direct", no country has this code. Write two capital letters of ISO 3166-1, like "RU".'),
    (when('{ region = ["RU-MOW", "RU-MOSCOW"] }'), "rules[0].when.region[1] = 'RU-MOSCOW'", 'in rule "Direct", no code of ISO 3166-2 looks like this. Write it like "RU-MOW", or "RU" for a country.'),
    (when('{ channel = "paid" }'), "rules[0].when.channel = 'paid'", 'in rule "Direct", there is no such channel. Known are: direct, email, messenger, offline, organic search, other, paid search, referral, social.'),
    (when('{ device = "phone" }'), "rules[0].when.device = 'phone'", 'in rule "Direct", there is no such device. Known are: desktop, mobile, tablet.'),
    (when('{ language = "russian!" }'), "rules[0].when.language = 'russian!'", 'in rule "Direct", no language tag. Write it like "ru" or "pt-BR".'),
    (when('{ weekday = "monday" }'), "rules[0].when.weekday = 'monday'", 'in rule "Direct", "monday" is no weekday. Did you mean "mon"?'),
    (when('{ weekday = "mon-fry" }'), "rules[0].when.weekday = 'mon-fry'", 'in rule "Direct", "fry" is no weekday. Did you mean "fri"?'),
    (when('{ time = "9-18" }'), "rules[0].when.time = '9-18'", 'in rule "Direct", no span of time. Write it like "09:00-18:00".'),
    (when('{ time = "09:00-25:00" }'), "rules[0].when.time = '09:00-25:00'", 'in rule "Direct", no clock shows this. Write hours 00-23, minutes 00-59.'),
    (when('{ time = "09:00-09:00" }'), "rules[0].when.time = '09:00-09:00'", 'in rule "Direct", it begins when it ends. Write "00:00-24:00" for the whole day, or leave it out.'),
    (when('{ time = 09:00:00 }'), "rules[0].when.time = 09:00:00", 'in rule "Direct", it takes text, not a date or time. Write a text in quotes, or a list of texts.'),
    (when('{ returning = "yes" }'), "rules[0].when.returning = 'yes'", 'in rule "Direct", it is true or false, not text. Write true or false.'),
    (when('{ network = "10.0.0.1/8" }'), "rules[0].when.network = '10.0.0.1/8'", 'in rule "Direct", an address inside a network is no network. Write "10.0.0.0/8" for the network, or "10.0.0.1" for one address.'),
    (when('{ network = "office" }'), "rules[0].when.network = 'office'", 'in rule "Direct", no network. Write it like "192.0.2.0/24".'),
    (when("{ source = 're:(yandex' }"), "rules[0].when.source = 're:(yandex'", 'in rule "Direct", no regular expression: missing ): (yandex. Mend it, or write a glob like *window*.'),
    (when("{ source = 're:(?=a)' }"), "rules[0].when.source = 're:(?=a)'", 'in rule "Direct", no regular expression: invalid perl operator: (?=. Mend it, or write a glob like *window*.'),
    (when("{ source = 're:a{5000}' }"), "rules[0].when.source = 're:a{5000}'", 'in rule "Direct", no regular expression: invalid repetition size: {5000}. Mend it, or write a glob like *window*.'),
    (when('{ query = {} }'), "rules[0].when.query", 'in rule "Direct", no parameter is named. Write for example { promo = "*" }.'),
    (when('{ query = { promo = 5 } }'), "rules[0].when.query.promo = 5", 'in rule "Direct", it takes text, not a number. Write a text in quotes, or a list of texts.'),
    (when('{ query = 5 }'), "rules[0].when.query = 5", 'in rule "Direct", it takes text, not a number. Write a text in quotes, or a list of texts.'),
    (provider(''), "providers.generic.secret", 'it is missing. Write secret = "env:NAME", and the secret into that variable.'),
    (provider('secret = "secret"'), "providers.generic.secret", 'the secret is not whsec_ and base64. Write "whsec_" and base64 of 24 to 64 random bytes, or "env:NAME".'),
    (provider('secret = "whsec_c2hvcnQ="'), "providers.generic.secret", 'the secret has 5 bytes, not 24 to 64. Write "whsec_" and base64 of 24 to 64 random bytes, or "env:NAME".'),
    (provider('secret = "whsec_!"'), "providers.generic.secret", 'the secret is not whsec_ and base64. Write "whsec_" and base64 of 24 to 64 random bytes, or "env:NAME".'),
    (provider('secret = "env:MISSING"'), "providers.generic.secret = 'env:MISSING'", "the environment has no such variable. Set MISSING before the start, or write the secret itself here."),
    (provider('secret = "env:BAD"'), "providers.generic.secret", 'the secret in BAD is not whsec_ and base64. Write "whsec_" and base64 of 24 to 64 random bytes, or "env:NAME".'),
    (provider('secret = 5'), "providers.generic.secret", 'a secret is text, not a number. Write "whsec_" and base64 of 24 to 64 random bytes, or "env:NAME".'),
    (provider('secret = []'), "providers.generic.secret = []", 'it is missing. Write secret = "env:NAME", and the secret into that variable.'),
    (more('[privacy]\nkeep_visit = "90d"'), "privacy.keep_visit = '90d'", 'there is no such key here. Did you mean "keep_visits"?'),
    (more('[privacy]\nkeep_visits = "4000d"'), "privacy.keep_visits = '4000d'", 'longer than 10 years. Write it like "25s", "30m", "1h30m" or "2d".'),
    (more('[privacy]\nkeep_calls = "0s"'), "privacy.keep_calls = '0s'", 'it must be longer than nothing. Write it like "30m".'),
    (more('[[privacy]]\nkeep_calls = "9d"'), "privacy", 'it takes a table, not a list. Write [privacy], and its keys below it.'),
    (more('[consent]\ndeclined = ["no"]'), "consent.cookie", "it is missing: whose values are these? Name the cookie of your consent banner."),
    (more('[consent]\ncookie = "cc"'), "consent.declined", "it is missing: nothing would count as a no. Write the cookie's value for a no, like declined = [\"no\"]."),
    (more('[consent]\ncookie = "cc"\naccepted = ["yes"]'), "consent.accepted = ['yes']", "it counts only where a yes is required. Write required = true, or leave it out."),
    (more('[consent]\nrequired = true'), "consent.accepted", "it is missing: nobody could say yes. Write the cookie's value for a yes, like accepted = [\"yes\"]."),
    (more('[consent]\ncookie = "cc"\ndeclined = "no"'), "consent.declined = 'no'", "it takes a list, not text. Write declined = [\"no\"]."),
    (more('[consent]\ngpc = "yes"'), "consent.gpc = 'yes'", "it is true or false, not text. Write gpc = true."),
    (more('[providers]\ngeneric = "x"'), "providers.generic", "it takes a table, not text. Write [providers.generic], and its keys below it."),

    (provider(f'secret = "{SECRET[6:]}"'), "providers.generic.secret", 'the secret is not whsec_ and base64. Write "whsec_" and base64 of 24 to 64 random bytes, or "env:NAME".'),
    (pool('hold = "367d"'), "pools.direct.hold = '367d'", 'longer than a year. Write it like "25s", "30m", "1h30m" or "2d".'),
    (when('{ time = "09:60-10:00" }'), "rules[0].when.time = '09:60-10:00'", 'in rule "Direct", no clock shows this. Write hours 00-23, minutes 00-59.'),
    (when('{ time = "09:00-10:60" }'), "rules[0].when.time = '09:00-10:60'", 'in rule "Direct", no clock shows this. Write hours 00-23, minutes 00-59.'),
    (when('{ time = "24:00-10:00" }'), "rules[0].when.time = '24:00-10:00'", 'in rule "Direct", no clock shows this. Write hours 00-23, minutes 00-59.'),
    (changed("Europe/Moscow", "new york"), "site.timezone = 'new york'", 'there is no such time zone. Did you mean "America/New_York"?'),
    (f'[site]\nkey = "{"k" * 65}"\n[targets.main]\nnumber = "+7 495 123-45-67"', f"site.key = '{'k' * 65}'", 'a name is made of Latin letters, digits, - and _, at most 64 of them. Give it a plain one, like "okna".'),
    ('[site]\nkey = "okna"', "targets", 'the site has no target: no number to replace. Write [targets.main] and below it number = "+7 495 123-45-67".'),
    ('[site]\nkey = "okna"\n[targets]', "targets", 'the site has no target: no number to replace. Write [targets.main] and below it number = "+7 495 123-45-67".'),
    ('[site]\nkey = "okna"\n[[targets]]\nnumber = "+7 495 123-45-67"', "targets", "it takes named tables, not a list. Write [targets.main], with a name of your choice for main."),
    ('[site]\nkey = "okna"\n[targets]\nnumber = "+7 495 123-45-67"', "targets.number = '+7 495 123-45-67'", "it takes a table, not text. Write [targets.main], and its keys below it."),
    ('[site]\nkey = "okna"\n[targets."main office"]\nnumber = "+7 495 123-45-67"', 'targets."main office"', 'a name is made of Latin letters, digits, - and _, at most 64 of them. Give it a plain one, like "main".'),
    ('[targets.main]\nnumber = "+7 495 123-45-67"', "site", 'it is missing. Write [site] and below it key = "okna".'),
    ('site = "okna"\n[targets.main]\nnumber = "+7 495 123-45-67"', "site = 'okna'", 'it takes a table, not text. Write [site] and below it key = "okna".'),
    (BASE.replace('region = "RU"', "").replace("+7 495", "8 495"), "targets.main.number = '8 495 123-45-67'", 'no phone number in international notation. Write it in full, like "+7 495 123-45-67", or set site.region, like "RU".'),
    (BASE.replace("[[rules]]", "[rules]"), "rules", "it takes a list of tables, not a table. Write [[rules]] before each."),
    (provider(f'secret = ["{SECRET}", "x"]'), "providers.generic.secret[1]", 'the secret is not whsec_ and base64. Write "whsec_" and base64 of 24 to 64 random bytes, or "env:NAME".'),
    (when(f'{{ source = "{"x" * 501}" }}'), f"rules[0].when.source = '{'x' * 47}...{'x' * 48}'", 'in rule "Direct", a pattern has at most 500 characters. Write a list of shorter ones.'),
]
# fmt: on


@pytest.mark.parametrize(("document", "where", "what"), MISTAKES)
def test_a_mistake_names_key_value_and_cure(document, where, what):
    (problem,) = mistakes(document, environ={"BAD": "secret"}).problems
    assert str(problem) == f"{where}: {what}"
    assert problem.cure


@pytest.mark.parametrize(
    ("document", "where", "what"),
    [
        (changed('"RU"', "RU"), "line 5, column 10", "Invalid value. Texts stand in quotes, "),
        (changed('"okna"', '"okna'), "line 3, column 12", "A text in quotes ends on its line"),
        (site('key = "b"'), "line 4, column 10", "Each key stands once in its table: "),
        (more("[site]"), "line 24, column 6", "Each table stands once: join the two."),
        ("[site]\nkey", "line 2, at its end", "texts stand in"),
        ("a = " + "[" * 100_000, "site document", "it is nested too deeply. Write it flatter."),
        ("a = " + "9" * 5_000, "site document", "a number in it has thousands of digits."),
    ],
)
def test_what_is_no_toml_is_told_with_its_place(document, where, what):
    (problem,) = mistakes(document).problems
    assert problem.key == where
    assert what in str(problem)


def test_every_mistake_is_told_in_one_go():
    document = (
        BASE.replace("okna.example", "Okna.example")
        .replace("+7 495 123-45-67", "12")
        .replace('pool = "direct"', 'pool = "direkt"')
        .replace("yandex", "re:(")
    )
    error = mistakes(document, name="okna.toml")
    assert [problem.key for problem in error.problems] == [
        "site.hosts[0]",
        "targets.main.number",
        "rules[0].pool",
        "rules[0].when.source",
    ]
    assert str(error).splitlines() == [
        "okna.toml has 4 mistakes:",
        *(f"  {problem}" for problem in error.problems),
    ]
    assert (error.key, error.value) == ("site.hosts[0]", "Okna.example")
    assert isinstance(error, SiteError)
    assert isinstance(error, SetupError)


def test_a_wrong_country_does_not_make_the_numbers_wrong_too():
    document = BASE.replace('"RU"', '"ru"').replace('"+7 495', '"8 495')
    assert [problem.key for problem in mistakes(document).problems] == ["site.region"]


def test_a_rule_may_name_what_is_faulty_itself():
    document = BASE.replace('"+7 495 123-45-67"', '"12"').replace("-00-02", "")
    assert [problem.key for problem in mistakes(document).problems] == [
        "targets.main.number",
        "pools.direct.numbers[1]",
    ]


def test_errors_travel_between_processes():
    error = mistakes(when("{ regoin = 5 }"))
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error)
    assert [str(problem) for problem in copy.problems] == [str(each) for each in error.problems]


def test_a_very_large_number_can_still_be_shown():
    # Python refuses to print it, and the message must not fail for that.
    (problem,) = mistakes(site(f"region_ = 0x{'f' * 5_000}")).problems
    assert str(problem).startswith("site.region_ = a very large number: there is no such key here.")


@pytest.mark.parametrize(
    "faulty",
    [
        f'secrt = "{SECRET}"',
        f'secret = "{SECRET[:-3]}"',
        f'secret = "{SECRET}"\nsecret_two = ["{SECRET}"]',
        f'secret = {{ value = "{SECRET}" }}',
        f'secret = [["{SECRET}"]]',
    ],
)
def test_a_secret_is_never_told(faulty):
    for document in (
        provider(faulty),
        more(f"[provider.generic]\n{faulty}"),
        more(f"[[providers]]\n{faulty}"),
        more(f"[providers]\n{faulty}"),
        site(faulty),
        f"{faulty}\n{BASE}",
    ):
        error = mistakes(document)
        assert SECRET[6:20] not in str(error)
        assert SECRET[6:20] not in repr([problem.value for problem in error.problems])


def test_a_bad_secret_of_the_environment_is_not_told_either():
    error = mistakes(provider('secret = "env:NAME"'), environ={"NAME": SECRET[:-3]})
    assert SECRET[6:20] not in str(error)


# What is promised is the answer, not its speed on a busy machine.
patient = settings(deadline=None)
FRAGMENTS = """
site targets main pools fixed rules providers number numbers when source any all not key hosts hold
= [ ] [[ ]] { } " . , # true 5 1.5 1979-05-27 09:00:00 "+749" "RU" "x" "env:X" "30m" region timezone
"""
WORDS = st.sampled_from([*FRAGMENTS.split(), "\n", " "])


@patient
@given(st.text() | st.lists(WORDS, max_size=40).map(" ".join))
@example("\ud800")
@example("\ufeff")
@example("a = nan\nb = 1e999\nc = 0001-01-01")
def test_any_text_is_a_site_or_mistakes(text):
    _read(text)


@patient
@given(
    cut=st.integers(0, len(OKNA)),
    length=st.integers(0, 30),
    word=st.text(max_size=5) | WORDS,
)
def test_a_damaged_document_is_a_site_or_mistakes(cut, length, word):
    _read(OKNA[:cut] + word + OKNA[cut + length :])


KEYS = """
number numbers route places overflow hold cool_off source medium when_full per_network quarantine quarantine_for quarantine_calls draining name target pool fixed
keep when enabled secret key hosts region timezone contact_pages main
keep_visits keep_calls keep_callers cookie declined accepted required gpc privacy consent
"""
NAMES = st.sampled_from(KEYS.split())
VALUES = """
"main" "direct" "+74990000001" "30m" "RU" "" true 5 nan [] {} [[]] [{}] 1979-05-27 ["+74990000001"]
{ring=["1"]} ["",5] {a.b={c=[5]}}
"""
SCALARS = st.sampled_from(VALUES.split())
HEADS = st.sampled_from(
    ["[site]", "[targets.main]", "[pools.direct]", "[fixed.x]", "[[rules]]", "[providers.x]"]
)


@patient
@given(
    st.lists(
        st.tuples(HEADS, st.dictionaries(NAMES, SCALARS, max_size=6)),
        max_size=6,
        unique_by=lambda section: section[0],
    )
)
def test_any_values_in_the_right_places_are_a_site_or_mistakes(sections):
    _read(
        "\n".join(
            "\n".join([head, *(f"{name} = {value}" for name, value in entries.items())])
            for head, entries in sections
        )
    )


def _read(text):
    try:
        site = read_site(text)
    except SiteErrors as error:
        assert all(problem.key and problem.problem and problem.cure for problem in error.problems)
        assert re.match(r"site document has \d+ mistakes?:\n  ", str(error))
    else:
        assert site.targets
        assert re.fullmatch("[0-9a-f]{16}", site.version)
