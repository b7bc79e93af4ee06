"""The port is chosen once and kept."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

import pytest

from flexura.local import port
from flexura.local.errors import ForbiddenHere, GatewayUnavailable


def test_it_is_chosen_once(flexura_home: Path) -> None:
    first = port.keep_port()
    assert first in port.RANGE
    assert port.keep_port() == first
    assert (flexura_home / "gateway.port").read_text() == f"{first}\n"


def test_a_strangers_port_is_left_to_the_stranger(flexura_home: Path) -> None:
    first = port.keep_port()
    with socket.create_server(("127.0.0.1", first)):
        second = port.keep_port()
        assert second != first
    assert port.keep_port() == second


@pytest.mark.parametrize("text", ["", "3000", "x", "99999999999", "-1"])
def test_a_damaged_file_is_replaced(flexura_home: Path, text: str) -> None:
    (flexura_home / "gateway.port").write_text(text)
    assert port.keep_port() in port.RANGE


def test_when_all_are_taken_it_is_said(flexura_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        monkeypatch.setattr(port, "RANGE", range(number, number + 1))
        with pytest.raises(GatewayUnavailable, match="taken"):
            port.keep_port()


def test_a_sandbox_that_forbids_listening_is_recognised(
    flexura_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forbidden(socket.socket):
        def bind(self, _: object) -> None:
            raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(socket, "socket", Forbidden)
    with pytest.raises(ForbiddenHere):
        port.keep_port()


def test_a_loopback_on_which_nobody_gets_through_is_recognised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As in a network namespace whose loopback interface is down: listening works, connecting does not."""

    def unreachable(*_: object, **__: object) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    port.check_loopback()
    monkeypatch.setattr(socket, "create_connection", unreachable)
    with pytest.raises(ForbiddenHere, match="Network is unreachable"):
        port.check_loopback()
