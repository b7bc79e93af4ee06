"""Gateway and bridge are killed at random moments: no job is lost, none made twice, no process left."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from acceptance.gateway_process import Served, served, start
from acceptance.town import Town, living_in
from acceptance.watched import Watched, children
from bridge import agent as agents
from bridge.agent import Agent
from bridge.agent import agent as bridge_agent
from bridge_house import files_below, finished, gateways, jobs_of, ready_agent, record
from flexura.local.project_id import project_id

ROUNDS = int(os.environ.get("KILL_ROUNDS", "10"))
"""How often bridges are ended: 200 in a long run. Gateways are killed half as often."""
SECONDS_TO_END = 5.0
pytestmark = [
    pytest.mark.usefixtures("unmeasured"),
    pytest.mark.timeout(200 + 10 * ROUNDS),
    pytest.mark.only_on("linux"),
]
ORDERS: list[tuple[str, dict[str, Any]]] = [
    ("image", {"prompt": "a fox", "n": 3, "options": {"size": "128x128"}}),
    ("audio", {"prompt": "a coin", "options": {"kind": "sfx"}}),
    ("video", {"prompt": "rain", "options": {"size": "160x128", "seconds": 1, "fps": 12}}),
]
# Long enough to be interrupted, short enough to wait for.
SLOW = {"prompt": "mountains in the morning mist", "size": "1200x900"}


def order(gateway: Served, kind: str, body: dict[str, Any]) -> str:
    """The id of an accepted job."""
    with gateway.client() as http:
        return http.post(f"/api/generate/{kind}", json=body).raise_for_status().json()["job_id"]


def completed(gateway: Served, job_id: str) -> dict[str, Any]:
    """The job, completed, its files whole."""
    with gateway.client() as http:
        job = http.get(f"/api/jobs/{job_id}?wait=60").json()
        assert job["status"] == "completed", job
        for asset in job["assets"]:
            content = http.get(asset["url"]).raise_for_status().content
            assert hashlib.sha256(content).hexdigest() == asset["sha256"]
    return job


def test_every_job_is_completed_although_the_gateway_is_killed_again_and_again(
    flexura_home: Path,
) -> None:
    chance = random.Random(20260728)
    jobs: list[str] = []
    for _ in range(max(3, ROUNDS // 2)):
        gateway = start(flexura_home, FLEXURA_LEASE_SECONDS="1")
        jobs += [order(gateway, kind, body) for kind, body in ORDERS]
        threading.Event().wait(chance.uniform(0, 1.0))
        drawing = Watched(children(gateway.process.pid))
        gateway.kill()
        assert drawing.left_after(SECONDS_TO_END) == []
    with served(flexura_home, FLEXURA_LEASE_SECONDS="1") as gateway:
        ended = [completed(gateway, job) for job in jobs]
        main = [[a for a in job["assets"] if a["role"] == "main"] for job in ended]
        assert [len(files) for files in main] == [3, 1, 1] * (len(jobs) // 3)
        with gateway.client() as http:
            assert http.get("/api/v1/jobs?limit=1").json()["total"] == len(jobs)
    assert list((flexura_home / "staging" / "scratch").iterdir()) == []
    assert [left for left in (flexura_home / "staging").rglob("*") if left.is_file()] == []


def test_a_first_start_that_is_killed_is_made_good_by_the_next(flexura_home: Path) -> None:
    chance = random.Random(20260728)
    command = [sys.executable, "-m", "flexura", "serve", "--port", "0"]
    for _ in range(4):
        with subprocess.Popen(command, cwd=flexura_home, stderr=subprocess.DEVNULL) as first:
            threading.Event().wait(chance.uniform(0.3, 1.5))
            first.kill()
    with served(flexura_home) as gateway:
        completed(gateway, order(gateway, *ORDERS[0]))


def test_a_gateway_that_is_asked_to_end_ends_at_once_and_its_job_goes_on_later(
    flexura_home: Path,
) -> None:
    gateway = start(flexura_home)
    job = order(gateway, "image", {"prompt": "sea", "n": 4, "options": {"size": "1024x1024"}})
    with gateway.client() as http, http.stream("GET", f"/api/jobs/{job}/events") as events:
        lines = events.iter_lines()
        while '"processing"' not in next(lines):
            pass
        drawing = Watched(children(gateway.process.pid))
        assert len(drawing) == 1
        gateway.process.send_signal(signal.SIGTERM)
        assert gateway.process.wait(10) == 0
    assert drawing.left_after(SECONDS_TO_END) == []
    with served(flexura_home) as again:
        assert len(completed(again, job)["assets"]) == 4


def test_an_idle_gateway_that_is_asked_to_end_exits_with_0(flexura_home: Path) -> None:
    gateway = start(flexura_home)
    gateway.process.send_signal(signal.SIGTERM)
    assert gateway.process.wait(5) == 0


def test_a_drawing_process_that_dies_costs_one_job_and_not_the_gateway(flexura_home: Path) -> None:
    with served(flexura_home) as gateway:
        completed(gateway, order(gateway, *ORDERS[0]))
        slow = {"prompt": "sea", "n": 8, "options": {"size": "1024x1024"}}
        job = order(gateway, "image", slow)
        with gateway.client() as http:
            while http.get(f"/api/jobs/{job}").json()["progress"] == 0:
                pass
            for pid in children(gateway.process.pid):
                os.kill(pid, signal.SIGKILL)
            ended = http.get(f"/api/jobs/{job}?wait=60").json()
        assert ended["status"] == "completed" or (
            ended["error_code"],
            bool(ended["next_step"]),
        ) == (
            "provider_error",
            True,
        )
        completed(gateway, order(gateway, *ORDERS[0]))


def by_kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()


def by_end_of_input(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()


def by_request(process: subprocess.Popen[bytes]) -> None:
    process.terminate()


ENDS: list[Callable[[subprocess.Popen[bytes]], None]] = [by_kill, by_end_of_input, by_request]


def test_however_a_bridge_ends_it_ends_soon_and_its_job_goes_on(town: Town, project: Path) -> None:
    chance = random.Random(20260728)
    with living_in(town.home):
        for number in range(ROUNDS):
            with bridge_agent(project) as agent:
                agent.initialize()
                arguments = {"prompt": f"fox {number}", "size": "256x256"}
                agent.send("tools/call", {"name": "generate_image", "arguments": arguments})
                threading.Event().wait(chance.uniform(0, 0.5))
                bridge = Watched([agent.process.pid, *children(agent.process.pid)])
                ENDS[number % len(ENDS)](agent.process)
                assert bridge.left_after(SECONDS_TO_END) == []
        with ready_agent(project) as agent:
            made = [finished(agent, status(agent, job_id)) for job_id in ordered(town, project)]
        assert len(gateways(town.home)) == 1
    assert len(made) > ROUNDS // 3
    assert len({job["files"][0]["path"] for job in made}) == len(made)
    whole = [path for path in project.rglob("*.png") if not path.name.startswith(".")]
    assert len(whole) == len(made)
    assert all(path.read_bytes().endswith(b"IEND\xaeB`\x82") for path in whole)


def ordered(town: Town, project: Path) -> list[str]:
    """The ids of all jobs of this project."""
    bearer, found = {"Authorization": f"Bearer {town.key}"}, list[str]()
    while True:
        page = {"limit": 100, "offset": len(found), "project": project_id(project)}
        answer = httpx2.get(f"{town.url}/api/v1/jobs", params=page, headers=bearer).json()
        found += [job["job_id"] for job in answer["jobs"]]
        if len(found) >= answer["total"]:
            return found


def status(agent: Agent, job_id: str) -> dict[str, Any]:
    return record(agent.call("job_status", job_ids=[job_id], wait=40))


# An agent that starts a bridge, lets it order something, and waits to be killed.
AGENT = """
import subprocess, sys
bridge = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE)
bridge.stdin.write(sys.argv[1].encode() + b"\\n")
bridge.stdin.flush()
print(bridge.pid, file=sys.stderr, flush=True)
sys.stdin.read()
"""


def test_a_bridge_whose_agent_is_killed_ends_and_its_job_goes_on(town: Town, project: Path) -> None:
    call = {"name": "generate_image", "arguments": SLOW}
    line = f'{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{agents.json.dumps(call)}}}'
    with living_in(town.home):
        with subprocess.Popen(
            [sys.executable, "-c", AGENT, line, *agents.COMMAND],
            cwd=project,
            env=town.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as parent:
            assert parent.stderr is not None
            bridge = Watched([int(parent.stderr.readline())])
            while not jobs_of(project):
                pass
            parent.kill()
        assert bridge.left_after(SECONDS_TO_END) == []
        with ready_agent(project) as agent:
            (job,) = jobs_of(project)
            finished(agent, status(agent, job["job_id"]))
    assert files_below(project) == ["mountains-in-the-morning-mist.png"]


def test_the_gateway_survives_a_client_that_gives_up_on_every_call(town: Town) -> None:
    bearer = {"Authorization": f"Bearer {town.key}"}
    with httpx2.Client(base_url=town.url, headers=bearer, timeout=0.05) as http:
        for number in range(8):
            body = {"prompt": f"owl {number}", "n": 2, "options": {"size": "640x640"}, "wait": 30}
            with pytest.raises(httpx2.TimeoutException):
                http.post("/api/generate/image", json=body)
        listed = http.get("/api/v1/jobs?limit=8", timeout=30).json()["jobs"]
        mine = [job["job_id"] for job in listed if job["prompt"].startswith("owl")]
        assert mine
        ended = [http.get(f"/api/jobs/{job}?wait=60", timeout=70).json() for job in mine]
    assert {job["status"] for job in ended} == {"completed"}
