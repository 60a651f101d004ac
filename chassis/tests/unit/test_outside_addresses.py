"""What is outside, whatever form an address is written in."""

from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florin_chassis.errors import Malformed
from florin_chassis.outside.addresses import AddressRules

RULES = AddressRules(ports=frozenset({443, 8443}))
OURS = (
    "0.0.0.0",  # noqa: S104 - not bound to
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "100::1",
    "2001:0:1::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "localhost",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "",
)
OUTSIDE = ("1.1.1.1", "93.184.215.14", "100.63.255.255", "172.32.0.1", "2606:4700::1111")


@pytest.mark.parametrize("address", OURS)
def test_an_address_that_is_none_outside_is_not_allowed(address: str) -> None:
    assert not RULES.allows(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_outside_is_allowed(address: str) -> None:
    assert RULES.allows(address)


def test_a_name_is_connected_to_only_if_each_of_its_addresses_is_outside() -> None:
    assert RULES.allow_all(OUTSIDE)
    for ours in OURS:
        assert not RULES.allow_all([*OUTSIDE, ours])
    assert not RULES.allow_all([])


@given(st.ip_addresses(v=4))
def test_an_ipv6_address_that_wraps_another_is_judged_by_that(address: IPv4Address) -> None:
    for prefix in ("::ffff:0:0", "64:ff9b::"):
        wrapped = str(IPv6Address(int(IPv6Address(prefix)) | int(address)))
        assert RULES.allows(wrapped) == RULES.allows(str(address))


@given(st.ip_addresses(v=6))
def test_of_ipv6_only_global_unicast_and_what_wraps_ipv4_is_outside(address: IPv6Address) -> None:
    wraps = address.ipv4_mapped or address in ip_network("64:ff9b::/96")
    if RULES.allows(str(address)) and not wraps:
        assert address in ip_network("2000::/3")


@given(st.ip_addresses(v=4))
def test_a_network_that_is_allowed_is_allowed_as_a_whole_and_nothing_beside_it(
    address: IPv4Address,
) -> None:
    network = IPv4Network("10.1.0.0/16")
    rules = AddressRules(networks=(network,))
    assert rules.allows(str(address)) == (address in network or RULES.allows(str(address)))


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example",
        "https://hooks.example:8443/a/b?c=d",
        "https://HOOKS.example./",
        "https://xn--e1aybc.example/",
        "https://h/",
        "https://1.1.1.1/",
        "https://[2606:4700::1111]/",
    ],
)
def test_a_url_outside_is_allowed(url: str) -> None:
    assert RULES.require_url(url) == url


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://hooks.example/", "https://"),
        ("ftp://hooks.example/", "https://"),
        ("//hooks.example/", "https://"),
        ("hooks.example", "https://"),
        ("javascript:alert(1)", "https://"),
        ("https://", "no host"),
        ("https:///path", "no host"),
        ("https://:443/", "no host"),
        ("https://a..example/", "no host"),
        ("https://a%2f.example/", "no host"),
        ("https://user:secret@hooks.example/", "credentials"),
        ("https://@hooks.example/", "credentials"),
        ("https://hooks.example/#part", "fragment"),
        ("https://hooks.example/#", "fragment"),
        ("https://hooks.example:8080/", "port"),
        ("https://hooks.example:0/", "port"),
        ("https://hooks.example:99999/", "no URL"),
        ("https://[::1/", "no URL"),
        ("https://тест.example/", "character"),
        ("https://hooks.example/a b", "character"),
        ("https://hooks.example/a\tb", "character"),
        ("https://hooks.example\\@127.0.0.1/", "character"),
        ("https://hooks.example/\r\nHost: x", "character"),
        ("https://127.0.0.1/", "not reachable"),
        ("https://2130706433/", "not reachable"),
        ("https://127.1/", "not reachable"),
        ("https://[::ffff:10.0.0.1]/", "not reachable"),
        ("https://[fe80::1%25eth0]/", "not reachable"),
        ("https://hooks.example/" + "a" * 2_000, "2000 characters"),
    ],
)
def test_a_url_that_nothing_may_go_to_is_refused_and_says_why(url: str, reason: str) -> None:
    with pytest.raises(Malformed, match=reason) as refused:
        RULES.require_url(url)
    (error,) = refused.value.extra["errors"]
    assert error["field"] == "url"
    assert "secret" not in refused.value.detail


@given(st.text())
def test_a_text_is_a_url_that_is_allowed_or_it_is_refused(text: str) -> None:
    for url in (text, f"https://{text}"):
        with suppress(Malformed):
            assert RULES.require_url(url) == url
