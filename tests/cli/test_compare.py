"""`flexura compare`: numbers, a sheet, and one that is picked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from cli_house import Served, Terminal
from doubles import model, png
from flexura.ports.contact import SHEET_BYTES


@pytest.fixture
def two(terminal: Terminal) -> Iterator[Terminal]:
    """A terminal whose gateway has two models for the time of a test; other tests share it."""
    assert terminal.house is not None
    terminal.house.fake.offered.append(model("two"))
    read_again(terminal.house)
    yield terminal
    terminal.house.fake.offered.pop()
    read_again(terminal.house)


def read_again(house: Served) -> None:
    """Have the gateway ask for the models anew."""
    headers = {"Authorization": f"Bearer {house.key}"}
    asked = httpx2.get(f"{house.url}/api/v1/providers?check=1", headers=headers)
    assert asked.status_code == 200, asked.text


def made(two: Terminal) -> str:
    """A job of two models."""
    found = two.json("image", "a fox", "--model", "fake:one", "--model", "fake:two", "--yes")
    assert found["model"] == "fake:one,fake:two" and len(found["files"]) == 2
    return found["job_id"]


def test_models_named_one_by_one_or_with_commas_are_compared(two: Terminal) -> None:
    shown = two.run("image", "a fox", "--model", "fake:one,fake:two", "--dry-run")
    assert (
        shown.exit_code == 0 and "fake:one,fake:two" in shown.stdout and "0.04 USD" in shown.stdout
    )
    job_id = made(two)
    told = two.run("compare", job_id, "-o", "out/sheet.jpg")
    assert told.exit_code == 0, told.output
    first, second = told.stdout.splitlines()
    assert first.split()[:2] == ["1", "fake:one"] and second.split()[:2] == ["2", "fake:two"]
    assert "seed" in first and "0.02 USD" in first and "art_" in first
    sheet = (two.project / "out/sheet.jpg").read_bytes()
    assert sheet.startswith(b"\xff\xd8") and len(sheet) <= SHEET_BYTES
    assert f"flexura compare {job_id} --pick N" in told.stderr


def test_files_are_named_by_the_model_that_made_them(two: Terminal) -> None:
    arguments = (
        "--model",
        "fake:one",
        "--model",
        "fake:two",
        "--yes",
        "-o",
        "{model}-{seed}.{ext}",
    )
    found = two.json("image", "an owl", "--option", "seed=7", *arguments)
    names = sorted(Path(file["path"]).name for file in found["files"])
    assert names == ["fake-one-7.png", "fake-two-7.png"]


def test_one_is_picked_by_its_number(two: Terminal) -> None:
    job_id = made(two)
    assert two.json("compare", job_id, "--pick", "2")["picked"] == 2
    cells = two.json("compare", job_id)["cells"]
    assert [cell["review"] for cell in cells] == ["archived", "selected"]
    assert two.run("compare", job_id).stdout.splitlines()[1].endswith(" *")
    wrong = two.run("compare", job_id, "--pick", "9")
    assert wrong.exit_code != 0 and "1 to 2" in wrong.stderr


def test_a_preview_without_a_terminal_that_can_prints_the_path_alone(two: Terminal) -> None:
    told = two.image("a heron", "--preview")
    assert told.stdout == "flexura-out/a-heron.png\n"


def test_json_tells_cells_and_where_the_sheet_lies(two: Terminal) -> None:
    found = two.json("compare", made(two), "-o", "sheet.jpg")
    assert [cell["number"] for cell in found["cells"]] == [1, 2] and found["left_out"] == 0
    assert found["sheet"] == str((two.project / "sheet.jpg").resolve())


def test_files_of_this_disk_are_drawn_without_any_gateway(alone: Terminal) -> None:
    for name in ("a.png", "b.png"):
        (alone.project / name).write_bytes(png(40, 30))
    told = alone.run("compare", "a.png", "b.png", "-o", "sheet.jpg")
    assert told.exit_code == 0, told.output
    assert [line.split()[:2] for line in told.stdout.splitlines()] == [
        ["1", "a.png"],
        ["2", "b.png"],
    ]
    assert (alone.project / "sheet.jpg").read_bytes().startswith(b"\xff\xd8")


def test_what_cannot_be_shown_here_is_told_with_the_way_to_see_it(alone: Terminal) -> None:
    (alone.project / "a.png").write_bytes(png())
    told = alone.run("compare", "a.png")
    assert told.exit_code == 0 and "-o sheet.jpg" in told.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere.png",), "is no file"),
        (("a.png", "job_x"), "not both at once"),
        (("notes.txt",), "does not end like"),
        (("job_a", "job_b", "--pick", "1"), "name that job alone"),
        (("art_a", "--pick", "1"), "name that job alone"),
        (("job_a",) * 65, "room for 64"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_does(
    alone: Terminal, arguments: tuple[str, ...], says: str
) -> None:
    (alone.project / "a.png").write_bytes(png())
    (alone.project / "notes.txt").write_text("words")
    told = alone.run("compare", *arguments)
    assert told.exit_code == 2 and says in " ".join(told.stderr.split())


def test_a_job_that_is_not_there_is_told(terminal: Terminal) -> None:
    told = terminal.run("compare", "job_nowhere")
    assert told.exit_code == 1 and "no job" in told.stderr
