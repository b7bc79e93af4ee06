"""The OpenRouter adapter against aimock: the lists it has, and videos from the order to the file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from flexura.outbound.client import Guard
from flexura.ports.provider import Done, Failed, Order, Pending
from flexura.providers.media import Setup, openrouter
from flexura.providers.media.openrouter import OpenRouter
from node_tools import bin, listening, node22, script
from vendor_double import media

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def aimock() -> Iterator[str]:
    bin("aimock")
    argv = [str(node22()), str(script("aimock_openrouter.mjs"))]
    with listening(argv, r"listening on (\S+)") as url:
        yield url


@pytest.fixture
async def router(aimock: str, tmp_path: Path) -> AsyncIterator[OpenRouter]:
    env = {"OPENROUTER_API_KEY": "K", "OPENROUTER_BASE_URL": f"{aimock}/api/v1"}
    guard = Guard(allow_origins=openrouter.origins(env))
    yield OpenRouter(Setup(env, guard, tmp_path, tmp_path / "staging"))
    await guard.aclose()


def order(prompt: str) -> Order:
    fields: dict[str, Any] = {"job_id": "job_1", "upstream_id": "house/film-1", "n": 1, "seed": 7}
    options = {"prompt": prompt, "duration": 5, "seed": 7}
    return Order(**fields, kind="video", prompt=prompt, options=options)


async def test_one_list_that_it_lacks_leaves_the_others(router: OpenRouter) -> None:
    found = {m.id: m.kinds for m in await router.models()}
    assert found == {"openrouter:house/film-1": ("video",)}


async def test_a_video_goes_through_its_states_to_its_file_and_its_cost(
    router: OpenRouter, tmp_path: Path
) -> None:
    wish = order("a fox")
    operation = await router.submit(wish)
    states = [await router.poll(operation, wish) for _ in range(3)]
    assert [s.note if isinstance(s, Pending) else "" for s in states] == ["in_progress", "", ""]
    done = states[1]
    assert isinstance(done, Done)
    assert done.cost == {"amount": 0.12, "currency": "USD", "source": "reported by OpenRouter"}
    assert len(done.outputs) == 1
    await router.download(done.outputs[0].url, tmp_path / "film.mp4", 1_000_000)
    assert (tmp_path / "film.mp4").read_bytes() == media("mp4")


@pytest.mark.parametrize(
    ("prompt", "code", "told"),
    [
        ("never", "provider_error", "vendor behind it is away"),
        ("blood", "content_policy", "Blocked"),
    ],
)
async def test_a_video_that_failed_says_why(
    prompt: str, code: str, told: str, router: OpenRouter
) -> None:
    operation = await router.submit(order(prompt))
    states = [await router.poll(operation, order(prompt)) for _ in range(3)]
    failed = states[-1]
    assert isinstance(failed, Failed)
    assert failed.code == code and told in failed.message
    assert failed.next_step


async def test_a_video_that_it_does_not_know_has_expired(router: OpenRouter) -> None:
    state = await router.poll({"video": "gone"}, order("a fox"))
    assert isinstance(state, Failed) and state.code == "result_expired"
