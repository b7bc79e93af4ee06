"""The guarded client: names, redirects, headers, sizes and times."""

from __future__ import annotations

import gzip
import socket
import tracemalloc
import zlib

import anyio
import httpx2
import pytest

from flexura.domain.errors import InvalidRequest, ProviderError, ProviderUnavailable
from flexura.outbound.answer import Answer, BodyTooLarge, Unreachable
from flexura.outbound.client import Guard, origin
from flexura.outbound.transport import CheckedTransport
from outbound.dial import OK, Dial, Names, redirect

pytestmark = pytest.mark.anyio
PUBLIC, OTHER = "8.8.8.8", "1.1.1.1"


def guard_over(dial: Dial, *, allow: tuple[str, ...] = (), **names: list[list[str]]) -> Guard:
    known = Names(example_org=[[PUBLIC]], other_org=[[OTHER]], **names)
    exempt = [(httpx2.URL(url).host, httpx2.URL(url).port or 80) for url in allow]
    transport = CheckedTransport(exempt=exempt, resolve=known, dial=dial)
    return Guard(allow_origins=allow, transport=transport)


def guard_answering(handler: object, **options: bool) -> Guard:
    return Guard(transport=httpx2.MockTransport(handler), **options)  # type: ignore[arg-type]


async def test_host_and_tls_keep_the_name_of_a_checked_address() -> None:
    dial = Dial()
    await guard_over(dial).request("GET", "https://example.org/a?b=c")
    assert dial.dialled == [(PUBLIC, 443)]
    assert dial.lines[0].server_name == "example.org"
    assert dial.lines[0].sent.startswith(b"GET /a?b=c HTTP/1.1\r\nHost: example.org\r\n")


async def test_a_name_that_turns_private_after_its_check_is_refused_at_the_next_connection() -> (
    None
):
    dial = Dial(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    guard = guard_over(dial, rebinding_org=[[PUBLIC], ["127.0.0.1"]])
    assert (await guard.request("GET", "https://rebinding.org/")).status == 200
    with pytest.raises(InvalidRequest):
        await guard.request("GET", "https://rebinding.org/")
    assert dial.dialled == [(PUBLIC, 443)]


async def test_a_name_is_resolved_once_per_connection() -> None:
    names = Names(example_org=[[PUBLIC], ["127.0.0.1"]])
    dial = Dial()
    guard = Guard(transport=CheckedTransport(resolve=names, dial=dial))
    await guard.request("GET", "https://example.org/")
    assert names.asked == ["example.org"]


async def test_the_next_address_is_tried_where_one_is_dead() -> None:
    dial = Dial(dead=["2606:4700::1111"])
    guard = guard_over(dial, both_org=[["2606:4700::1111", PUBLIC]])
    assert (await guard.request("GET", "https://both.org/")).body == b"hi"
    assert [host for host, _ in dial.dialled] == ["2606:4700::1111", PUBLIC]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "https://example.org:22/",
        "https://example.org:8080/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "https://user:secret@example.org/",
        "https://example.org\\@other.org/",
        "https://example.org/\r\nX: y",
        "https://example.org/a b",
        "https://example.org/\x00",
        "https:///nohost",
        "//example.org/",
        "example.org",
        "",
        "https://[::1",
        "https://exa%6dple.org/",
    ],
)
async def test_a_url_that_is_not_plainly_public_is_refused_before_its_name_is_resolved(
    url: str,
) -> None:
    names = Names(example_org=[[PUBLIC]])
    dial = Dial()
    guard = Guard(transport=CheckedTransport(resolve=names, dial=dial))
    with pytest.raises(InvalidRequest) as refused:
        await guard.request("GET", url)
    assert (names.asked, dial.dialled) == ([], [])
    assert "secret" not in str(refused.value)
    assert refused.value.next_step


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("http://example.org/", True),
        ("http://example.org:80/", True),
        ("http://example.org:8080/", False),
        ("https://example.org:8443/", True),
    ],
)
async def test_plain_http_is_for_pages_and_for_port_80(url: str, fine: bool) -> None:
    guard = guard_answering(lambda _: httpx2.Response(200), plain_http=True)
    if fine:
        assert (await guard.request("GET", url)).status == 200
    else:
        with pytest.raises(InvalidRequest):
            await guard.request("GET", url)


@pytest.mark.parametrize(
    "target",
    [
        "https://10.0.0.1/",
        "https://[::ffff:169.254.169.254]/latest/meta-data/",
        "https://inner.org/",
        "http://other.org/",
        "https://other.org:22/",
        "file:///etc/passwd",
        "https://user:secret@other.org/",
        "//127.0.0.1/",
        "https://other.org\\@127.0.0.1/",
    ],
)
async def test_a_redirect_is_checked_like_the_first_url(target: str) -> None:
    dial = Dial(redirect("https://other.org/step"), redirect(target))
    literal = {
        address: [[address]] for address in ("127.0.0.1", "10.0.0.1", "::ffff:169.254.169.254")
    }
    guard = guard_over(dial, inner_org=[["192.168.1.1"]], **literal)
    with pytest.raises(InvalidRequest):
        await guard.request("GET", "https://example.org/")
    assert dial.dialled == [(PUBLIC, 443), (OTHER, 443)]


async def test_five_redirects_are_followed_and_a_sixth_is_not() -> None:
    steps = [redirect(f"/{number}") for number in range(1, 6)]
    answer = await guard_over(Dial(*steps, OK)).request("GET", "https://example.org/0")
    assert (answer.status, answer.url) == (200, "https://example.org/5")
    with pytest.raises(ProviderError, match="more than 5 times"):
        await guard_over(Dial(*steps, redirect("/6"), OK)).request("GET", "https://example.org/0")


async def test_another_origin_sees_no_credentials() -> None:
    dial = Dial(redirect("https://other.org/"), OK)
    secrets = {"authorization": "Bearer s3cret", "x-api-key": "s3cret", "cookie": "s3cret"}
    await guard_over(dial).request(
        "GET", "https://example.org/", headers={**secrets, "accept": "text/html"}
    )
    assert dial.lines[0].sent.count(b"s3cret") == 3
    assert b"s3cret" not in dial.lines[1].sent
    assert b"accept: text/html" in dial.lines[1].sent.lower()


async def test_the_same_origin_keeps_the_credentials() -> None:
    dial = Dial(redirect("/next"), OK)
    await guard_over(dial).request("GET", "https://example.org/", headers={"x-api-key": "s3cret"})
    assert sum(line.sent.count(b"s3cret") for line in dial.lines) == 2


@pytest.mark.parametrize("status", [307, 308])
async def test_a_body_is_repeated_to_the_same_origin_only(status: int) -> None:
    dial = Dial(redirect("/next", status), OK)
    await guard_over(dial).request("POST", "https://example.org/", json={"q": "words"})
    assert sum(line.sent.count(b"words") for line in dial.lines) == 2
    away = Dial(redirect("https://other.org/", status), OK)
    with pytest.raises(ProviderError):
        await guard_over(away).request("POST", "https://example.org/", json={"q": "words"})
    assert away.dialled == [(PUBLIC, 443)]


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_post_that_is_redirected_elsewhere_becomes_a_get_without_body(status: int) -> None:
    dial = Dial(redirect("https://other.org/", status), OK)
    await guard_over(dial).request("POST", "https://example.org/", json={"q": "words"})
    assert dial.lines[1].sent.startswith(b"GET / ")
    assert b"words" not in dial.lines[1].sent


async def test_an_allowed_origin_may_be_private_and_plain_and_on_any_port() -> None:
    dial = Dial()
    allow = ("http://searx.lan:8888/base/",)
    guard = guard_over(dial, allow=allow, searx_lan=[["192.168.1.5"]])
    assert (await guard.request("GET", "http://searx.lan:8888/search")).status == 200
    assert dial.dialled == [("192.168.1.5", 8888)]
    for near in ("http://searx.lan:8889/", "https://searx.lan/", "http://searx.lan/"):
        with pytest.raises(InvalidRequest):
            await guard.request("GET", near)
    assert len(dial.dialled) == 1


async def test_a_stranger_cannot_redirect_into_an_allowed_origin() -> None:
    dial = Dial(redirect("http://searx.lan:8888/admin"))
    guard = guard_over(dial, allow=("http://searx.lan:8888",), searx_lan=[["192.168.1.5"]])
    with pytest.raises(InvalidRequest):
        await guard.request("GET", "https://example.org/")
    assert dial.dialled == [(PUBLIC, 443)]


async def test_an_allowed_origin_may_redirect_within_itself() -> None:
    dial = Dial(redirect("/there"), OK)
    guard = guard_over(dial, allow=("http://searx.lan:8888",), searx_lan=[["192.168.1.5"]])
    assert (await guard.request("GET", "http://searx.lan:8888/")).url.endswith("/there")


def answering(body: bytes, encoding: str = "") -> Guard:
    headers = {"content-encoding": encoding} if encoding else {}
    return guard_answering(
        lambda _: httpx2.Response(200, headers=headers, stream=httpx2.ByteStream(body))
    )


async def test_a_body_of_exactly_the_limit_is_read_and_one_byte_more_is_too_much() -> None:
    answer = await answering(b"x" * 100).request("GET", "https://example.org/", max_bytes=100)
    assert len(answer.body) == 100
    with pytest.raises(BodyTooLarge) as large:
        await answering(b"x" * 101).request("GET", "https://example.org/", max_bytes=100)
    assert large.value.answer.body == b"x" * 100


async def test_a_small_body_that_unpacks_to_a_huge_one_is_never_unpacked_beyond_the_limit() -> None:
    guard = answering(gzip.compress(bytes(30_000_000), mtime=0), "gzip")
    tracemalloc.start()
    with pytest.raises(BodyTooLarge) as large:
        await guard.request("GET", "https://example.org/", max_bytes=1000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(large.value.answer.body) == 1000
    assert peak < 1_000_000


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(b"hello", mtime=0), "gzip"),
        (gzip.compress(b"hello", mtime=0), "X-GZIP"),
        (zlib.compress(b"hello"), "deflate"),
        (zlib.compress(b"hello")[2:-4], "deflate"),
        (b"hello", "identity"),
    ],
)
async def test_the_encodings_that_we_ask_for_are_read(body: bytes, encoding: str) -> None:
    answer = await answering(body, encoding).request("GET", "https://example.org/")
    assert answer.body == b"hello"


@pytest.mark.parametrize(("body", "encoding"), [(b"\x8b\x02\x80", "br"), (b"\xff\xff", "gzip")])
async def test_another_or_a_broken_encoding_is_an_error(body: bytes, encoding: str) -> None:
    with pytest.raises(ProviderError):
        await answering(body, encoding).request("GET", "https://example.org/")


async def test_no_environment_variable_sends_a_request_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    dial = Dial()
    await guard_over(dial).request("GET", "https://example.org/")
    assert dial.dialled == [(PUBLIC, 443)]


async def unknown_name(host: str, port: int) -> list[str]:
    raise socket.gaierror("not known")


async def test_a_name_that_cannot_be_resolved_was_provably_not_asked() -> None:
    guard = Guard(transport=CheckedTransport(resolve=unknown_name, dial=Dial()))
    with pytest.raises(Unreachable) as failed:
        await guard.request("GET", "https://example.org/")
    assert failed.value.sent is False
    assert isinstance(failed.value, ProviderUnavailable)


async def test_a_server_that_refuses_the_connection_was_provably_not_asked() -> None:
    with pytest.raises(Unreachable) as failed:
        await guard_over(Dial(dead=[PUBLIC])).request("GET", "https://example.org/")
    assert failed.value.sent is False


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", b"x\r\n\r\n"]
)
async def test_a_connection_that_breaks_after_the_request_may_have_been_heard(
    answer: bytes,
) -> None:
    with pytest.raises(Unreachable) as failed:
        await guard_over(Dial(answer)).request("GET", "https://example.org/")
    assert failed.value.sent is True


async def test_a_server_that_accepts_and_says_nothing_ends_at_the_time_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        guard = Guard(allow_origins=[url])
        with pytest.raises(Unreachable, match=r"within 0\.2 seconds") as failed:
            await guard.request("GET", url, timeout=0.2)
        await guard.aclose()
    assert failed.value.sent is True


async def test_a_resolver_that_hangs_ends_at_the_time_limit() -> None:
    async def hanging(host: str, port: int) -> list[str]:
        await anyio.sleep_forever()
        return []

    guard = Guard(transport=CheckedTransport(resolve=hanging, dial=Dial()))
    with pytest.raises(Unreachable) as failed:
        await guard.request("GET", "https://example.org/", timeout=0.2)
    assert failed.value.sent is False


async def test_a_real_server_on_a_configured_origin_is_reached() -> None:
    async def serve(stream: anyio.abc.SocketStream) -> None:
        async with stream:
            await stream.receive()
            await stream.send(OK)

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, serve)
            guard = Guard(allow_origins=[f"http://127.0.0.1:{port}"])
            answer = await guard.request("GET", f"http://127.0.0.1:{port}/x")
            assert (answer.status, answer.body) == (200, b"hi")
            with pytest.raises(InvalidRequest):
                await Guard().request("GET", f"http://127.0.0.1:{port}/x")
            await guard.aclose()
            tasks.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://Example.org", "https://example.org:443/path?x"),
        ("http://127.0.0.1:8888", "http://127.0.0.1:8888/search"),
        ("http://[::1]", "http://[::1]:80/"),
    ],
)
async def test_an_origin_has_one_spelling(one: str, other: str) -> None:
    assert origin(one) == origin(other)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("", None),
        ("soon", None),
    ],
)
async def test_retry_after_is_read_as_seconds_or_as_a_date(
    header: str, seconds: float | None
) -> None:
    headers = httpx2.Headers({"Retry-After": header})
    assert Answer(429, headers, b"", "https://example.org").retry_after() == seconds


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe\xfa", b"[" * 200_000])
async def test_a_body_that_is_not_json_is_a_provider_error(body: bytes) -> None:
    with pytest.raises(ProviderError):
        Answer(200, {}, body, "https://example.org").json()
