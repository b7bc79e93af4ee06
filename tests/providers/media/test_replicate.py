"""Replicate: orders, results, refusals and failures. Whole orders run in the conformance suite too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter_runs import Turns, Wire, finish, input_file, made, opened, order
from flexura.domain.errors import (
    FlexuraError,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from flexura.outbound.answer import Unreachable
from flexura.ports.provider import Done, Failed, Provider
from flexura.providers.media import replicate
from vendor_double import MIME, VendorDouble, media, vendor_double
from vendor_samples import Case, cases, environment, prepare, sample

pytestmark = pytest.mark.anyio
ENV = {"REPLICATE_API_TOKEN": " r8_secret "}
MODEL, BUY = "GET /v1/models/acme/paint", "POST /v1/predictions"
LOOK, CANCEL = "GET /v1/predictions/p1", "POST /v1/predictions/p1/cancel"
ROW = {"owner": "acme", "name": "paint", "latest_version": {"id": "v1"}, "is_official": False}
FILES = "https://replicate.delivery/a"
_ENDS = {mime: end for end, mime in MIME.items()}


def over(wire: Wire, folder: Path) -> Provider:
    return made(replicate, ENV, folder, wire.guard())


def running(state: Any, **more: Any) -> Wire:
    """A model with versions whose one prediction is in this state."""
    return Wire(**{MODEL: ROW, BUY: (201, {"id": "p1", "status": "starting"}), LOOK: state, **more})


def sent(wire: Wire, start: str = "POST") -> Any:
    return json.loads(wire.of(start)[-1].content)


@pytest.fixture
def double() -> Iterator[VendorDouble]:
    with vendor_double() as vendor:
        yield vendor


@pytest.mark.parametrize("case", [c for c in cases() if c.adapter == "replicate"], ids=str)
async def test_every_sample_runs_to_its_files(
    case: Case, tmp_path: Path, double: VendorDouble
) -> None:
    prepare(double, case)
    bought = next(e for e in case.order["exchanges"] if e.get("buys"))
    options = {k: v for k, v in bought["sends"]["input"].items() if k != "input_image"}
    files = [input_file(tmp_path, g["media"], "input_image") for g in case.order.get("inputs", [])]
    name = case.order["body"]["model"].partition(":")[2]
    wanted = order(name, case.order["kind"], *files, **options)
    async with opened(replicate, environment("replicate", double), tmp_path) as provider:
        operation, waits, outcome = await finish(provider, wanted)
        assert isinstance(outcome, Done)
        for place, output in enumerate(outcome.outputs):
            await provider.download(output.url, tmp_path / str(place), 10_000)
            assert (tmp_path / str(place)).read_bytes() == media(_ENDS[output.mime])
    assert [o.mime for o in outcome.outputs] == case.order["files"]
    assert outcome.cost is None
    assert [w.progress for w in waits] == [None, 0.5]
    assert operation == {"prediction": "gm3qorzdhgbfurvjtvhg6dckhu"}
    (paid,) = [a for a in double.asked if a.buys]
    assert paid.sent() == bought["sends"]


async def test_nothing_that_makes_the_vendor_hold_the_line_is_sent(tmp_path: Path) -> None:
    wire = running({"status": "starting"})
    await over(wire, tmp_path).submit(order("acme/paint", prompt="x"))
    assert "prefer" not in wire.of(BUY)[0].headers
    assert wire.of(BUY)[0].headers["authorization"] == "Bearer r8_secret"


@pytest.mark.parametrize(
    ("row", "name", "path", "version"),
    [
        (ROW, "acme/paint", "/v1/predictions", "v1"),
        (ROW, "acme/paint:abc123", "/v1/predictions", "abc123"),
        ({**ROW, "is_official": True}, "acme/paint", "/v1/models/acme/paint/predictions", None),
        ({**ROW, "latest_version": None}, "acme/paint", "/v1/models/acme/paint/predictions", None),
    ],
)
async def test_official_models_are_ordered_by_name_and_others_by_version(
    row: Any, name: str, path: str, version: str | None, tmp_path: Path
) -> None:
    ticket = (201, {"id": "p1"})
    wire = Wire(**{MODEL: row, BUY: ticket, "POST /v1/models/acme/paint/predictions": ticket})
    await over(wire, tmp_path).submit(order(name, prompt="x"))
    assert wire.of("POST")[0].url.path == path
    assert sent(wire) == ({"version": version} if version else {}) | {"input": {"prompt": "x"}}


async def test_a_model_is_looked_up_once_and_not_after_the_catalog_knows_it(tmp_path: Path) -> None:
    wire = running({"status": "starting"})
    provider = over(wire, tmp_path)
    await provider.submit(order("acme/paint"))
    await provider.submit(order("acme/paint"))
    assert len(wire.of(MODEL)) == 1


@pytest.mark.parametrize("trouble", [(503, {}), (429, {"detail": "x"}), (200, "x")])
async def test_a_lookup_that_fails_bought_nothing(trouble: Any, tmp_path: Path) -> None:
    wire = Wire(**{MODEL: trouble, BUY: (201, {"id": "p1"})})
    with pytest.raises(FlexuraError) as failed:
        await over(wire, tmp_path).submit(order("acme/paint"))
    assert failed.value.retryable and not wire.of("POST")
    assert not isinstance(failed.value, Unreachable) or not failed.value.sent


async def test_a_model_that_is_gone_is_told_before_anything_is_bought(tmp_path: Path) -> None:
    for name in ("acme/gone", "no-owner", "a/b/c"):
        with pytest.raises(ProviderError) as refused:
            await over(Wire(), tmp_path).submit(order(name))
        assert refused.value.next_step


async def test_a_small_input_goes_along_and_a_large_one_is_uploaded_first(tmp_path: Path) -> None:
    large = media("png") + b"\0" * 300_000
    address = "https://api.replicate.com/v1/files/f1"
    wire = running({"status": "starting"}, **{"POST /v1/files": (201, {"urls": {"get": address}})})
    files = [
        input_file(tmp_path, "png", "image"),
        input_file(tmp_path, "png", "images[]", content=large),
        input_file(tmp_path, "mp3", ""),
    ]
    await over(wire, tmp_path).submit(order("acme/paint", "image", *files, prompt="x"))
    given = sent(wire, BUY)["input"]
    assert set(given) == {"prompt", "image", "images"}
    assert given["image"].startswith("data:image/png;base64,")
    assert given["images"] == [address]
    (upload,) = wire.of("POST /v1/files")
    assert upload.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="content"; filename="' in upload.content and large in upload.content


@pytest.mark.parametrize("trouble", [(200, {}), (200, "junk"), (503, {})])
async def test_an_upload_that_fails_bought_nothing(trouble: Any, tmp_path: Path) -> None:
    wire = running({}, **{"POST /v1/files": trouble})
    large = input_file(tmp_path, "png", "image", content=media("png") + b"\0" * 300_000)
    with pytest.raises(ProviderUnavailable) as failed:
        await over(wire, tmp_path).submit(order("acme/paint", "image", large))
    assert not isinstance(failed.value, Unreachable)
    assert not wire.of(BUY)


@pytest.mark.parametrize("ticket", [None, [], {}, {"id": 7}, {"id": "../x"}, {"id": ""}])
async def test_an_answer_without_an_id_is_an_unknown_outcome(ticket: Any, tmp_path: Path) -> None:
    with pytest.raises(OutcomeUnknown, match="Replicate may have taken this order"):
        await over(running({}, **{BUY: (201, ticket)}), tmp_path).submit(order("acme/paint"))


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (
            422,
            {
                "detail": "no",
                "invalid_fields": [{"field": "input.steps", "description": "Too many"}],
            },
            ProviderError,
            "input.steps: Too many",
        ),
        (422, {"detail": "- input: steps is required\n"}, ProviderError, "steps is required"),
        (401, {"title": "Unauthenticated", "detail": "bad"}, ProviderError, "REPLICATE_API_TOKEN"),
        (402, {"title": "Insufficient credit", "detail": "x"}, ProviderError, "out of credit"),
        (
            429,
            {"detail": "Request was throttled. Expected available in 7 seconds."},
            RateLimited,
            "7",
        ),
    ],
)
async def test_a_refusal_says_what_and_what_to_do(
    status: int, body: Any, error: type[FlexuraError], words: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=words) as refused:
        await over(running({}, **{BUY: (status, body)}), tmp_path).submit(order("acme/paint"))
    assert refused.value.next_step
    assert "r8_secret" not in str(refused.value) + refused.value.next_step
    if status == 429:
        assert refused.value.details["retry_after"] == 7


@pytest.mark.parametrize(
    ("output", "kind", "files"),
    [
        (f"{FILES}/out.png", "image", [("image/png", "main")]),
        ([f"{FILES}/0.webp", f"{FILES}/1.webp"], "image", [("image/webp", "main")] * 2),
        (f"{FILES}/tmpabc", "video", [("video/mp4", "main")]),
        (
            {"audio": f"{FILES}/x.wav", "spectrogram": f"{FILES}/s.jpg"},
            "audio",
            [("audio/wav", "main"), ("image/jpeg", "extra")],
        ),
        ([{"file": f"{FILES}/x.mp4", "text": "words"}], "video", [("video/mp4", "main")]),
    ],
)
async def test_output_of_any_shape_is_found(
    output: Any, kind: Any, files: list[tuple[str, str]], tmp_path: Path
) -> None:
    wire = running({"status": "succeeded", "output": output})
    _, _, outcome = await finish(over(wire, tmp_path), order("acme/paint", kind))
    assert isinstance(outcome, Done)
    assert [(o.mime, o.role) for o in outcome.outputs] == files


async def test_output_that_comes_as_data_is_written_down(tmp_path: Path) -> None:
    wire = running({"status": "succeeded", "output": ["data:image/png;base64,aGk="]})
    _, _, outcome = await finish(over(wire, tmp_path), order("acme/paint"))
    assert isinstance(outcome, Done)
    assert outcome.outputs[0].path is not None and outcome.outputs[0].path.read_bytes() == b"hi"


@pytest.mark.parametrize(
    ("state", "code", "words"),
    [
        ({"status": "failed", "error": "CUDA out of memory"}, "provider_error", "CUDA"),
        ({"status": "failed", "error": None}, "provider_error", "no reason"),
        ({"status": "failed", "error": "NSFW content detected"}, "content_policy", "NSFW"),
        ({"status": "failed", "error": "flagged as sensitive (E005)"}, "content_policy", "E005"),
        ({"status": "canceled"}, "canceled", "canceled"),
        ({"status": "aborted"}, "canceled", "aborted"),
        ({"status": "succeeded", "output": None}, "provider_error", "without any media"),
        ({"status": "succeeded", "output": None, "data_removed": True}, "result_expired", "hour"),
        ((404, {"detail": "Not found."}), "result_expired", "hour"),
    ],
)
async def test_a_prediction_that_ends_badly_says_why(
    state: Any, code: str, words: str, tmp_path: Path
) -> None:
    _, _, outcome = await finish(over(running(state), tmp_path), order("acme/paint"))
    assert isinstance(outcome, Failed)
    assert (outcome.code, words in outcome.message) == (code, True)
    assert outcome.next_step


async def test_an_unknown_status_is_waited_for_and_progress_is_read_from_the_log(
    tmp_path: Path,
) -> None:
    log = "  0%|          | 0/50\n 46%|████      | 23/50 [00:01<00:01]"
    states = Turns(
        [{"status": "queued"}, {"status": "processing", "logs": log}, {"status": "failed"}]
    )
    _, waits, _ = await finish(over(running(states), tmp_path), order("acme/paint", "video"))
    assert [w.progress for w in waits] == [None, 0.46]
    assert all(1 <= w.retry_after <= 10 for w in waits)


@pytest.mark.parametrize("answer", [(200, {}), (404, {}), (503, {})])
async def test_cancelling_asks_once_and_never_fails(answer: Any, tmp_path: Path) -> None:
    wire = running({}, **{CANCEL: answer})
    await over(wire, tmp_path).cancel({"prediction": "p1"}, order("acme/paint"))
    assert len(wire.of(CANCEL)) == 1


def recorded(method: str, path: str) -> dict[str, Any]:
    """What the official SDK sent."""
    found = sample("replicate")["sdk_requests"]
    return next(r for r in found if (r["m"], r["path"]) == (method, path))


async def test_requests_are_those_of_the_official_sdk(tmp_path: Path) -> None:
    ticket = (201, {"id": "p1"})
    official = {"owner": "o", "name": "m", "is_official": True}
    wire = Wire(
        **{
            "GET /v1/models/o/m": official,
            "POST /v1/models/o/m/predictions": ticket,
            BUY: ticket,
            CANCEL: {},
        }
    )
    provider = over(wire, tmp_path)
    await provider.submit(order("o/m", prompt="fox"))
    await provider.submit(order("o/m:abc", prompt="fox"))
    await provider.cancel({"prediction": "p1"}, order("o/m"))
    for method, path in (
        ("POST", "/v1/models/o/m/predictions"),
        ("POST", "/v1/predictions"),
        ("POST", "/v1/predictions/p1/cancel"),
    ):
        theirs = recorded(method, path)
        ours = next(r for r in wire.of(method) if r.url.path == path)
        assert ours.headers["authorization"].startswith(theirs["h"]["authorization"].split()[0])
        if theirs["body"]:
            assert ours.headers["content-type"] == theirs["h"]["content-type"]
            same, told = json.loads(theirs["body"]), json.loads(ours.content)
            assert told == {k: same[k] for k in told}, "nothing but what the SDK sends"
            assert set(same) - set(told) <= {"webhook", "webhook_events_filter"}


@pytest.mark.parametrize("env", [{}, {"REPLICATE_API_TOKEN": " "}])
def test_a_token_brings_it_to_life(env: dict[str, str]) -> None:
    assert not replicate.configured(env)
    assert replicate.configured(ENV)
    assert replicate.origins(ENV) == []
    assert next(iter(replicate.VARIABLES)) == "REPLICATE_API_TOKEN"
