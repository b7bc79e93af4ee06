"""The model canvas: every style, every format, every size."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from flexura.provenance.reading import record_in
from flexura.render.pictures import canvas
from flexura.render.pictures.canvas import CUT_OUT, PAINTERS, make
from flexura.render.task import TaskError
from render.sheets import opened, task

MODELS = Path(canvas.__file__).parent.parent / "models"
PROMPTS = {
    "scene": "a lake at dawn",
    "abstract": "mesh gradient",
    "pattern": "wave pattern",
    "texture": "wood texture",
    "icon": "app icon for music",
    "logo": "logo for Acme",
    "card": 'social card "Hello"',
    "placeholder": "placeholder",
    "avatar": "avatar for Jane Doe",
    "chart": "bar chart of a: 1, b: 2",
    "wireframe": "login wireframe",
}


@pytest.mark.parametrize("style", PAINTERS)
def test_every_style_paints_the_size_asked_for(style: str, tmp_path: Path) -> None:
    made = make(task(tmp_path, PROMPTS[style], width=176, height=112))
    picture = opened(made.files[0].path)
    assert picture.size == (176, 112) == (made.files[0].width, made.files[0].height)
    assert len(np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0)) > 5
    assert not made.warnings


@pytest.mark.parametrize("style", PAINTERS)
def test_the_style_option_beats_the_words(style: str, tmp_path: Path) -> None:
    made = make(task(tmp_path, "Velvet Harbour", style=style, width=64, height=64))
    assert made.files[0].path.stat().st_size > 100


@pytest.mark.parametrize("style", PAINTERS)
@pytest.mark.parametrize("size", [(16, 16), (16, 300), (300, 16)])
def test_extreme_sizes_do_not_break_a_style(
    style: str, size: tuple[int, int], tmp_path: Path
) -> None:
    made = make(task(tmp_path, PROMPTS[style], width=size[0], height=size[1]))
    assert opened(made.files[0].path).size == size


@pytest.mark.parametrize("style", PAINTERS)
def test_the_same_seed_gives_the_same_bytes(style: str, tmp_path: Path) -> None:
    first = make(task(tmp_path, PROMPTS[style], width=96, height=72)).files[0].path.read_bytes()
    second = make(task(tmp_path, PROMPTS[style], width=96, height=72)).files[0].path.read_bytes()
    assert first == second


@pytest.mark.parametrize("style", ["scene", "abstract", "pattern", "texture", "logo", "card"])
def test_another_seed_gives_another_picture(style: str, tmp_path: Path) -> None:
    seen = {make(task(tmp_path, PROMPTS[style], seed=s)).files[0].path.read_bytes() for s in (1, 2)}
    assert len(seen) == 2


def test_a_fresh_process_gives_the_same_bytes(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from flexura.render.task import Task\n"
        "from flexura.render.pictures.canvas import make\n"
        "for i, p in enumerate(sys.argv[2:]):\n"
        "    make(Task('canvas', p, {'width': 90, 'height': 80}, 3, Path(sys.argv[1]) / str(i)))\n"
    )
    prompts = [PROMPTS[style] for style in ("pattern", "logo", "card")]
    runs: list[list[bytes]] = []
    for name, hashing in (("one", "1"), ("two", "2")):
        folder = tmp_path / name
        folder.mkdir()
        source = str(Path(canvas.__file__).parents[3])
        environment = {"PYTHONPATH": source, "PYTHONHASHSEED": hashing, "OMP_NUM_THREADS": "1"}
        subprocess.run(
            [sys.executable, "-c", script, str(folder), *prompts], check=True, env=environment
        )
        runs.append([(folder / f"{i}.png").read_bytes() for i in range(len(prompts))])
    assert runs[0] == runs[1]


@pytest.mark.parametrize("style", sorted(CUT_OUT))
def test_a_transparent_background_has_clear_corners_and_a_solid_subject(
    style: str, tmp_path: Path
) -> None:
    made = make(task(tmp_path, PROMPTS[style], background="transparent", width=160, height=160))
    alpha = np.asarray(opened(made.files[0].path).getchannel("A"))
    assert alpha.min() == 0
    assert alpha.max() == 255
    if style != "pattern":
        assert alpha[0, 0] == 0
    assert not made.warnings


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"background": "transparent", "style": "scene"}, "scene fills"),
        ({"background": "transparent", "style": "icon", "format": "jpeg"}, "JPEG"),
        ({"style": "texture", "text": "Hello"}, "text"),
        ({"style": "icon", "data": "a: 1, b: 2"}, "data"),
    ],
)
def test_an_option_that_does_not_apply_is_told(
    options: dict[str, str], words: str, tmp_path: Path
) -> None:
    warnings = make(task(tmp_path, "wood and music", **options)).warnings
    assert any(w.code == "option_not_applied" and words in w.message for w in warnings)


@pytest.mark.parametrize("name", ["png", "webp", "jpeg", "avif"])
def test_every_format_is_what_it_says(name: str, tmp_path: Path) -> None:
    made = make(task(tmp_path, "mesh gradient", format=name))
    assert (opened(made.files[0].path).format or "").lower() == name
    assert made.files[0].mime == f"image/{name}"


def test_the_file_tells_where_it_comes_from(tmp_path: Path) -> None:
    made = make(task(tmp_path, "mesh gradient in teal"))
    found = record_in(made.files[0].path)
    assert found is not None
    assert (found.prompt, found.model, found.seed) == ("mesh gradient in teal", "canvas", 7)


def test_the_size_in_the_prompt_is_used_when_no_other_is_asked_for(tmp_path: Path) -> None:
    made = make(task(tmp_path, "placeholder 320x200", width=1024, height=1024))
    assert opened(made.files[0].path).size == (320, 200)
    made = make(task(tmp_path, "placeholder 320x200", width=100, height=90))
    assert opened(made.files[0].path).size == (100, 90)


@pytest.mark.parametrize("style", ["abstract", "pattern", "card", "icon", "chart", "placeholder"])
def test_the_palette_option_colours_the_picture(style: str, tmp_path: Path) -> None:
    def redness(palette: str) -> float:
        made = make(task(tmp_path, PROMPTS[style], palette=palette, background="opaque"))
        pixels = np.asarray(opened(made.files[0].path).convert("RGB"), dtype=float)
        return float((pixels[..., 0] - pixels[..., 2]).mean())

    assert redness("#d90429, #ef233c") > redness("#0353a4, #0466c8")


@pytest.mark.parametrize("options", [{"width": 8}, {"height": 5000}, {"style": "sculpture"}])
def test_what_cannot_be_painted_is_refused_with_the_next_step(
    options: dict[str, object], tmp_path: Path
) -> None:
    with pytest.raises(TaskError) as caught:
        make(task(tmp_path, "a lake", **options))
    assert caught.value.code == "invalid_request"
    assert caught.value.next_step


@pytest.mark.parametrize("name", ["canvas", "vector"])
def test_the_model_file_describes_every_option(name: str) -> None:
    model = json.loads((MODELS / f"{name}.json").read_text(encoding="utf-8"))
    assert model["id"] == name
    assert "steps" not in model["input_schema"]["properties"]
    assert model["input_schema"]["additionalProperties"] is False
    for option in model["input_schema"]["properties"].values():
        assert {"type", "description", "default"} <= set(option)
    styles = model["input_schema"]["properties"]["style"]["enum"]
    assert set(styles) - {"auto"} <= set(PAINTERS)
