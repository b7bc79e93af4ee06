"""Two workspaces on one gateway: neither finds what belongs to the other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest

from flexura.domain.artifact import Artifact
from flexura.domain.credits import Budget
from flexura.domain.template import VIEWS, Step, Template
from flexura.domain.upload import Upload
from flexura.domain.webhook import Delivery, Endpoint
from flexura.gateway.rest.operation import Operation
from flexura.gateway.rest.operations import OPERATIONS
from flexura.services.clock import now_ms
from gateway_house import House
from tenants_house import Person, tenant

pytestmark = pytest.mark.anyio
PROMPT = "a very private fox"
NOBODYS = {"model_id", "wheel", "kind", "destination"}
"""Path parameters that name nothing of a workspace."""
HOOK = "https://hooks.example.com/private"


@dataclass
class Belongings:
    """What somebody has, by the names that paths use."""

    ids: dict[str, str]
    asset: str

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody else may ever see."""
        return (PROMPT, HOOK, self.asset, *self.ids.values())

    def path(self, operation: Operation) -> str:
        """The path of an operation on these things."""
        named = {"name": self.asset} if operation.path.startswith("/api/assets/") else {}
        return operation.path.format(**{**self.ids, "destination": "nowhere", **named})


async def belongings(house: House, who: Person) -> Belongings:
    """A finished job with its file, a key, and one of everything else that a workspace keeps."""
    services = house.app.services
    assert services is not None
    job = await who.order(PROMPT)
    me, file = (await who.http.get("/api/v1/auth")).json(), job["assets"][0]
    home, now = me["workspace_id"], now_ms()
    slug = "private-fox"
    records: tuple[Any, ...] = (
        Template("tpl_hers", home, slug, 1, PROMPT, now, PROMPT, VIEWS, (), (Step("draw", "image", PROMPT),)),
        Endpoint("whe_hers", home, HOOK, now),
        Delivery("msg_hers", home, HOOK, "job.completed", "{}", now, "whe_hers", job["job_id"], "failed"),
        Upload("art_hers", home, 100, 0, now, now + 86_400_000),
        Budget("bud_hers", home, "day", 10**12, now),
    )  # fmt: skip
    await services.records.transact(lambda tx: [tx.insert(record) for record in records])
    ids = {
        "job_id": job["job_id"],
        "run_id": job["job_id"],
        "artifact_id": file["artifact_id"],
        "sha256": file["sha256"],
        "key_id": me["key_id"],
        "template": slug,
        "preset": slug,
        "slug": slug,
        "pipeline_id": slug,
        "template_id": "tpl_hers",
        "webhook_id": "whe_hers",
        "delivery_id": "msg_hers",
        "file_id": "art_hers",
        "upload_id": "art_hers",
        "budget_id": "bud_hers",
    }
    return Belongings(ids, file["name"])


def of_ids() -> list[Operation]:
    """Every operation that takes the id of something that belongs to a workspace."""
    found: list[Operation] = []
    for operation in OPERATIONS:
        if set(re.findall(r"\{(\w+)\}", operation.path)) - NOBODYS:
            found.append(operation)
    return found


@pytest.mark.parametrize("operation", of_ids(), ids=lambda o: f"{o.method} {o.path}")
async def test_ids_of_another_workspace_do_not_exist(house: House, operation: Operation) -> None:
    async with tenant(house, "acme") as ada, tenant(house, "other") as eve:
        hers = await belongings(house, ada)
        sent: dict[str, Any] = {"json": {}} if "application/json" in operation.body else {}
        if operation.path.endswith("/delivered"):
            sent = {"json": {"saved": False}}
        answer = await eve.http.request(operation.method, hers.path(operation), **sent)
        # A body may be refused before anybody looks for what it is about.
        assert answer.status_code == 404 or (operation.body and answer.status_code in (400, 415))
        assert PROMPT not in answer.text and hers.asset not in answer.text
        still = await ada.http.get(f"/api/jobs/{hers.ids['job_id']}")
        assert still.status_code == 200 and still.json()["status"] == "completed"


async def test_what_was_asked_for_above_is_there_for_its_owner(house: House) -> None:
    async with tenant(house, "acme") as ada:
        hers = await belongings(house, ada)
        for operation in of_ids():
            # Events do not end by themselves, and a run is found under the technique that it was made from.
            if operation.method == "GET" and not re.search("/events|run_id", operation.path):
                answer = await ada.http.get(hers.path(operation))
                assert answer.status_code in (200, 204), (operation.path, answer.text)


async def test_lists_show_nothing_of_another_workspace(house: House) -> None:
    async with tenant(house, "acme") as ada, tenant(house, "other") as eve:
        hers = await belongings(house, ada)
        plain = [o.path for o in OPERATIONS if o.method == "GET" and o.key and "{" not in o.path]
        assert {"/api/v1/jobs", "/api/v1/keys", "/api/v1/workspaces"} <= set(plain)
        for path in plain:
            answer = await eve.http.get(path)
            assert answer.status_code < 500, path
            for secret in (*hers.secrets, ada.key, "acme"):
                assert secret not in answer.text, path


async def test_a_signed_link_opens_for_everybody(house: House) -> None:
    services = house.app.services
    assert services is not None
    async with tenant(house, "acme") as ada, tenant(house, "other") as eve:
        hers = await belongings(house, ada)
        artifact = await services.records.asset(hers.asset)
        assert isinstance(artifact, Artifact)
        link = services.links.signed("", artifact)
        assert (await eve.http.get(link)).status_code == 200
        assert (await eve.http.get(link.partition("?")[0])).status_code == 404


async def test_an_input_of_another_workspace_cannot_be_used(house: House) -> None:
    async with tenant(house, "acme") as ada, tenant(house, "other") as eve:
        hers = await belongings(house, ada)
        order = {"prompt": "a fox", "model": "fake:one", "inputs": [hers.ids["artifact_id"]]}
        answer = await eve.http.post("/api/generate/image", json=order)
        assert answer.status_code in (400, 404)
        assert PROMPT not in answer.text


async def test_the_tools_find_no_job_of_another_workspace(house: House) -> None:
    async with tenant(house, "acme") as ada, tenant(house, "other") as eve:
        hers = await belongings(house, ada)
        for arguments in ({}, {"job_ids": [hers.ids["job_id"]]}):
            call = {
                "jsonrpc": "2.0",
                "id": 1,
                "method": "tools/call",
                "params": {"name": "job_status", "arguments": arguments},
            }
            accept = {"Accept": "application/json, text/event-stream"}
            answer = await eve.http.post("/mcp", json=call, headers=accept)
            assert answer.status_code == 200
            assert PROMPT not in answer.text and hers.asset not in answer.text


async def test_an_idempotency_key_of_another_workspace_is_another_key(house: House) -> None:
    async with tenant(house, "acme") as ada, tenant(house, "other") as eve:
        headers, body = {"Idempotency-Key": "same"}, {"prompt": "a fox", "model": "fake:one"}
        ids = {
            (await who.http.post("/api/generate/image", json=body, headers=headers)).json()[
                "job_id"
            ]
            for who in (ada, eve)
        }
        assert len(ids) == 2
