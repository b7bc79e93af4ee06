"""ElevenLabs against Prism on an excerpt of the vendor's own description: it refuses what does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.errors import ProviderError
from flexura.outbound.answer import Answer
from flexura.outbound.client import Guard
from flexura.ports.provider import Done, Order, Provider
from flexura.providers.media import Setup, elevenlabs
from node_tools import command, listening

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]
OPENAPI = Path(__file__).parents[3] / "fixtures" / "openapi" / "elevenlabs.json"


@pytest.fixture(scope="module")
def prism() -> Iterator[str]:
    argv = command("prism", "mock", "-h", "127.0.0.1", "-p", "0", OPENAPI)
    with listening(argv, r"is listening on (http://[\d.:]+)", seconds=120) as url:
        yield url


class Preferring(Guard):
    """Asks Prism for the answer with this status."""

    async def request(self, method: str, url: str, **options: Any) -> Answer:
        headers = {**options.pop("headers"), "prefer": "code=422"}
        return await super().request(method, url, headers=headers, **options)


def connected(prism: str, guard: Guard, tmp_path: Path) -> Provider:
    env = {"ELEVENLABS_API_KEY": "secret-elevenlabs-0001", "ELEVENLABS_BASE_URL": prism}
    [one] = elevenlabs.make(Setup(env, guard, tmp_path / "home", tmp_path / "staging"))
    return one


def order(upstream_id: str, **options: Any) -> Order:
    return Order("job_1", "audio", upstream_id, "Good night.", 1, 7, options)


ORDERS = [
    order("speaks", text="Good night."),
    order("speaks", text="Good night.", voice="Rachel", speed=1.1, style=0.2, seed=7),
    order(
        "speaks", text="Good night.", language_code="en", output_format="wav", next_text="Sleep."
    ),
    order("speaks", text="Good night.", apply_text_normalization="on", output_format="ulaw_8000"),
    order("sound-generation", text="a door", duration_seconds=2.5, prompt_influence=0.3, loop=True),
    order("sound-generation", text="a door", output_format="opus"),
    order("music", prompt="calm piano", music_length_ms=10_000, force_instrumental=True),
    order("music", prompt="calm piano", output_format="mp3_44100_192"),
]


async def test_the_vendors_own_examples_can_be_listed(prism: str, tmp_path: Path) -> None:
    guard = Guard(allow_origins=[prism])
    models = {m.upstream_id: m for m in await connected(prism, guard, tmp_path).models()}
    await guard.aclose()
    assert {"sound-generation", "music"} < set(models)
    spoken = [m for m in models.values() if m.tasks == ("text-to-speech",)]
    assert spoken and all(m.input_schema["properties"]["voice"]["enum"] for m in spoken)


@pytest.mark.parametrize("ordered", ORDERS, ids=lambda o: "-".join([o.upstream_id, *o.options]))
async def test_every_request_fits_the_description_of_the_api(
    prism: str, tmp_path: Path, ordered: Order
) -> None:
    guard = Guard(allow_origins=[prism])
    provider = connected(prism, guard, tmp_path)
    done = await provider.poll(await provider.submit(ordered), ordered)
    await guard.aclose()
    assert isinstance(done, Done) and len(done.outputs) == 1


@pytest.mark.parametrize(
    "ordered",
    [order("music", prompt="calm", music_length_ms=1), order("speaks", seed="much")],
    ids=lambda o: o.upstream_id,
)
async def test_the_double_refuses_a_request_that_does_not_fit(
    prism: str, tmp_path: Path, ordered: Order
) -> None:
    guard = Guard(allow_origins=[prism])
    with pytest.raises(ProviderError) as refused:
        await connected(prism, guard, tmp_path).submit(ordered)
    await guard.aclose()
    assert refused.value.details["upstream_status"] in (400, 422)


async def test_the_documented_error_is_one_of_ours(prism: str, tmp_path: Path) -> None:
    guard = Preferring(allow_origins=[prism])
    with pytest.raises(ProviderError, match=r"refused the request \(422\)"):
        await connected(prism, guard, tmp_path).submit(order("sound-generation"))
    await guard.aclose()
