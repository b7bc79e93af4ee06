"""Places to publish to, each really there: a folder, a bucket on a real S3 server, an HTTP receiver."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

from flexura.destinations import opened
from flexura.domain.artifact import Artifact
from flexura.ports.destination import Destination, Parcel, PublishCopy

ACCESS, SECRET = "an-access-key", "a-secret-that-nobody-may-see"
SIGNING = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
COPY = PublishCopy("Ein Fuchs", "A fox, seen from above 🦊", ("#fox", "#above"))


def made(name: str, table: dict[str, Any]) -> Destination:
    """The destination of a table, with the secrets in the environment."""
    found = opened({name: table}, {"PRESS_SECRET": SECRET, "PRESS_SIGNING": SIGNING})
    assert not found.problems, found.problems
    return found.destinations[name]


def parcel(folder: Path, *contents: bytes, job_id: str = "job_01ABC") -> Parcel:
    """A parcel of these videos."""
    files: list[tuple[Artifact, Path]] = []
    for number, content in enumerate(contents):
        sha256 = hashlib.sha256(content).hexdigest()
        path = folder / sha256
        path.write_bytes(content)
        name, size = f"unguessable{number}.mp4", len(content)
        files.append((Artifact(f"art_{number}", "ws", name, sha256, "video/mp4", size, 1), path))
    links = [f"https://media.example.com/{a.name}?sig=x" for a, _ in files]
    return Parcel(job_id, "ws", files, COPY, links)


class Place(Protocol):
    """Somewhere that can be looked into from the other side."""

    destination: Destination

    def arrived(self) -> dict[str, bytes | int]:
        """What lies there: name to bytes, or to its length where only that is told."""
        ...

    def told(self, job_id: str) -> dict[str, Any]:
        """The description that arrived with a job."""
        ...

    def break_down(self) -> None:
        """Something that will pass."""
        ...

    def shut(self) -> None:
        """Something that will not pass by itself."""
        ...


@dataclass
class FolderPlace:
    """A folder."""

    path: Path
    destination: Destination = field(init=False)

    def __post_init__(self) -> None:
        self.path.mkdir()
        self.destination = made("press", {"type": "folder", "path": str(self.path)})

    def arrived(self) -> dict[str, bytes | int]:
        return {p.name: p.read_bytes() for p in self.path.iterdir() if p.suffix != ".json"}

    def told(self, job_id: str) -> dict[str, Any]:
        return json.loads((self.path / f"{job_id}.json").read_text())

    def break_down(self) -> None:
        shutil.rmtree(self.path)

    def shut(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.write_text("not a folder")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as asking:
        asking.settimeout(1)
        if asking.connect_ex(("127.0.0.1", port)) == 0:
            return True
    threading.Event().wait(0.05)
    return False


@contextlib.contextmanager
def s3_server() -> Iterator[str]:
    """A real S3 server (moto) in its own process; its address."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    running = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Coverage of a vendor's double is of no interest.
        env={k: v for k, v in os.environ.items() if not k.startswith("COV")},
    )
    try:
        deadline = time.monotonic() + 30
        while not _answers(port):
            assert running.poll() is None and time.monotonic() < deadline, "moto did not start"
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(10)


class BucketPlace:
    """A bucket of its own on the server."""

    def __init__(self, server: str, bucket: str) -> None:
        import boto3

        self._bucket = bucket
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=server,
            aws_access_key_id=ACCESS,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
        )
        self._client.create_bucket(Bucket=bucket)
        self.destination = self._made(server, bucket)

    def _made(self, server: str, bucket: str) -> Destination:
        table = {
            "type": "s3",
            "bucket": bucket,
            "endpoint": server,
            "prefix": "film/new",
            "access_key_id": ACCESS,
            "secret_access_key_env": "PRESS_SECRET",
        }
        return made("press", table)

    def _keys(self) -> list[str]:
        listed = self._client.list_objects_v2(Bucket=self._bucket)
        return [entry["Key"] for entry in listed.get("Contents", [])]

    def _read(self, key: str) -> bytes:
        return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()

    def arrived(self) -> dict[str, bytes | int]:
        media = [key for key in self._keys() if not key.endswith(".json")]
        return {key.removeprefix("film/new/"): self._read(key) for key in media}

    def told(self, job_id: str) -> dict[str, Any]:
        return json.loads(self._read(f"film/new/{job_id}.json"))

    def mime(self, name: str) -> str:
        """The content type that was stored."""
        return self._client.head_object(Bucket=self._bucket, Key=f"film/new/{name}")["ContentType"]

    def break_down(self) -> None:
        self.destination = self._made(f"http://127.0.0.1:{free_port()}", self._bucket)

    def shut(self) -> None:
        for key in self._keys():
            self._client.delete_object(Bucket=self._bucket, Key=key)
        self._client.delete_bucket(Bucket=self._bucket)


@dataclass
class Receiver:
    """An HTTP receiver on loopback: keeps what it got, answers what it is told to."""

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    answer: bytes = b""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    destination: Destination = field(init=False)

    def arrived(self) -> dict[str, bytes | int]:
        """As a receiver does that knows a message by its id: once."""
        once = {headers["webhook-id"]: json.loads(body) for headers, body in self.got}
        return {f["name"]: f["bytes"] for told in once.values() for f in told["files"]}

    def told(self, job_id: str) -> dict[str, Any]:
        return next(t for t in (json.loads(b) for _, b in self.got) if t["job_id"] == job_id)

    def break_down(self) -> None:
        self.status = 503

    def shut(self) -> None:
        self.status = 410


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver while it listens."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(found.status)
            for name, value in {**found.headers, "Content-Length": str(len(found.answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(found.answer)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    table = {"type": "webhook", "url": found.url, "secret_env": "PRESS_SIGNING"}
    found.destination = made("press", table)
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
