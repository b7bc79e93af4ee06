"""The gateway as a child on pipes, behind the same seam as HTTP."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flexura.bridge.call import Call, Cancelled
from flexura.bridge.deadline import Deadline
from flexura.bridge.pipe import HELLO, PipeGateway
from flexura.bridge.seam import ConnectionBroken, NotConnected, Request, read_all

CHILD = str(Path(__file__).with_name("pipe_child.py"))


def soon() -> Deadline:
    return Deadline(time.monotonic(), 20)


@pytest.fixture
def last_words(tmp_path: Path) -> Path:
    return tmp_path / "last words"


@pytest.fixture
def child(flexura_home: Path, last_words: Path) -> Iterator[PipeGateway]:
    gateway = PipeGateway([sys.executable, CHILD, str(last_words)])
    assert gateway.next_frame(HELLO, soon()) == {"id": 0, "ready": True}
    yield gateway
    gateway.close()
    assert not gateway.alive


def get(child: PipeGateway, path: str) -> bytes:
    reply = child.exchange(Request("GET", path), Call(), soon())
    try:
        return read_all(reply)
    finally:
        reply.close()


def test_a_request_and_its_answer_arrive_whole(child: PipeGateway) -> None:
    body = bytes(range(256)) * 40_000
    request = Request("PUT", "/echo/a%20b?x=%C3%BC", {"X-Asked-By": "ü"}, body)
    reply = child.exchange(request, Call(), soon())
    assert reply.status == 207
    assert reply.headers["x-method"] == "PUT"
    assert reply.headers["x-query"] == "x=%C3%BC"
    assert reply.headers["x-path"] == "/echo/a b"
    assert reply.headers["x-asked-by"] == "ü"
    assert read_all(reply) == body
    reply.close()


def test_a_file_can_be_the_body(child: PipeGateway, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"content")
    with (tmp_path / "f").open("rb") as file:
        reply = child.exchange(
            Request("PUT", "/echo/f", {"X-Asked-By": "me"}, file, 7), Call(), soon()
        )
    assert read_all(reply) == b"content"


def test_the_lifespan_of_the_app_runs_around_it(flexura_home: Path, last_words: Path) -> None:
    gateway = PipeGateway([sys.executable, CHILD, str(last_words)])
    assert gateway.next_frame(HELLO, soon())["ready"]
    assert json.loads(get(gateway, "/health")) == {"started": ["yes"]}
    gateway.close()
    assert last_words.read_bytes() == b"shut down"


def test_many_requests_run_beside_each_other(child: PipeGateway) -> None:
    bodies: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: bodies.append(get(child, "/large"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bodies == [bytes(range(256)) * 8192] * 8


def test_a_broken_off_request_is_ended_in_the_app_and_tears_nothing(
    child: PipeGateway, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    call = Call()
    reply = child.exchange(Request("GET", f"/slow?gone={gone}"), call, soon())
    chunks = reply.chunks()
    assert next(chunks)
    call.cancel()
    with pytest.raises(Cancelled):
        list(chunks)
    reply.close()
    while not gone.exists():
        assert len(get(child, "/large")) == 256 * 8192


def test_an_answer_that_is_not_read_to_its_end_is_ended_too(
    child: PipeGateway, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    reply = child.exchange(Request("GET", f"/slow?gone={gone}"), Call(), soon())
    reply.close()
    while not gone.exists():
        get(child, "/health")


def test_a_failure_of_the_app_breaks_one_answer_only(child: PipeGateway) -> None:
    reply = child.exchange(Request("GET", "/fails"), Call(), soon())
    assert reply.status == 500
    reply.close()
    assert get(child, "/health")


def test_the_deadline_ends_the_wait(child: PipeGateway) -> None:
    over = Deadline(time.monotonic() - 1, 1)
    with pytest.raises(TimeoutError):
        child.exchange(Request("GET", "/never"), Call(), over)
    assert get(child, "/health")


def test_a_child_that_dies_breaks_what_waits_and_is_known_to_be_dead(child: PipeGateway) -> None:
    with pytest.raises(ConnectionBroken):
        child.exchange(Request("GET", "/dies"), Call(), soon())
    with pytest.raises(NotConnected):
        child.exchange(Request("GET", "/health"), Call(), soon())
    assert not child.alive


def test_a_child_that_cannot_start_says_why_in_the_log(flexura_home: Path) -> None:
    gateway = PipeGateway([sys.executable, CHILD, "-", "broken"])
    assert gateway.next_frame(HELLO, soon()) == {"broken": True}
    gateway.close()
    assert "the database is too new" in (flexura_home / "gateway.log").read_text()
