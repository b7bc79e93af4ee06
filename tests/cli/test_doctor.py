"""`flexura doctor`: every finding is true and has its next step."""

from __future__ import annotations

import os
import socket
import sqlite3
import threading
from pathlib import Path
from typing import Any

import anyio
import pytest

from cli_house import Terminal
from flexura.cli.doctor import place, reach
from flexura.cli.doctor.finding import Finding
from flexura.local import gateway


def test_a_fresh_home_has_nothing_that_fails(alone: Terminal, flexura_home: Path) -> None:
    (flexura_home / "config.toml").write_text(
        '[providers]\nTAVILY_BASE_URL = "http://127.0.0.1:9"\n'
    )
    (flexura_home / "config.toml").chmod(0o600)
    flexura_home.chmod(0o700)
    found = alone.json("doctor")
    findings: dict[str, dict[str, Any]] = {f["name"]: f for f in found["findings"]}
    assert found["ok"] is True
    assert {"program", "disk", "bridge", "drawing", "codecs", "search"} <= set(findings)
    assert all(f["next_step"] for f in findings.values() if f["status"] != "ok")
    assert findings["home"]["status"] == "ok"
    assert findings["search"]["status"] == "note"
    assert "picture" in findings["drawing"]["summary"]


def test_lines_for_a_person_have_a_mark_and_the_next_step(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIA_GATEWAY_API_KEY", "fx_live_mistyped")
    result = terminal.run("doctor")
    assert result.exit_code == 1
    assert "✗ key" in result.stdout
    assert "next: Copy it again whole." in result.stdout


def test_a_good_key_is_tried_and_never_shown(terminal: Terminal) -> None:
    finding = anyio.run(reach.key)
    assert finding.status == "ok"
    assert terminal.house.url in finding.summary
    assert terminal.house.key not in finding.summary


def test_a_missing_key_for_a_gateway_elsewhere_fails(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEDIA_GATEWAY_API_KEY")
    assert anyio.run(reach.key).next_step == "Run `flexura login`."


def test_a_home_that_others_can_look_into_is_noted(flexura_home: Path) -> None:
    flexura_home.chmod(0o755)
    assert place.home() == Finding(
        "home",
        "note",
        f"{flexura_home} can be looked into by others",
        f"chmod 700 {flexura_home}",
    )


def test_secrets_that_others_can_read_are_noted(flexura_home: Path) -> None:
    for name in ("config.toml", "credentials.json"):
        (flexura_home / name).write_text('[providers]\nFAL_KEY = "x"\n')
        (flexura_home / name).chmod(0o644)
    assert place.configuration().next_step == f"chmod 600 {flexura_home}/config.toml"
    assert place.credentials().next_step == f"chmod 600 {flexura_home}/credentials.json"


def test_a_broken_configuration_names_the_line(flexura_home: Path) -> None:
    (flexura_home / "config.toml").write_text("a = 1\nb =\n")
    finding = place.configuration()
    assert finding.status == "failed"
    assert "line 2" in finding.summary


def test_a_sound_database_is_told_from_a_damaged_one(flexura_home: Path) -> None:
    file = flexura_home / "flexura.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.executemany("INSERT INTO t VALUES (?)", [("y" * 500,)] * 200)
    connection.close()
    assert place.database().status == "ok"
    whole = file.read_bytes()
    file.write_bytes(whole[:8192] + os.urandom(4096) + whole[12288:])
    finding = place.database()
    assert finding.status == "failed"
    assert "backup" in finding.next_step


def test_a_lock_without_an_answer_fails(flexura_home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        held = gateway.hold_lock()
        assert held is not None
        with held:
            port = taken.getsockname()[1]
            held.publish(f"http://127.0.0.1:{port}", port, "token", "instance")
            answering = threading.Thread(target=_hang_up, args=(taken,))
            answering.start()
            finding = reach.own_gateway()
            answering.join(10)
    assert finding.status == "failed"
    assert "FLEXURA_URL" in finding.next_step


def _hang_up(taken: socket.socket) -> None:
    connection, _ = taken.accept()
    connection.close()


def test_a_bridge_that_does_not_start_fails(
    flexura_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "flexura"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr("flexura.local.start.launcher", lambda: str(broken))
    finding = reach.bridge()
    assert finding.status == "failed"
    assert str(broken) in finding.next_step


def test_a_check_that_trips_hides_no_other(
    alone: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flexura.cli.doctor import command

    def trip() -> Finding:
        raise RuntimeError("oh")

    monkeypatch.setattr(command, "_CHECKS", {"disk": trip, "home": place.home})
    found = alone.json("doctor", code=1)["findings"]
    assert found[0]["status"] == "failed"
    assert len(found) == 2


def test_an_engine_that_answers_is_reachable(flexura_home: Path, search_engine: Any) -> None:
    text = f'[providers]\nTAVILY_BASE_URL = "{search_engine.url}"\nSEARXNG_BASE_URL = "http://127.0.0.1:9"\n'
    (flexura_home / "config.toml").write_text(text)
    finding = anyio.run(reach.search)
    assert "tavily (keyless) can be reached; searxng cannot" in finding.summary
