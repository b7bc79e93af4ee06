"""Comparing over HTTP: every route that `flexura compare` uses is one method here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from pydantic import Field

from flexura.client.answers import Answer, Cost
from flexura.client.gateway import GatewayClient


class ComparedFile(Answer):
    """The file of a cell."""

    artifact_id: str
    url: str
    name: str
    mime: str
    bytes: int
    width: int | None = None
    height: int | None = None
    seconds: float | None = None


class ComparedCell(Answer):
    """One file on a sheet, or an order that gave none; `variant` is its number within its job."""

    number: int | None
    job_id: str | None
    variant: int | None
    model: str | None
    seed: int | None
    cost: Cost | None
    seconds: float | None
    why: str = ""
    review: str = ""
    differs: dict[str, Any] = Field(default_factory=dict)
    file: ComparedFile | None = None


class ComparisonAnswer(Answer):
    """What stands on a sheet."""

    sheet_url: str
    cells: tuple[ComparedCell, ...]
    left_out: int = 0


async def compared(
    client: GatewayClient, jobs: Sequence[str], artifacts: Sequence[str]
) -> ComparisonAnswer:
    """What is compared, in numbers and words."""
    asked = _asked(jobs, artifacts)
    return await client.ask(ComparisonAnswer, "GET", "/api/v1/compare", params=asked)


async def sheet(client: GatewayClient, jobs: Sequence[str], artifacts: Sequence[str]) -> bytes:
    """The contact sheet, a JPEG."""
    if len(jobs) == 1 and not artifacts:
        return await client.content(f"/api/v1/jobs/{quote(jobs[0], safe='')}/sheet")
    return await client.content("/api/v1/compare/sheet", params=_asked(jobs, artifacts))


async def pick(client: GatewayClient, job_id: str, number: int) -> None:
    """Make one variant of a finished job its result, and put the others aside."""
    path = f"/api/v1/jobs/{quote(job_id, safe='')}/review"
    await client.tell("POST", path, json={"select": number, "archive": "rest"})


def _asked(jobs: Sequence[str], artifacts: Sequence[str]) -> dict[str, str]:
    named = {"jobs": ",".join(jobs), "artifacts": ",".join(artifacts)}
    return {name: ids for name, ids in named.items() if ids}
