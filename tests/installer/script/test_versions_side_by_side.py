"""Installing a second time, another version, in vain, or beside somebody else's flexura.

Python is played by a shell script here, which makes a venv of two files; the acceptance tests have a real
one.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from script_house import BASH, Box, filled

ACTOR = r"""
case "$*" in
    *'-m venv'*)
        folder=${!#}
        /bin/mkdir -p "$folder/bin" && /bin/cp "$0" "$folder/bin/python"
        ;;
    *'-m pip'*)
        printf '%s\n' "$* ${PIP_TARGET:-}${PYTHONPATH:-}" >>"$HOME/../pip"
        [ ! -e "$HOME/../no-index" ] || exit 1
        printf '#!/bin/bash\necho flexura\n' >"${0%python}flexura" && /bin/chmod 755 "${0%python}flexura"
        ;;
    *os.replace*) exec REAL "$@" ;;
    *'-m flexura_installer'*)
        shift 4
        printf '%s\n' "$@" >"$HOME/../handed"
        exit 7
        ;;
esac
"""
SERVE = 'while [ "$1" != -o ]; do shift; done; printf %s "${3##*/}" >"$2"'


@pytest.fixture
def box(tmp_path: Path) -> Box:
    found = Box(tmp_path / "box")
    found.program("python3", ACTOR.replace("REAL", f'"{sys.executable}"'))
    # Serves a "wheel" that holds its own name.
    found.program("curl", SERVE)
    return found


def install(box: Box, version: str, *words: str, code: int = 7, origin: str = "") -> str:
    """Run the script as a gateway of this version serves it; what it says."""
    wheel = f"flexura-{version}-py3-none-any.whl"
    digest = hashlib.sha256(wheel.encode()).hexdigest()
    origin = origin or "http://127.0.0.1:3000"
    script = filled(origin=origin, version=version, wheel=wheel, sha256=digest)
    return box.run(BASH, "-s", "--", *words, stdin=script, code=code).stderr


def handed(box: Box) -> list[str]:
    """The words that the installer got."""
    return (box.folder / "handed").read_text().splitlines()


def versions(box: Box) -> list[str]:
    """The versions whose files are there."""
    return sorted(path.name.split("-")[0] for path in box.venvs.glob("*-*"))


def current(box: Box) -> str:
    return (box.venvs / "current").readlink().name.split("-")[0]


def test_the_installer_gets_what_was_made_and_every_word_and_its_exit_code_is_the_scripts(
    box: Box,
) -> None:
    told = install(box, "1.0", "--target", "codex", "--name", "a b")
    made = [".local", ".local/share", ".local/share/flexura", ".local/share/flexura/venv"]
    made.append(".local/bin")
    assert handed(box) == [
        *("--launcher", str(box.launcher), "--made-launcher", str(box.launcher)),
        *("--made-venv", str(box.venvs)),
        *(word for path in made for word in ("--made-directory", str(box.home / path))),
        *("--target", "codex", "--name", "a b"),
    ]
    assert all(f"{box.home / path}\n" in told for path in made)
    assert f"{box.launcher} -> {box.venvs}/current/bin/flexura" in told
    assert box.run(box.launcher).stdout == "flexura\n"
    assert list(box.scratch.iterdir()) == []
    assert (box.venvs.parent.stat().st_mode & 0o777) == 0o700, "data will lie there too"


def test_pip_neither_asks_nor_leaves_a_cache_and_is_not_led_elsewhere(box: Box) -> None:
    box.variables |= {"PIP_TARGET": "/nowhere", "PYTHONPATH": "/nowhere"}
    install(box, "1.0")
    asked = (box.folder / "pip").read_text()
    assert all(w in asked for w in ("--no-input", "--disable-pip-version-check", "--no-cache-dir"))
    assert "/nowhere" not in asked


def test_the_same_version_again_changes_nothing(box: Box) -> None:
    install(box, "1.0")
    before = box.tree()
    assert "kept" in install(box, "1.0")
    assert box.tree() == before
    assert "--made-directory" not in handed(box)
    assert str(box.launcher) in handed(box)


def test_the_same_version_is_made_anew_when_it_does_not_start_any_more(box: Box) -> None:
    install(box, "1.0")
    (box.venvs / "current" / "bin" / "flexura").unlink()
    install(box, "1.0")
    assert box.run(box.launcher).stdout == "flexura\n"


def test_the_version_before_stays_for_open_windows_and_older_ones_go(box: Box) -> None:
    install(box, "1.0")
    install(box, "2.0")
    assert (versions(box), current(box)) == (["1.0", "2.0"], "2.0")
    told = install(box, "3.0")
    assert (versions(box), current(box)) == (["2.0", "3.0"], "3.0")
    assert "removed" in told and "/1.0-" in told


def test_a_failed_upgrade_leaves_everything_as_it_was(box: Box) -> None:
    install(box, "1.0")
    before = box.tree()
    (box.folder / "no-index").touch()
    told = install(box, "2.0", code=1)
    assert "pip could not install" in told and "still works" in told
    assert box.tree() == before
    assert list(box.scratch.iterdir()) == []


def test_a_failed_first_installation_leaves_an_empty_home(box: Box) -> None:
    (box.folder / "no-index").touch()
    install(box, "1.0", code=1)
    assert box.tree() == {}


def test_what_an_installer_that_was_killed_left_is_removed_by_the_next(box: Box) -> None:
    install(box, "1.0")
    (box.venvs / "0.9-abcdef01-4194303" / "bin").mkdir(parents=True)
    install(box, "2.0")
    assert versions(box) == ["1.0", "2.0"]


@pytest.mark.parametrize("foreign", ["a file", "a link", "a dangling link"])
def test_somebody_elses_flexura_is_not_overwritten_and_agents_start_ours(
    box: Box, foreign: str
) -> None:
    box.launcher.parent.mkdir(parents=True)
    if foreign == "a file":
        box.launcher.write_text("mine")
    else:
        box.launcher.symlink_to("/bin/sh" if foreign == "a link" else "/nowhere/flexura")
    before = box.tree()[".local/bin/flexura"]
    told = install(box, "1.0")
    assert box.tree()[".local/bin/flexura"] == before
    assert f"{box.launcher}, which is not ours" in told
    assert handed(box)[:2] == ["--launcher", str(box.venvs / "current" / "bin" / "flexura")]
    assert "--made-launcher" not in handed(box)


def test_a_folder_that_is_not_on_the_path_is_told_with_the_line_to_add(box: Box) -> None:
    line = f'export PATH="{box.launcher.parent}:$PATH"'
    assert line in install(box, "1.0")
    box.variables["PATH"] = f"{box.commands}:{box.launcher.parent}"
    assert line not in install(box, "1.0")


def test_xdg_data_home_is_where_the_venv_goes(box: Box) -> None:
    box.variables["XDG_DATA_HOME"] = str(box.home / "data")
    install(box, "1.0")
    assert (box.home / "data" / "flexura" / "venv" / "current").is_symlink()
    box.variables["XDG_DATA_HOME"] = "relative"
    install(box, "2.0")
    assert (box.venvs / "current").is_symlink(), "the specification says to ignore a relative one"


def test_a_gateway_elsewhere_becomes_the_default_of_the_command_line(box: Box) -> None:
    install(box, "1.0", origin="https://gateway.example/media")
    at = handed(box).index("--gateway-url")
    assert handed(box)[at + 1] == "https://gateway.example/media"
    install(box, "1.0")
    assert "--gateway-url" not in handed(box), "the local gateway starts by itself"


@pytest.mark.parametrize(
    ("words", "handed_on"),
    [((), "codex,aider"), (("--target", "zed"), "zed"), (("--target=zed",), "--target=zed")],
)
def test_agents_named_on_the_command_line_win_over_those_in_the_url(
    box: Box, words: tuple[str, ...], handed_on: str
) -> None:
    wheel, digest = "w.whl", hashlib.sha256(b"w.whl").hexdigest()
    origin = "http://localhost:3000"
    script = filled(origin=origin, version="1", wheel=wheel, sha256=digest, target="codex,aider")
    box.run(BASH, "-s", "--", *words, stdin=script, code=7)
    assert handed(box)[-1] == handed_on
    assert sum(word.startswith("--target") for word in handed(box)) == 1
