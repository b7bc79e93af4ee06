"""A file that the gateway keeps elsewhere is fetched from there, and no key goes along."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import pytest

from flexura.bridge import elsewhere
from flexura.bridge.call import Call
from flexura.bridge.deadline import Deadline
from flexura.bridge.errand import Errand
from flexura.bridge.link import Link
from flexura.bridge.seam import read_all
from flexura.local.errors import GatewayUnavailable

FILM = b"film" * 1000
DIGEST = hashlib.sha256(FILM).hexdigest()


class Sent:
    """A gateway's answer that sends the caller elsewhere."""

    status = 307

    def __init__(self, location: str, tag: str = f'"{DIGEST}"') -> None:
        self.headers: Mapping[str, str] = {"location": location, "etag": tag}
        self.closed = False

    def chunks(self) -> Iterator[bytes]:
        return iter(())

    def close(self) -> None:
        self.closed = True


class Bucket:
    """A server that gives one file to whoever knows the link."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        bucket = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                bucket.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                found = self.path == "/films/1?X-Amz-Signature=abc"
                self.send_response(200 if found else 403)
                self.send_header("Content-Length", str(len(FILM) if found else 0))
                self.end_headers()
                self.wfile.write(FILM if found else b"")

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    found = Bucket()
    thread = threading.Thread(target=found.server.serve_forever)
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


@pytest.fixture
def errand() -> Errand:
    headers = {"Flexura-Session": "secret-session", "Authorization": "Bearer secret-key"}
    return Errand(cast("Link", None), headers, Call(), Deadline(time.monotonic(), 20))


def test_the_file_comes_without_key_and_session(bucket: Bucket, errand: Errand) -> None:
    sent = Sent(f"{bucket.url}/films/1?X-Amz-Signature=abc")
    reply, digest = elsewhere.followed(sent, errand)
    assert sent.closed and digest == DIGEST
    assert read_all(reply) == FILM
    reply.close()
    (_, headers), *more = bucket.asked
    assert not more and "authorization" not in headers and "secret" not in str(headers)


def test_another_file_is_refused() -> None:
    with pytest.raises(GatewayUnavailable, match="damaged"):
        elsewhere.check(hashlib.sha256(b"another").hexdigest(), DIGEST)
    elsewhere.check(hashlib.sha256(b"not from elsewhere").hexdigest(), "")


def test_a_link_that_has_expired_is_told_without_it(bucket: Bucket, errand: Errand) -> None:
    with pytest.raises(GatewayUnavailable, match="answered 403") as told:
        elsewhere.followed(Sent(f"{bucket.url}/films/1?X-Amz-Signature=old"), errand)
    assert "Signature" not in told.value.message and "job_status" in told.value.next_step


@pytest.mark.parametrize(
    "location",
    ["", "/films/1", "file:///etc/passwd", "ftp://host/x", "https://me:key@host/x", "http://[x/", "http://h:x/"],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_not_followed(location: str, errand: Errand) -> None:
    with pytest.raises(GatewayUnavailable, match="cannot be used"):
        elsewhere.followed(Sent(location), errand)


def test_without_a_digest_nothing_is_followed(bucket: Bucket, errand: Errand) -> None:
    with pytest.raises(GatewayUnavailable, match="cannot be used"):
        elsewhere.followed(Sent(f"{bucket.url}/films/1", tag='"weak"'), errand)
    assert bucket.asked == []


def test_a_place_that_is_away_is_told(errand: Errand) -> None:
    with pytest.raises(GatewayUnavailable, match="cannot be reached"):
        elsewhere.followed(Sent("http://127.0.0.1:9/films/1"), errand)
