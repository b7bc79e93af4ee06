"""A file tells what it was made from, whatever it is called now, and can be made again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from cli_house import Terminal
from flexura.provenance.reading import record_in
from flexura.provenance.record import Record
from flexura.provenance.writing import mark_in_place

DRAWN = ("a red barn in the snow", "--size", "64x48", "--seed", "11", "--yes")


@pytest.fixture
def barn(terminal: Terminal) -> Path:
    """A drawing of the renderer."""
    made = terminal.json("image", *DRAWN, "-o", "barn.png")
    return Path(made["assets"][0]["saved_path"] if "assets" in made else "barn.png")


def test_a_file_that_was_renamed_and_copied_is_still_explained(
    terminal: Terminal, barn: Path
) -> None:
    other = terminal.project / "elsewhere"
    other.mkdir()
    copy = shutil.copy(barn, other / "untitled.jpeg")
    (found,) = terminal.json("explain", str(copy))["files"]
    assert found["file"]["prompt"] == "a red barn in the snow"
    assert found["file"]["seed"] == 11 and found["file"]["asked"]["size"] == "64x48"
    assert found["file"]["digital_source_type"].endswith("/algorithmicMedia")
    assert found["gateway"]["job_id"].startswith("job_") and found["gateway"]["marked"]
    assert found["gateway"]["record"] == found["file"] and found["agree"]


def test_a_file_without_its_metadata_is_known_by_its_pixels_no_more_but_by_its_bytes(
    terminal: Terminal, barn: Path
) -> None:
    with Image.open(barn) as picture:
        picture.save("stripped.png")
    told = terminal.run("explain", "stripped.png")
    assert told.exit_code == 1
    assert "says nothing" in told.stdout and "knows no file" in told.stdout


def test_offline_the_file_alone_is_enough(
    alone: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEXURA_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("MEDIA_GATEWAY_API_KEY", "k")
    file = tmp_path / "a.webp"
    Image.new("RGB", (8, 8)).save(file)
    mark_in_place(file, Record("evil \x1b[31m\u202e words", "fal:thing", 3, {"n": 1}))
    for flags in ((), ("--offline",)):
        told = alone.run("explain", str(file), *flags)
        assert told.exit_code == 0, told.output
        assert "fal:thing" in told.stdout and "was not asked" in told.stderr
        assert "\x1b" not in told.stdout and "\u202e" not in told.stdout
        assert "a claim, not a proof" in told.stderr


@pytest.mark.parametrize("command", [("explain", "--offline"), ("compare",)])
def test_neither_the_name_of_a_file_nor_its_words_steer_the_terminal(
    alone: Terminal, tmp_path: Path, command: tuple[str, ...]
) -> None:
    file = tmp_path / "a\x1b]0;b\x07.png"
    Image.new("RGB", (8, 8)).save(file)
    mark_in_place(file, Record("words", "fal:\x9b31mthing", 3, {}))
    told = alone.run(*command, str(file))
    assert told.exit_code == 0 and "thing" in told.output
    assert not {"\x1b", "\x07", "\x9b"} & set(told.output)


def test_a_file_that_is_not_there_is_a_mistake_of_the_command(alone: Terminal) -> None:
    assert alone.run("explain", "none.png", "--offline").exit_code == 2


def test_a_file_is_made_again_beside_the_first(terminal: Terminal, barn: Path) -> None:
    again = terminal.run("redo", str(barn), "--yes")
    assert again.exit_code == 0, again.output
    (path,) = again.stdout.split()
    assert Path(path).name == "barn-2.png"
    assert Path(path).read_bytes() == barn.read_bytes(), "the same order gives the same file"


def test_seed_and_options_can_be_changed(terminal: Terminal, barn: Path) -> None:
    arguments = ("redo", str(barn), "--seed", "+1", "--set", "size=32x32", "--yes")
    made = terminal.run(*arguments, "-o", "other.png")
    assert made.exit_code == 0, made.output
    record = record_in(Path("other.png"))
    assert record is not None
    assert (record.seed, record.asked) == (12, {"seed": 12, "size": "32x32", "format": "png"})
    with Image.open("other.png") as picture:
        assert picture.size == (32, 32)


def test_an_edit_is_made_again_from_the_input_that_the_gateway_kept(
    terminal: Terminal, barn: Path
) -> None:
    assert (
        terminal.run("image", "sepia", "--input", str(barn), "--yes", "-o", "old.png").exit_code
        == 0
    )
    record = record_in(Path("old.png"))
    assert record is not None and record.parents[0].startswith("art_") and len(record.inputs) == 1
    plan = terminal.json("redo", "old.png", "--dry-run")
    assert plan["request"]["inputs"][0]["artifact"] == record.parents[0]


def test_an_input_that_is_gone_is_named_with_what_to_do(terminal: Terminal) -> None:
    Image.new("RGB", (8, 8)).save("edited.png")
    lost = Record(
        "sepia", "embedded:retouch", 3, {}, ("ab" * 32,), parents=("/etc/passwd",), kind="image"
    )
    mark_in_place(Path("edited.png"), lost)
    told = terminal.json("redo", "edited.png", "--yes", code=1)
    assert "no longer on the gateway" in told["error"]["message"]
    assert "--input" in told["error"]["next_step"]


def test_what_says_nothing_cannot_be_made_again(terminal: Terminal) -> None:
    Image.new("RGB", (8, 8), "red").save("mine.png")
    assert "explain" in terminal.json("redo", "mine.png", code=1)["error"]["next_step"]


def test_a_sidecar_tells_the_same_as_the_gateway(terminal: Terminal) -> None:
    assert terminal.run("image", *DRAWN, "-o", "side.png", "--sidecar").exit_code == 0
    told = json.loads(Path("side.png.flexura.json").read_text())
    assert told["record"]["prompt"] == DRAWN[0] and told["job_id"].startswith("job_")
