"""Which gateway the user wants."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexura.local import address
from flexura.local.errors import LocalError


def test_by_default_it_is_the_one_on_this_machine(flexura_home: Path) -> None:
    assert address.remote_url() is None


def test_the_environment_wins_over_the_configuration(
    flexura_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (flexura_home / "config.toml").write_text('url = "https://team.example/"\n')
    assert address.remote_url() == "https://team.example"
    monkeypatch.setenv("FLEXURA_URL", "http://127.0.0.1:3000/below/")
    assert address.remote_url() == "http://127.0.0.1:3000/below"


@pytest.mark.parametrize(
    "url",
    [
        "gateway",
        "ftp://x",
        "http://",
        "https://x:99999",
        "${FLEXURA_URL}",
        "http://[x",
        "https://me:pw@x",
    ],
)
def test_what_is_no_address_is_refused(
    flexura_home: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("FLEXURA_URL", url)
    with pytest.raises(LocalError, match="FLEXURA_URL"):
        address.remote_url()


def test_a_configuration_that_cannot_be_read_is_named(flexura_home: Path) -> None:
    (flexura_home / "config.toml").write_text("url = ")
    with pytest.raises(LocalError, match=r"config\.toml"):
        address.remote_url()


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Gateway.example/x", "https://gateway.example:443"),
        ("http://h", "http://h:80"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("http://[::1]:3000/x", "http://[::1]:3000"),
    ],
)
def test_keys_are_kept_by_origin(url: str, origin: str) -> None:
    assert address.origin(url) == origin
