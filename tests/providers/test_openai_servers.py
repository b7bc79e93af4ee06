"""The setting that names servers with OpenAI's API, and the services that a key alone brings to life."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexura.domain.errors import ProviderUnavailable
from flexura.outbound.client import Guard
from flexura.ports.provider import Order
from flexura.providers.media import Setup, openai_compatible
from flexura.providers.vendors.openai_servers import servers

pytestmark = pytest.mark.anyio
ORDER = Order("job_1", "video", "m", "fox", 1, 7, {})


def test_a_key_alone_brings_a_known_service_to_life() -> None:
    found = servers({"OPENAI_API_KEY": "a", "XAI_API_KEY": "b", "TOGETHER_API_KEY": " "})
    assert [(s.name, s.base, s.own) for s in found] == [
        ("openai", "https://api.openai.com/v1", False),
        ("xai", "https://api.x.ai/v1", False),
    ]


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({}, False),
        ({"OPENAI_API_KEY": "  "}, False),
        ({"OPENAI_BASE_URL": "http://localhost:1/v1"}, False),
        ({"POLLINATIONS_API_KEY": "k"}, True),
        ({"OPENAI_COMPATIBLE_SERVERS": "a=http://localhost:1"}, True),
    ],
)
def test_it_lives_by_a_key_or_by_a_list_of_servers(env: dict[str, str], expected: bool) -> None:
    assert openai_compatible.configured(env) is expected


def test_a_server_has_its_own_name_key_and_flags() -> None:
    env = {
        "OPENAI_COMPATIBLE_SERVERS": "omni-1=http://10.0.0.7:8000 ; kind=video; concurrency=2,"
        " litellm=https://llm.example/v1/;extensions=no;response_format=none,",
        "OMNI_1_API_KEY": "secret",
    }
    one, two = servers(env)
    assert (one.name, one.base, one.key) == ("omni-1", "http://10.0.0.7:8000/v1", "secret")
    assert (one.kind, one.concurrency, one.speaks) == ("video", 2, "server")
    assert (two.base, two.key, two.variable) == ("https://llm.example/v1", "", "LITELLM_API_KEY")
    assert (two.speaks, two.response_format, two.trouble) == ("openai", "none", "")
    assert openai_compatible.origins(env) == [one.base, two.base]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("http://localhost:8000", "not written as name=url"),
        ("My Server=http://localhost:8000", "not written as name=url"),
        ("local=", "not written as name=url"),
        ("local=localhost:8000", "not an http(s) URL"),
        ("local=http://user:pw@localhost:8000", "not an http(s) URL"),
        ("local=http://localhost:8000?key=pw", "not an http(s) URL"),
        ("local=http://localhost;colour=red", "not one of kind, response_format"),
        ("local=http://localhost;kind=pw", "the flag kind of local must be image, video or audio"),
        ("local=http://localhost;concurrency=0", "the flag concurrency of local must be"),
        ("embedded=http://localhost", "the name embedded is taken"),
        ("openrouter=http://localhost", "the name openrouter is taken"),
        ("openai=http://localhost", "the name openai is taken"),
    ],
)
async def test_a_server_that_is_written_wrongly_says_so_when_asked_and_not_at_start(
    entry: str, told: str, tmp_path: Path
) -> None:
    env = {"OPENAI_COMPATIBLE_SERVERS": f"{entry}, good=http://127.0.0.1:9/v1"}
    guard = Guard(allow_origins=openai_compatible.origins(env))
    wrong, good = openai_compatible.make(Setup(env, guard, tmp_path, tmp_path))
    assert good.name == "good"
    with pytest.raises(ProviderUnavailable) as trouble:
        await wrong.models()
    assert "OPENAI_COMPATIBLE_SERVERS, entry 1" in trouble.value.message
    assert told in trouble.value.message
    assert "pw" not in trouble.value.message
    with pytest.raises(ProviderUnavailable):
        await wrong.poll({"video": "1"}, ORDER)
    await guard.aclose()


def test_two_servers_of_one_name_are_told_apart() -> None:
    env = {"OPENAI_COMPATIBLE_SERVERS": "a=http://127.0.0.1:1, a=http://127.0.0.1:2"}
    first, second = servers(env)
    assert (first.name, first.trouble) == ("a", "")
    assert second.name != "a"
    assert "the name a is taken" in second.trouble
