"""No URL that a stranger gives leads to a private address: webhooks, callbacks, inputs; at the socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from doubles import FakeProvider
from flexura import settings as configuration
from flexura.domain.errors import InvalidRequest
from flexura.outbound.client import Guard
from flexura.outbound.transport import CheckedTransport
from flexura.services.delivering import RETRY_SECONDS
from gateway_house import House, opened
from outbound.dial import OK, Dial, Names, redirect
from outbound.sockets import connections
from webhooks_house import posting, receiving

pytestmark = pytest.mark.anyio


def words(text: str) -> list[str]:
    return text.split()


PUBLIC = "93.184.216.34"
HOSTS = words("""
    0 0.0.0.0 0x0 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1 127.1 127.0.1 127.1.2.3
    127.0.0.1. 2130706433 0x7f000001 0x7f.1 0x7f.0x0.0x0.0x1 0177.0.0.1 017700000001 168.63.129.16
    169.254.169.254 169.254.170.2 169.254.169.254. 2852039166 0xa9fea9fe 0251.0376.0251.0376 172.16.0.1
    172.31.255.255 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 192.168.1 198.18.0.1 198.51.100.7
    203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 localhost LOCALHOST localhost.
    ①②⑦.⓪.⓪.① 127。0。0。1 \uff11\uff12\uff17.0.0.1 127.0.0.1%00.example.org
    [::] [::1] [0:0:0:0:0:0:0:1] [::127.0.0.1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:10.0.0.1]
    [::ffff:169.254.169.254] [::ffff:0:127.0.0.1] [64:ff9b::7f00:1] [64:ff9b::a9fe:a9fe]
    [64:ff9b:1::a9fe:a9fe] [100::1] [2001::1] [2001:0:4136:e378:8000:63bf:3fff:fdd2] [2001:db8::1]
    [2002:7f00:1::] [2002:a9fe:a9fe::] [3ffe::1] [3fff::1] [5f00::1] [fc00::1] [fd00:ec2::254] [fe80::1]
    [fe80::1%25eth0] [fec0::1] [ff02::1] [2a00:1450::5efe:10.0.0.1]
""")
ODD = [
    "http://169.254.169.254/latest/meta-data/",
    "http://example.org/",
    "https://user:secret@127.0.0.1/",
    "https://example.org@127.0.0.1/",
    "https://example.org:secret@example.org/",
    "https://127.0.0.1:443\\@example.org/",
    "https://example.org\\@127.0.0.1/",
    "https://example.org#@127.0.0.1:22/",
    "https://127.0.0.1:22/",
    "https://example.org:22/",
    "https://example.org:6379/",
    "https://example.org:0/",
    "https://example.org:65536/",
    "https:///127.0.0.1/",
    "https:127.0.0.1",
    "//127.0.0.1/",
    "ftp://127.0.0.1/",
    "gopher://127.0.0.1:6379/_INFO",
    "file:///etc/passwd",
    "unix:///var/run/docker.sock",
    "javascript:alert(1)",
    "https://127.0.0.1\t/",
    "https://127.0.0.1\r\nHost: example.org/",
    "https://\x00127.0.0.1/",
    "https://[::1",
    "https://[::ffff:127.0.0.1]:8443/",
    "https://intranet/",
    "https://router.local/",
    "https://metadata.google.internal/computeMetadata/v1/",
]
# Harmless: a fragment is never sent, so the host is example.org; port 0 and above 65535 are refused by all.
NOT_DENIED = {"https://example.org#@127.0.0.1:22/"}
# Asked of the real resolver they would leave this machine; the name server double has their like below.
NAMES = ("intranet", "router.local", "metadata.google.internal", "example.org")
VECTORS = [f"https://{host}/" for host in HOSTS] + [u for u in ODD if u not in NOT_DENIED]
DIALLED = [url for url in VECTORS if not any(f"//{name}" in url for name in NAMES)]


@pytest.fixture
async def house(flexura_home: Path, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(configuration.load({}), FakeProvider(tmp_path)) as found:
        yield found


def test_there_are_at_least_sixty_vectors() -> None:
    assert len(set(HOSTS)) >= 60
    assert len(set(VECTORS)) >= 90


async def test_no_vector_can_be_registered_as_a_webhook(house: House) -> None:
    with connections() as made:
        for url in VECTORS:
            answer = await house.http.post("/api/v1/webhooks", json={"url": url})
            assert answer.status_code == 400, url
            assert answer.json()["error"]["field"] == "url", url
            assert "secret" not in answer.text
    assert made == []


async def test_no_vector_is_taken_as_a_callback(house: House) -> None:
    order = {"prompt": "a fox", "model": "fake:one"}
    with connections() as made:
        for url in VECTORS:
            answer = await house.http.post(
                "/api/generate/image", json={**order, "callback_url": url}
            )
            assert answer.status_code == 400, url
            assert answer.json()["error"]["field"] == "callback_url", url
    assert made == []
    assert house.fake.submitted == []


async def test_no_vector_is_fetched_as_an_input(house: House) -> None:
    order = {"prompt": "a fox", "model": "fake:one"}
    with connections() as made:
        for url in DIALLED:
            answer = await house.http.post("/api/generate/image", json={**order, "inputs": [url]})
            assert answer.status_code in (400, 404, 502, 503), (url, answer.text)
    assert made == []
    assert house.fake.submitted == []


async def test_no_vector_in_the_store_is_ever_connected_to(tmp_path: Path) -> None:
    """As if an older version, or another program, had written the rows."""
    with connections() as made:
        async with posting(tmp_path) as post:
            sent = [(await post.send(url))[0] for url in DIALLED]
            await post.settled()
            found = [await post.get(one) for one in sent]
    assert made == []
    assert {one.state for one in found} == {"failed"}
    assert {one.attempts for one in found} == {len(RETRY_SECONDS) + 1}
    assert all(one.error and one.status is None for one in found)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"],
)
async def test_a_name_that_leads_to_a_private_address_is_not_dialled(
    tmp_path: Path, address: str
) -> None:
    dial, names = Dial(), Names(example_org=[[PUBLIC, address]])
    guard = Guard(redirects=False, transport=CheckedTransport(resolve=names, dial=dial))
    async with posting(tmp_path, guard=guard) as post:
        [sent] = await post.send("https://example.org/hook")
        delivery = await post.noted(sent)
    assert dial.dialled == []
    assert address not in delivery.error, "the log tells nothing about our network"


async def test_a_name_that_turns_private_between_two_tries_is_not_dialled_again(
    tmp_path: Path,
) -> None:
    answer = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    dial, names = Dial(*[answer] * 20), Names(example_org=[[PUBLIC], [PUBLIC], ["127.0.0.1"]])
    guard = Guard(redirects=False, transport=CheckedTransport(resolve=names, dial=dial))
    with connections() as made:
        async with posting(tmp_path, guard=guard) as post:
            [sent] = await post.send("https://example.org/hook")
            await post.settled()
            delivery = await post.get(sent)
    assert dial.dialled == [(PUBLIC, 443), (PUBLIC, 443)]
    assert made == []
    assert delivery.state == "failed"


async def test_the_address_that_was_checked_is_the_one_that_is_dialled(tmp_path: Path) -> None:
    dial, names = Dial(OK), Names(example_org=[[PUBLIC], ["127.0.0.1"]])
    guard = Guard(redirects=False, transport=CheckedTransport(resolve=names, dial=dial))
    async with posting(tmp_path, guard=guard) as post:
        await post.send("https://example.org/hook")
        await post.settled()
    assert dial.dialled == [(PUBLIC, 443)]
    assert names.asked == ["example.org"]
    assert dial.lines[0].server_name == "example.org"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", ["https://127.0.0.1/", "https://other.org/", "/elsewhere"])
async def test_a_webhook_follows_no_redirect(tmp_path: Path, status: int, target: str) -> None:
    dial = Dial(*[redirect(target, status)] * 20)
    names = Names(example_org=[[PUBLIC]], other_org=[[PUBLIC]])
    guard = Guard(redirects=False, transport=CheckedTransport(resolve=names, dial=dial))
    async with posting(tmp_path, guard=guard) as post:
        [sent] = await post.send("https://example.org/hook")
        delivery = await post.noted(sent)
    assert dial.dialled == [(PUBLIC, 443)]
    assert dial.lines[0].sent.count(b"POST ") == 1
    assert (delivery.state, delivery.status) == ("pending", status)


@pytest.mark.parametrize("target", ["https://127.0.0.1/", "https://[::1]/", "https://inner.org/"])
async def test_an_input_is_not_fetched_through_a_redirect_inwards(target: str) -> None:
    dial = Dial(redirect(target))
    literal = {address: [[address]] for address in ("127.0.0.1", "::1")}
    names = Names(example_org=[[PUBLIC]], inner_org=[["10.0.0.7"]], **literal)
    guard = Guard(transport=CheckedTransport(resolve=names, dial=dial))
    with pytest.raises(InvalidRequest):
        await guard.request("GET", "https://example.org/picture.png")
    assert dial.dialled == [(PUBLIC, 443)]


async def test_an_origin_that_the_operator_lists_is_exact(tmp_path: Path) -> None:
    async with receiving() as listed, receiving() as other, posting(tmp_path, listed.url) as post:
        with connections() as made:
            await post.send(f"{listed.url}/hook")
            [sent] = await post.send(f"{other.url}/hook")
            await post.send(listed.url.replace("127.0.0.1", "localhost"))
            await post.noted(sent)
            await listed.until(1)
        assert [port for _, port in made] == [listed.port]
        assert other.received == []


async def test_the_watch_itself_sees_a_connection() -> None:
    async with receiving() as receiver:
        with connections() as made:
            _, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
            writer.close()
    assert made == [("127.0.0.1", receiver.port)]
