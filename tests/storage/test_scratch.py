"""The folder of a process goes with it, however it ends; that of one which lives stays."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from flexura.storage.scratch import scratch

LIVES = """
import sys
from pathlib import Path
from flexura.storage.scratch import scratch
with scratch(Path(sys.argv[1])) as folder:
    (folder / "half.part").write_bytes(b"half")
    print(folder, flush=True)
    sys.stdin.read()
"""


def begun(place: Path) -> subprocess.Popen[str]:
    """A process that is going to hold a folder with half a file in it."""
    command = [sys.executable, "-c", LIVES, str(place)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def folder_of(process: subprocess.Popen[str]) -> Path:
    assert process.stdout is not None
    return Path(process.stdout.readline().strip())


def test_what_a_killed_process_left_goes_when_the_next_one_starts_and_what_lives_stays(
    tmp_path: Path,
) -> None:
    with begun(tmp_path) as dead, begun(tmp_path) as alive:
        left, kept = folder_of(dead), folder_of(alive)
        dead.send_signal(signal.SIGKILL)
        dead.wait()
        assert (left / "half.part").exists()
        with scratch(tmp_path) as own:
            assert set(tmp_path.iterdir()) == {kept, own}
            assert (kept / "half.part").exists()
        alive.communicate("")
    assert list(tmp_path.iterdir()) == []


def test_many_that_start_at_once_take_nothing_from_each_other(tmp_path: Path) -> None:
    processes = [begun(tmp_path) for _ in range(8)]
    folders = {folder_of(process) for process in processes}
    assert {file.parent for file in tmp_path.rglob("half.part")} == folders
    for process in processes:
        with process:
            process.communicate("")
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_a_folder_is_named_and_nothing_fails(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_bytes(b"")
    with scratch(place) as folder:
        assert folder.parent == place and not folder.exists()
