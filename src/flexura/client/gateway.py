"""The gateway over HTTP: every route that the command line uses is one method here."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import Any, BinaryIO, TypeVar
from urllib.parse import quote

import httpx2
from pydantic import ValidationError

from flexura.client.answers import (
    Accepted,
    AdapterList,
    Answer,
    Asset,
    JobAnswer,
    JobList,
    ModelList,
    Plan,
    RunPlanAnswer,
    StepsAnswer,
    TemplateAnswer,
    TemplateList,
)
from flexura.client.elsewhere import followed
from flexura.client.failures import failure_of, not_reached
from flexura.domain.errors import ProviderError
from flexura.domain.model import Kind, Model
from flexura.domain.search import SearchAnswer, SearchRequest
from flexura.local.errors import GatewayUnavailable

_LONGEST_HOLD = 60.0
_PATIENCE = httpx2.Timeout(30.0, connect=10.0)
_CHUNK = 1 << 18
T = TypeVar("T", bound=Answer)


class GatewayClient:
    """One gateway, one key. Every method raises the gateway's own errors, or GatewayUnavailable.

    `transport` is the one seam: the network, a gateway in this process (ASGITransport), a double.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        headers: Mapping[str, str] | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._http = httpx2.AsyncClient(
            base_url=self.url,
            headers={"Authorization": f"Bearer {key}", **(headers or {})},
            transport=transport,
            timeout=_PATIENCE,
        )

    async def __aenter__(self) -> GatewayClient:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    @property
    def headers(self) -> Mapping[str, str]:
        """What every request carries."""
        return self._http.headers

    async def search(self, request: SearchRequest) -> SearchAnswer:
        """Search the internet."""
        body = request.model_dump(mode="json", exclude_defaults=True)
        response = await self._send("POST", "/api/search", json=body, timeout=_for(60.0))
        return SearchAnswer.model_validate_json(response.content)

    async def submit(self, kind: Kind, order: Mapping[str, Any], idempotency_key: str) -> Accepted:
        """Order something; the answer comes at once, the job goes on. The same key never orders twice."""
        headers = {"Idempotency-Key": idempotency_key}
        response = await self._send(
            "POST", f"/api/generate/{kind}", json=dict(order), headers=headers
        )
        return _read(Accepted, response)

    async def plan(self, kind: Kind, order: Mapping[str, Any]) -> Plan:
        """What an order comes to, without ordering."""
        body = {**order, "dry_run": True}
        return _read(Plan, await self._send("POST", f"/api/generate/{kind}", json=body))

    async def job(self, job_id: str) -> JobAnswer:
        """A job as it is now."""
        return _read(JobAnswer, await self._send("GET", _job_path(job_id)))

    async def follow(self, job_id: str, seconds: float = float("inf")) -> AsyncIterator[JobAnswer]:
        """The job now and at each change, until it ends, waits for somebody, or the time is up."""
        deadline, tag = time.monotonic() + seconds, ""
        while True:
            left = max(0.0, deadline - time.monotonic())
            hold = min(left, _LONGEST_HOLD) if tag else 0.0
            headers = {"If-None-Match": tag} if tag else {}
            response = await self._send(
                "GET",
                _job_path(job_id),
                params={"wait": f"{hold:.1f}"},
                headers=headers,
                timeout=_for(hold),
            )
            tag = response.headers.get("etag", tag)
            if response.status_code == 200:
                job = _read(JobAnswer, response)
                yield job
                if job.ended or job.waits:
                    return
            if time.monotonic() >= deadline:
                return

    async def run(self, name: str, order: Mapping[str, Any], idempotency_key: str) -> Accepted:
        """Run a template; the answer comes at once, the run goes on. The same key never runs it twice."""
        headers = {"Idempotency-Key": idempotency_key}
        path = f"{_template_path(name)}/runs"
        return _read(Accepted, await self._send("POST", path, json=dict(order), headers=headers))

    async def plan_run(self, name: str, order: Mapping[str, Any]) -> RunPlanAnswer:
        """What a run comes to, step by step, without ordering."""
        path, body = f"{_template_path(name)}/runs", {**order, "dry_run": True}
        return _read(RunPlanAnswer, await self._send("POST", path, json=body))

    async def steps(self, job_id: str) -> StepsAnswer:
        """How far each step of a job is."""
        path = f"{_v1_job_path(job_id)}/steps"
        return _read(StepsAnswer, await self._send("GET", path))

    async def approve(self, job_id: str, pick: Sequence[int] = ()) -> None:
        """Approve the picked candidates of a job that waits, or all. Raises Conflict if it does not."""
        await self._send("POST", f"{_v1_job_path(job_id)}/approve", json={"pick": list(pick)})

    async def cancel(self, job_id: str) -> JobAnswer:
        """Cancel a job. Raises Conflict when it has ended."""
        return _read(JobAnswer, await self._send("DELETE", _job_path(job_id)))

    async def jobs(self, *, project: str = "", status: str = "", limit: int = 20) -> JobList:
        """The newest jobs, of one project if named."""
        params = {"project": project, "status": status, "limit": str(limit)}
        return _read(JobList, await self._send("GET", "/api/v1/jobs", params=params))

    async def models(self, query: str = "", **filters: object) -> ModelList:
        """Models of the live catalog: kind, task, provider, status, max_price, sort, limit, offset.

        Raises InvalidRequest naming what is allowed.
        """
        params = {"query": query} | {n: str(v) for n, v in filters.items() if v not in ("", None)}
        return _read(ModelList, await self._send("GET", "/api/v1/models", params=params))

    async def templates(self, view: str = "") -> TemplateList:
        """Every template in its newest version, of one view if named."""
        params = {"view": view} if view else {}
        return _read(TemplateList, await self._send("GET", "/api/v1/templates", params=params))

    async def template(self, name: str) -> TemplateAnswer:
        """One template: by slug, `slug@version` or id. Raises NotFound naming the nearest."""
        return _read(TemplateAnswer, await self._send("GET", _template_path(name)))

    async def save_template(self, document: bytes, mime: str) -> TemplateAnswer:
        """Save a document (application/json or application/yaml). Raises InvalidRequest naming the place."""
        headers = {"Content-Type": mime}
        response = await self._send("POST", "/api/v1/templates", content=document, headers=headers)
        return _read(TemplateAnswer, response)

    async def delete_template(self, name: str) -> None:
        """Delete every version. Raises NotFound, or Conflict for one that ships with flexura."""
        await self._send("DELETE", _template_path(name))

    async def providers(self, *, check: bool = False) -> AdapterList:
        """Every adapter; with `check` each vendor is asked again first, where that costs nothing."""
        params = {"check": "1"} if check else {}
        response = await self._send("GET", "/api/v1/providers", params=params, timeout=_for(60.0))
        return _read(AdapterList, response)

    async def model(self, model_id: str) -> Model:
        """One model with the schema of its options. Raises ModelNotFound naming the nearest."""
        response = await self._send("GET", f"/api/v1/models/{quote(model_id, safe='/:')}")
        return Model.model_validate_json(response.content)

    async def upload(self, file: BinaryIO, name: str, mime: str) -> Asset:
        """Send a file that a later order starts from."""
        headers = {"Content-Type": mime, "X-Filename": quote(name)}
        response = await self._send(
            "POST", "/api/v1/uploads", content=_chunks(file), headers=headers, timeout=_for(300.0)
        )
        return _read(Asset, response)

    async def download(self, asset: Asset, into: BinaryIO, form: str = "") -> None:
        """Write a file's bytes and check them. Raises ProviderError when they are not what was announced.

        `form`: of a picture in another format, `png` or `webp`, whose bytes nobody announced.

        The bytes are asked of this gateway by their id: the key goes nowhere else, whatever the URL says, and
        not to where the gateway keeps its files either.
        """
        digest = hashlib.sha256()
        path = f"/api/v1/artifacts/{quote(asset.artifact_id)}"
        query = {"format": form} if form else None
        request = self._http.build_request("GET", path, params=query)
        response = await self._answered(request, stream=True)
        try:
            async with followed(response) as found:
                async for chunk in found.aiter_raw(_CHUNK):
                    digest.update(chunk)
                    into.write(chunk)
        except httpx2.HTTPError as error:
            raise not_reached(self.url, _reason(error)) from error
        finally:
            await response.aclose()
        if not form and digest.hexdigest() != asset.sha256:
            raise ProviderError(
                f"The file {asset.name} arrived damaged.",
                next_step="Fetch it again with `flexura status` and the id of its job.",
            )

    async def delivered(self, job_id: str, session: str, *, saved: bool) -> None:
        """Tell that the result reached the user, and whether its files are in the project."""
        path = f"{_job_path(job_id).replace('/api/', '/api/v1/', 1)}/delivered"
        await self._send("POST", path, json={"session": session, "saved": saved})

    async def ask(self, answer: type[T], method: str, path: str, **request: Any) -> T:
        """Send a request of a part of the API that has a client of its own, and read its answer."""
        return _read(answer, await self._send(method, path, **request))

    async def content(self, path: str, **request: Any) -> bytes:
        """The bytes of an answer that is no JSON: a picture, say."""
        return (await self._send("GET", path, **request)).content

    async def tell(self, method: str, path: str, **request: Any) -> None:
        """Send a request whose answer says nothing more."""
        await self._send(method, path, **request)

    async def _send(self, method: str, path: str, **request: Any) -> httpx2.Response:
        return await self._answered(self._http.build_request(method, path, **request))

    async def _answered(self, request: httpx2.Request, *, stream: bool = False) -> httpx2.Response:
        try:
            response = await self._http.send(request, stream=stream)
            if response.is_success or response.status_code in (304, 307):
                return response
            body = await response.aread()
        except httpx2.HTTPError as error:
            raise not_reached(self.url, _reason(error)) from error
        except httpx2.InvalidURL as error:
            raise not_reached(self.url, "it is not an address") from error
        raise failure_of(response.status_code, response.headers, body)


def _job_path(job_id: str) -> str:
    return f"/api/jobs/{quote(job_id, safe='')}"


def _v1_job_path(job_id: str) -> str:
    return _job_path(job_id).replace("/api/", "/api/v1/", 1)


def _template_path(name: str) -> str:
    return f"/api/v1/templates/{quote(name, safe='@')}"


def _for(seconds: float) -> httpx2.Timeout:
    """The patience for an answer that may be held that long."""
    return httpx2.Timeout(30.0 + seconds, connect=10.0)


def _read(answer: type[T], response: httpx2.Response) -> T:
    try:
        return answer.model_validate_json(response.content)
    except ValidationError as error:
        raise GatewayUnavailable(
            f"What answers on {response.url.host} does not speak as a gateway does.",
            next_step="Check FLEXURA_URL, and that gateway and command line have about the same version.",
        ) from error


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
