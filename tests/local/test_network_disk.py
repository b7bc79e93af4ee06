"""Which disk lies under a path."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexura.local import network_disk
from flexura.local.errors import LocalError


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    table = tmp_path / "mounts"
    near, far = tmp_path / "near", tmp_path / "my share"
    far.mkdir()
    near.mkdir()
    escaped = str(far).replace(" ", "\\040")
    table.write_text(
        f"/dev/sda1 / ext4 rw 0 0\nbroken\nserver:/x {escaped} nfs4 rw 0 0\n"
        f"old {near} nfs rw 0 0\ntmpfs {near} tmpfs rw 0 0\nx {tmp_path}/ne sshfs rw 0 0\n"
    )
    return table


@pytest.mark.parametrize(
    ("path", "kind"),
    [("my share", "nfs4"), ("my share/deep/er", "nfs4"), ("near", "tmpfs"), (".", "ext4")],
)
def test_the_innermost_and_last_mount_counts(
    mounts: Path, tmp_path: Path, path: str, kind: str
) -> None:
    assert network_disk.kind_below(tmp_path / path, mounts) == kind


def test_a_network_disk_is_refused_and_a_local_one_is_not(mounts: Path, tmp_path: Path) -> None:
    network_disk.refuse(tmp_path / "near", mounts)
    with pytest.raises(LocalError, match="nfs4"):
        network_disk.refuse(tmp_path / "my share", mounts)


def test_where_mounts_cannot_be_read_nothing_is_refused(tmp_path: Path) -> None:
    network_disk.refuse(tmp_path, tmp_path / "none")
