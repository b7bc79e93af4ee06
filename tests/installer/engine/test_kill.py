"""kill -9 at any moment: the file is old or new, and the next run leads back to the old bytes."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import time
from pathlib import Path

from engine_house import Home
from flexura_installer.ledger import Ledger

KILLS = 200 if os.environ.get("LONG") == "1" else 100
LONGEST = 0.08  # seconds until the blow


def config() -> bytes:
    servers = {f"server {n}": {"command": f"/usr/bin/run-{n}", "args": ["x", n]} for n in range(40)}
    return json.dumps({"theme": "dark", "mcpServers": servers}, indent=2).encode()


def work(home: Home) -> None:
    """What the child does until it is killed: two names in one file and a file of its own come and go."""
    beside = home.root / ".made/by/us.json"
    while True:
        home.put(home.wish("a"))
        home.put(home.wish("b"))
        home.put(home.wish("a", {"command": "/newer", "args": ["mcp"]}))
        home.put(home.wish(path=beside))
        home.take("a")
        home.take()


def child(home: Home) -> tuple[int, int]:
    """A process at work, which has said that it began: its id and the pipe's end to read."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reader)
            os.write(writer, b"!")
            work(home)
        finally:
            os._exit(1)
    os.close(writer)
    assert select.select([reader], [], [], 10)[0]
    assert os.read(reader, 1) == b"!"
    return pid, reader


def states(home: Home) -> set[bytes]:
    """Every text that the file may have between two steps."""
    found = {home.config.read_bytes()}
    newer = {"command": "/newer", "args": ["mcp"]}
    for step in (
        lambda: home.put(home.wish("a")),
        lambda: home.put(home.wish("b")),
        lambda: home.put(home.wish("a", newer)),
        lambda: home.take("a"),
        lambda: home.take(),
    ):
        step()
        found.add(home.config.read_bytes())
    return found


def unfinished(home: Home) -> list[Path]:
    """Temporary files, also in the state directory."""
    return [path for path in home.root.rglob("*") if "flexura-" in path.name]


def test_a_killed_installer_leaves_the_old_or_the_new_file_and_the_next_run_tidies_up(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    home.file(config())
    before = home.tree()
    began = time.monotonic()
    possible = states(home)
    round_time = time.monotonic() - began
    assert len(possible) == 5
    assert home.tree() == before
    draw = random.Random(4)
    changed = interrupted = 0
    for kill in range(KILLS):
        pid, reader = child(home)
        # Not for something to happen: the moment of the blow is what is drawn.
        select.select([], [], [], draw.uniform(0, min(round_time, LONGEST)))
        os.kill(pid, signal.SIGKILL)
        assert os.WIFSIGNALED(os.waitpid(pid, 0)[1]), "the child ended by itself"
        os.close(reader)
        held = home.config.read_bytes()
        assert held in possible, "partly written"
        changed += held != config()
        saved = home.state / "install.json"
        interrupted += saved.exists() and bool(json.loads(saved.read_bytes())["pending"])
        assert isinstance(home.ledger(), Ledger)
        if kill % 3 == 0:
            assert {home.put(home.wish(name)).good for name in "ab"} == {True}
        outcomes = home.take()
        assert all(one.good for one in outcomes), outcomes
        assert home.tree() == before, f"after kill {kill}"
        assert home.ledger().records == []
    # The last blow may have left a file that no undoing had to write; whoever writes next removes it.
    assert home.put(home.wish("a")).good and all(one.good for one in home.take())
    assert unfinished(home) == []
    assert changed > KILLS // 10
    assert interrupted > 0
