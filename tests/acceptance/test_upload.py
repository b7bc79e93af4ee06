"""500 MB through a real gateway: its memory stays small, and what arrived survives cuts and kill -9.

Memory: the peak of the whole process (VmHWM of /proc/PID/status) stays under 150 MB, and a hundred megabytes
more raise it by next to nothing. The size is 500 MB on CI too: it takes a few seconds.
"""

from __future__ import annotations

import hashlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from acceptance.gateway_process import Served, served, start
from uploads_house import BOUNDARY, FORM_TYPE, HEAD

pytestmark = [
    pytest.mark.only_on("linux"),
    pytest.mark.timeout(180),
]
MEGA = 1_000_000
SIZE = int(os.environ.get("UPLOAD_BYTES", 500 * MEGA))
MOST_MEMORY = 150 * MEGA
BLOCK = os.urandom(MEGA)
PART = {"Content-Type": "application/offset+octet-stream"}


def block(number: int) -> bytes:
    """One of many blocks that are all different, the first of them like the start of an MP4."""
    tag = HEAD if number == 0 else number.to_bytes(24, "big")
    return tag + BLOCK[len(tag) :]


def film(start: int, end: int) -> Iterator[bytes]:
    """The bytes of the film from `start` to `end`."""
    while start < end:
        number, inside = divmod(start, MEGA)
        piece = block(number)[inside : inside + end - start]
        yield piece
        start += len(piece)


def digest(length: int) -> str:
    found = hashlib.sha256()
    for piece in film(0, length):
        found.update(piece)
    return found.hexdigest()


def peak(gateway: Served) -> int:
    """The most memory that the process ever had, in bytes."""
    status = Path(f"/proc/{gateway.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def stored_as(http: httpx2.Client, file_id: str) -> tuple[str, int]:
    """Hash and size of what the gateway gives back."""
    found, size = hashlib.sha256(), 0
    with http.stream("GET", f"/api/v1/artifacts/{file_id}") as answer:
        assert answer.status_code == 200
        for chunk in answer.iter_bytes():
            found.update(chunk)
            size += len(chunk)
    return found.hexdigest(), size


def form(length: int) -> Iterator[bytes]:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
    yield head.encode()
    yield from film(0, length)
    yield f"\r\n--{BOUNDARY}--\r\n".encode()


def test_500_mb_in_a_form_and_in_parts_take_little_memory(flexura_home: Path) -> None:
    with served(flexura_home) as gateway, gateway.client() as http:
        assert http.post("/v1/upload", content=form(5 * MEGA), headers=FORM_TYPE).is_success
        small, began = peak(gateway), time.monotonic()
        answer = http.post("/v1/upload", content=form(SIZE), headers=FORM_TYPE)
        assert answer.status_code == 201, answer.text
        took = time.monotonic() - began
        after_form = peak(gateway)
        assert after_form < MOST_MEMORY, f"{after_form / MEGA:.0f} MB"
        assert after_form - small < 30 * MEGA, f"{small / MEGA:.0f} -> {after_form / MEGA:.0f} MB"
        assert stored_as(http, answer.json()["fileId"]) == (digest(SIZE), SIZE)

        again = begun(http, SIZE)
        answer = append(http, again, 0, film(0, SIZE))
        assert answer.json()["complete"], answer.text
        assert peak(gateway) < MOST_MEMORY, f"{peak(gateway) / MEGA:.0f} MB"
        print(f"\n{SIZE / MEGA:.0f} MB in {took:.1f} s; peak {peak(gateway) / MEGA:.0f} MB")


def begun(http: httpx2.Client, length: int) -> str:
    answer = http.post("/v1/upload", headers={"Upload-Length": str(length)})
    assert answer.status_code == 201, answer.text
    return answer.json()["fileId"]


def offset(http: httpx2.Client, file_id: str) -> int:
    answer = http.head(f"/v1/upload/{file_id}")
    assert answer.status_code == 200
    return int(answer.headers["upload-offset"])


def append(http: httpx2.Client, file_id: str, at: int, content: Iterator[bytes]) -> httpx2.Response:
    headers = {**PART, "Upload-Offset": str(at)}
    return http.patch(f"/v1/upload/{file_id}", content=content, headers=headers)


def cut_off(gateway: Served, file_id: str, at: int, sent: Iterator[bytes], length: int) -> None:
    """Send the start of a part by hand, and drop the connection."""
    url = urlsplit(gateway.url)
    assert url.hostname is not None and url.port is not None
    with socket.create_connection((url.hostname, url.port)) as connection:
        head = (
            f"PATCH /v1/upload/{file_id} HTTP/1.1\r\nHost: {url.netloc}\r\n"
            f"Authorization: Bearer {gateway.key}\r\nUpload-Offset: {at}\r\n"
            f"Content-Type: {PART['Content-Type']}\r\nContent-Length: {length}\r\n\r\n"
        )
        connection.sendall(head.encode())
        for piece in sent:
            connection.sendall(piece)


def until(http: httpx2.Client, file_id: str, least: int) -> int:
    """The offset as soon as it is at least that."""
    deadline = time.monotonic() + 20
    while (at := offset(http, file_id)) < least and time.monotonic() < deadline:
        time.sleep(0.05)
    assert at >= least
    return at


def test_what_arrived_before_the_connection_was_cut_is_not_sent_again(flexura_home: Path) -> None:
    length, cut = 30 * MEGA, 7_654_321
    with served(flexura_home) as gateway, gateway.client() as http:
        file_id = begun(http, length)
        cut_off(gateway, file_id, 0, film(0, cut), length)
        # Every byte that was sent before the cut counts.
        assert until(http, file_id, cut) == cut
        answer = append(http, file_id, cut, film(cut, length))
        assert answer.json()["complete"], answer.text
        assert stored_as(http, file_id) == (digest(length), length)


def test_what_was_told_to_be_here_is_here_after_kill_9(flexura_home: Path) -> None:
    length, sent = 60 * MEGA, 45 * MEGA
    gateway = start(flexura_home)
    with gateway.client() as http:
        file_id = begun(http, length)
        url = urlsplit(gateway.url)
        assert url.hostname is not None and url.port is not None
        with socket.create_connection((url.hostname, url.port)) as connection:
            connection.sendall(
                f"PATCH /v1/upload/{file_id} HTTP/1.1\r\nHost: {url.netloc}\r\n"
                f"Authorization: Bearer {gateway.key}\r\nUpload-Offset: 0\r\n"
                f"Content-Length: {length}\r\n\r\n".encode()
            )
            for piece in film(0, sent):
                connection.sendall(piece)
            # Without a word from us: a long part is made durable every 16 MiB.
            told = until(http, file_id, 32 * 2**20)
            gateway.kill()
    with served(flexura_home) as gateway, gateway.client() as http:
        at = offset(http, file_id)
        assert told <= at <= sent
        answer = append(http, file_id, at, film(at, length))
        assert answer.json()["complete"], answer.text
        assert stored_as(http, file_id) == (digest(length), length)
