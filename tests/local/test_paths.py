"""Where the state lies, also when it cannot lie where it should."""

from __future__ import annotations

import stat
import tempfile
from pathlib import Path

import pytest

from flexura.local import paths
from flexura.local.errors import LocalError


@pytest.fixture
def no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A FLEXURA_HOME that cannot be made, and a temporary directory of this test's own."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("FLEXURA_HOME", str(tmp_path / "file" / "home"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path / "temporary"


def test_the_home_is_made_for_its_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEXURA_HOME", str(tmp_path / "a" / "b"))
    assert paths.home() == tmp_path / "a" / "b"
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


def test_without_a_wish_it_is_the_users_data_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLEXURA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert tmp_path in paths.home().parents
    assert paths.config_file().name == "config.toml"


def test_everything_lies_in_it(flexura_home: Path) -> None:
    places = [paths.database(), paths.artifacts(), paths.staging(), paths.credentials_file()]
    places += [
        paths.gateway_lock(),
        paths.start_lock(),
        paths.gateway_record(),
        paths.gateway_log(),
    ]
    places += [paths.gateway_port(), paths.config_file(), paths.saved_file("x").parent]
    assert {place.parent for place in places} == {flexura_home}


def test_a_home_that_cannot_be_written_is_replaced_by_a_temporary_one_and_said_once(
    no_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = paths.home()
    assert paths.home() == place
    assert place.parent == no_home
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("FLEXURA_HOME") == 1
    assert str(place) in said.err


def test_a_temporary_home_that_others_may_read_is_not_trusted(no_home: Path) -> None:
    paths.home().chmod(0o755)
    with pytest.raises(LocalError, match="not a private directory"):
        paths.home()


def test_a_link_in_place_of_the_temporary_home_is_not_followed(
    no_home: Path, tmp_path: Path
) -> None:
    place = paths.home()
    place.rmdir()
    place.symlink_to(tmp_path)
    with pytest.raises(LocalError):
        paths.home()
