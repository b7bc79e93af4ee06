"""A run that died between its record and its file, and what the user did before the next one."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine_house import OURS, Home
from flexura_installer import changes, writing

OLDER = {"command": "/old/flexura", "args": ["mcp"]}
CONTENT = b'{\n  "x": 1,\n  "mcpServers": {}\n}\n'


class Killed(BaseException):
    """The process is gone: nothing of it is tidied up."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def killed(
    act: Callable[[], Any],
    monkeypatch: pytest.MonkeyPatch,
    *,
    replaced: bool,
    call: str = "replace",
) -> None:
    """Do it until just before, or just after, the file is replaced."""
    real = getattr(writing, call)

    def die(*args: Any, **kwargs: Any) -> None:
        if replaced:
            real(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(writing, call, die)
        patch.setattr(changes, "_as_it_was", lambda *_: None)
        with pytest.raises(Killed):
            act()


def edited(home: Home) -> None:
    home.config.write_bytes(home.config.read_bytes().replace(b'"x": 1', b'"x": 2'))


@pytest.mark.parametrize("replaced", [False, True])
@pytest.mark.parametrize("then", ["install", "uninstall"])
@pytest.mark.parametrize("user", ["waits", "edits"])
@pytest.mark.parametrize("step", ["install", "update", "another", "removal below"])
def test_the_next_run_does_the_right_thing(
    home: Home, monkeypatch: pytest.MonkeyPatch, step: str, user: str, then: str, replaced: bool
) -> None:
    home.file(CONTENT)
    if step in {"update", "removal below"}:
        home.put(home.wish("a", OLDER))
    if step == "removal below":
        home.put(home.wish("b"))
        killed(lambda: home.take("a"), monkeypatch, replaced=replaced)
    else:
        name = "b" if step == "another" else "a"
        killed(lambda: home.put(home.wish(name)), monkeypatch, replaced=replaced)
    if user == "edits":
        edited(home)
    if then == "install":
        for name in "ab":
            outcome = home.put(home.wish(name))
            assert outcome.good, outcome
        assert json.loads(home.config.read_bytes())["mcpServers"] == {"a": OURS, "b": OURS}
    outcomes = home.take()
    assert all(one.good for one in outcomes), outcomes
    assert home.ledger().records == []
    if user == "waits":
        assert home.config.read_bytes() == CONTENT
    else:
        assert json.loads(home.config.read_bytes()) == {"x": 2, "mcpServers": {}}


@pytest.mark.parametrize("then", ["install", "uninstall"])
def test_directories_that_a_dead_run_made_go_too(
    home: Home, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    killed(home.put, monkeypatch, replaced=False)
    assert home.config.parent.is_dir()
    if then == "install":
        assert home.put().action == "added"
    assert {one.good for one in home.take()} == {True}
    assert home.tree() == {}


@pytest.mark.parametrize("replaced", [False, True])
def test_a_removal_that_died_is_finished(
    home: Home, monkeypatch: pytest.MonkeyPatch, replaced: bool
) -> None:
    home.put()
    killed(home.take, monkeypatch, replaced=replaced, call="remove")
    assert home.take()[0].good
    assert home.tree() == {}
    assert home.ledger().records == []


def test_an_unfinished_file_is_swept_even_when_there_is_nothing_to_write(home: Home) -> None:
    home.put()
    left = writing.temporary(home.config)
    left.write_bytes(b"half")
    assert home.put(dry_run=True).action == "unchanged"
    assert left.exists()
    assert home.put().action == "unchanged"
    assert not left.exists()


def test_the_name_of_an_unfinished_file_fits_the_file_system(tmp_path: Path) -> None:
    assert len(os.fsencode(writing.temporary(tmp_path / ("é" * 120)).name)) < 255


def test_an_interrupt_leaves_everything_as_it_was(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.file(CONTENT)

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fchmod", interrupt)
        with pytest.raises(KeyboardInterrupt):
            home.put()
    assert home.config.read_bytes() == CONTENT
    assert home.ledger().records == []
    assert list(home.root.rglob("*flexura-*")) == []
