"""The log: one form, the job and the request on every line, and no secret on any."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from doubles import FakeProvider
from flexura.domain.errors import InvalidRequest
from flexura.services import logs
from flexura.settings import Environment, Settings
from gateway_house import BASE, House, opened
from vendor_double import VendorDouble, vendor_double
from webhooks_house import receiving

pytestmark = pytest.mark.anyio
KEY = "sk-proj-Very0Secret1Vendor2Key"
TOKEN = "scrape-token-for-prometheus"
TRACE = "0af7651916cd43dd8448eb211c80319c"


class Lines(io.StringIO):
    """What was logged."""

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def events(self, *names: str) -> list[dict[str, Any]]:
        return [line for line in self.records() if line.get("event") in names]


@pytest.fixture
def log() -> Iterator[Lines]:
    """The whole process logs at DEBUG as JSON, libraries too."""
    root, lines = logging.getLogger(), Lines()
    before, level = list(root.handlers), root.level
    handler = logs.set_up("json", "debug", lines)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        for old in before:
            root.addHandler(old)
        root.setLevel(level)
        logging.captureWarnings(False)


async def test_a_job_leaves_three_lines_with_its_ids(house: House, log: Lines) -> None:
    headers = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    sent = {"prompt": "a very particular fox", "model": "fake:one"}
    answer = await house.http.post("/api/generate/image?wait=30", json=sent, headers=headers)
    job_id = answer.json()["job_id"]
    told = log.events("job_accepted", "job_begun", "purchase", "job_ended")
    assert [line["event"] for line in told] == [
        "job_accepted",
        "job_begun",
        "purchase",
        "job_ended",
    ]
    assert {line["job_id"] for line in told} == {job_id}
    assert {line["trace_id"] for line in told} == {TRACE}
    assert len({line["workspace"] for line in told}) == 1
    assert told[0]["request_id"] and "request_id" not in told[1]
    assert (told[3]["state"], told[3]["model"]) == ("completed", "fake:one")
    assert "particular" not in "".join(json.dumps(line) for line in told)


async def test_an_error_that_nobody_expected_is_found_by_the_id_in_its_answer(
    house: House, log: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("bug")

    assert house.app.services is not None
    monkeypatch.setattr(type(house.app.services.jobs), "get", broken)
    answer = await house.http.get("/api/jobs/job_1")
    assert answer.status_code == 500
    wanted = answer.json()["error"]["request_id"]
    (line,) = [x for x in log.records() if x.get("request_id") == wanted and "exception" in x]
    assert line["level"] == "error" and "RuntimeError: bug" in line["exception"]


async def test_no_secret_is_in_any_line_even_at_debug(
    gateway_settings: Settings, tmp_path: Path, log: Lines
) -> None:
    with vendor_double() as vendor:
        async with receiving() as receiver:
            environment = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{vendor.url}/v1"}
            settings = replace(
                gateway_settings,
                environment=Environment(environment, (), lambda names: {}),
                metrics_token=TOKEN,
                webhook_origins=(receiver.url,),
                destinations={
                    "box": {"type": "webhook", "url": "x", "secret": "Dest1nationSecret"}
                },
            )
            async with opened(settings, FakeProvider(tmp_path)) as house:
                hidden = await _everything(house, vendor, receiver.url)
                await receiver.until(1)
                hidden.append(house.key)
    text = log.getvalue()
    loggers = {line["logger"].partition(".")[0] for line in log.records()}
    assert {"flexura", "mcp"} <= loggers and len(text) > 5000
    for secret in (KEY, TOKEN, "Dest1nationSecret", *hidden):
        assert secret and secret not in text


async def _everything(house: House, vendor: VendorDouble, url: str) -> list[str]:
    """Use what has secrets; those that were seen."""
    http = house.http
    await http.post("/api/v1/webhooks", json={"url": f"{url}/hook", "events": ["job.completed"]})
    signing = (await http.get("/api/v1/webhooks/secret")).json()["secret"]
    made = (await http.post("/api/v1/keys", json={"name": "second"})).json()["key"]
    await http.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    await http.get("/api/v1/auth", headers={"Authorization": "Bearer fx_live_wrongwrongwrong"})
    await http.get("/api/v1/providers?check=1")
    logging.getLogger("httpx2").debug("POST %s headers=%s", vendor.url, {"Authorization": KEY})
    logging.getLogger("uvicorn.error").info("GET /x?key=%s", KEY)
    try:
        raise RuntimeError(f"postgresql://flexura:{KEY}@db refused {made}")
    except RuntimeError:
        logging.getLogger("procrastinate").exception("worker failed with %s", signing)
    async with Client(streamable_http_client(f"{BASE}/mcp", http_client=http)) as mcp:
        order = {"prompt": "a fox", "model": "fake:one", "wait": 30}
        told = await mcp.call_tool("generate_image", order)
    assert told.structured_content and told.structured_content["status"] == "completed"
    signature = told.structured_content["files"][0]["url"].partition("sig=")[2]
    await http.get(f"/api/assets/x.png?exp=1&sig={signature}")
    logging.getLogger("flexura").warning("link %s", f"{BASE}/a.png?exp=1&sig={signature}")
    return [signing, made, signature]


@pytest.mark.parametrize(
    ("environ", "terminal", "quiet", "chosen"),
    [
        ({}, True, False, ("text", "info")),
        ({}, False, True, ("text", "warning")),
        ({"FLEXURA_DATABASE_URL": "postgresql://x"}, False, False, ("json", "info")),
        ({"FLEXURA_DATABASE_URL": "postgresql://x"}, True, False, ("text", "info")),
        ({"FLEXURA_LOG": "JSON", "FLEXURA_LOG_LEVEL": "Debug"}, True, True, ("json", "debug")),
    ],
)
def test_form_and_level_go_by_the_place_and_the_settings(
    environ: dict[str, str], terminal: bool, quiet: bool, chosen: tuple[str, str]
) -> None:
    assert logs.chosen(environ, terminal=terminal, quiet=quiet) == chosen


@pytest.mark.parametrize("name", ["FLEXURA_LOG", "FLEXURA_LOG_LEVEL"])
def test_a_wrong_word_is_refused_with_what_is_allowed(name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        logs.chosen({name: "loud"}, terminal=True, quiet=False)
    assert name in refused.value.message and "Set it to one of" in refused.value.next_step


def test_libraries_speak_again_once_everything_is_asked_for(log: Lines) -> None:
    logger = logging.Logger("flexura.test")
    for level in ("info", "debug"):
        logs.set_up("json", level, io.StringIO(), logger)
        logging.getLogger("httpx2").info("%s", level)
    assert [line["message"] for line in log.records()] == ["debug"]


def test_text_of_others_cannot_look_like_a_line_of_ours() -> None:
    logger, lines = logging.Logger("flexura.test"), io.StringIO()
    logs.set_up("text", "info", lines, logger)
    logging.captureWarnings(False)
    logger.warning("vendor said: x\n2026-01-01T00:00:00.000Z INFO flexura: \x1b[2Jall is well")
    (line,) = lines.getvalue().splitlines()
    assert line.endswith(r"x\n2026-01-01T00:00:00.000Z INFO flexura: \x1b[2Jall is well")
