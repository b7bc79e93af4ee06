"""Real coding agents that reach a running gateway by HTTP, with a key that only their environment holds."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from PIL import Image

from acceptance.gateway_process import Served, served
from agents.codex import Codex, app_server
from agents.desk import desk
from agents.everyone import CLIENTS
from agents.seen import Client

pytestmark = [pytest.mark.usefixtures("unmeasured"), pytest.mark.timeout(240)]
KEY = "MEDIA_GATEWAY_API_KEY"
BY_HTTP = [client for client in CLIENTS if client.http]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One for all."""
    with served(tmp_path_factory.mktemp("gateway")) as found:
        yield found


@pytest.mark.parametrize("client", BY_HTTP, ids=lambda client: client.name)
def test_the_right_key_connects_and_a_wrong_one_does_not(
    gateway: Served, tmp_path: Path, client: Client
) -> None:
    with desk(tmp_path) as user:
        config = user.write(client.config, client.sample)
        user.flexura(
            *("install", "--target", client.name, "--yes"),
            *("--transport", "http", "--url", gateway.url),
        )
        assert gateway.key not in config.read_text()
        for key, connected in ((gateway.key, True), ("flx_wrong", False)):
            user.variables[KEY] = key
            assert client.servers(user) == {"notes": True, "flexura": connected}


def test_codex_makes_a_picture_by_http(gateway: Served, tmp_path: Path) -> None:
    with desk(tmp_path, **{KEY: gateway.key}) as user:
        user.flexura(
            *("install", "--target", Codex.name, "--yes"),
            *("--transport", "http", "--url", gateway.url),
        )
        with app_server(user) as codex:
            made = codex.call_tool("flexura", "generate_image", prompt="a red fox", size="64x64")
    assert not made["isError"], made
    (file,) = made["structuredContent"]["files"]
    answer = httpx2.get(file["url"]).raise_for_status()
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert (picture.format, picture.size) == ("PNG", (64, 64))
