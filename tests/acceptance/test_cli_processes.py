"""The command line as a person has it: no gateway runs, real processes, real signals."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from PIL import Image

from acceptance.flexura_process import Shell

# Long enough to be interrupted, short enough to wait for.
LONG = ("audio", "slow ambient drone", "--seconds", "30", "--format", "mp3")
DRONE = """
slug: drone
name: Drone
steps:
  - {id: cover, uses: image, prompt: placeholder, options: {size: 64x64}}
  - {id: sound, uses: audio, prompt: slow ambient drone, options: {seconds: 30, format: mp3}}
outputs: [sound]
"""
OFFLINE = '[providers]\nTAVILY_BASE_URL = "http://127.0.0.1:9"\n'


@pytest.fixture
def shell(flexura_home: Path, tmp_path: Path) -> Iterator[Shell]:
    project = tmp_path / "project"
    project.mkdir()
    (flexura_home / "config.toml").write_text(OFFLINE)
    found = Shell(flexura_home, project)
    yield found
    found.run("gateway", "stop")


def job_of(child: subprocess.Popen[str]) -> str:
    """The id that a command names as soon as the job is taken."""
    assert child.stderr is not None
    for line in child.stderr:
        if line.startswith("job "):
            return line.split()[1]
    raise AssertionError(f"no job: {child.wait()}")


def test_the_first_command_starts_the_gateway_and_leaves_a_real_file(shell: Shell) -> None:
    assert shell.json("gateway", "status")["running"] is False
    made = shell.run("image", "placeholder", "--size", "320x200", "-o", "hero.webp")
    assert made.stdout == "hero.webp\n"
    with Image.open(shell.project / "hero.webp") as picture:
        assert (picture.format, picture.size) == ("WEBP", (320, 200))
    assert shell.json("gateway", "status")["answers"] is True


def test_ctrl_c_detaches_and_the_printed_command_brings_the_file_home(shell: Shell) -> None:
    child = shell.start(*LONG, "-o", "drone.mp3")
    job_id = job_of(child)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (130, "")
    assert "goes on" in err
    assert "Traceback" not in err
    command = err.split("next: ")[1].strip()
    assert command == f"flexura status {job_id} --wait -o drone.mp3"
    assert shell.run(*shlex.split(command)[1:]).stdout == "drone.mp3\n"
    with av.open(str(shell.project / "drone.mp3")) as container:
        assert (container.duration or 0) / av.time_base == pytest.approx(30, abs=0.5)


def test_ctrl_c_leaves_a_run_going_and_the_printed_command_brings_its_result_home(
    shell: Shell,
) -> None:
    (shell.project / "drone.yaml").write_text(DRONE)
    shell.run("templates", "save", "drone.yaml")
    child = shell.start("run", "drone", "-o", "drone.mp3")
    job_id = job_of(child)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (130, "")
    assert "goes on" in err
    assert "Traceback" not in err
    command = err.split("next: ")[1].strip()
    assert command == f"flexura status {job_id} --wait -o drone.mp3"
    assert shell.run(*shlex.split(command)[1:]).stdout == "drone.mp3\n"
    with av.open(str(shell.project / "drone.mp3")) as container:
        assert (container.duration or 0) / av.time_base == pytest.approx(30, abs=0.5)


def test_a_gateway_that_is_killed_meanwhile_costs_neither_the_job_nor_the_command(
    shell: Shell,
) -> None:
    child = shell.start(*LONG)
    job_id = job_of(child)
    before = shell.json("gateway", "status")
    os.kill(before["pid"], signal.SIGKILL)
    out, err = child.communicate(timeout=110)
    assert child.returncode == 0, err
    assert (shell.project / out.strip()).is_file()
    after = shell.json("gateway", "status")
    assert after["pid"] != before["pid"]
    assert after["url"] == before["url"]
    assert [job["job_id"] for job in shell.json("status")["jobs"]] == [job_id]


def test_where_nothing_may_listen_the_command_does_the_work_itself(shell: Shell) -> None:
    shell.variables["FLEXURA_TRANSPORT"] = "pipe"
    made = shell.run("image", "placeholder", "--size", "64x64")
    assert (shell.project / made.stdout.strip()).is_file()
    assert shell.json("gateway", "status")["running"] is False
    assert shell.json("status")["jobs"][0]["status"] == "completed"


def test_a_pipe_that_is_closed_early_is_no_traceback(shell: Shell) -> None:
    child = shell.start("models")
    assert child.stdout is not None
    child.stdout.close()
    assert child.stderr is not None
    assert "Traceback" not in child.stderr.read()
    child.stderr.close()
    child.wait(60)


def test_the_demo_does_the_whole_main_job_offline(shell: Shell) -> None:
    done = shell.json("demo")
    assert done["ok"] is True
    assert done["search"]["done"] is False
    assert done["search"]["error"]["code"] == "provider_unavailable"
    assert "SEARXNG_BASE_URL" in done["search"]["error"]["next_step"]
    assert [made["kind"] for made in done["made"]] == ["image", "video", "audio"]
    for made in done["made"]:
        path = Path(made["path"])
        assert path.parent == shell.project / "flexura-demo"
        assert path.stat().st_size == made["bytes"]
