"""A gateway as a child on pipes, for sandboxes without loopback or background processes.

One JSON object per line. To the child: {"id", "method", "path", "headers": [[name, value]], "body": base64}
and {"id", "close": true}. From the child: first {"id": 0, "ready": true}, then for each request
{"id", "status", "headers"}, any number of {"id", "chunk": base64} and {"id", "end": true}.
`flexura.gateway.pipe` is the other end.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import queue
import subprocess
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from flexura.bridge.call import Call
from flexura.bridge.deadline import Deadline
from flexura.bridge.seam import ConnectionBroken, NotConnected, Request
from flexura.local import gateway, keys, paths, start
from flexura.local.json_shape import is_object

Frame = dict[str, Any]
BROKEN: Frame = {"broken": True}
HELLO = 0
LAST_WORDS_SECONDS = 2.0


class PipeGateway:
    """The child, and the requests that wait for it."""

    is_local = True

    def __init__(self, arguments: list[str]) -> None:
        with start.open_log() as log:
            self._child = subprocess.Popen(
                arguments,
                cwd="/",
                env=start.clean_environment(paths.home()),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self.key: str | None = None
        self._writing = threading.Lock()
        self._numbers = itertools.count(HELLO + 1)
        self._frames: dict[int, queue.SimpleQueue[Frame]] = {HELLO: queue.SimpleQueue()}
        self._reader = threading.Thread(target=self._read, name="gateway pipe", daemon=True)
        self._reader.start()

    @classmethod
    def start(cls, deadline: Deadline) -> PipeGateway:
        """Start `flexura serve --pipe` and wait until it is ready. Raises NotConnected with the reason."""
        try:
            child = cls(start.command(gateway.program(), "serve", "--pipe"))
        except OSError as error:
            raise _not_started(str(error)) from error
        try:
            hello = child.next_frame(HELLO, deadline)
        except TimeoutError:
            hello = BROKEN
        if not hello.get("ready"):
            child.close()
            raise _not_started(start.log_tail() or "it wrote nothing")
        # The child has made sure that its own user has a key.
        child.key = keys.key_for(keys.LOCAL)
        return child

    @property
    def alive(self) -> bool:
        return self._reader.is_alive() and self._child.poll() is None

    def exchange(self, request: Request, call: Call, deadline: Deadline) -> PipeReply:
        """Send a request and wait for the head of its answer."""
        number = next(self._numbers)
        call.attach(lambda: self.abandon(number))
        self._frames[number] = queue.SimpleQueue()
        body = request.body if isinstance(request.body, bytes) else request.body.read()
        headers = [["Host", "localhost"], *([k, v] for k, v in request.headers.items())]
        if body:
            headers.append(["Content-Length", str(len(body))])
        order = {"id": number, "method": request.method, "path": request.path, "headers": headers}
        sent = self.alive and self._write({**order, "body": base64.b64encode(body).decode("ascii")})
        if not sent:
            raise NotConnected("The gateway on pipes has ended.", next_step="Repeat the call.")
        try:
            head = self.next_frame(number, deadline)
        except TimeoutError:
            self.abandon(number)
            raise
        if "status" not in head:
            raise self.broken(call)
        return PipeReply(self, number, head, call, deadline)

    def next_frame(self, number: int, deadline: Deadline) -> Frame:
        """What the child says next about a request. Raises TimeoutError at the deadline."""
        try:
            return self._frames[number].get(timeout=max(deadline.left(), 0.01))
        except queue.Empty as error:
            raise TimeoutError from error

    def broken(self, call: Call) -> ConnectionBroken:
        """What to say when the child ended too early. Raises Cancelled when we broke the request off."""
        call.check()
        return ConnectionBroken(
            f"The gateway on pipes ended. {start.log_tail()}".rstrip(),
            next_step="Call job_status to see the jobs of this project before you repeat the call.",
        )

    def forget(self, number: int) -> None:
        """Nobody waits for that request any more."""
        self._frames.pop(number, None)

    def abandon(self, number: int) -> None:
        """Tell the child that nobody waits, and wake whoever did."""
        frames = self._frames.get(number)
        if frames is not None:
            frames.put(BROKEN)
            self._write({"id": number, "close": True})

    def close(self) -> None:
        """The child sees its stdin closed, brings its state to disk and ends."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        with contextlib.suppress(OSError):
            self._child.stdin.close()
        try:
            self._child.wait(LAST_WORDS_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._reader.join(LAST_WORDS_SECONDS)
        self._child.stdout.close()

    def _write(self, frame: Frame) -> bool:
        data = json.dumps(frame, separators=(",", ":")).encode("ascii") + b"\n"
        with self._writing:
            try:
                assert self._child.stdin is not None
                self._child.stdin.write(data)
                self._child.stdin.flush()
            except (OSError, ValueError):
                return False
        return True

    def _read(self) -> None:
        assert self._child.stdout is not None
        with contextlib.suppress(OSError, ValueError):
            for line in self._child.stdout:
                frame: Any = json.loads(line)
                if is_object(frame) and (frames := self._frames.get(frame["id"])) is not None:
                    frames.put(frame)
        for frames in list(self._frames.values()):
            frames.put(BROKEN)


class PipeReply:
    """The answer of the child to one request."""

    def __init__(
        self, gateway: PipeGateway, number: int, head: Frame, call: Call, deadline: Deadline
    ) -> None:
        self.status = int(head["status"])
        self.headers: Mapping[str, str] = {str(k).lower(): str(v) for k, v in head["headers"]}
        self._gateway = gateway
        self._number = number
        self._call = call
        self._deadline = deadline
        self._ended = False

    def chunks(self) -> Iterator[bytes]:
        """The body as it arrives."""
        while not self._ended:
            frame = self._gateway.next_frame(self._number, self._deadline)
            if "chunk" in frame:
                yield base64.b64decode(frame["chunk"])
            elif frame.get("end"):
                self._ended = True
            else:
                raise self._gateway.broken(self._call)

    def close(self) -> None:
        """Drop what was not read."""
        self._call.detach()
        if not self._ended:
            self._gateway.abandon(self._number)
        self._gateway.forget(self._number)


def _not_started(reason: str) -> NotConnected:
    return NotConnected(
        f"The gateway cannot be started on pipes: {reason}",
        next_step=f"Read {paths.gateway_log()}, or set FLEXURA_URL to a gateway that runs elsewhere.",
    )
