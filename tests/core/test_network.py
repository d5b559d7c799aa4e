from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callgraft.errors import SetupError
from callgraft.network import client_address, is_listed, parse_networks, truncated
from callgraft.visit import Visit

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TRUSTED = parse_networks(["10.0.0.0/8", "2001:db8:ffff::/48", "127.0.0.1"])


def asked(peer, *headers):
    return Visit(url="https://okna.example/", received_at=NOON, peer=peer, headers=headers)


def test_the_peer_is_the_visitor_when_it_is_no_listed_proxy():
    visit = asked("203.0.113.7", ("X-Forwarded-For", "198.51.100.1"))
    assert client_address(visit, TRUSTED) == "203.0.113.7"


def test_without_listed_proxies_nobody_is_believed():
    assert client_address(asked("10.0.0.1", ("X-Forwarded-For", "1.2.3.4")), ()) == "10.0.0.1"


@pytest.mark.parametrize(
    ("field", "visitor"),
    [
        ("203.0.113.7", "203.0.113.7"),
        (" 203.0.113.7 ", "203.0.113.7"),
        ("203.0.113.7:51234", "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7, 10.1.2.3, 10.4.5.6", "203.0.113.7"),
        ("2001:db8:1::5", "2001:db8:1::5"),
        ("2001:DB8:1:0::5", "2001:db8:1::5"),
        ("[2001:db8:1::5]", "2001:db8:1::5"),
        ("[2001:db8:1::5]:443", "2001:db8:1::5"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        # Where the reading ends, the last good one stands.
        ("10.9.9.9, 10.8.8.8", "10.9.9.9"),
        ("unknown", "10.0.0.1"),
        ("198.51.100.1, unknown, 10.8.8.8", "10.8.8.8"),
        ("198.51.100.1, ", "10.0.0.1"),
        ("198.51.100.1, 999.1.1.1", "10.0.0.1"),
        ("", "10.0.0.1"),
    ],
)
def test_x_forwarded_for_is_read_right_to_left_past_listed_proxies(field, visitor):
    assert client_address(asked("10.0.0.1", ("X-Forwarded-For", field)), TRUSTED) == visitor


@pytest.mark.parametrize(
    ("field", "visitor"),
    [
        ("for=203.0.113.7", "203.0.113.7"),
        ('For="203.0.113.7:4711";proto=https;by=10.0.0.1', "203.0.113.7"),
        ('proto=http; for="[2001:db8:1::5]:4711"', "2001:db8:1::5"),
        ("for=198.51.100.1, for=203.0.113.7, for=10.1.1.1", "203.0.113.7"),
        ("for=198.51.100.1, for=_hidden", "10.0.0.1"),
        ("proto=https", "10.0.0.1"),
        # A quote that the visitor left open does not swallow what the proxy wrote.
        ('for="198.51.100.1, for=203.0.113.7', "203.0.113.7"),
    ],
)
def test_forwarded_of_rfc_7239_is_read_the_same_way(field, visitor):
    assert client_address(asked("10.0.0.1", ("Forwarded", field)), TRUSTED) == visitor


def test_repeated_fields_are_one_list():
    visit = asked(
        "10.0.0.1", ("X-Forwarded-For", "198.51.100.1"), ("x-forwarded-for", "203.0.113.7")
    )
    assert client_address(visit, TRUSTED) == "203.0.113.7"


def test_two_fields_that_disagree_are_both_disbelieved():
    fields = ("X-Forwarded-For", "203.0.113.7"), ("Forwarded", "for=198.51.100.1")
    assert client_address(asked("10.0.0.1", *fields), TRUSTED) == "10.0.0.1"


def test_two_fields_that_agree_are_believed():
    fields = ("X-Forwarded-For", "203.0.113.7"), ("Forwarded", 'for="203.0.113.7:80"')
    assert client_address(asked("10.0.0.1", *fields), TRUSTED) == "203.0.113.7"


@pytest.mark.parametrize("peer", ["", "unix:", "testclient", "/run/callgraft.sock"])
def test_a_peer_without_an_address_has_none(peer):
    assert client_address(asked(peer, ("X-Forwarded-For", "203.0.113.7")), TRUSTED) == ""


def test_a_mapped_peer_is_the_ipv4_address_that_it_stands_for():
    visit = asked("::ffff:127.0.0.1", ("X-Forwarded-For", "203.0.113.7"))
    assert client_address(visit, TRUSTED) == "203.0.113.7"


addresses = st.ip_addresses().map(str)
made_up = st.one_of(
    st.text(alphabet=st.characters(codec="latin-1"), max_size=60),
    st.lists(addresses, max_size=4).map(", ".join),
    st.lists(addresses, max_size=4).map(lambda all_: ", ".join(f"for={one}" for one in all_)),
    addresses.map(lambda one: f'for="{one}'),
)
fields = st.lists(
    st.tuples(st.sampled_from(["X-Forwarded-For", "Forwarded", "x-forwarded-for"]), made_up),
    max_size=4,
)


def listed(address):
    address = ip_address(address)
    return any(address in network for network in TRUSTED)


@given(peer=addresses, made_up=fields)
def test_a_peer_that_is_not_listed_cannot_make_up_an_address(peer, made_up):
    normal = ip_address(peer)
    normal = getattr(normal, "ipv4_mapped", None) or normal
    if not listed(normal):
        assert client_address(asked(peer, *made_up), TRUSTED) == str(normal)


@given(
    visitor=st.ip_addresses(network="203.0.113.0/24"),
    made_up=fields,
    proxies=st.integers(min_value=1, max_value=3),
    writes=st.sampled_from(["X-Forwarded-For", "Forwarded"]),
    own_line=st.booleans(),
)
def test_nobody_behind_listed_proxies_can_make_up_an_address(
    visitor, made_up, proxies, writes, own_line
):
    # Each proxy appends whom it was asked by to its field, and passes the other field on.
    headers = list(made_up)
    for hop in range(proxies):
        asked_by = str(visitor) if hop == 0 else f"10.0.0.{hop}"
        element = asked_by if writes == "X-Forwarded-For" else f"for={asked_by}"
        same = [place for place, (name, _) in enumerate(headers) if name.lower() == writes.lower()]
        if same and not own_line:
            name, value = headers[same[-1]]
            headers[same[-1]] = (name, f"{value}, {element}")
        else:
            headers.append((writes, element))
    peer = f"10.0.0.{proxies}"

    found = client_address(asked(peer, *headers), TRUSTED)

    assert found in {str(visitor), peer}
    if not any(name.lower() != writes.lower() for name, _ in made_up):
        assert found == str(visitor)


def test_networks_and_single_addresses_are_read():
    assert parse_networks(["10.0.0.0/8", " 203.0.113.7", "2001:db8::/32"]) == (
        ip_network("10.0.0.0/8"),
        ip_network("203.0.113.7/32"),
        ip_network("2001:db8::/32"),
    )


def test_what_is_no_network_is_refused_with_key_value_and_cure():
    with pytest.raises(SetupError) as caught:
        parse_networks(["10.0.0.0/8", "nginx"], key="proxy.trusted")
    assert str(caught.value) == (
        "proxy.trusted[1] = 'nginx': This is no network. "
        "Write a network like '10.0.0.0/8' or an address like '203.0.113.7'."
    )


def test_a_network_with_bits_too_many_is_refused_with_the_one_that_was_meant():
    with pytest.raises(SetupError) as caught:
        parse_networks(["10.0.0.5/8"])
    assert str(caught.value) == (
        "trusted_proxies[0] = '10.0.0.5/8': The address has bits outside its network. "
        "Write '10.0.0.0/8', or the address alone."
    )


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("203.0.113.7", False), ("", False)],
)
def test_an_address_is_listed_in_whatever_way_it_is_written(address, is_ours):
    assert is_listed(address, TRUSTED) is is_ours


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("", ""),
        ("nobody", ""),
    ],
)
def test_a_truncated_address_names_the_network_only(address, kept):
    assert truncated(address) == kept
