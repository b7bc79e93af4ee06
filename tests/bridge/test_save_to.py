"""`save_to` names a place below the project, or is refused before anything is bought."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from bridge.agent import Agent
from bridge.fake_gateway import FakeGateway
from flexura.bridge import folder, save_to
from flexura.bridge.project import Project
from flexura.local.errors import LocalError

UP = ["..", "../x.png", "a/../../x.png", "a/..", "a/../b", "../../../../../../tmp/x.png", "./../x"]
ABSOLUTE = [
    "/etc/passwd",
    "/x.png",
    "/tmp/../etc/x.png",
    "//server/share/x.png",
    "file:///etc/x.png",
]
HOME = ["~", "~/x.png", "~root/x.png", "~/.ssh/authorized_keys"]
WINDOWS = [
    *(
        "C:\\x.png",
        "C:/x.png",
        "\\\\server\\share\\x.png",
        "a\\..\\..\\x.png",
        "x.png:stream",
        "..\\x.png",
    ),
    *(
        f"{name}{ending}"
        for name in ("con", "NUL", "Aux", "prn", "COM1", "lpt9")
        for ending in ("", ".png")
    ),
    *(
        "com¹.png",
        "CONIN$",
        "conout$.txt",
        "a/nul/b.png",
        "nul .png",
        "x.png.",
        "x.png ",
        "a /b.png",
        "a./b",
    ),
    *("a<b.png", "a>b.png", 'a"b.png', "a|b.png", "a?b.png", "a*b.png"),
]
HIDDEN = [
    *(
        ".git/hooks/post-commit",
        ".git/",
        ".ssh/x",
        ".claude/settings.json",
        ".cursor/mcp.json",
        ".env",
    ),
    *(
        ".vscode/tasks.json",
        "a/.git/x.png",
        ".x.png",
        "a/.hidden/b.png",
        "./.git/config",
        ".github/x.yml",
    ),
]
CONTROL = ["a\0.png", "\0", "a/\0/b", "a\nb.png", "a\x7f.png", "a\r.png", "\x1b[31m.png", "a\t.png"]
LONG = ["x" * 300, "x" * 250 + ".png", "é" * 150 + ".png", "a/" + "y" * 201 + "/b.png"]
BAD = [*UP, *ABSOLUTE, *HOME, *WINDOWS, *HIDDEN, *CONTROL, *LONG]
NESTED = [f"assets/{bad}" for bad in (*UP[4:], *HIDDEN, *CONTROL, *LONG)]
EVERYTHING = [*BAD, *NESTED]


@pytest.fixture
def here(project: Path) -> Project:
    return Project(project)


@pytest.mark.parametrize("wish", EVERYTHING, ids=ascii)
def test_what_leads_out_of_the_project_or_into_settings_is_refused(
    here: Project, wish: str
) -> None:
    with pytest.raises(LocalError) as refused:
        save_to.read(wish, here)
    assert refused.value.code == "invalid_request"
    assert "save_to" in refused.value.message
    assert refused.value.next_step
    assert list(here.root.iterdir()) == []


@pytest.mark.parametrize("wish", [5, True, ["a"], {"a": 1}])
def test_what_is_no_text_is_refused(here: Project, wish: object) -> None:
    with pytest.raises(LocalError):
        save_to.read(wish, here)


@pytest.mark.parametrize(
    ("wish", "place", "stem", "ending"),
    [
        (None, "flexura-out", "", ""),
        ("", "flexura-out", "", ""),
        ("hero.png", ".", "hero", ".png"),
        ("./hero.png", ".", "hero", ".png"),
        ("assets/hero.png", "assets", "hero", ".png"),
        ("assets//img/./hero.final.png", "assets/img", "hero.final", ".png"),
        ("assets/", "assets", "", ""),
        ("assets", "assets", "", ""),
        ("a.b/", "a.b", "", ""),
        (".", ".", "", ""),
        ("./", ".", "", ""),
        ("Bilder/Größe 1.png", "Bilder", "Größe 1", ".png"),
        ("console.png", ".", "console", ".png"),
    ],
)
def test_a_folder_or_a_file_below_the_project(
    here: Project, wish: str | None, place: str, stem: str, ending: str
) -> None:
    target = save_to.read(wish, here)
    assert target.place.path == here.root / place
    assert (target.stem, target.ending) == (stem, ending)


def test_an_existing_folder_is_a_folder_whatever_its_name(here: Project) -> None:
    (here.root / "v1.2").mkdir()
    assert save_to.read("v1.2", here).place.path == here.root / "v1.2"


def test_an_absolute_path_inside_the_project_is_a_path_of_the_project(here: Project) -> None:
    target = save_to.read(str(here.root / "a" / "x.png"), here)
    assert (target.place.path, target.stem) == (here.root / "a", "x")
    assert save_to.read((here.root / "b c.png").as_uri(), here).stem == "b c"


def test_the_project_may_be_named_through_a_link(here: Project, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(here.root)
    target = save_to.read(str(tmp_path / "link" / "x.png"), here)
    assert target.place.path == here.root


@pytest.mark.parametrize("leads_to", ["/", "/etc", "..", "../..", ".git"])
def test_a_link_that_leads_out_or_into_settings_is_refused(here: Project, leads_to: str) -> None:
    (here.root / ".git").mkdir()
    (here.root / "assets").symlink_to(leads_to)
    for wish in ("assets/", "assets/x.png", "assets/deep/er/x.png"):
        with pytest.raises(LocalError):
            save_to.read(wish, here)


def test_a_link_inside_the_project_is_followed(here: Project) -> None:
    (here.root / "web" / "public").mkdir(parents=True)
    (here.root / "public").symlink_to("web/public")
    assert save_to.read("public/x.png", here).place.path == here.root / "web" / "public"


def test_a_link_that_appears_after_the_check_is_not_followed(here: Project, tmp_path: Path) -> None:
    target = save_to.read("assets/x.png", here)
    (here.root / "assets").symlink_to(tmp_path)
    with pytest.raises(OSError), folder.opened(target.place):
        pass


def test_a_place_that_cannot_be_written_is_refused_at_once(here: Project) -> None:
    (here.root / "file").write_text("x")
    with pytest.raises(LocalError, match="not a folder"):
        save_to.read("file/x.png", here)
    locked = here.root / "locked"
    locked.mkdir(mode=0o500)
    if not os.access(locked, os.W_OK):
        with pytest.raises(LocalError, match="cannot be written"):
            save_to.read("locked/deep/x.png", here)


@pytest.mark.parametrize("wish", ["../x.png", "/etc/x.png", ".git/hooks/x"])
def test_a_bad_place_is_refused_before_anything_is_ordered(
    agent: Agent, gateway: FakeGateway, wish: str
) -> None:
    result = agent.call("generate_image", prompt="fox", save_to=wish)
    assert result["isError"] is True
    assert result["structuredContent"]["error"]["code"] == "invalid_request"
    assert "Nothing was made" in result["content"][0]["text"]
    assert gateway.calls == []


def test_names_from_hostile_prompts_stay_names(here: Project) -> None:
    from flexura.bridge.names import check, stem_from

    hostile = [
        "../../etc/passwd",
        "con",
        "NUL.png",
        ".git",
        "a\0b",
        "..",
        "~",
        "$(rm -rf)",
        "x" * 5000,
        "",
    ]
    for prompt in (*hostile, *map("".join, itertools.product("./\\ ", repeat=3))):
        stem = stem_from(prompt)
        assert "/" not in stem
        assert len(stem) <= 40
        if stem:
            check(f"{stem}.png", prompt)
