"""What the system does not let us do leaves file and record as they were, and is told with the next step."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine_house import Home
from flexura_installer import engine, lock, writing
from flexura_installer.errors import InstallError
from flexura_installer.ledger import Ledger
from flexura_installer.wishes import FolderWish, Wish

CONTENT = b'{"mcpServers": {"other": 1}}\n'


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def untouched(home: Home, before: dict[str, Any]) -> None:
    assert home.tree() == before
    assert home.ledger().records == []
    assert home.put().action == "added"
    home.take()
    assert home.tree() == before


def test_a_read_only_file_is_left_alone(home: Home) -> None:
    home.file(CONTENT).chmod(0o444)
    for dry_run in (True, False):
        outcome = home.put(dry_run=dry_run)
        assert outcome.action == "failed"
        assert "read-only (mode 0444)" in outcome.why
        assert outcome.next_step.startswith("chmod u+w")
        assert outcome.snippet
    assert home.config.read_bytes() == CONTENT
    assert not home.state.exists()


def test_a_file_that_became_read_only_is_left_alone_at_uninstall(home: Home) -> None:
    home.file(CONTENT)
    home.put()
    home.config.chmod(0o444)
    written = home.config.read_bytes()
    assert home.take()[0].action == "failed"
    assert home.config.read_bytes() == written
    home.config.chmod(0o644)
    assert home.take()[0].action == "restored"


def test_a_directory_without_the_right_to_write_is_told(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.file(CONTENT)
    access = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: Path(path) != home.config.parent and access(path, mode)
    )
    outcome = home.put(dry_run=True)
    assert (outcome.action, "Permission denied" in outcome.why) == ("failed", True)


@pytest.mark.parametrize(
    "number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EIO, errno.EPERM]
)
@pytest.mark.parametrize("call", ["write", "fsync", "replace", "open"])
@pytest.mark.parametrize("where", ["file", "ledger"])
def test_a_system_that_fails_leaves_everything_as_it_was(
    home: Home, monkeypatch: pytest.MonkeyPatch, number: int, call: str, where: str
) -> None:
    home.file(CONTENT)
    home.put(home.wish("earlier"))
    before, records = home.tree(), home.ledger().records
    place = home.config.parent if where == "file" else home.state
    with monkeypatch.context() as patch:
        patch.setattr(os, call, failing(getattr(os, call), place, number))
        outcome = home.put()
    assert outcome.action == "failed"
    assert os.strerror(number) in outcome.why
    assert outcome.next_step
    assert home.tree() == before
    assert home.ledger().records == records
    assert home.put().action == "added"
    home.take()
    assert home.config.read_bytes() == CONTENT


def failing(real: Callable[..., Any], place: Path, number: int) -> Callable[..., Any]:
    """The system's call, which fails for what is to be written in that directory."""

    def call(first: Any, *args: Any, **kwargs: Any) -> Any:
        path = Path(os.readlink(f"/proc/self/fd/{first}") if isinstance(first, int) else first)
        reads = bool(args) and real.__name__ == "open" and not args[0] & os.O_WRONLY
        if path.parent == place and not reads:
            raise OSError(number, os.strerror(number), str(path))
        return real(first, *args, **kwargs)

    return call


def test_a_new_file_that_cannot_be_written_leaves_no_directory(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing(os.fsync, home.config.parent, errno.ENOSPC))
        assert home.put().action == "failed"
    untouched(home, {})


@pytest.mark.parametrize("times", [1, 3])
def test_a_file_that_another_program_writes_meanwhile_is_looked_at_again(
    home: Home, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    home.file(CONTENT)
    real = writing._written
    left = [times]

    def meanwhile(target: Path, *args: Any, **kwargs: Any) -> Path:
        temp = real(target, *args, **kwargs)
        if target == home.config and left[0]:
            left[0] -= 1
            home.config.write_bytes(b'{"theirs": %d}' % left[0])
        return temp

    monkeypatch.setattr(writing, "_written", meanwhile)
    outcome = home.put()
    if times == 1:
        assert outcome.action == "added"
        home.take()
    else:
        assert outcome.action == "refused"
        assert "another program" in outcome.why
        assert home.ledger().records == []
    assert home.config.read_bytes() == b'{"theirs": 0}'


@pytest.mark.parametrize("what", ["directory", "dangling", "loop", "pipe", "huge", "under a file"])
def test_what_is_no_file_is_refused(home: Home, what: str) -> None:
    home.config.parent.mkdir()
    path = home.config
    if what == "directory":
        path.mkdir()
    elif what == "dangling":
        path.symlink_to("nowhere.json")
    elif what == "loop":
        path.symlink_to(path)
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "huge":
        with path.open("wb") as file:
            file.truncate(writing.LIMIT + 1)
    else:
        path.write_bytes(b"")
        path = path / "mcp.json"
    outcome = home.put(home.wish(path=path))
    assert outcome.action == "refused"
    assert outcome.next_step
    assert not home.state.exists()


def test_no_directory_is_made_outside_of_the_root(home: Home) -> None:
    home.root.joinpath("project").mkdir()
    wish = home.wish(path=home.root / "elsewhere/mcp.json")
    outside = type(wish)(wish.agent, wish.path, "json", wish.values, home.root / "project")
    outcome = home.put(outside)
    assert (outcome.action, "mkdir -p" in outcome.next_step) == ("failed", True)
    gone = type(wish)(
        wish.agent, home.root / "gone/a/mcp.json", "json", wish.values, home.root / "gone"
    )
    assert home.put(gone).action == "failed"
    assert list(home.root.iterdir()) == [home.root / "project"]


def test_a_ledger_of_another_version_is_never_overwritten(home: Home) -> None:
    home.put()
    path = home.state / "install.json"
    newer = json.dumps({**json.loads(path.read_bytes()), "version": 2}).encode()
    path.write_bytes(newer)
    for force in (False, True):
        with pytest.raises(InstallError, match="another version") as caught:
            Ledger.load(home.state, force=force)
        assert "flexura upgrade" in caught.value.next_step
    assert path.read_bytes() == newer


def test_members_of_the_ledger_that_are_not_known_are_kept(home: Home) -> None:
    home.put()
    path = home.state / "install.json"
    saved = json.loads(path.read_bytes())
    saved["later"] = {"a": 1}
    saved["records"][0]["more"] = [2]
    path.write_text(json.dumps(saved))
    home.put(home.wish("another"))
    again = json.loads(path.read_bytes())
    assert (again["later"], again["records"][0]["more"]) == ({"a": 1}, [2])


@pytest.mark.parametrize(
    "text",
    [
        *(
            b"",
            b"{",
            b"[]",
            b'{"version": "1"}',
            b'{"version": 1}',
            b'{"version": 1, "records": [{}]}',
        ),
        *(b"\xff", b'{"version": true, "records": []}'),
        b'{"version":1,"records":[{"kind":"entry","path":1,"root":"","owners":{}}]}',
        b'{"version":1,"records":[{"kind":"other","path":"","root":"","owners":{}}]}',
    ],
)
def test_a_broken_ledger_is_put_aside_only_by_force(home: Home, text: bytes) -> None:
    path = home.file(text, home.state / "install.json")
    with pytest.raises(InstallError, match="cannot be understood") as caught:
        home.ledger()
    assert "--force" in caught.value.next_step
    assert Ledger.load(home.state, force=True, dry_run=True).records == []
    assert path.read_bytes() == text
    assert Ledger.load(home.state, force=True).records == []
    (aside,) = home.state.iterdir()
    assert aside.name.startswith("install.json.broken-")
    assert aside.read_bytes() == text


def test_a_ledger_with_wrong_splices_falls_back_to_the_name(home: Home) -> None:
    home.file(CONTENT)
    home.put()
    path = home.state / "install.json"
    saved = json.loads(path.read_bytes())
    saved["records"][0]["cuts"] = [[[3, "AAAA", 7]]]
    path.write_text(json.dumps(saved))
    assert home.take()[0].action == "removed"
    assert json.loads(home.config.read_bytes()) == json.loads(CONTENT)


def test_two_installers_wait_for_each_other(home: Home) -> None:
    code = (
        "import sys; from pathlib import Path; from flexura_installer import lock\n"
        "with lock.held(Path(sys.argv[1])): print('held', flush=True); sys.stdin.readline()"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(writing.__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, "-c", code, str(home.state)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with (
            pytest.raises(InstallError, match="Another flexura installer"),
            lock.held(home.state, wait=0.1),
        ):
            pass
        other.communicate("\n")
    with lock.held(home.state):
        home.put()
        assert home.ledger().records
    assert (home.state / "install.lock").exists()
    with lock.held(home.state):
        home.take()
    assert list(home.root.iterdir()) == []


def test_a_state_directory_that_cannot_be_made_is_told(home: Home) -> None:
    home.file(b"", home.root / ".local")
    with pytest.raises(InstallError, match="lock") as caught, lock.held(home.state):
        pass
    assert caught.value.next_step
    with pytest.raises(InstallError, match="cannot be read"):
        home.ledger()
    ledger = Ledger(home.state / "install.json")
    wishes: list[Wish] = [
        home.wish(),
        FolderWish("one", home.root / "skills/a", {"a": b"b"}, home.root),
    ]
    for wish in wishes:
        outcome = engine.fulfil(wish, ledger, force=False, dry_run=False, again={})
        assert (outcome.action, ledger.records) == ("failed", [])
    assert home.tree() == {}
