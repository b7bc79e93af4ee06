"""`flexura status`: looks, waits, brings home, cancels."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli_house import Terminal


def ordered(terminal: Terminal, prompt: str = "a fox") -> str:
    return terminal.image(prompt, "--detach").stdout.strip()


def test_without_ids_it_lists_this_projects_jobs(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    mine = ordered(terminal, "mine")
    monkeypatch.chdir(tmp_path / "other")
    theirs = ordered(terminal, "theirs")
    listed = terminal.json("status")
    assert [job["job_id"] for job in listed["jobs"]] == [theirs]
    assert listed["total"] == 1
    everywhere = {job["job_id"] for job in terminal.json("status", "--all")["jobs"]}
    assert {mine, theirs} <= everywhere


def test_a_project_without_jobs_says_so(terminal: Terminal) -> None:
    result = terminal.run("status")
    assert result.exit_code == 0
    assert "no jobs" in result.stderr


def test_a_line_tells_id_state_and_prompt(terminal: Terminal) -> None:
    job_id = terminal.json("image", "a fox", "--model", "fake:one")["job_id"]
    line = terminal.run("status").stdout.splitlines()[0]
    assert line.split()[:3] == [job_id, "completed", "image"]
    assert line.endswith("a fox")


def test_it_brings_the_files_of_a_detached_job_home_once(terminal: Terminal) -> None:
    job_id = ordered(terminal)
    first = terminal.run("status", job_id, "--wait")
    assert first.stdout == "flexura-out/a-fox.png\n"
    again = terminal.run("status", job_id)
    assert again.stdout == first.stdout
    assert len(list(terminal.project.rglob("*.png"))) == 1


def test_a_file_that_was_moved_away_is_fetched_again(terminal: Terminal) -> None:
    job_id = ordered(terminal)
    terminal.run("status", job_id, "--wait")
    (terminal.project / "flexura-out/a-fox.png").unlink()
    terminal.run("status", job_id)
    assert (terminal.project / "flexura-out/a-fox.png").exists()


def test_a_job_can_be_brought_to_a_second_place(terminal: Terminal) -> None:
    job_id = ordered(terminal)
    terminal.run("status", job_id, "--wait")
    assert terminal.run("status", job_id, "-o", "copy.png").stdout == "copy.png\n"


def test_wait_may_stand_before_the_id(terminal: Terminal) -> None:
    assert terminal.run("status", "--wait", ordered(terminal)).exit_code == 0


def test_a_running_job_is_pending(terminal: Terminal) -> None:
    with terminal.house.held_back():
        job_id = ordered(terminal)
        assert terminal.run("status", job_id).exit_code == 6
        result = terminal.run("status", job_id, "--wait", "0.1")
        assert result.exit_code == 6
        assert f"flexura status {job_id} --wait" in result.stderr


def test_several_jobs_come_in_an_envelope(terminal: Terminal) -> None:
    ids = [ordered(terminal, prompt) for prompt in ("a fox", "a wolf")]
    found = terminal.json("status", *ids, "--wait")
    assert [job["job_id"] for job in found["jobs"]] == ids
    assert [Path(job["files"][0]["path"]).name for job in found["jobs"]] == [
        "a-fox.png",
        "a-wolf.png",
    ]


def test_the_exit_code_is_that_of_the_first_job_that_failed(terminal: Terminal) -> None:
    ids = [ordered(terminal, prompt) for prompt in ("a fox", "fail")]
    assert terminal.run("status", *ids, "--wait").exit_code == 7


def test_a_running_job_is_canceled(terminal: Terminal) -> None:
    with terminal.house.held_back():
        job_id = ordered(terminal)
        canceled = terminal.run("status", job_id, "--cancel")
        assert canceled.exit_code == 0
        assert job_id in canceled.stderr
    assert terminal.json("status", job_id, "--wait", code=3)["error"]["code"] == "canceled"


def test_a_job_that_has_ended_cannot_be_canceled_but_others_are(terminal: Terminal) -> None:
    done = terminal.json("image", "a fox", "--model", "fake:one")["job_id"]
    with terminal.house.held_back():
        running = ordered(terminal)
        result = terminal.run("status", done, running, "--cancel")
    assert result.exit_code == 1
    assert f"{done}: The job has ended" in result.stderr
    assert f"{running} is " in result.stderr


def test_an_unknown_job_is_an_error(terminal: Terminal) -> None:
    assert terminal.json("status", "job_nothing", code=1)["error"]["code"] == "not_found"


@pytest.mark.parametrize("flag", [["--cancel"], ["-o", "x.png"]])
def test_what_is_about_one_job_needs_its_id(terminal: Terminal, flag: list[str]) -> None:
    assert terminal.run("status", *flag).exit_code == 2
