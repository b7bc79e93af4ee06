"""Real coding agents, each on a machine of its own: we are installed, they use us, and lose us again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from agents import aider
from agents.desk import Desk, desk
from agents.everyone import CLIENTS, TOOLS
from agents.model import model
from agents.seen import Client

pytestmark = [pytest.mark.usefixtures("unmeasured"), pytest.mark.timeout(240)]
EACH = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)


@pytest.fixture
def user(tmp_path: Path) -> Iterator[Desk]:
    """A user with a home of their own."""
    with desk(tmp_path) as found:
        yield found


def is_picture(path: Path) -> None:
    """Somebody else's reader opens it."""
    with Image.open(path) as picture:
        picture.load()
        assert (picture.format, picture.size) == ("PNG", (64, 64))


@EACH
def test_an_agent_gets_us_uses_us_and_loses_us(user: Desk, client: Client) -> None:
    user.write(client.config, client.sample)
    before = client.servers(user)
    assert set(before) == {"notes"}
    assert False not in before.values()
    assert "flexura" not in client.skills(user)
    # Not before its first runs: in those Claude Code adds to the file what it counts.
    digest = user.digest(client.config)

    user.flexura("install", "--target", client.name, "--yes")
    assert client.servers(user) == {**before, "flexura": before["notes"]}
    assert "flexura" in client.skills(user)
    with model() as double:
        assert client.draw(user, double) == TOOLS
    is_picture(user.project / "art" / "fox.png")

    user.flexura("uninstall", "--all", "--yes")
    assert client.servers(user) == before
    assert "flexura" not in client.skills(user)
    assert user.digest(client.config) == digest


def test_aider_reads_our_page_beside_the_users_own_until_we_are_gone(user: Desk) -> None:
    user.write(aider.CONFIG, aider.SAMPLE)
    own = user.home / "style.md"
    own.write_text("Short sentences.\n")
    digest = user.digest(aider.CONFIG)
    user.flexura("install", "--target", "aider", "--yes")
    read = aider.read_into_chat(user)
    assert own in read
    (ours,) = read - {own}
    assert "flexura image" in ours.read_text()
    user.flexura("uninstall", "--all", "--yes")
    assert user.digest(aider.CONFIG) == digest
    assert aider.read_into_chat(user) == {own}
