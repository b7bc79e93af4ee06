"""Files for one user alone, replaced in one step."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from flexura.local import private_file, project_id


def test_a_file_is_replaced_for_its_user_alone(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "f"
    for content in ("one", "two"):
        private_file.replace(file, content)
        assert file.read_text() == content
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_a_replacement_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "f"
    private_file.replace(file, "old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        private_file.replace(file, "new")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_what_is_created_once_stays(tmp_path: Path) -> None:
    assert private_file.create(tmp_path / "f", "one") == "one"
    assert private_file.create(tmp_path / "f", "two") == "one"
    assert list(tmp_path.iterdir()) == [tmp_path / "f"]


def test_a_project_has_one_name_that_says_nothing(flexura_home: Path, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to("a")
    name = project_id.project_id(tmp_path / "a")
    assert len(name) == 32
    assert project_id.project_id(tmp_path / "link") == name
    assert project_id.project_id(tmp_path) != name


def test_another_user_has_another_name_for_the_same_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: set[str] = set()
    for user in ("one", "two"):
        monkeypatch.setenv("FLEXURA_HOME", str(tmp_path / user))
        names.add(project_id.project_id(tmp_path))
    assert len(names) == 2
