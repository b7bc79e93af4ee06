"""A team of processes on one database: replicas that take orders, workers, and what their upstream saw."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

PROCESS = Path(__file__).parent / "acceptance" / "team_process.py"
_SHOWN = re.compile(r"shown once: (\S+)\n")
CONFIGURATION = "[limits]\nmost_queued = 1000000\nrequests_per_minute = 0\n"


class Told(NamedTuple):
    """Something that the upstream was asked."""

    at: float
    event: str
    job_id: str
    pid: int


@dataclass
class Member:
    """A process of the team."""

    process: subprocess.Popen[bytes]
    log: Path
    port: int = 0

    def signal(self, number: int) -> None:
        """Send a signal to this process alone."""
        self.process.send_signal(number)

    def ended(self, seconds: float = 20) -> int:
        """Wait for its end; the exit code."""
        return self.process.wait(seconds)


@dataclass
class Team:
    """Starts members and asks them."""

    home: Path
    dsn: str
    limit: int = 4
    variables: dict[str, str] = field(default_factory=dict[str, str])
    members: list[Member] = field(default_factory=list[Member])
    _key: str = ""

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "config.toml").write_text(CONFIGURATION)

    # -- processes ----------------------------------------------------------------------------------
    def _start(self, port: int, *arguments: str) -> Member:
        environment = os.environ | {
            "FLEXURA_HOME": str(self.home),
            "FLEXURA_DATABASE_URL": self.dsn,
            "FLEXURA_TOLD": str(self.home / "told"),
            "FLEXURA_TOLD_LIMIT": str(self.limit),
            "FLEXURA_LOG": "text",  # what is read here is what a person sees
            "FLEXURA_DRAIN_NOTICE_SECONDS": "0",
            "PYTHONPATH": str(PROCESS.parents[1]),
            **self.variables,
        }
        log = self.home / f"member{len(self.members)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, str(PROCESS), *arguments], env=environment, stdout=out, stderr=out
            )
        member = Member(process, log, port)
        self.members.append(member)
        return member

    def replica(self, *arguments: str) -> Member:
        """A replica that answers by now."""
        port = free_port()
        member = self._start(port, "serve", str(port), *arguments)
        self._await_words(member, "listening on")
        return member

    def worker(self, port: int = 0) -> Member:
        """A worker that works by now; with a port it answers the probes there."""
        member = self._start(port, "worker", *([str(port)] if port else []))
        self._await_words(member, "the worker is ready")
        return member

    def _await_words(self, member: Member, words: str) -> None:
        def there() -> bool:
            if member.process.poll() is not None:
                raise AssertionError(f"it did not start:\n{member.log.read_text()}")
            return words in member.log.read_text()

        self.until(there, 60)

    @staticmethod
    def until(true: Callable[[], Any], seconds: float = 20) -> Any:
        """Wait until something is so; what it says."""
        deadline = time.monotonic() + seconds
        while not (found := true()):
            assert time.monotonic() < deadline, "it did not come to that"
            time.sleep(0.01)
        return found

    def end(self) -> None:
        """End what still runs."""
        for member in self.members:
            if member.process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    member.signal(signal.SIGCONT)
                member.process.kill()
            member.process.wait(10)

    # -- orders -------------------------------------------------------------------------------------
    @property
    def key(self) -> str:
        """The key that the first replica made, and showed once."""
        if not self._key:
            logs = [member.log for member in self.members]
            found = self.until(
                lambda: [*filter(None, (_SHOWN.search(f.read_text()) for f in logs))]
            )
            self._key = str(found[0][1])
        return self._key

    def ask(self, member: Member, method: str, path: str, body: Any = None) -> Any:
        """What a replica answers."""
        connection = HTTPConnection("127.0.0.1", member.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        assert answer.status < 400, f"{method} {path}: {answer.status} {text[:300]!r}"
        return json.loads(text)

    def order(self, member: Member, prompt: str) -> str:
        """Order a picture; its job's id."""
        body = {"prompt": prompt, "model": "fake:one"}
        return str(self.ask(member, "POST", "/api/generate/image", body)["job_id"])

    def job(self, member: Member, job_id: str) -> dict[str, Any]:
        """A job as a replica shows it."""
        answer: dict[str, Any] = self.ask(member, "GET", f"/api/jobs/{job_id}")
        return answer

    def told(self, event: str = "", job_id: str = "") -> list[Told]:
        """What the upstream was asked so far."""
        book = self.home / "told"
        lines = book.read_text().splitlines() if book.exists() else []
        found = (Told(float(at), e, j, int(pid)) for at, e, j, pid in map(str.split, lines))
        return [t for t in found if event in ("", t.event) and job_id in ("", t.job_id)]

    def rows(self, text: str, *values: Any) -> list[Any]:
        """What the database answers."""
        import psycopg

        with psycopg.connect(self.dsn, autocommit=True) as connection:
            return connection.execute(text.encode(), values).fetchall()


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def team_of(home: Path, dsn: str, **given: Any) -> Iterator[Team]:
    """A team without members yet; they are ended with the context."""
    team = Team(home, dsn, **given)
    try:
        yield team
    finally:
        team.end()
