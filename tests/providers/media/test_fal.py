"""fal.ai: orders, results, refusals and failures. Whole orders run in the conformance suite too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from adapter_runs import Turns, Wire, finish, input_file, made, opened, order
from flexura.domain.errors import ContentPolicy, FlexuraError, OutcomeUnknown, ProviderError
from flexura.ports.provider import Done, Failed, Order, Provider
from flexura.providers.media import fal
from vendor_double import MIME, VendorDouble, media, vendor_double
from vendor_samples import Case, cases, environment, prepare

pytestmark = pytest.mark.anyio
ENV = {"FAL_KEY": " secret-fal-0001 "}
ID = "acme/paint/text-to-image"
RUN = "https://queue.fal.run/acme/paint/requests/r1"
TICKET = {
    "request_id": "r1",
    "status_url": f"{RUN}/status",
    "response_url": RUN,
    "cancel_url": f"{RUN}/cancel",
}
_ENDS = {mime: end for end, mime in MIME.items()}
STATUS, RESULT = "GET /acme/paint/requests/r1/status", "GET /acme/paint/requests/r1"


def over(wire: Wire, folder: Path) -> Provider:
    return made(fal, ENV, folder, wire.guard())


def running(result: Any, state: Any = None, **more: Any) -> Wire:
    """A queue whose one order is over, with this result."""
    told = {"status": "COMPLETED", "request_id": "r1"} if state is None else state
    return Wire(**{f"POST /{ID}": TICKET, STATUS: told, RESULT: result, **more})


async def run(result: Any, folder: Path, wanted: Order | None = None, **more: Any) -> Done | Failed:
    return (await finish(over(running(result, **more), folder), wanted or order(ID)))[2]


@pytest.fixture
def double() -> Iterator[VendorDouble]:
    with vendor_double() as vendor:
        yield vendor


@pytest.mark.parametrize("case", [c for c in cases() if c.adapter == "fal"], ids=str)
async def test_every_sample_runs_to_its_files(
    case: Case, tmp_path: Path, double: VendorDouble
) -> None:
    prepare(double, case)
    bought = case.order["exchanges"][0]
    options = {k: v for k, v in bought["sends"].items() if k != "image_urls"}
    files = [input_file(tmp_path, g["media"], "image_urls[]") for g in case.order.get("inputs", [])]
    wanted = order(bought["path"][1:], case.order["kind"], *files, **options)
    async with opened(fal, environment("fal", double), tmp_path) as provider:
        operation, waits, outcome = await finish(provider, wanted)
        assert isinstance(outcome, Done)
        for place, output in enumerate(outcome.outputs):
            path = output.path or tmp_path / str(place)
            if output.url:
                await provider.download(output.url, path, 10_000)
            assert path.read_bytes() == media(_ENDS[output.mime])
    assert [o.mime for o in outcome.outputs] == case.order["files"]
    if "cost" in case.order:
        assert outcome.cost is not None
        assert outcome.cost["amount"] == pytest.approx(case.order["cost"])
        assert "reported by fal.ai" in outcome.cost["source"]
    assert "secret" not in json.dumps(operation)
    assert len(json.dumps(operation)) < 1000
    looks = [e for e in case.order["exchanges"] if e["path"].endswith("/status")]
    assert len(waits) == len(looks) - 1


async def test_a_place_in_the_queue_is_told(tmp_path: Path) -> None:
    states = Turns(
        [
            {"status": "IN_QUEUE", "queue_position": 4},
            {"status": "DREAMING"},
            {"status": "COMPLETED"},
        ]
    )
    wire = running({"images": [{"url": "https://v3.fal.media/1.png"}]}, states)
    _, waits, outcome = await finish(over(wire, tmp_path), order(ID, "video"))
    assert [w.note for w in waits] == ["4 orders before this one at fal.ai", ""]
    assert all(1 <= w.retry_after <= 10 for w in waits)
    assert isinstance(outcome, Done), "an unknown status word is no failure"


@pytest.mark.parametrize(
    ("result", "kind", "files"),
    [
        ({"image": {"url": "https://v3.fal.media/a.webp"}}, "image", [("image/webp", "main")]),
        ({"image": "https://v3.fal.media/a.jpg"}, "image", [("image/jpeg", "main")]),
        ({"audio_url": "https://v3.fal.media/a.mp3"}, "audio", [("audio/mpeg", "main")]),
        ({"audio": {"url": "https://x.fal.media/f/abc"}}, "audio", [("audio/mpeg", "main")]),
        (
            {
                "data": {
                    "clips": [
                        {
                            "video": {
                                "url": "https://v3.fal.media/a.mp4",
                                "width": 640,
                                "height": 480,
                            }
                        }
                    ]
                }
            },
            "video",
            [("video/mp4", "main")],
        ),
        (
            {
                "thumbnail": {"url": "https://v3.fal.media/t.png", "content_type": "image/png"},
                "video": {"url": "https://v3.fal.media/a.mp4", "content_type": "video/mp4"},
                "mesh": {"url": "https://v3.fal.media/m.glb"},
                "docs": "https://fal.ai/models/x",
            },
            "video",
            [("video/mp4", "main"), ("image/png", "extra")],
        ),
        ({"gif": {"url": "https://v3.fal.media/a.gif"}}, "video", [("image/gif", "main")]),
    ],
)
async def test_media_is_found_wherever_it_stands(
    result: Any, kind: Any, files: list[tuple[str, str]], tmp_path: Path
) -> None:
    outcome = await run(result, tmp_path, order(ID, kind))
    assert isinstance(outcome, Done)
    assert [(o.mime, o.role) for o in outcome.outputs] == files


async def test_pictures_that_the_safety_checker_hid_are_told(tmp_path: Path) -> None:
    image = {"url": "https://v3.fal.media/a.png", "width": 8, "height": 4}
    outcome = await run({"images": [image], "has_nsfw_concepts": [True]}, tmp_path)
    assert isinstance(outcome, Done)
    assert [(w.code, "blacked out 1 of 1" in w.message) for w in outcome.warnings] == [
        ("content_policy", True)
    ]
    assert (outcome.outputs[0].width, outcome.outputs[0].height) == (8, 4)


@pytest.mark.parametrize("units", ["x", "-1", "nan", ""])
async def test_units_that_are_no_number_are_no_cost(units: str, tmp_path: Path) -> None:
    answer = httpx2.Response(
        200, json={"image": "https://a.fal.media/a.png"}, headers={"x-fal-billable-units": units}
    )
    outcome = await run(answer, tmp_path)
    assert isinstance(outcome, Done) and outcome.cost is None


async def test_billed_units_without_a_known_price_are_no_cost(tmp_path: Path) -> None:
    answer = httpx2.Response(
        200, json={"image": "https://a.fal.media/a.png"}, headers={"x-fal-billable-units": "2"}
    )
    outcome = await run(answer, tmp_path)
    assert isinstance(outcome, Done) and outcome.cost is None


async def test_inputs_go_along_as_data_uris_in_their_slots(tmp_path: Path) -> None:
    wire = running({"images": []})
    one, two = (
        input_file(tmp_path, "png", "image_urls[]"),
        input_file(tmp_path, "jpeg", "image_urls[]"),
    )
    mask, homeless = (
        input_file(tmp_path, "webp", "mask_url", "mask"),
        input_file(tmp_path, "mp3", ""),
    )
    await over(wire, tmp_path).submit(order(ID, "image", one, two, mask, homeless, prompt="x"))
    sent = json.loads(wire.asked[0].content)
    assert [u.partition(",")[0] for u in sent["image_urls"]] == [
        "data:image/png;base64",
        "data:image/jpeg;base64",
    ]
    assert sent["mask_url"].startswith("data:image/webp;base64,")
    assert set(sent) == {"prompt", "image_urls", "mask_url"}


MODERATED = {
    "detail": [
        {"loc": ["body", "image_url"], "msg": "Flagged.", "type": "content_policy_violation"}
    ]
}


async def test_a_moderated_order_names_the_field(tmp_path: Path) -> None:
    wire = Wire(**{f"POST /{ID}": (422, MODERATED)})
    with pytest.raises(ContentPolicy, match="Flagged") as refused:
        await over(wire, tmp_path).submit(order(ID))
    assert refused.value.field == "image_url"


@pytest.mark.parametrize(
    ("status", "body", "words", "step"),
    [
        (
            422,
            {"detail": [{"loc": ["body", "size", "width"], "msg": "too big"}]},
            "size.width: too big",
            "model_catalog",
        ),
        (403, {"detail": "User is locked. Reason: Exhausted balance."}, "out of credit", "credit"),
        (401, {"detail": "Invalid key"}, "FAL_KEY", "FAL_KEY"),
        (400, {"detail": "Bad"}, "Bad", "Correct"),
    ],
)
async def test_a_refusal_says_what_and_what_to_do(
    status: int, body: Any, words: str, step: str, tmp_path: Path
) -> None:
    with pytest.raises(ProviderError, match=words) as refused:
        await over(Wire(**{f"POST /{ID}": (status, body)}), tmp_path).submit(order(ID))
    assert step in refused.value.next_step
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "ticket",
    [
        None,
        [],
        {"request_id": "r1"},
        {**TICKET, "status_url": "https://evil.example/x"},
        {**TICKET, "response_url": 3},
    ],
)
async def test_a_ticket_that_leads_nowhere_is_an_unknown_outcome(
    ticket: Any, tmp_path: Path
) -> None:
    wire = Wire(**{f"POST /{ID}": ticket})
    with pytest.raises(OutcomeUnknown, match=r"fal\.ai may have taken this order"):
        await over(wire, tmp_path).submit(order(ID))
    assert len(wire.asked) == 1


@pytest.mark.parametrize(
    ("state", "code", "words"),
    [
        (
            {"status": "COMPLETED", "error": "Runner crashed", "error_type": "runner_disconnected"},
            "provider_error",
            "crashed",
        ),
        (
            {"status": "COMPLETED", "error": "", "error_type": "startup_timeout"},
            "provider_error",
            "startup_timeout",
        ),
        (
            {"status": "COMPLETED", "error": "x", "error_type": "client_cancelled"},
            "canceled",
            "canceled",
        ),
        ({"status": "CANCELLED"}, "canceled", "canceled"),
        (
            {
                "status": "COMPLETED",
                "error": MODERATED["detail"],
                "error_type": "content_policy_violation",
            },
            "content_policy",
            "Flagged",
        ),
    ],
)
async def test_an_error_in_the_status_is_a_failure(
    state: Any, code: str, words: str, tmp_path: Path
) -> None:
    outcome = await run({}, tmp_path, state=state)
    assert isinstance(outcome, Failed)
    assert (outcome.code, words in outcome.message) == (code, True)
    assert outcome.next_step


@pytest.mark.parametrize(
    ("result", "code", "words"),
    [
        ((422, MODERATED), "content_policy", "Flagged"),
        (
            (422, {"detail": [{"loc": ["body", "prompt"], "msg": "required"}]}),
            "provider_error",
            "prompt: required",
        ),
        ((500, {"detail": "Out of memory"}), "provider_error", "Out of memory"),
        (
            (504, {"detail": "Too slow", "error_type": "request_timeout"}),
            "provider_error",
            "Too slow",
        ),
        ((499, {"detail": "x", "error_type": "client_cancelled"}), "canceled", "canceled"),
        ((404, {"detail": "Request not found"}), "result_expired", "no longer"),
        ((200, {"output": "only words"}), "provider_error", "without any media"),
        ((401, {"detail": "no"}), "provider_error", "FAL_KEY"),
    ],
)
async def test_a_result_that_is_an_error_is_a_failure(
    result: Any, code: str, words: str, tmp_path: Path
) -> None:
    outcome = await run(result, tmp_path)
    assert isinstance(outcome, Failed)
    assert (outcome.code, words in outcome.message) == (code, True)


@pytest.mark.parametrize("trouble", [(503, {}), (502, None), (429, {"detail": "slow down"})])
async def test_trouble_of_the_moment_is_no_failure(trouble: Any, tmp_path: Path) -> None:
    with pytest.raises(FlexuraError) as failed:
        await run(trouble, tmp_path)
    assert failed.value.retryable
    with pytest.raises(FlexuraError) as failed:
        await run({}, tmp_path, state=trouble)
    assert failed.value.retryable


async def test_a_result_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    late = Turns([(202, {"status": "IN_PROGRESS"}), {"image": "https://a.fal.media/a.png"}])
    wire = running(late)
    _, waits, outcome = await finish(over(wire, tmp_path), order(ID))
    assert len(waits) == 1 and isinstance(outcome, Done)


@pytest.mark.parametrize(
    "answer",
    [
        (202, {"status": "CANCELLATION_REQUESTED"}),
        (400, {"status": "ALREADY_COMPLETED"}),
        (404, {}),
        (503, {}),
    ],
)
async def test_cancelling_asks_once_and_never_fails(answer: Any, tmp_path: Path) -> None:
    wire = running({}, **{"PUT /acme/paint/requests/r1/cancel": answer})
    provider = over(wire, tmp_path)
    await provider.cancel(await provider.submit(order(ID)), order(ID))
    assert len(wire.of("PUT")) == 1


async def test_the_key_stays_at_home(tmp_path: Path) -> None:
    """A file on another host is fetched without it."""
    wire = Wire(**{"GET /files/1.png": httpx2.Response(200, content=media("png"))})
    await over(wire, tmp_path).download("https://v3.fal.media/files/1.png", tmp_path / "f", 10_000)
    assert "authorization" not in wire.asked[0].headers
    assert (tmp_path / "f").read_bytes() == media("png")


@pytest.mark.parametrize(
    ("env", "known"), [({}, False), ({"FAL_KEY": " "}, False), ({"FAL_KEY": "x"}, True)]
)
def test_a_key_brings_it_to_life(env: dict[str, str], known: bool) -> None:
    assert fal.configured(env) is known


def test_only_addresses_that_the_operator_set_are_his() -> None:
    assert fal.origins({"FAL_KEY": "x"}) == []
    assert fal.origins({"FAL_QUEUE_URL": " http://127.0.0.1:1 "}) == ["http://127.0.0.1:1"]
    assert next(iter(fal.VARIABLES)) == "FAL_KEY"
