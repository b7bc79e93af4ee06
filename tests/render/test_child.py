"""The render child speaks JSON lines, survives what goes wrong in a task, and never outlives its gateway."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from PIL import Image
from tests.render.samples import photo

from flexura.render import registry
from flexura.render.registry import maker, models, with_defaults
from flexura.render.task import TaskError

# Makers for what no honest model does, and a child that knows them.
STRANGE_MAKERS = """
import os, sys
from flexura.render.task import File, Made, TaskError, Warning

def make(task):
    what = task.prompt
    if what == "print":
        print("a stray line")
        os.write(1, b"and one below Python\\n")
    if what == "refuse":
        raise TaskError("invalid_request", "no", "ask otherwise")
    if what == "break":
        raise RuntimeError("/a/secret/path")
    if what == "eat":
        bytearray(1 << 40)
    if what == "forever":
        task.progress(0.5, "begun")
        while True:
            sum(range(1000))
    if what == "half":
        from flexura.render.encode.atomic import whole_file
        with whole_file(task.out.with_suffix(".txt")) as part:
            part.write_text("half")
            task.progress(0.5, "begun")
            while True:
                sum(range(1000))
    for step in range(2000):
        task.progress(step / 2000, "step")
    path = task.out.with_suffix(".txt")
    path.write_text(f"{what} {task.seed} {sorted(task.options.items())}")
    return Made((File(path, "text/plain"),), (Warning("subject_not_drawn", "no cat"),))
"""
STRANGE_CHILD = """
import sys
from pathlib import Path
here = Path(__file__).parent
sys.path.insert(0, str(here))
from flexura.render import registry
registry._MODELS = here
from flexura.render.child import serve
serve()
"""
STRANGE_MODEL = {
    "id": "strange",
    "maker": "strange_makers:make",
    "input_schema": {"properties": {"width": {"type": "integer", "default": 5}}},
}

Start = Callable[..., "Child"]


class Child:
    """A child process of the test, with its lines."""

    def __init__(self, command: list[str], **settings: Any) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **settings,
        )

    def read(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the child closed its stdout"
        return json.loads(line)

    def send(self, line: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def ask(self, out: Path, model: str = "strange", prompt: str = "", **rest: Any) -> None:
        fields = {
            "id": "t1",
            "model": model,
            "prompt": prompt,
            "options": {},
            "seed": 5,
            "inputs": [],
            "out": str(out),
        }
        self.send(json.dumps(fields | rest).encode())

    def answer(self) -> dict[str, Any]:
        while (event := self.read())["event"] == "progress":
            pass
        return event


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts children that know the model `strange`, and ends them."""
    (tmp_path / "strange_makers.py").write_text(STRANGE_MAKERS)
    (tmp_path / "strange.json").write_text(json.dumps(STRANGE_MODEL))
    (tmp_path / "strange_child.py").write_text(STRANGE_CHILD)
    started: list[Child] = []

    def begin(*, real: bool = False, **settings: Any) -> Child:
        script = ["-m", "flexura.render"] if real else [str(tmp_path / "strange_child.py")]
        started.append(Child([sys.executable, *script], **settings))
        assert started[-1].read() == {"event": "ready", "pid": started[-1].process.pid}
        return started[-1]

    yield begin
    for child in started:
        with child.process:
            child.process.kill()


def test_a_real_task_gives_a_file_and_says_what_it_is(start: Start, tmp_path: Path) -> None:
    source = tmp_path / "in.png"
    photo(40, 30).save(source)
    child = start(real=True)
    item = {"path": str(source), "mime": "image/png", "role": "image", "sha256": "ab" * 32}
    child.ask(
        tmp_path / "new" / "out",
        "retouch",
        "black and white",
        inputs=[item],
        options={"upscale": 2},
    )
    event = child.answer()
    (file,) = event["files"]
    content = Path(file["path"]).read_bytes()
    assert (event["id"], event["event"], event["warnings"]) == ("t1", "done", [])
    assert (file["mime"], file["width"], file["height"], file["role"]) == (
        "image/png",
        80,
        60,
        "main",
    )
    assert file["bytes"] == len(content)
    assert file["sha256"] == hashlib.sha256(content).hexdigest()
    with Image.open(file["path"]) as read:
        assert read.size == (80, 60)


def test_defaults_are_filled_in_and_warnings_are_told(start: Start, tmp_path: Path) -> None:
    child = start()
    child.ask(tmp_path / "out", prompt="fine")
    event = child.answer()
    assert event["warnings"] == [{"code": "subject_not_drawn", "message": "no cat"}]
    assert (tmp_path / "out.txt").read_text() == "fine 5 [('width', 5)]"


def test_progress_is_told_a_few_times_and_not_two_thousand(start: Start, tmp_path: Path) -> None:
    child = start()
    child.ask(tmp_path / "out")
    values: list[float] = []
    while (event := child.read())["event"] == "progress":
        values.append(event["value"])
    assert 1 <= len(values) < 200
    assert values == sorted(values)


def test_what_a_library_prints_does_not_get_into_the_answers(start: Start, tmp_path: Path) -> None:
    child = start()
    child.ask(tmp_path / "out", prompt="print")
    assert child.answer()["event"] == "done"


@pytest.mark.parametrize(
    ("prompt", "code", "message"),
    [
        ("refuse", "invalid_request", "no"),
        ("break", "provider_error", "RuntimeError"),
        ("eat", "provider_error", "memory"),
    ],
)
def test_a_task_that_fails_is_told_and_the_next_one_is_done(
    prompt: str, code: str, message: str, start: Start, tmp_path: Path
) -> None:
    child = start()
    child.ask(tmp_path / "out", prompt=prompt)
    event = child.answer()
    assert (event["event"], event["code"]) == ("failed", code)
    assert message in event["message"]
    assert event["next_step"]
    assert "secret" not in json.dumps(event)
    child.ask(tmp_path / "out", prompt="fine")
    assert child.answer()["event"] == "done"


@pytest.mark.parametrize(
    "line", [b"", b"no json", b"[]", b"{}", b"\xff\xfe", b'{"id": "t1", "model": 3}', b'{"id": 1}']
)
def test_a_line_that_is_no_task_is_answered(line: bytes, start: Start, tmp_path: Path) -> None:
    child = start()
    child.send(line)
    event = child.answer()
    assert (event["event"], event["code"]) == ("failed", "provider_error")
    child.ask(tmp_path / "out", prompt="fine")
    assert child.answer()["event"] == "done"


def test_an_unknown_model_is_refused(start: Start, tmp_path: Path) -> None:
    child = start()
    child.ask(tmp_path / "out", model="dream")
    event = child.answer()
    assert (event["event"], event["code"]) == ("failed", "invalid_request")
    assert "strange" in event["next_step"]


def test_the_child_ends_when_its_stdin_closes_in_the_midst_of_a_task(
    start: Start, tmp_path: Path
) -> None:
    child = start()
    child.ask(tmp_path / "out", prompt="forever")
    assert child.read()["event"] == "progress"
    assert child.process.stdin
    child.process.stdin.close()
    assert child.process.wait(timeout=20) == 0


@pytest.mark.only_on("linux")
def test_the_child_ends_with_its_parent_even_if_stdin_stays_open(
    start: Start, tmp_path: Path
) -> None:
    # Its parent is a shell between; both ends of its stdin are held by this test.
    begun = start()
    begun.process.kill()
    reading, writing = os.pipe()
    command = f"'{sys.executable}' '{tmp_path}/strange_child.py' <&{reading} & read wait"
    shell = subprocess.Popen(
        ["bash", "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[reading]
    )
    try:
        assert shell.stdout
        pid = json.loads(shell.stdout.readline())["pid"]
        task = {
            "id": "t",
            "model": "strange",
            "prompt": "forever",
            "options": {},
            "seed": 1,
            "out": str(tmp_path / "o"),
        }
        os.write(writing, json.dumps(task).encode() + b"\n")
        assert json.loads(shell.stdout.readline())["event"] == "progress"
        os.kill(shell.pid, signal.SIGKILL)
        # The pipe ends when the child does, which alone still holds it.
        assert shell.stdout.read() == b""
        assert pid != shell.pid
    finally:
        with shell:
            shell.kill()
        os.close(reading)
        os.close(writing)


def test_a_killed_child_leaves_no_half_file_under_the_final_name(
    start: Start, tmp_path: Path
) -> None:
    child = start()
    child.ask(tmp_path / "out", prompt="half")
    assert child.read()["event"] == "progress"
    child.process.kill()
    child.process.wait()
    assert (tmp_path / "out.txt.part").read_text() == "half"
    assert not (tmp_path / "out.txt").exists()


@pytest.mark.only_on("linux")
def test_the_child_is_limited_in_memory_and_polite(start: Start) -> None:
    child = start(env=os.environ | {"FLEXURA_RENDER_MEMORY_MB": "1000"})
    limits = Path(f"/proc/{child.process.pid}/limits").read_text()
    values = {line[:25].strip(): line[25:].split()[:2] for line in limits.splitlines()}
    assert values["Max address space"] == [str(1000 * 1024 * 1024)] * 2
    assert values["Max core file size"] == ["0", "0"]
    assert int(values["Max open files"][0]) <= 256
    assert os.getpriority(os.PRIO_PROCESS, child.process.pid) >= 5


def test_nothing_heavy_is_imported_before_the_first_task() -> None:
    code = (
        "import sys; from flexura.render import child, registry; registry.models();"
        "print([name for name in ('numpy', 'PIL', 'av') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize("model", models(), ids=lambda model: model["id"])
def test_every_model_is_described_and_its_maker_exists(model: dict[str, Any]) -> None:
    assert set(model) == {"id", "maker", "name", "description", "kinds", "tasks", "input_schema"}
    schema = model["input_schema"]
    Draft202012Validator.check_schema(schema)
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    for name, option in schema["properties"].items():
        assert {"type", "description", "default"} <= set(option), name
        assert option["type"] in ("string", "integer", "number", "boolean"), name
        assert option["description"].endswith("."), name
    Draft202012Validator(schema).validate(with_defaults(model["id"], {}))
    assert "procedural" in model["description"].lower()
    assert set(model["kinds"]) <= {"image", "video", "audio"}
    assert callable(maker(model["id"]))


def test_the_file_of_a_model_has_its_id_as_name() -> None:
    for path in registry._MODELS.glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8"))["id"] == path.stem


def test_a_model_that_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(TaskError, match="dream"):
        maker("dream")
