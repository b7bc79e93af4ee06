"""`flexura image`, `video`, `audio`: what is ordered, where the files go, how it ends."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from cli_house import Terminal
from flexura.cli import terminal as streams
from flexura.domain.generation import FIELDS
from flexura.domain.model import KINDS

TINY = ("--size", "32x32", "--yes")


def test_the_path_of_the_file_is_all_that_stdout_says(terminal: Terminal) -> None:
    result = terminal.image("a red fox")
    assert result.stdout == "flexura-out/a-red-fox.png\n"
    with Image.open(terminal.project / "flexura-out/a-red-fox.png") as picture:
        assert picture.format == "PNG"


def test_messages_go_to_stderr_and_name_the_job(terminal: Terminal) -> None:
    result = terminal.image("a red fox")
    assert "job job_" in result.stderr
    assert "fake:one" in result.stderr
    assert "0.02 USD" in result.stderr


def test_a_prompt_needs_no_quotes(terminal: Terminal) -> None:
    assert terminal.image("a", "red", "fox").stdout == "flexura-out/a-red-fox.png\n"


def test_a_prompt_of_a_dash_is_read_from_stdin(terminal: Terminal) -> None:
    result = terminal.run("image", "-", "--model", "fake:one", stdin="a blue whale\n")
    assert result.stdout == "flexura-out/a-blue-whale.png\n"


def test_json_is_one_object_with_always_the_same_keys(terminal: Terminal) -> None:
    made = terminal.json("image", "a fox", "--model", "fake:one")
    failed = terminal.json("image", "fail", "--model", "fake:one", code=7)
    assert set(made) == set(failed)
    assert made["status"] == "completed"
    assert made["error"] is None
    file = made["files"][0]
    assert Path(file["path"]).read_bytes().startswith(b"\x89PNG")
    assert (file["mime"], file["w"], file["h"]) == ("image/png", 2, 2)
    assert file["bytes"] == Path(file["path"]).stat().st_size
    assert failed["error"]["code"] == "content_policy"


def test_a_second_file_of_the_same_name_gets_another_one(terminal: Terminal) -> None:
    assert terminal.image("a fox", "-o", "fox.png").stdout == "fox.png\n"
    before = (terminal.project / "fox.png").read_bytes()
    assert terminal.image("a fox", "-o", "fox.png", "--seed", "9").stdout == "fox-2.png\n"
    assert (terminal.project / "fox.png").read_bytes() == before


def test_force_replaces_a_file(terminal: Terminal) -> None:
    (terminal.project / "fox.png").write_text("mine")
    assert terminal.image("a fox", "-o", "fox.png", "--force").stdout == "fox.png\n"
    assert (terminal.project / "fox.png").read_bytes().startswith(b"\x89PNG")


def test_several_files_are_numbered_also_with_force(terminal: Terminal) -> None:
    for extra in ([], ["--force"]):
        result = terminal.run("image", "placeholder", "-o", "fox.png", "--n", "3", *TINY, *extra)
        assert result.stdout.split() == ["fox.png", "fox-2.png", "fox-3.png"]
    assert len(list(terminal.project.glob("fox*.png"))) == 3


@pytest.mark.parametrize("output", ["pictures/", "pictures/deep/"])
def test_a_folder_is_created(terminal: Terminal, output: str) -> None:
    assert terminal.image("a fox", "-o", output).stdout == f"{output}a-fox.png\n"


def test_a_place_outside_the_project_is_fine_because_a_person_named_it(
    terminal: Terminal, tmp_path: Path
) -> None:
    result = terminal.image("a fox", "-o", str(tmp_path / "elsewhere/fox.png"))
    assert result.stdout == f"{tmp_path}/elsewhere/fox.png\n"


def test_a_template_is_filled_for_every_file(terminal: Terminal) -> None:
    place = "{model}/{slug}-{index}-{seed}.{ext}"
    result = terminal.run("image", "placeholder", "-o", place, "--n", "2", "--seed", "5", *TINY)
    folder, _, name = result.stdout.split()[0].partition("/")
    assert folder.startswith("embedded-")
    assert name == "placeholder-1-5.png"
    assert result.stdout.split()[1] == f"{folder}/placeholder-2-6.png"


def test_an_unknown_placeholder_is_refused_before_anything_is_bought(terminal: Terminal) -> None:
    bought = len(terminal.house.fake.submitted)
    result = terminal.image("a fox", "-o", "{name}.png", code=2)
    assert "no placeholder {name}" in result.stderr
    assert "{slug}" in result.stderr
    assert len(terminal.house.fake.submitted) == bought


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_bought(
    terminal: Terminal,
) -> None:
    (terminal.project / "file").write_text("")
    bought = len(terminal.house.fake.submitted)
    assert "is not a folder" in terminal.image("a fox", "-o", "file/fox.png", code=2).stderr
    assert len(terminal.house.fake.submitted) == bought


def test_a_dash_pipes_the_file(terminal: Terminal) -> None:
    result = terminal.image("a fox", "-o", "-")
    assert Image.open(io.BytesIO(result.stdout_bytes)).size == (2, 2)
    assert not list(terminal.project.iterdir())


@pytest.mark.parametrize("flag", ["--json", "--detach"])
def test_a_dash_goes_with_nothing_else_on_stdout(terminal: Terminal, flag: str) -> None:
    assert terminal.image("a fox", "-o", "-", flag, code=2).exit_code == 2


def test_the_ending_decides_about_the_format(terminal: Terminal) -> None:
    plan = terminal.json("image", "a fox", "-o", "fox.webp", "--dry-run")
    assert plan["request"]["options"]["format"] == "webp"
    plan = terminal.json("image", "a fox", "-o", "fox.webp", "--format", "jpeg", "--dry-run")
    assert plan["request"]["options"]["format"] == "jpeg"


def test_a_wrong_ending_is_replaced_by_the_right_one(terminal: Terminal) -> None:
    assert terminal.image("a fox", "-o", "fox.avif").stdout == "fox.png\n"


def test_a_dry_run_tells_model_and_price_and_buys_nothing(terminal: Terminal) -> None:
    bought = len(terminal.house.fake.submitted)
    result = terminal.image("a fox", "--dry-run", "--n", "2")
    assert "fake:one" in result.stdout
    assert "0.04 USD" in result.stdout
    assert len(terminal.house.fake.submitted) == bought


def test_detach_prints_the_job_and_how_to_go_on(terminal: Terminal) -> None:
    with terminal.house.held_back():
        result = terminal.image("a fox", "--detach", "-o", "my fox.png")
    job_id = result.stdout.strip()
    assert job_id.startswith("job_")
    assert f"flexura status {job_id} --wait -o 'my fox.png'" in result.stderr


def test_a_wait_that_is_over_leaves_the_job_running(terminal: Terminal) -> None:
    with terminal.house.held_back():
        result = terminal.image("a fox", "--wait", "0.2", code=6)
        assert "flexura status job_" in result.stderr
        record = terminal.json("image", "a wolf", "--model", "fake:one", "--wait", "0", code=6)
    assert record["status"] in ("queued", "processing")
    assert record["next"] == f"flexura status {record['job_id']} --wait"
    done = terminal.json("status", record["job_id"], "--wait")
    assert done["files"][0]["path"].endswith("flexura-out/a-wolf.png")


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["fail"], 7, "Change the prompt."),
        (["refuse"], 1, "Ask nicely."),
        (["a fox", "--max-cost", "0.01"], 5, "max_cost"),
        (["a fox", "--option", "mood=sad"], 2, "calm, wild"),
        (["a fox", "--option", "moood=calm"], 2, "mood"),
        (["a fox", "--size", "huge"], 2, "1024x768"),
        ([""], 2, "prompt"),
        (["a fox", "--n", "99"], 2, "1<=x<=8"),
        (["a fox", "--option", "mood"], 2, "name=value"),
        (["a fox", "--wait=soon"], 2, "seconds"),
        (["a fox", "--input", "missing.png"], 2, "no such file"),
    ],
)
def test_every_failure_has_its_exit_code_and_says_what_to_do(
    terminal: Terminal, arguments: list[str], code: int, word: str
) -> None:
    result = terminal.image(*arguments, code=code)
    assert result.stderr.count("error: ") == 1
    assert word in result.stderr
    assert not result.stdout


def test_an_unknown_model_names_the_nearest(terminal: Terminal) -> None:
    result = terminal.run("image", "a fox", "--model", "fake:won")
    assert result.exit_code == 2
    assert "fake:one" in result.stderr


def test_a_bad_key_has_its_own_exit_code(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIA_GATEWAY_API_KEY", "fx_live_nonsense")
    assert terminal.json("image", "a fox", code=4)["error"]["code"] == "invalid_api_key"
    monkeypatch.delenv("MEDIA_GATEWAY_API_KEY")
    result = terminal.image("a fox", code=4)
    assert "flexura login" in result.stderr


def test_a_gateway_that_is_not_there_is_named(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEXURA_URL", "http://127.0.0.1:9")
    error = terminal.json("image", "a fox", code=1)["error"]
    assert error["code"] == "gateway_unavailable"
    assert "http://127.0.0.1:9" in error["message"]


def test_a_local_input_is_uploaded(terminal: Terminal) -> None:
    Image.new("RGB", (40, 30), "teal").save(terminal.project / "photo.png")
    record = terminal.json("image", "make it 20x15", "--input", "photo.png", "--size", "20x16")
    with Image.open(record["files"][0]["path"]) as picture:
        assert picture.size == (20, 16)


def test_a_role_may_stand_before_an_input(terminal: Terminal) -> None:
    photo, mask = terminal.project / "photo.png", terminal.project / "size=4.png"
    for path, colour in ((photo, "teal"), (mask, "white")):
        Image.new("RGB", (40, 30), colour).save(path)
    given = ("--input", photo.as_uri(), "--input", "mask=size=4.png")
    plan = terminal.json("image", "make it grey", *given, "--dry-run")
    assert [placed["role"] for placed in plan["request"]["inputs"]] == ["image", "mask"]
    assert "picked for image-to-image" in plan["why"]
    shown = terminal.run("image", "make it grey", *given, "--dry-run").stdout
    assert "\nmask " in shown and " art_" in shown.partition("\nmask ")[2]
    missing = terminal.image("x", "--input", "mask=missing.png", code=2)
    assert "mask=missing.png: there is no such file" in missing.stderr


def test_a_file_that_is_no_medium_is_not_uploaded(terminal: Terminal) -> None:
    (terminal.project / "secrets.env").write_text("KEY=1")
    assert "does not end like" in terminal.image("x", "--input", "secrets.env", code=2).stderr


def test_an_option_is_read_as_json_where_it_is_json(terminal: Terminal) -> None:
    plan = terminal.json(
        *("image", "a fox", "--model", "fake:one", "--dry-run"),
        *("--option", "strength=0.25", "--option", "mood=wild"),
    )
    assert plan["request"]["options"]["strength"] == 0.25
    assert plan["request"]["options"]["mood"] == "wild"


def test_somebody_at_a_terminal_is_asked_before_money_is_spent(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "asks", lambda: True)
    bought = len(terminal.house.fake.submitted)
    declined = terminal.run("image", "a fox", "--model", "fake:one", stdin="n\n")
    assert declined.exit_code == 3
    assert "0.02 USD" in declined.stderr
    assert len(terminal.house.fake.submitted) == bought
    agreed = terminal.run("image", "a fox", "--model", "fake:one", stdin="y\n")
    assert agreed.exit_code == 0
    free = terminal.run("image", "a small fox", "--dry-run", stdin="")
    assert free.exit_code == 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_the_table_is_a_flag(alone: Terminal, kind: str) -> None:
    told = " ".join(alone.run(kind, "--help").stdout.split())
    for field in FIELDS:
        if field.cli and kind in field.kinds:
            assert f"{field.cli} " in told
            assert field.doc.split(":")[0][:40] in told
    assert "130 Ctrl-C" in told
