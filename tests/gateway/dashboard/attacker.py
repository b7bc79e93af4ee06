"""Requests as an attacker makes them, header by header; and what they may have changed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, unquote, urlencode

from doubles import FakeProvider
from flexura.domain.session import Session
from flexura.domain.webhook import Delivery
from flexura.domain.workspace import ApiKey
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.visit import COOKIE
from flexura.ports.provider import Done, Failed, Operation, Order, Pending
from flexura.ports.records import JobFilter
from flexura.storage.kinds import KINDS
from gateway.dashboard.signed_in import signed_in
from gateway_house import House
from template_house import document
from tenants_house import Person as Tenant

SECRET = "blueheron"
"""In every text of the first workspace of a `World`."""
FORM = "application/x-www-form-urlencoded"
_LEFT_OUT = (Session, Delivery)


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    text: str

    def header(self, name: str) -> str:
        """The last header of that name; empty if there is none."""
        return next((value for known, value in reversed(self.headers) if known == name), "")


@dataclass
class Browser:
    """Whoever asks: a cookie, the token of its pages, and what their browser says of the page they are on."""

    house: House
    cookie: str = ""
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict[str, str])

    def but(self, **changes: Any) -> Browser:
        """The same with something else."""
        return replace(self, **changes)

    async def ask(
        self,
        method: str,
        path: str,
        fields: Mapping[str, str | Sequence[str]] | None = None,
        *,
        body: bytes | None = None,
        **headers: str,
    ) -> Answer:
        """One request; of a stream the first piece."""
        sent = {"host": "localhost:3000", **self.headers, **headers}
        if self.cookie:
            sent["cookie"] = f"flexura_session={self.cookie}"
        if method == "POST":
            sent.setdefault("content-type", FORM)
            if self.token:
                sent.setdefault("x-flexura-token", self.token)
        content = urlencode(dict(fields or {}), doseq=True).encode() if body is None else body
        return await _asked(self.house.app, method, path, sent, content)


async def _asked(
    app: Any, method: str, path: str, headers: Mapping[str, str], body: bytes
) -> Answer:
    plain, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(plain),
        "raw_path": plain.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [
            (name.replace("_", "-").encode(), value.encode("latin-1"))
            for name, value in headers.items()
        ],
        "client": ("127.0.0.1", 5000),
        "server": ("localhost", 3000),
    }
    came: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    sent = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        if (message := next(sent, None)) is not None:
            return message
        return await asyncio.get_running_loop().create_future()

    task = asyncio.create_task(app(scope, receive, came.put))
    answer = Answer(0, [], "")
    try:
        async with asyncio.timeout(20):
            while True:
                message = await came.get()
                if message["type"] == "http.response.start":
                    answer.status = message["status"]
                    answer.headers = [
                        (n.decode().lower(), v.decode("latin-1")) for n, v in message["headers"]
                    ]
                    continue
                answer.text += message.get("body", b"").decode("utf-8", "replace")
                streams = answer.header("content-type").startswith("text/event-stream")
                if streams or not message.get("more_body"):
                    return answer
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@dataclass
class World:
    """Two workspaces that must not know of each other, each with something of everything."""

    house: House
    first: Browser
    ids: dict[str, str]
    second: Browser
    other_ids: dict[str, str]
    workspace: str


@asynccontextmanager
async def browser_of(house: House, key: str) -> AsyncIterator[Browser]:
    """Somebody who signed in with a key."""
    async with signed_in(house, key) as person:
        yield Browser(house, person.http.cookies[COOKIE], person.token)


class Hostile(FakeProvider):
    """Its models and its errors say what they are told to."""

    words = ""

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        if order.prompt.startswith("fail"):
            return Failed("content_policy", f"Refused {self.words}", f"Change {self.words}")
        return await super().poll(operation, order)


async def furnished(house: House, person: Tenant, words: str, plain: str) -> dict[str, str]:
    """Something of everything in a workspace, with these words in it; the ids, by the name in routes.

    `plain` is for names that take letters alone.
    """
    http, ids = (
        person.http,
        {"name": plain, "workspace_id": person.workspace, "model_id": "fake:one"},
    )
    # A header holds no text that is not ASCII: whoever sends it encodes it.
    project = {"Flexura-Project": quote(words[:60], safe="<>()=/' ")}
    for prompt in (words, f"fail {words}"):
        sent = {"prompt": prompt, "model": "fake:one", "n": 2}
        made = await http.post("/api/generate/image?wait=30", json=sent, headers=project)
        assert made.status_code == 200, made.text
        ids.setdefault("job_id", made.json()["job_id"])
    assert house.app.services is not None
    files = await house.app.services.records.artifacts_of([ids["job_id"]])
    ids["artifact_id"] = files[ids["job_id"]][0].id
    key = await http.post("/api/v1/keys", json={"name": words[:80]})
    key = key if key.is_success else await http.post("/api/v1/keys", json={"name": plain})
    ids["key_id"] = key.json()["id"]
    hook = {"url": f"https://hooks.invalid/{quote(words[:200], safe=chr(39) + '()=:')}"}
    made = await http.post("/api/v1/webhooks", json=hook)
    if made.status_code == 409:
        # There is room for twenty.
        known = (await http.get("/api/v1/webhooks")).json()["webhooks"]
        await http.delete(f"/api/v1/webhooks/{known[0]['id']}")
        made = await http.post("/api/v1/webhooks", json=hook)
    assert made.status_code == 201, made.text
    ids["webhook_id"] = made.json()["id"]
    template = document(slug=plain, name=words[:80], steps__0__prompt="a {{ inputs.subject }}")
    made = await http.post("/api/v1/templates", json={**template, "description": words[:200]})
    if not made.is_success:
        made = await http.post("/api/v1/templates", json={**template, "name": plain})
    assert made.is_success, made.text
    return ids


def path_of(page: Page | str, ids: Mapping[str, str]) -> str:
    """The path of a page with these ids in it; what is not known stands for something that is not there."""
    path = page if isinstance(page, str) else page.path

    def known(found: re.Match[str]) -> str:
        return quote(ids.get(found[1], "nothing-1"), safe=":")

    return re.sub(r"\{(\w+)(?::\w+)?\}", known, path)


def everything(ids: Mapping[str, str]) -> dict[str, str | list[str]]:
    """A form with something in each field that some page reads."""
    return {
        "id": [ids["artifact_id"]],
        "ids": [ids["artifact_id"]],
        "pick": ["1"],
        "number": "1",
        "decision": "select",
        "which": "picked",
        "prompt": "one more",
        "name": "taken",
        "url": "https://hooks.example/taken",
        "scopes": ["read"],
        "enabled": "no",
        "approved": "no",
        "when": "now",
        "confirm": "yes",
        "inputs.subject": "taken",
        "document": "slug: taken\nname: taken\n",
    }


async def state(house: House, workspace: str = "") -> dict[str, Any]:
    """All that is kept (of one workspace), but for sessions, and when keys were used last."""
    found = house.app.services
    assert found is not None
    kept: dict[str, Any] = {}
    for kind in KINDS:
        if kind in _LEFT_OUT:
            continue
        for one in await found.records.find(kind, limit=10_000):
            if workspace and getattr(one, "workspace_id", "") != workspace:
                continue
            shown = replace(one, last_used_at=None) if isinstance(one, ApiKey) else one
            kept[f"{kind.__name__} {list(_values(shown))[:2]}"] = repr(shown)
    for space in await found.records.workspaces():
        if workspace in ("", space.id):
            for job in await found.records.jobs(JobFilter(space.id, limit=500)):
                kept[job.id] = (job.state, job.saved_at, job.cancel_requested)
    return kept


def _values(record: Any) -> Any:
    return (getattr(record, name) for name in record.__slots__)
