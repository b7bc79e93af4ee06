"""The install script as a gateway serves it."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from doubles import FakeProvider
from flexura.gateway.own_wheel import BUILD, Wheel, rebuilt
from flexura.settings import Settings
from gateway_house import House, opened
from house.repository import ROOT
from wheel_house import built, unpacked

pytestmark = pytest.mark.anyio
ROUTE = "/api/install/flexura-skill"
OWN = "flexura.gateway.rest.install.own_wheel"
HOSTILE = ["codex'; touch x #", "$(touch x)", "`touch x`", "a\nb", "--yes", "-", "codéx", "a" * 300]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    folder = tmp_path_factory.mktemp("installed")
    return rebuilt(unpacked(built(folder), folder / "site-packages"))


@pytest.fixture
def served(house: House, wheel: Wheel, monkeypatch: pytest.MonkeyPatch) -> House:
    """A gateway that was installed from a wheel, asked without a key."""
    monkeypatch.setattr(OWN, lambda: wheel)
    del house.http.headers["authorization"]
    return house


def variables(script: str) -> dict[str, str]:
    """What is filled in at the top."""
    return dict(re.findall(r"^flexura_(\w+)='?([^'\n]*)'?$", script, re.MULTILINE))


async def test_it_says_where_it_comes_from_and_what_it_has_to_find_there(
    served: House, wheel: Wheel
) -> None:
    answer = await served.http.get(ROUTE)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/x-shellscript")
    assert answer.headers["cache-control"] == "no-store"
    assert variables(answer.text) == {
        "origin": "http://localhost:3000",
        "version": wheel.version,
        "wheel": wheel.name,
        "sha256": wheel.sha256,
        "target": "",
    }


async def test_but_for_these_lines_it_is_the_script_of_the_checkout(
    served: House, wheel: Wheel
) -> None:
    text = (await served.http.get(ROUTE)).text
    emptied = re.sub(r"^(flexura_\w+=).*$", r"\1''", text, flags=re.MULTILINE)
    assert emptied == wheel.script
    assert emptied == (ROOT / "installer/install.sh").read_text(encoding="utf-8")


async def test_the_wheel_that_it_names_is_served_without_a_key(served: House, wheel: Wheel) -> None:
    answer = await served.http.get(f"/api/install/{wheel.name}")
    assert answer.status_code == 200 and answer.content == wheel.content
    etag = {"If-None-Match": answer.headers["etag"]}
    again = await served.http.get(f"/api/install/{wheel.name}", headers=etag)
    assert again.status_code == 304 and not again.content


async def test_another_wheel_is_not_there_and_the_answer_names_the_one_that_is(
    served: House, wheel: Wheel
) -> None:
    answer = await served.http.get("/api/install/flexura-0.0.1-py3-none-any.whl")
    assert answer.status_code == 404
    assert wheel.name in answer.json()["error"]["next_step"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("codex", "codex"),
        ("Claude-Code", "claude-code"),
        ("codex,cursor", "codex,cursor"),
        ("codex&target=codex&target=aider", "codex,aider"),
        ("", ""),
    ],
)
async def test_the_agents_of_the_query_are_handed_on(served: House, asked: str, told: str) -> None:
    answer = await served.http.get(f"{ROUTE}?target={asked}")
    assert variables(answer.text)["target"] == told


async def test_an_unknown_agent_is_refused_with_the_nearest_names(served: House) -> None:
    answer = await served.http.get(ROUTE, params={"target": "cursr"})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["field"]) == (400, "invalid_request", "target")
    assert "cursor" in error["message"] and "codex" in error["next_step"]


@pytest.mark.parametrize("target", HOSTILE)
async def test_no_query_writes_into_the_script(served: House, target: str) -> None:
    answer = await served.http.get(ROUTE, params={"target": target})
    assert answer.status_code == 400


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1:666", "[::1]:9", "LOCALHOST"])
async def test_the_host_header_does_not_choose_where_the_wheel_is_taken_from(
    served: House, host: str
) -> None:
    answer = await served.http.get(
        ROUTE, headers={"Host": host, "X-Forwarded-Host": "evil.example"}
    )
    assert variables(answer.text)["origin"] == "http://localhost:3000"


@pytest.mark.parametrize(
    ("public", "told"),
    [
        ("https://media.example.com", "https://media.example.com"),
        ("https://example.com:8443/tools/flexura", "https://example.com:8443/tools/flexura"),
        ("https://[2001:db8::1]:3000", "https://[2001:db8::1]:3000"),
    ],
)
async def test_the_public_url_is_where_it_comes_from(
    gateway_settings: Settings,
    wheel: Wheel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    public: str,
    told: str,
) -> None:
    monkeypatch.setattr(OWN, lambda: wheel)
    settings = replace(gateway_settings, public_url=public)
    async with opened(settings, FakeProvider(tmp_path)) as house:
        assert variables((await house.http.get(ROUTE)).text)["origin"] == told


@pytest.mark.parametrize("public", ["https://a.example/$(id)", "https://u:p@a.example", "ftp://a"])
async def test_a_public_url_that_is_none_makes_a_script_that_refuses(
    gateway_settings: Settings,
    wheel: Wheel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    public: str,
) -> None:
    monkeypatch.setattr(OWN, lambda: wheel)
    settings = replace(gateway_settings, public_url=public)
    async with opened(settings, FakeProvider(tmp_path)) as house:
        text = (await house.http.get(ROUTE)).text
    assert public not in text and "FLEXURA_PUBLIC_URL" in text


async def test_a_gateway_that_runs_from_a_checkout_serves_a_script_that_says_so(
    house: House, tmp_path: Path
) -> None:
    answer = await house.http.get(ROUTE)
    assert answer.status_code == 200
    ran = subprocess.run(
        ["bash"], input=answer.text, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "checkout" in ran.stderr and BUILD in ran.stderr and "installer/install.sh" in ran.stderr
    wheel = await house.http.get("/api/install/flexura-0.0.1-py3-none-any.whl")
    assert wheel.status_code == 409 and BUILD in wheel.json()["error"]["next_step"]


async def test_a_script_without_a_place_for_the_hash_is_not_served_as_if_it_had_one(
    house: House, wheel: Wheel, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = replace(wheel, script=wheel.script.replace("flexura_sha256=''\n", "", 1))
    monkeypatch.setattr(OWN, lambda: blind)
    text = (await house.http.get(ROUTE)).text
    assert "no place for its sha256" in text and wheel.sha256 not in text
