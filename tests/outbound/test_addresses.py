"""Which addresses a stranger may make us connect to: the whole table, at the level of the connection."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexura.domain.errors import InvalidRequest, ProviderUnavailable
from flexura.outbound.addresses import denied
from flexura.outbound.client import Guard
from flexura.outbound.transport import CheckedTransport
from outbound.dial import Dial, Names


def words(text: str) -> list[str]:
    return text.split()


DENIED_V4 = words("""
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.1.2.3
    127.255.255.255 168.63.129.16 169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255
    192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255
    198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
""")
DENIED_V6 = words("""
    :: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
    ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b::10.1.2.3 64:ff9b:1::a9fe:a9fe
    64:ff9b:1::8.8.8.8 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1 2001:10::1 2001:20::1
    2001:db8::1 2002:7f00:1:: 2002:a9fe:a9fe:: 2002:808:808:: 3ffe::1 3fff::1 4000::1 5f00::1 8000::1
    fc00::1 fd00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 feff::1 ff02::1 ff0e::1
    2a00:1450::5efe:10.0.0.1 2a00:1450::200:5efe:127.0.0.1
""")
# How 127.0.0.1 and its like are also written; the system's resolver understands every one.
DISGUISED = words(
    "127.1 127.0.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 0 0x0 localhost"
)
NOT_EVEN_A_HOST = words("①②⑦.⓪.⓪.① 127.0.0.1%00.example.org fe80::1%25eth0")

ALLOWED = words("""
    8.8.8.8 1.1.1.1 9.9.9.9 93.184.216.34 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1 168.63.129.17
    172.15.255.255 172.32.0.1 192.0.1.1 198.17.255.255 198.20.0.1 223.255.255.255 2606:4700::1111
    2001:4860:4860::8888 2a00:1450::1 2003::1 ::ffff:8.8.8.8 64:ff9b::808:808 2a00:1450::5efe:8.8.8.8
""")


def url_of(host: str, scheme: str = "https") -> str:
    return f"{scheme}://[{host}]/" if ":" in host else f"{scheme}://{host}/"


def test_the_table_is_as_long_as_promised() -> None:
    assert len({*DENIED_V4, *DENIED_V6, *DISGUISED, *NOT_EVEN_A_HOST}) >= 60


@pytest.mark.anyio
@pytest.mark.parametrize("host", [*DENIED_V4, *DENIED_V6, *DISGUISED, *NOT_EVEN_A_HOST])
async def test_a_denied_address_in_a_url_is_never_dialled(host: str) -> None:
    dial = Dial()
    guard = Guard(plain_http=True, transport=CheckedTransport(dial=dial))
    for scheme in ("https", "http"):
        with pytest.raises((InvalidRequest, ProviderUnavailable)):
            await guard.request("GET", url_of(host, scheme))
    assert dial.dialled == []


@pytest.mark.anyio
@pytest.mark.parametrize("address", [*DENIED_V4, *DENIED_V6])
async def test_a_name_with_one_denied_address_among_good_ones_is_never_dialled(
    address: str,
) -> None:
    dial = Dial()
    names = Names(example_org=[["8.8.8.8", address]])
    guard = Guard(transport=CheckedTransport(resolve=names, dial=dial))
    with pytest.raises(InvalidRequest) as refused:
        await guard.request("GET", "https://example.org/")
    assert dial.dialled == []
    assert address not in str(refused.value), "the answer tells nothing about our network"


@pytest.mark.anyio
@pytest.mark.parametrize("address", ALLOWED)
async def test_an_address_on_the_internet_is_dialled_as_it_was_checked(address: str) -> None:
    dial = Dial()
    names = Names(example_org=[[address]])
    guard = Guard(transport=CheckedTransport(resolve=names, dial=dial))
    answer = await guard.request("GET", "https://example.org/")
    assert answer.body == b"hi"
    assert dial.dialled == [(address, 443)]


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_what_is_denied_as_ipv4_is_denied_in_every_form_that_carries_it(number: int) -> None:
    inner = ipaddress.IPv4Address(number)
    if denied(str(inner)):
        for prefix in ("::ffff:", "64:ff9b::", "::", "2a00:1450::5efe:"):
            assert denied(f"{prefix}{inner}")


@settings(deadline=None)
@given(st.ip_addresses())
def test_nothing_that_python_calls_private_is_allowed(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    # 64:ff9b::/96 and mapped addresses are judged by the address that they carry.
    if address.is_private and not str(address).startswith(("64:ff9b::", "::ffff:")):
        assert denied(str(address))


def test_what_is_no_address_is_denied() -> None:
    assert denied("example.org")
