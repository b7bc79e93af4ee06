"""Disks that get full while a gateway works on them, as far as this machine lets us make one."""

from __future__ import annotations

import contextlib
import resource
import subprocess
import sys
from pathlib import Path
from typing import Protocol

from acceptance.watched import children

MEGABYTES = 24
# In a namespace of its own, so that nothing has to be unmounted.
ON_A_SMALL_DISK = """
mount -t tmpfs -o size="$1" flexura "$FLEXURA_HOME" && shift && exec "$@"
"""


class Disk(Protocol):
    """A home whose room runs out."""

    def command(self) -> list[str]:
        """What the command line of the gateway begins with."""
        ...

    def fill(self, pid: int, home: Path) -> None:
        """From now on nothing more can be written."""
        ...

    def free(self, pid: int, home: Path) -> None:
        """Room again."""
        ...


class SmallDisk:
    """A real file system of 24 MB."""

    def command(self) -> list[str]:
        return [*small_disk(f"{MEGABYTES}m"), sys.executable]

    def fill(self, pid: int, home: Path) -> None:
        with contextlib.suppress(OSError), self._filler(pid, home).open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    def free(self, pid: int, home: Path) -> None:
        self._filler(pid, home).unlink()

    @staticmethod
    def _filler(pid: int, home: Path) -> Path:
        return Path(f"/proc/{pid}/root{home}/filler")


class Limit:
    """A limit on the size of files, which needs no rights: every write fails with EFBIG."""

    def command(self) -> list[str]:
        return [sys.executable]

    def fill(self, pid: int, home: Path) -> None:
        self._set(pid, 0)

    def free(self, pid: int, home: Path) -> None:
        self._set(pid, resource.RLIM_INFINITY)

    @staticmethod
    def _set(pid: int, size: int) -> None:
        for process in (pid, *children(pid)):
            limit_files(process, size)


class HeldDisk:
    """A small file system that outlives the gateways on it: in a namespace that a process of ours holds."""

    def __init__(self, home: Path, megabytes: int) -> None:
        self._home = home
        script = f'mount -t tmpfs -o size={megabytes}m flexura "$0" && echo there && exec sleep 600'
        self._holder = subprocess.Popen(
            ["unshare", "-rm", "sh", "-c", script, str(home)], stdout=subprocess.PIPE
        )
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == b"there\n"
        self._filler = Path(f"/proc/{self._holder.pid}/root{home}/filler")

    def command(self) -> list[str]:
        """What the command line of whoever is to see this disk begins with."""
        inside = ["nsenter", "--preserve-credentials", "-U", "-m", "-t", str(self._holder.pid)]
        return [*inside, sys.executable]

    def fill(self) -> None:
        """To the last byte."""
        with contextlib.suppress(OSError), self._filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    def free(self) -> None:
        """Room again."""
        self._filler.unlink()

    def mount(self, how: str) -> None:
        """`ro` or `rw`."""
        command = [*self.command()[:-1], "mount", "-o", f"remount,{how}", str(self._home)]
        subprocess.run(command, check=True, timeout=10)

    def close(self) -> None:
        """The disk goes with its holder."""
        self._holder.kill()
        self._holder.wait()
        if self._holder.stdout:
            self._holder.stdout.close()


def limit_files(pid: int, size: int) -> None:
    """From now on this process writes no file beyond that size."""
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def small_disk(size: str) -> list[str]:
    """What a command line begins with to find FLEXURA_HOME on a disk of this size."""
    return ["unshare", "-rm", "sh", "-c", ON_A_SMALL_DISK, "sh", size]


def may_mount() -> bool:
    """Whether this machine lets us make a file system."""
    try:
        trial = ["unshare", "-rm", "mount", "-t", "tmpfs", "flexura", "/tmp"]
        return subprocess.run(trial, capture_output=True, timeout=10, check=False).returncode == 0
    except OSError:
        return False
