"""The wire samples of every media adapter, and a gateway in front of a double that answers with them."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx2

from flexura.gateway.app import Gateway
from flexura.providers.media import adapters
from flexura.runtime import Bind, open_keys, open_services
from flexura.services.buying import Patience
from flexura.settings import Settings
from gateway_house import BASE
from vendor_double import MIME, VendorDouble, media

FOLDER = Path(__file__).parent / "fixtures" / "providers"
SECRET = "secret-"


@dataclass(frozen=True)
class Case:
    """One order of one adapter's sample."""

    adapter: str
    sample: dict[str, Any]
    order: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.adapter}: {self.order['name']}"


@cache
def sample(name: str) -> dict[str, Any]:
    """The wire sample of an adapter."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def names() -> list[str]:
    """Every adapter that has samples; a test wants them of all."""
    return [a.NAME for a in adapters() if (FOLDER / f"{a.NAME}.json").is_file()]


def cases() -> Iterator[Case]:
    """Every order of every adapter."""
    for name in names():
        for order in sample(name)["orders"]:
            yield Case(name, sample(name), order)


def first_cases() -> list[Case]:
    """One order of each adapter: the first that it lists."""
    return [next(c for c in cases() if c.adapter == name) for name in names()]


def named(kind: str) -> list[Any]:
    """(Case, entry) for every `refusals` or `failures` entry of every adapter."""
    found: list[Any] = []
    for name in names():
        for entry in sample(name).get(kind, []):
            order = next(o for o in sample(name)["orders"] if o["name"] == entry["order"])
            found.append((Case(name, sample(name), order), entry))
    return found


def environment(name: str, double: VendorDouble) -> dict[str, str]:
    """The settings that lead an adapter to the double."""
    given = sample(name)["environment"]
    return {
        k: str(double.filled(v)).replace("{fixtures}", str(FOLDER.parent)) for k, v in given.items()
    }


def prepare(double: VendorDouble, case: Case, replace: dict[str, Any] | None = None) -> None:
    """Let the double answer with the sample: the list first, then the order's own exchanges."""
    order = copy.deepcopy(case.order["exchanges"])
    listing = [{**copy.deepcopy(e), "part": "listing"} for e in case.sample["listing"]]
    if replace:
        swapped = [e for e in order if e["path"] == replace["path"]]
        assert swapped, replace["path"]
        for exchange in swapped:
            exchange["answer"] = replace["answer"]
    double.exchanges = [*order, *listing]


@asynccontextmanager
async def gateway(
    home: Path, env: dict[str, str], pace: float = 0.01
) -> AsyncIterator[httpx2.AsyncClient]:
    """A gateway with these vendors; whoever talks to it has its key."""
    settings = Settings(home=home, environment=env)
    async with open_keys(settings) as (_, key):
        pass
    app = Gateway(lambda: open_services(settings, Bind(patience=Patience(pace=pace))))
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        app.running(),
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app), base_url=BASE, headers=headers, timeout=60
        ) as http,
    ):
        yield http


async def order(http: httpx2.AsyncClient, case: Case) -> str:
    """Submit the case's order; its job id."""
    body = dict(case.order["body"])
    inputs = []
    for given in case.order.get("inputs", []):
        kind = given["media"]
        sent = await http.post(
            "/api/v1/uploads", content=media(kind), headers={"content-type": MIME[kind]}
        )
        assert sent.status_code in (200, 201), sent.text
        artifact = sent.json()["artifact_id"]
        same = given["role"] == MIME[kind].split("/")[0]
        inputs.append(artifact if same else f"{given['role']}={artifact}")
    if inputs:
        body["inputs"] = inputs
    answer = await http.post(f"/api/generate/{case.order['kind']}", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()["job_id"]


async def ended(http: httpx2.AsyncClient, job_id: str) -> dict[str, Any]:
    """The job when it has ended."""
    answer = await http.get(f"/api/jobs/{job_id}?wait=30")
    assert answer.json()["status"] in ("completed", "failed"), answer.text
    return answer.json()


def contains(got: Any, wanted: Any) -> bool:
    """Whether `wanted` is part of `got`, deep; `{job_id}` stands for any job id."""
    if isinstance(wanted, dict):
        return isinstance(got, dict) and all(
            k in got and contains(got[k], v) for k, v in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(got, list)
            and len(got) == len(wanted)
            and all(contains(g, w) for g, w in zip(got, wanted, strict=True))
        )
    if isinstance(wanted, str) and "{job_id}" in wanted:
        head, _, tail = wanted.partition("{job_id}")
        return isinstance(got, str) and got.startswith(head) and got.endswith(tail)
    if isinstance(wanted, bool) or wanted is None:
        return got is wanted
    return got == wanted or (isinstance(got, str) and got == str(wanted))
