"""installer/install.sh where nothing is installed: it refuses with reasons and leaves no trace."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from script_house import BASH, SCRIPT, TOOLS, Box, filled

TEXT = SCRIPT.read_text(encoding="utf-8")
LAST = len(TEXT.rstrip("\n").rpartition("\n")[0])
SHA = "ab" * 32
# Bash 4 and later; macOS has 3.2.
TOO_NEW = re.compile(
    r"\b(mapfile|readarray|coproc)\b|(declare|local|typeset) -[An]|\$\{\w+(,|\^)|\|&|&>>|\$\{\w+@|;;&|\[\[ -v"
)


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "box")


def untouched(box: Box) -> bool:
    return box.tree() == {} and list(box.scratch.iterdir()) == []


def test_a_download_that_was_cut_off_anywhere_runs_nothing(tmp_path: Path) -> None:
    traps, called = tmp_path / "traps", tmp_path / "called"
    traps.mkdir()
    for name in (*TOOLS, "python3", "uv", "sudo"):
        (traps / name).write_text(f"#!{BASH}\necho {name} >>'{called}'\n")
        (traps / name).chmod(0o755)
    ends = {*range(0, len(TEXT), 97), *range(LAST - 20, len(TEXT.rstrip("\n")))}
    for end in sorted(ends):
        ran = subprocess.run(
            [BASH, "-s", "--", "--all", "--yes"],
            input=TEXT[:end],
            env={"PATH": str(traps), "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ran.stdout, called.exists()) == ("", False), TEXT[:end][-60:]


def test_the_whole_of_it_would_have_run_something(box: Box) -> None:
    told = box.run(BASH, "-s", "--", "--all", stdin=TEXT.rstrip("\n"), code=1).stderr
    assert "neither gateway nor checkout" in told


def test_it_calls_nothing_that_the_bash_of_macos_does_not_know() -> None:
    assert [line for line in TEXT.splitlines() if TOO_NEW.search(line)] == []


def test_without_python_it_says_what_to_install(box: Box) -> None:
    told = box.run(BASH, SCRIPT, "--all", code=1).stderr
    for words in (
        "apt install python3 python3-venv",
        "brew install python",
        "uv",
        "same line again",
    ):
        assert words in told
    assert untouched(box)


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("exit 1", "older than 3.11"),
        ('[[ "$*" != *ensurepip* ]]', "its venv or ensurepip module is missing"),
    ],
)
def test_a_python_that_will_not_do_is_named_with_the_reason(
    box: Box, program: str, told: str
) -> None:
    box.program("python3", program)
    found = box.run(BASH, SCRIPT, code=1).stderr
    assert f"{box.commands}/python3" in found and told in found
    assert untouched(box)


def test_the_first_python_that_will_do_is_taken(box: Box) -> None:
    box.program("python3", "exit 1")
    box.program("python3.13", 'echo "$*" >>"$HOME/../seen"; [[ "$*" != *"-m venv"* ]]')
    told = box.run(BASH, SCRIPT, code=1).stderr
    assert f"{box.commands}/python3.13 cannot make a venv" in told
    assert untouched(box)


def test_a_copy_that_knows_neither_gateway_nor_checkout_says_where_to_take_it_from(
    box: Box,
) -> None:
    told = box.run(BASH, "-s", "--", "--all", stdin=TEXT, code=1).stderr
    assert "api/install/flexura-skill | bash" in told
    assert untouched(box)


@pytest.mark.parametrize(
    "origin",
    [
        "http://gateway.example",
        "http://192.168.1.5:3000",
        "http://localhost.evil.example",
        "http://127.evil.example",
        "http://127.0.0.1.evil.example:3000",
        "ftp://127.0.0.1",
    ],
)
def test_an_origin_that_is_neither_https_nor_loopback_is_refused(box: Box, origin: str) -> None:
    script = filled(origin=origin, version="1.0", wheel="flexura.whl", sha256=SHA)
    box.program("curl", 'touch "$HOME/called"')
    told = box.run(BASH, "-s", stdin=script, code=1).stderr
    assert origin in told and "FLEXURA_PUBLIC_URL" in told
    assert untouched(box)


@pytest.mark.parametrize(
    ("origin", "limits"),
    [
        ("https://gateway.example/media", "--proto =https "),
        ("http://127.0.0.1:3000", "--noproxy *"),
        ("http://[::1]:3000", "--noproxy *"),
        ("http://localhost:3000", "--noproxy *"),
    ],
)
def test_the_wheel_is_asked_for_where_the_script_came_from(
    box: Box, origin: str, limits: str
) -> None:
    script = filled(origin=origin, version="1.0", wheel="flexura-1.0.whl", sha256=SHA)
    box.program("curl", f'echo "$* " >"{box.folder}/asked"; exit 22')
    told = box.run(BASH, "-s", stdin=script, code=1).stderr
    assert f"flexura 1.0 from {origin}" in told and SHA in told
    asked = (box.folder / "asked").read_text()
    assert f"{origin}/api/install/flexura-1.0.whl" in asked and limits in asked
    assert "could not be downloaded" in told
    assert untouched(box)


def test_another_sha256_than_the_one_on_the_command_line_is_refused_before_the_download(
    box: Box,
) -> None:
    script = filled(origin="http://localhost:3000", version="1", wheel="f.whl", sha256=SHA)
    box.program("curl", 'touch "$HOME/called"')
    for words in (("--sha256", "cd" * 32), (f"--sha256={'CD' * 32}",)):
        told = box.run(BASH, "-s", "--", *words, stdin=script, code=1).stderr
        assert "--sha256 asks for cdcd" in told
        assert untouched(box)


def test_a_download_with_another_sha256_is_refused(box: Box) -> None:
    script = filled(origin="http://localhost:3000", version="1", wheel="f.whl", sha256=SHA)
    box.program("curl", 'while [ "$1" != -o ]; do shift; done; echo evil >"$2"')
    told = box.run(BASH, "-s", "--", "--sha256", SHA.upper(), stdin=script, code=1).stderr
    assert "another SHA-256" in told
    assert untouched(box)


@pytest.mark.parametrize(
    ("words", "told"),
    [(("--sha256",), "--sha256 needs a value"), (("--sha256", SHA), "a checkout has no SHA-256")],
)
def test_a_sha256_that_cannot_be_compared_is_refused(
    box: Box, words: tuple[str, ...], told: str
) -> None:
    assert told in box.run(BASH, SCRIPT, *words, code=1).stderr
    assert untouched(box)


def test_on_windows_it_points_to_wsl(box: Box) -> None:
    (box.commands / "uname").unlink()
    box.program("uname", "echo MINGW64_NT")
    assert "WSL" in box.run(BASH, SCRIPT, code=1).stderr
    assert untouched(box)


def test_under_sudo_it_does_not_fill_somebody_elses_home(box: Box) -> None:
    (box.commands / "id").unlink()
    box.program("id", "echo 0")
    box.variables |= {"SUDO_USER": "somebody", "HOME": "/"}
    if os.getuid() == 0:
        os.chown(box.home, 65534, 65534)
        box.variables["HOME"] = str(box.home)
    assert "as somebody, without sudo" in box.run(BASH, SCRIPT, code=1).stderr
    assert untouched(box)
