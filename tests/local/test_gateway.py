"""The user's own gateway is found, started once, and stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flexura.local import gateway, health, lock, network_disk, paths, record
from flexura.local.errors import ForbiddenHere, GatewayUnavailable, LocalError

from .conftest import Launch

ENSURE = """
import sys
from flexura.local import gateway, start
start.launcher = lambda: sys.argv[1]
print(gateway.ensure().pid)
"""


def test_none_is_found_where_none_runs(flexura_home: Path) -> None:
    assert gateway.find() is None
    assert gateway.stop() is False


def test_it_is_started_and_found(launcher: Path) -> None:
    running = gateway.ensure()
    assert running == gateway.find()
    assert running.url == f"http://127.0.0.1:{running.port}"
    assert health.answers(running, 5)


def test_a_second_call_finds_the_same(launcher: Path) -> None:
    assert gateway.ensure() == gateway.ensure()


def test_twelve_at_once_start_one(launcher: Path, flexura_home: Path) -> None:
    asking = [
        subprocess.Popen([sys.executable, "-c", ENSURE, str(launcher)], stdout=subprocess.PIPE)
        for _ in range(12)
    ]
    answers = {process.communicate()[0] for process in asking}
    assert len(answers) == 1
    assert answers == {f"{running.pid}\n".encode() for running in [gateway.find()] if running}


def test_one_that_lets_go_of_the_lock_while_somebody_waits_for_it_is_replaced(
    launcher: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying, find, looks = lock.acquire(paths.gateway_lock()), gateway.find, threading.Semaphore(0)

    def look() -> gateway.Running | None:
        looks.release()
        return find()

    assert dying is not None
    monkeypatch.setattr(gateway, "find", look)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(gateway.ensure)
        # Once before the lock was looked at, and then while waiting for whoever holds it.
        assert looks.acquire(timeout=10) and looks.acquire(timeout=10)
        dying.release()
        assert health.answers(asked.result(), 5)


def test_it_starts_in_a_clean_environment_away_from_its_starter(
    launcher: Path, flexura_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-this-project")
    monkeypatch.setenv("MEDIA_GATEWAY_API_KEY", "fx_live_of_this_project")
    monkeypatch.setenv("LC_TIME", "C")
    running = gateway.ensure()
    said = (flexura_home / "gateway.log").read_text()
    environment = json.loads(said.splitlines()[0].removeprefix("environment "))
    assert environment["FLEXURA_HOME"] == str(flexura_home)
    assert environment["LC_TIME"] == "C"
    allowed = {"PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "FLEXURA_HOME"}
    # The shell and the tests' own coverage add these.
    allowed |= {"PWD", "SHLVL", "_", "OLDPWD"}
    foreign = {
        n for n in environment if n not in allowed and not n.startswith(("LC_", "XDG_", "SSL_"))
    }
    assert foreign == set()
    assert "in / session True" in said
    parent = Path(f"/proc/{running.pid}/stat").read_text().rpartition(")")[2].split()[1]
    assert int(parent) != os.getpid()


def test_what_it_publishes_is_for_its_user_alone(launcher: Path, flexura_home: Path) -> None:
    gateway.ensure()
    assert (flexura_home / "gateway.json").stat().st_mode & 0o777 == 0o600


def test_stopping_ends_it_and_the_next_one_keeps_the_port(launcher: Path) -> None:
    first = gateway.ensure()
    assert gateway.stop() is True
    assert gateway.find() is None
    second = gateway.ensure()
    assert second.port == first.port
    assert second.instance != first.instance


def test_after_a_kill_nothing_that_it_left_is_believed(launcher: Path) -> None:
    first = gateway.ensure()
    os.kill(first.pid, signal.SIGKILL)
    while lock.is_held(paths.gateway_lock()):
        pass
    assert record.read(paths.gateway_record()) == first
    assert gateway.find() is None
    assert gateway.ensure().pid != first.pid


def test_a_gateway_that_starts_hides_what_the_last_one_left(flexura_home: Path) -> None:
    with gateway.hold_lock() as held:
        assert held is not None
        held.publish("http://127.0.0.1:1", 1, "fx_live_x", "i")
    left = record.read(paths.gateway_record())
    assert left is not None
    assert (left.token, left.url) == ("", "")
    with gateway.hold_lock():
        assert gateway.find() is None


def test_there_is_one_lock(flexura_home: Path) -> None:
    with gateway.hold_lock():
        assert gateway.hold_lock(patience=0) is None
    second = gateway.hold_lock(patience=0)
    assert second is not None
    second.release()


def test_one_that_ends_over_its_start_is_quoted(launch: Launch, flexura_home: Path) -> None:
    launch("echo 'the database is too new' >&2; exit 3")
    with pytest.raises(GatewayUnavailable, match="the database is too new") as error:
        gateway.ensure()
    assert str(flexura_home / "gateway.log") in error.value.next_step


def test_one_that_says_nothing_is_not_waited_for_longer_than_agreed(
    launch: Launch, flexura_home: Path
) -> None:
    launch("sleep 3")
    with pytest.raises(GatewayUnavailable, match="still starting"):
        gateway.ensure(timeout=0.3)


def test_a_launcher_that_cannot_run_is_named(launch: Launch, flexura_home: Path) -> None:
    launch("true").chmod(0o600)
    with pytest.raises(GatewayUnavailable, match="Permission denied"):
        gateway.ensure()


def test_where_nothing_may_be_started_it_is_said(
    launch: Launch, flexura_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    launch("true")
    monkeypatch.setattr(subprocess, "run", forbidden)
    with pytest.raises(ForbiddenHere):
        gateway.ensure()


def test_one_that_is_ended_without_a_word_is_taken_for_a_sandboxs_doing(
    launch: Launch, flexura_home: Path
) -> None:
    """What an earlier start wrote is not mistaken for its words."""
    (flexura_home / "gateway.log").write_text("words of yesterday\n")
    launch("kill -9 $$")
    with pytest.raises(ForbiddenHere, match="without a word"):
        gateway.ensure()


def test_a_lock_held_elsewhere_names_the_way_out(flexura_home: Path) -> None:
    """A gateway in another container: the lock is on the shared disk, the port is not here."""
    with gateway.hold_lock() as held:
        assert held is not None
        held.publish("http://127.0.0.1:9", 9, "fx_live_x", "i")
        with pytest.raises(GatewayUnavailable, match="another container") as error:
            gateway.ensure(timeout=0.2)
    assert "FLEXURA_URL" in error.value.next_step


def test_a_stranger_on_the_port_is_neither_used_nor_stopped(
    launcher: Path, flexura_home: Path
) -> None:
    stranger = gateway.ensure()
    os.rename(flexura_home / "gateway.lock", flexura_home / "aside")
    try:
        with gateway.hold_lock() as held:
            assert held is not None
            held.publish(stranger.url, stranger.port, "fx_live_x", "not the one that answers")
            with pytest.raises(GatewayUnavailable):
                gateway.ensure(timeout=0.2)
            with pytest.raises(GatewayUnavailable, match="does not answer"):
                gateway.stop()
    finally:
        os.rename(flexura_home / "aside", flexura_home / "gateway.lock")
        record.write(paths.gateway_record(), stranger)


def test_the_newer_program_that_ran_last_is_started_again(
    launch: Launch, flexura_home: Path, tmp_path: Path
) -> None:
    launch("echo 'the older one'; exit 3")
    newer = tmp_path / "newer"
    newer.write_text("#!/bin/sh\necho 'the newer one'; exit 3\n")
    newer.chmod(0o755)
    for version, expected in (("999.0", "the newer one"), ("0.0.1", "the older one")):
        last = record.Running("", 0, "", version, 1, str(newer), "", "")
        record.write(paths.gateway_record(), last)
        with pytest.raises(GatewayUnavailable, match=expected):
            gateway.ensure()


def test_an_older_gateway_remembers_the_newer_program(
    launch: Launch, flexura_home: Path, tmp_path: Path
) -> None:
    launch("true")
    last = record.Running("", 0, "", "999.0", 1, "/newer/flexura", "", "")
    record.write(paths.gateway_record(), last)
    with gateway.hold_lock():
        kept = record.read(paths.gateway_record())
    assert kept is not None
    assert (kept.version, kept.launcher) == ("999.0", "/newer/flexura")


def test_a_home_on_a_network_disk_is_refused(
    launch: Launch, flexura_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch("true")
    monkeypatch.setattr(network_disk, "kind_below", lambda *_: "nfs4")
    for act in (gateway.ensure, gateway.hold_lock):
        with pytest.raises(LocalError, match="network file system") as error:
            act()
        assert "FLEXURA_HOME" in error.value.next_step
