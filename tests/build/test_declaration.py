"""`flexura.toml`: what it may say, and that everything that is wrong with it is told at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from flexura.cli.build import keys
from flexura.cli.build.declared import BadDeclaration, Input, Project
from flexura.cli.main import flexura
from flexura.domain.generation import FIELDS
from flexura.domain.model import KINDS

Declared = Callable[[str], Project]
DOCS = Path(__file__).parents[2] / "docs/build.md"


def asset(lines: str, name: str = "hero") -> str:
    given = f"[asset.{name}]\n{lines}\n"
    given += "" if "path =" in lines else f'path = "{name}.png"\n'
    return given + ("" if "prompt" in lines else 'prompt = "x"\n')


def problems(declared: Declared, text: str) -> list[tuple[int, str]]:
    with pytest.raises(BadDeclaration) as found:
        declared(text)
    return [(problem.line, problem.message) for problem in found.value.problems]


def test_an_asset_needs_a_path_and_a_prompt_and_no_more(declared: Declared) -> None:
    (hero,) = declared('[asset.hero]\npath = "hero.webp"\nprompt = "a lighthouse"').assets.values()
    assert (hero.medium, hero.format, hero.prompt) == ("image", "webp", "a lighthouse")
    assert (hero.model, hero.options, hero.inputs, hero.max_cost) == ("", {}, (), None)


@pytest.mark.parametrize("ending", keys.FORMATS)
def test_the_ending_of_the_path_says_kind_and_format(declared: Declared, ending: str) -> None:
    (made,) = declared(asset(f'path = "a{ending}"')).assets.values()
    assert (made.medium, made.format) == keys.FORMATS[ending]


def test_a_sound_may_be_said_to_be_speech_music_or_an_effect(declared: Declared) -> None:
    (made,) = declared(asset('path = "a.mp3"\nkind = "speech"\nvoice = "low"')).assets.values()
    assert made.medium == "audio"
    assert made.options == {"kind": "speech", "voice": "low"}


def test_a_gif_moves_where_a_video_is_asked_for(declared: Declared) -> None:
    (made,) = declared(asset('path = "a.gif"\nkind = "video"')).assets.values()
    assert (made.medium, made.format) == ("video", "gif")


def test_what_the_project_says_holds_for_each_asset_that_says_nothing(declared: Declared) -> None:
    text = '[project]\nout = "art/web"\nstyle = "flat."\nmodel = "best"\nmax_cost = 1\n'
    text += asset("", "a") + asset('model = "x:y"\nstyle = ""\nmax_cost = 0.5', "b")
    first, second = declared(text).assets.values()
    assert (first.path, first.prompt) == ("art/web/a.png", "flat. x")
    assert (first.model, first.max_cost) == ("policy:best", 1)
    assert (second.prompt, second.model, second.max_cost) == ("x", "x:y", 0.5)


def test_nobody_reads_the_style_aloud(declared: Declared) -> None:
    text = '[project]\nstyle = "flat."\n' + asset('path = "a.mp3"\nkind = "speech"')
    assert declared(text).assets["hero"].prompt == "x"


def test_a_provider_narrows_a_choice_and_goes_with_no_model_that_is_named(
    declared: Declared,
) -> None:
    text = '[project]\nprovider = "embedded"\n'
    assert declared(text + asset("")).assets["hero"].model == "policy:cheapest,provider=embedded"
    given = declared(text + asset('model = "fastest"')).assets["hero"].model
    assert given == "policy:fastest,provider=embedded"
    assert declared(text + asset('model = "x:y"')).assets["hero"].model == "x:y"
    assert problems(declared, asset('model = "x:y"\nprovider = "z"'))


def test_a_preset_brings_its_own_model(declared: Declared) -> None:
    made = declared('[project]\nmodel = "x:y"\n' + asset('preset = "hero"')).assets["hero"]
    assert (made.preset, made.model) == ("hero", "")


def test_a_prompt_may_lie_in_a_file(declared: Declared, folder: Path) -> None:
    (folder / "hero.txt").write_bytes(b"a lighthouse\r\nat dusk\r\n\n")
    project = declared(asset('prompt_file = "hero.txt"'))
    assert project.assets["hero"].prompt == "a lighthouse\nat dusk"
    assert project.reads == ("hero.txt",)


def test_inputs_are_assets_by_name_or_path_files_and_what_lies_elsewhere(
    declared: Declared, folder: Path
) -> None:
    (folder / "photo.png").write_bytes(b"x")
    text = asset('inputs = ["b", "mask=./photo.png", "c.png", "https://x.example/y.png"]', "a")
    project = declared(text + asset("", "b") + asset("", "c"))
    assert project.assets["a"].inputs == (
        Input("asset", "b"),
        Input("file", "photo.png", "mask="),
        Input("asset", "c"),
        Input("elsewhere", "https://x.example/y.png"),
    )
    assert list(project.assets) == ["b", "c", "a"]
    assert [found.name for found in project.chosen(["a"])] == ["b", "c", "a"]
    assert [found.name for found in project.chosen(["c"])] == ["c"]


def test_a_long_chain_is_put_in_order(declared: Declared) -> None:
    text = "".join(asset(f'inputs = ["n{i + 1}"]', f"n{i}") for i in range(1500))
    assert next(iter(declared(text + asset("", "n1500")).assets)) == "n1500"


def test_every_problem_is_told_at_once_with_its_line(declared: Declared) -> None:
    text = """\
[project]
modle = "x"
budget = -1

[asset.hero]
path = "../hero.png"
prompt = "x"
sise = "10x10"

[asset.tone]
path = "tone.wav"
prompt = '''
path = "no key, but words"
'''
size = "10x10"
seconds = "five"
voice = true

[asset.hero2]
prompt_file = "gone.txt"

[assets]
"""
    found = problems(declared, text)
    assert [line for line, _ in found] == [2, 3, 6, 8, 15, 16, 17, 19, 20, 22]
    told = "\n".join(message for _, message in found)
    assert "modle is unknown; did you mean 'model'?" in told
    assert "budget has to be 0 or more, and is -1" in told
    assert "[asset.hero] the path '../hero.png' is refused: it leads out of the project." in told
    assert "sise is unknown; did you mean 'size'?" in told
    assert "size means nothing for audio, only for image or video" in told
    assert "seconds has to be a number, and is 'five'" in told
    assert "voice has to be a text, and is True" in told
    assert "path is missing" in told
    assert "prompt_file 'gone.txt' cannot be read: No such file" in told
    assert "'assets' is unknown; did you mean 'asset'?" in told


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        ('path = "/etc/x.png"', "not a path below the project"),
        ('path = "~/x.png"', "not a path below the project"),
        ('path = "a/../../x.png"', "leads out"),
        ('path = ".git/x.png"', "hidden"),
        ('path = "con.png"', "device name"),
        ('path = "a\\\\b.png"', "contains one of"),
        ('path = "a.txt"', "has to end with one of .png"),
        ('path = "a/"', "has to end with one of"),
        ('path = "a.mp4"\nkind = "image"', "no image"),
        ('path = "a.mp4"\nkind = "movie"', "one of image, video"),
        ('prompt = "  "', "prompt is empty"),
        ('prompt = "a\\u0000b"', "contains a NUL"),
        ('prompt = "a"\nprompt_file = "b"', "two prompts"),
        ('prompt_file = "../x.txt"', "leads out"),
        ('size = "huge"', "cannot be read: 'huge'"),
        ("seed = 1.5", "whole number"),
        ("seconds = nan", "has to be a number"),
        ('inputs = ["nobody"]', "no asset of that name"),
        ('inputs = ["../x.png"]', "leads out"),
        ('inputs = ["flexura.toml"]', "does not end like"),
        ("inputs = [3]", "an item that has to be a text"),
        ('inputs = ["hero"]', "circle of inputs: hero → hero"),
        ("options = { size = 3 }", "write it as a key of the asset"),
        ("options = { again = true }", "leave it out"),
        ("options = { x = 2020-01-01 }", "a date or a time"),
    ],
)
def test_what_makes_no_sense_is_refused(declared: Declared, lines: str, word: str) -> None:
    assert word in "\n".join(message for _, message in problems(declared, asset(lines)))


def test_a_circle_of_inputs_is_named(declared: Declared) -> None:
    text = (
        asset('inputs = ["b"]', "a") + asset('inputs = ["c"]', "b") + asset('inputs = ["a"]', "c")
    )
    assert "a → b → c → a" in problems(declared, text)[0][1]


def test_two_assets_have_two_paths_also_where_case_does_not_count(declared: Declared) -> None:
    found = problems(declared, asset('path = "Hero.png"', "a") + asset('path = "hero.png"', "b"))
    assert "is that of the asset a already" in found[0][1]


def test_an_asset_never_replaces_what_it_is_made_from(declared: Declared, folder: Path) -> None:
    (folder / "a.png").write_text("x")
    assert (
        "the prompt file"
        in problems(declared, asset('path = "a.png"\nprompt_file = "a.png"'))[0][1]
    )


@pytest.mark.parametrize("key", ["path", "inputs", "prompt_file"])
def test_a_symbolic_link_leads_nobody_out_of_the_project(
    declared: Declared, folder: Path, tmp_path: Path, key: str
) -> None:
    (tmp_path / "x.png").write_text("secret")
    (folder / "out").symlink_to(tmp_path)
    value = '["out/x.png"]' if key == "inputs" else '"out/x.png"'
    assert "symbolic link" in problems(declared, asset(f"{key} = {value}"))[0][1]


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("[asset.a]\npath = ", 2, "no TOML"),
        ("[asset.a]\n[asset.a]", 2, "no TOML"),
        ("asset = 3", 1, "tables"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(
    declared: Declared, text: str, line: int, word: str
) -> None:
    found = problems(declared, text)
    assert found[0][0] == line
    assert word in found[0][1]


def test_a_name_is_one_that_can_be_typed(declared: Declared) -> None:
    assert (
        "letters, digits" in problems(declared, '[asset."a b"]\npath = "a.png"\nprompt = "x"')[0][1]
    )


def test_a_file_that_is_no_text_is_told(folder: Path) -> None:
    (folder / "flexura.toml").write_bytes(b"\xff\xfe")
    result = CliRunner().invoke(flexura, ["build", "--check", "--json"])
    assert result.exit_code == 2
    assert '"problems":[{"line":0,"message":"it is not UTF-8 text."}]' in result.stdout


def test_the_options_are_those_of_every_request(declared: Declared) -> None:
    fields = {f.name: f for f in FIELDS if f.place == "options"}
    ours = {key.name: key for key in keys.KEYS if key.place == "option"}
    # The path says the format; the kind is a key of the asset.
    assert set(ours) == set(fields) - {"kind", "format"}
    for name, key in ours.items():
        assert set(key.kinds) == set(fields[name].kinds), name
    assert set(KINDS) <= set(keys.KINDS)


def test_the_page_lists_every_key() -> None:
    assert keys.table() in DOCS.read_text()


def test_the_schema_for_editors_takes_what_is_taken_and_refuses_what_is_refused() -> None:
    import jsonschema

    check = jsonschema.Draft202012Validator(keys.json_schema())
    jsonschema.Draft202012Validator.check_schema(keys.json_schema())
    good = {"path": "a.png", "prompt": "x", "size": "16:9", "inputs": ["b"], "options": {"z": 1}}
    assert check.is_valid({"project": {"budget": 1}, "asset": {"a": good}})
    for wrong in ({"sise": "1x1"}, {"size": "huge"}, {"seed": -1}, {"prompt_file": "b"}):
        assert not check.is_valid({"asset": {"a": {**good, **wrong}}})
