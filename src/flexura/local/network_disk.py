"""A state directory on a network file system is refused: locks and the database are not safe there."""

from __future__ import annotations

import os
from pathlib import Path

from flexura.local.errors import LocalError

KINDS = frozenset(
    {
        "afs",
        "ceph",
        "cifs",
        "coda",
        "fuse.ceph",
        "fuse.davfs2",
        "fuse.glusterfs",
        "fuse.rclone",
        "fuse.s3fs",
    }
    | {"fuse.sshfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "smb2", "smb3", "smbfs"}
)


def refuse(path: Path, mounts: Path = Path("/proc/mounts")) -> None:
    """Raise LocalError when `path` lies on a network file system (known on Linux only)."""
    kind = kind_below(path, mounts)
    if kind in KINDS:
        raise LocalError(
            "gateway_unavailable",
            f"{path} lies on a network file system ({kind}),"
            " where file locks and the database are not safe.",
            next_step="Set FLEXURA_HOME to a directory on a local disk,"
            " or FLEXURA_URL to a gateway that runs elsewhere.",
        )


def kind_below(path: Path, mounts: Path) -> str:
    """The file system type under `path`, or an empty string where that cannot be known."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    real = os.path.realpath(path)
    best, kind = "", ""
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = fields[1].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        below = real == point or real.startswith(point.rstrip("/") + "/")
        # The last mount on a point hides the earlier ones.
        if below and len(point) >= len(best):
            best, kind = point, fields[2]
    return kind
