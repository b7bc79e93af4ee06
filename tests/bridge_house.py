"""Agents in front of the user's own gateway, which their bridges start themselves."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from bridge.agent import Agent
from bridge.agent import agent as bridge_agent
from flexura.local import gateway
from flexura.local.project_id import project_id

UNFINISHED = ("queued", "processing")


@contextmanager
def own_gateway() -> Iterator[None]:
    """Whatever gateway the test's agents start ends with the test."""
    try:
        yield
    finally:
        gateway.stop()


@contextmanager
def ready_agent(project: Path, **environment: str) -> Iterator[Agent]:
    """An agent that was initialized."""
    with bridge_agent(project, **environment) as agent:
        agent.initialize()
        yield agent


def record(result: dict[str, Any]) -> dict[str, Any]:
    """The record of a result that is no error."""
    assert not result.get("isError"), result["content"][0]["text"]
    return result["structuredContent"]


def finished(agent: Agent, made: dict[str, Any]) -> dict[str, Any]:
    """The record of a job once it has ended and its files are home."""
    while made["status"] in UNFINISHED:
        made = record(agent.call("job_status", job_ids=[made["job_id"]], wait=40))
    assert made["status"] == "completed", made
    return made


def jobs_of(project: Path) -> list[dict[str, Any]]:
    """Every job of this project, asked of the gateway itself."""
    running = gateway.ensure(60)
    url = f"{running.url}/api/v1/jobs?limit=100&project={project_id(project)}"
    answer = httpx2.get(url, headers={"Authorization": f"Bearer {running.token}"})
    return answer.raise_for_status().json()["jobs"]


def files_below(folder: Path) -> list[str]:
    """The names of all files, without their folders."""
    return sorted(p.name for p in folder.rglob("*") if p.is_file())


def gateways(home: Path) -> list[int]:
    """The processes that serve on this state directory. Reads /proc."""
    mark = f"FLEXURA_HOME={home}".encode()
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
            ours = mark in (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if ours and b"serve" in command and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found
