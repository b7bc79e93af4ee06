"""`flexura run`, `flexura approve`: steps are told, files and candidates come home, mistakes buy nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli_house import Terminal
from doubles import png
from flexura.cli import exit_codes

PAIR: dict[str, Any] = {
    "slug": "pair",
    "name": "Pair",
    "inputs": [{"id": "subject", "type": "TEXT"}],
    "steps": [
        {"id": "wide", "uses": "image", "prompt": "{{inputs.subject}}, wide"},
        {"id": "tall", "uses": "image", "prompt": "{{inputs.subject}}, tall"},
    ],
    "outputs": ["wide", "tall"],
}
PICK: dict[str, Any] = {
    "slug": "pick",
    "name": "Pick",
    "inputs": [{"id": "subject", "type": "TEXT"}],
    "steps": [
        {"id": "draw", "uses": "image", "prompt": "{{inputs.subject}}", "n": 2},
        {"id": "choose", "uses": "approve"},
    ],
}
ENLARGE: dict[str, Any] = {
    "slug": "enlarge",
    "name": "Enlarge",
    "inputs": [{"id": "photo", "type": "IMAGE_URL"}, {"id": "times", "type": "NUMBER"}],
    "steps": [
        {
            "id": "grow",
            "uses": "transform",
            "prompt": "upscale",
            "inputs": ["{{inputs.photo}}"],
            "options": {"upscale": "{{inputs.times}}"},
            "model": "policy:cheapest,provider=embedded",
        },
    ],
}
FOX = ("--input", "subject=a fox", "--model", "fake:one")


@pytest.fixture
def desk(terminal: Terminal, tmp_path: Path) -> Terminal:
    """A terminal whose workspace has the templates."""
    for document in (PAIR, PICK, ENLARGE):
        file = tmp_path / f"{document['slug']}.json"
        file.write_text(json.dumps(document))
        result = terminal.run("templates", "save", str(file))
        assert result.exit_code == 0, result.output
    return terminal


def test_the_steps_are_told_and_the_files_come_home(desk: Terminal) -> None:
    result = desk.run("run", "pair", *FOX, "--yes")
    assert result.exit_code == 0, result.output
    paths = [desk.project / line for line in result.stdout.split()]
    assert len(paths) == 2 and all(path.is_file() for path in paths)
    assert "wide: done" in result.stderr and "tall: done" in result.stderr


def test_json_has_the_job_its_files_and_its_steps(desk: Terminal) -> None:
    record = desk.json("run", "pair", *FOX)
    assert (record["status"], record["model"]) == ("completed", "template:pair")
    assert [step["status"] for step in record["steps"]] == ["done", "done"]
    assert all(Path(file["path"]).is_file() for file in record["files"])


def test_a_dry_run_tells_models_and_price_and_orders_nothing(desk: Terminal) -> None:
    assert desk.house is not None
    before = len(desk.house.fake.submitted)
    result = desk.run("run", "pair", *FOX, "--dry-run")
    assert result.exit_code == 0, result.output
    assert "fake:one" in result.stdout and "0.04" in result.stdout
    plan = desk.json("run", "pair", *FOX, "--dry-run")
    assert [step["id"] for step in plan["steps"]] == ["wide", "tall"]
    assert len(desk.house.fake.submitted) == before


def test_candidates_come_home_and_one_is_picked(desk: Terminal) -> None:
    result = desk.run("run", "pick", *FOX[:2], "--option", "size=64x64", "--yes")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2"]
    assert all((desk.project / line.split()[1]).is_file() for line in lines)
    job_id = next(word for word in result.stderr.split() if word.startswith("job_"))
    assert f"flexura approve {job_id} --pick" in result.stderr
    record = desk.json("approve", job_id, "--pick", "2")
    assert (record["status"], len(record["files"])) == ("completed", 1)
    assert desk.run("approve", job_id).exit_code == exit_codes.FAILED


def test_a_local_file_is_uploaded_and_numbers_are_numbers(desk: Terminal) -> None:
    (desk.project / "photo.png").write_bytes(png(8, 8))
    record = desk.json("run", "enlarge", "--input", "photo=photo.png", "--input", "times=2")
    assert [(file["w"], file["h"]) for file in record["files"]] == [(16, 16)]


def test_what_is_wrong_is_told_before_anything_is_ordered(desk: Terminal) -> None:
    for arguments, words in (
        (("run", "pair", "--input", "subjekt=x"), "It takes: subject"),
        (("run", "pair", "--input", "subject"), "name=value"),
        (("run", "pair", *FOX, "--at", "soon"), "no time"),
        (("run", "enlarge", "--input", "photo=no.png", "--input", "times=2"), "no such file"),
        (("run", "pair", *FOX, "--publish", "nowhere"), "nowhere"),
    ):
        result = desk.run(*arguments)
        assert result.exit_code == exit_codes.USAGE, result.output
        assert words in result.stderr, result.stderr
    result = desk.run("run", "pairs", *FOX)
    assert "pair" in result.stderr and result.exit_code != 0


def test_the_price_is_refused_above_a_limit(desk: Terminal) -> None:
    result = desk.run("run", "pair", *FOX, "--max-cost", "0.01")
    assert result.exit_code == exit_codes.BUDGET, result.output


def test_detaching_tells_how_to_come_back(desk: Terminal) -> None:
    result = desk.run("run", "pair", *FOX, "--detach", "--yes")
    job_id = result.stdout.strip()
    assert job_id.startswith("job_")
    assert f"flexura status {job_id} --wait" in result.stderr
    record = desk.json("status", job_id, "--wait")
    assert record["status"] == "completed"


def test_the_place_that_is_named_is_the_results_and_candidates_lie_aside(desk: Terminal) -> None:
    result = desk.run("run", "pick", *FOX[:2], "--option", "size=64x64", "--yes", "-o", "hero.png")
    assert [line.split()[1] for line in result.stdout.splitlines()] == [
        "flexura-out/a-fox.png",
        "flexura-out/a-fox-2.png",
    ]
    job_id = next(word for word in result.stderr.split() if word.startswith("job_"))
    assert f"flexura approve {job_id} --pick 1 -o hero.png" in result.stderr
    assert desk.run("status").stdout.split()[1:3] == ["to", "approve"]
    other = desk.run("run", "pick", *FOX[:2], "--option", "size=64x64", "--yes", "--detach")
    desk.run("status", other.stdout.strip(), "--cancel")
    desk.run("status", other.stdout.strip(), "--wait")
    assert desk.run("status").stdout.split()[1] == "canceled"
    piped = desk.run("status", job_id, "-o", "-")
    assert piped.stdout == "" and "a-fox-2.png" in piped.stderr
    assert desk.run("approve", job_id, "--pick", "1", "-o", "hero.png").stdout == "hero.png\n"


def test_a_run_of_many_steps_shows_no_seed(desk: Terminal) -> None:
    assert "seed" not in desk.run("run", "pair", *FOX, "--yes").stderr


def test_an_input_that_is_not_there_leads_to_the_templates_own(desk: Terminal) -> None:
    result = desk.run("run", "pair", "--input", "subjekt=x")
    assert "`flexura templates show pair`" in result.stderr
