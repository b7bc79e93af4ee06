"""Which addresses a stranger may make us connect to.

`ipaddress` alone is not enough: `is_global` is true for NAT64, 6to4 and v4-compatible forms of 127.0.0.1, for
multicast and for cloud metadata on public addresses. So this table says it itself.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_DENIED_4 = {
    IPv4Network(network): why
    for network, why in {
        "0.0.0.0/8": "this machine",
        "10.0.0.0/8": "private",
        "100.64.0.0/10": "carrier-grade NAT, cloud metadata",
        "127.0.0.0/8": "loopback",
        "168.63.129.16/32": "cloud metadata",
        "169.254.0.0/16": "link-local, cloud metadata",
        "172.16.0.0/12": "private",
        "192.0.0.0/24": "reserved, cloud metadata",
        "192.0.2.0/24": "documentation",
        "192.88.99.0/24": "6to4 relay",
        "192.168.0.0/16": "private",
        "198.18.0.0/15": "benchmarking",
        "198.51.100.0/24": "documentation",
        "203.0.113.0/24": "documentation",
        "224.0.0.0/4": "multicast",
        "240.0.0.0/4": "reserved",
    }.items()
}

# The internet is 2000::/3; these parts of it are not.
_INTERNET_6 = IPv6Network("2000::/3")
_DENIED_6 = {
    IPv6Network(network): why
    for network, why in {
        "2001::/23": "reserved (Teredo, benchmarking, ORCHID)",
        "2001:db8::/32": "documentation",
        "2002::/16": "6to4",
        "3ffe::/16": "reserved",
        "3fff::/20": "documentation",
    }.items()
}
# Forms that stand for an IPv4 address in their last 32 bits, and still work in today's networks.
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)
# Names that no public resolver has (RFC 6761, 6762, 8375; ICANN reserved .internal).
_PRIVATE_NAMES = (".localhost", ".local", ".internal", ".home.arpa")


def denied(address: str) -> str:
    """Why we do not connect to this IP address, as a few words; empty where we may."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return "not an IP address"
    return _denied_4(parsed) if isinstance(parsed, IPv4Address) else _denied_6(parsed)


def private_host(host: str) -> str:
    """Why a host cannot be a public one, told from its spelling alone; empty where it may be.

    A resolver takes `2130706433`, `0x7f.1` and `0177.0.0.1` for 127.0.0.1, so this does too.
    """
    name = host.rstrip(".").lower()
    try:
        return denied(str(ip_address(name.strip("[]"))))
    except ValueError:
        pass
    try:
        return denied(socket.inet_ntoa(socket.inet_aton(name)))
    except (OSError, UnicodeError):
        pass
    if "." not in name or name.endswith(_PRIVATE_NAMES):
        return "a name of a private network"
    return ""


def _denied_4(address: IPv4Address) -> str:
    return next((why for network, why in _DENIED_4.items() if address in network), "")


def _denied_6(address: IPv6Address) -> str:
    last_32_bits = IPv4Address(int(address) & 0xFFFF_FFFF)
    if address in _MAPPED or address in _NAT64:
        return _denied_4(last_32_bits)
    if address not in _INTERNET_6:
        return "not on the internet"
    if (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP and (why := _denied_4(last_32_bits)):
        return f"tunnel to {why}"
    return next((why for network, why in _DENIED_6.items() if address in network), "")
