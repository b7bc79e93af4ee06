"""The bridge lives as long as its agent, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response, StreamingResponse

from bridge import agent as agents
from bridge.agent import Agent
from bridge.fake_gateway import KEY, FakeGateway, never

SECONDS_TO_END = 5
# A parent that starts a bridge on a stdin which others hold open too, waits for its first answer, and dies.
PARENT = """
import os, subprocess, sys
bridge = subprocess.Popen(sys.argv[2:], stdin=int(sys.argv[1]), stdout=subprocess.PIPE)
bridge.stdout.readline()
print(bridge.pid, flush=True)
os.read(0, 1)
"""


def test_it_ends_when_stdin_closes(agent: Agent) -> None:
    assert agent.close() == 0


def test_it_ends_soon_although_a_call_is_under_way(agent: Agent, gateway: FakeGateway) -> None:
    gateway.tools["generate_video"] = never
    agent.send("tools/call", {"name": "generate_video", "arguments": {"prompt": "x"}})
    assert gateway.entered.wait(20)
    assert agent.process.stdin is not None
    agent.process.stdin.close()
    assert agent.process.wait(SECONDS_TO_END) == 0
    assert gateway.broken_off.wait(20)


def test_an_answer_that_is_nearly_there_is_still_given(
    gateway: FakeGateway, project: Path, flexura_home: Path
) -> None:
    call = {"name": "generate_image", "arguments": {"prompt": "fox"}}
    lines = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call})
    done = subprocess.run(
        agents.COMMAND,
        cwd=project,
        env={**os.environ, "FLEXURA_URL": gateway.url, "MEDIA_GATEWAY_API_KEY": KEY},
        input=lines.encode(),
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["result"]["structuredContent"]["files"][0]["path"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_without_a_word_when_it_is_asked_to(agent: Agent, number: signal.Signals) -> None:
    agent.process.send_signal(number)
    assert agent.process.wait(SECONDS_TO_END) == 128 + number


def test_it_ends_when_nobody_reads_any_more(agent: Agent) -> None:
    assert agent.process.stdout is not None
    agent.process.stdout.close()
    agent.send("ping")
    assert agent.process.wait(SECONDS_TO_END) == 0


def test_an_orphan_ends_although_its_stdin_stays_open(project: Path) -> None:
    reader, writer = os.pipe()
    os.write(writer, b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
    try:
        arguments = [sys.executable, "-c", PARENT, str(reader), *agents.COMMAND]
        with subprocess.Popen(
            arguments, cwd=project, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[reader]
        ) as parent:
            assert parent.stdout is not None
            bridge = int(parent.stdout.readline())
            watch = os.pidfd_open(bridge)
            parent.kill()
        poll = select.poll()
        poll.register(watch, select.POLLIN)
        assert poll.poll(SECONDS_TO_END * 1000), "the orphan lives"
        os.close(watch)
    finally:
        os.close(reader)
        os.close(writer)


@pytest.fixture
def dripping(gateway: FakeGateway) -> Iterator[threading.Event]:
    """A gateway whose downloads never end; set once one has begun."""
    begun = threading.Event()

    async def body() -> Any:
        import asyncio

        yield b"x" * 70_000
        begun.set()
        await asyncio.Event().wait()

    def drip() -> Response:
        return StreamingResponse(body(), media_type="image/png")

    gateway.download = drip
    yield begun


@pytest.mark.parametrize("end", ["stdin", "term", "cancel"])
def test_no_part_of_a_file_is_left_when_it_ends_over_a_download(
    agent: Agent, project: Path, dripping: threading.Event, end: str
) -> None:
    number = agent.send("tools/call", {"name": "generate_image", "arguments": {"prompt": "x"}})
    assert dripping.wait(20)
    assert [p.suffix for p in (project / "flexura-out").iterdir()] == [".part"]
    if end == "cancel":
        agent.notify("notifications/cancelled", {"requestId": number})
        agent.close()
    elif end == "stdin":
        agent.close()
    else:
        agent.process.terminate()
        agent.process.wait(SECONDS_TO_END)
    assert list((project / "flexura-out").iterdir()) == []


def test_killed_over_a_download_it_leaves_no_half_file_under_a_real_name(
    agent: Agent, project: Path, dripping: threading.Event
) -> None:
    agent.send("tools/call", {"name": "generate_image", "arguments": {"prompt": "x"}})
    assert dripping.wait(20)
    agent.process.kill()
    agent.process.wait()
    assert all(p.name.startswith(".flexura-") for p in (project / "flexura-out").iterdir())


def test_help_is_printed_and_unknown_arguments_are_refused(project: Path) -> None:
    told = subprocess.run([*agents.COMMAND, "--help"], capture_output=True, check=True)
    assert b"usage: flexura mcp" in told.stdout
    refused = subprocess.run([*agents.COMMAND, "--stdio"], capture_output=True, check=False)
    assert (refused.returncode, refused.stdout) == (2, b"")
    assert b"usage: flexura mcp" in refused.stderr
