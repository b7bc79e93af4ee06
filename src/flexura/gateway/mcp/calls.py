"""What each tool does: parse, call a service, render."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast

import mcp_types as types

from flexura.domain.artifact import Artifact
from flexura.domain.errors import FlexuraError, InvalidRequest
from flexura.domain.job import Caller, Job
from flexura.domain.search import SearchRequest
from flexura.gateway.auth import require
from flexura.gateway.errors import validated
from flexura.gateway.load import FULL
from flexura.gateway.mcp import results, template_results
from flexura.gateway.mcp.arguments import checked, generate_call, wait_of
from flexura.gateway.mcp.tools import GENERATE, SCHEMAS
from flexura.gateway.ordering import planned, submitted
from flexura.gateway.services import Services
from flexura.ports.records import JobFilter
from flexura.services import model_query
from flexura.services.jobs import rests
from flexura.services.review_sets import Decision, variants_of
from flexura.services.transitions import Origin

Progress = Callable[[float, float, str], Awaitable[None]]
_TELL_EVERY = 5.0
_RECENT = 10
_ROWS, _MOST_ROWS = 20, 100
"""Models in one answer of model_catalog."""
_TEMPLATE = "template:"
"""What the id of a template begins with, where the id of a model could stand."""


@dataclass
class Call:
    """One tool call: who asks, where links point, how to report progress."""

    services: Services
    caller: Caller
    base: str
    progress: Progress
    final_jobs: list[str] = field(default_factory=list[str])
    """Jobs whose final result is in the answer; delivered once the answer has been sent."""

    async def run(self, tool: str, arguments: dict[str, Any] | None) -> types.CallToolResult:
        """The result; every error that has a next step becomes a tool result, so that the model reads it."""
        try:
            if tool in GENERATE:
                return await self._generate(tool, arguments)
            return await {
                "search": self._search,
                "job_status": self._job_status,
                "model_catalog": self._model_catalog,
            }[tool](arguments)
        except FlexuraError as error:
            return results.refusal(error)

    async def _search(self, arguments: dict[str, Any] | None) -> types.CallToolResult:
        require(self.caller, "search")
        given = checked("search", arguments)
        wanted = validated(SearchRequest, given, SCHEMAS["search"]["properties"])
        with self.services.load.searches.taken(self.caller.key_id):
            answer = await self.services.search.search(wanted)
        return results.told(answer.model_dump(mode="json", exclude_none=True))

    async def _generate(self, tool: str, arguments: dict[str, Any] | None) -> types.CallToolResult:
        require(self.caller, "generate")
        call = generate_call(tool, GENERATE[tool], arguments)
        plan = await planned(self.services, call.order, self.caller)
        if call.order.dry_run:
            return results.told(plan.preview())
        origin = Origin(tool, joins=True)
        accepted = await submitted(self.services, plan, self.caller, origin)
        job = await self._wait_if_room(accepted.job, call.wait)
        result = await self._told([job], deduplicated=accepted.deduplicated)
        if call.save_to and not self.caller.bridged:
            _not_saved(result)
        if call.preview and job.succeeded:
            await self._add_preview(result, job)
        return result

    async def _wait(self, job: Job, seconds: float) -> Job:
        """The job when it ends, waits for somebody, or time is up. Raises RateLimited or Overloaded."""
        if seconds <= 0 or rests(job):
            return job
        with self.services.load.waiters.taken(self.caller.key_id):
            return await self._rest(job, seconds)

    async def _wait_if_room(self, job: Job, seconds: float) -> Job:
        """As `_wait`, for a job of which something was just accepted: that is told in any case."""
        with contextlib.suppress(*FULL):
            return await self._wait(job, seconds)
        return job

    async def _rest(self, job: Job, seconds: float) -> Job:
        """Wait; progress is told every few seconds."""
        deadline, told = time.monotonic() + seconds, 0.0
        while not rests(job) and (left := deadline - time.monotonic()) > 0:
            job = await self.services.jobs.wait(
                self.caller.workspace_id, job.id, min(left, _TELL_EVERY), seen_version=job.version
            )
            if not job.final:
                # The protocol wants a figure that grows with each message, even while nothing is known.
                told = min(max(job.progress, told + 0.001), 0.999)
                await self.progress(told, 1.0, job.note or job.phase)
        return job

    async def _files(self, jobs: list[Job]) -> dict[str, list[tuple[Artifact, str]]]:
        links, made = self.services.links, await self.services.jobs.artifacts_of(jobs)
        # Without a bridge nobody brings the file home, so the link has to open by itself.
        url = links.asset if self.caller.bridged else links.signed
        return {i: [(a, url(self.base, a)) for a in artifacts] for i, artifacts in made.items()}

    async def _told(self, jobs: list[Job], *, deduplicated: bool = False) -> types.CallToolResult:
        files = await self._files(jobs)
        self.final_jobs += [job.id for job in jobs if job.final]
        records = [results.record(j, files.get(j.id, []), deduplicated=deduplicated) for j in jobs]
        links = [link for job in jobs for link in results.links_of(files.get(job.id, []))]
        budget = await self._budget()
        if len(jobs) != 1:
            return results.told({"jobs": records, **budget, "next": ""}, links=links)
        result = results.told(records[0] | budget, links=links)
        if jobs[0].error_code:
            result.is_error = True
        return result

    async def _budget(self) -> dict[str, Any]:
        """One short line of what may still be spent; nothing where nothing limits it."""
        left = await self.services.credits.left(self.caller.workspace_id, self.caller.key_id)
        return {"budget": left} if left else {}

    async def _add_preview(self, result: types.CallToolResult, job: Job) -> None:
        """One picture to look at: the file, or all of several on one sheet with their numbers."""
        made = variants_of(await self.services.jobs.files(job))
        if len(made) > 1:
            # The result is there; that nobody can draw just now takes nothing from it.
            with contextlib.suppress(FlexuraError):
                result.content.extend(results.preview_block(await self._sheet(job)))
        elif made:
            result.content.extend(results.preview_block(await self.services.preview(made[0])))

    async def _sheet(self, job: Job) -> bytes:
        sheets = self.services.sheets
        drawn = await sheets.draw(await sheets.of_job(self.caller.workspace_id, job.id))
        return drawn.content

    async def _job_status(self, arguments: dict[str, Any] | None) -> types.CallToolResult:
        require(self.caller, "read")
        given = checked("job_status", arguments)
        ids = [str(i) for i in given.get("job_ids", [])][:20]
        if given.get("action"):
            return await self._act(str(given["action"]), ids, wait_of(given))
        if not ids:
            return await self._recent(wait_of(given))
        deadline = time.monotonic() + wait_of(given)
        jobs: list[Job] = []
        for job_id in ids:
            job = await self.services.jobs.get(self.caller.workspace_id, job_id)
            jobs.append(await self._wait(job, max(0.0, deadline - time.monotonic())))
        result = await self._told(jobs)
        if given.get("save_to") and not self.caller.bridged:
            _not_saved(result)
        return result

    async def _recent(self, wait: float) -> types.CallToolResult:
        wanted = JobFilter(
            workspace_id=self.caller.workspace_id,
            project=self.caller.project,
            limit=_RECENT,
            unsaved_first=True,
        )
        jobs = await self.services.jobs.list(wanted)
        running = [j for j in jobs if not rests(j)]
        if running and wait:
            await self._wait(running[0], wait)
            jobs = await self.services.jobs.list(wanted)
        files = await self._files(jobs)
        self.final_jobs += [job.id for job in jobs if job.final]
        records = [results.record(j, files.get(j.id, [])) for j in jobs]
        structured = {"jobs": records, **await self._budget(), "next": ""}
        if not jobs:
            structured["next"] = (
                "This project has no jobs yet; generate_image, _video or _audio makes one."
            )
        return results.told(structured)

    async def _act(self, action: str, ids: list[str], wait: float) -> types.CallToolResult:
        verb, colon, number = action.partition(":")
        picks = (int(number),) if number.isdecimal() and len(number) < 6 else ()
        if action not in ("cancel", "approve") and not (verb == "pick" and colon and picks):
            raise InvalidRequest(
                f"job_status has no action {action[:40]!r}.",
                field="action",
                next_step="Allowed: cancel, approve, pick:2 (the number of a candidate).",
            )
        require(self.caller, "generate")
        if not ids:
            raise InvalidRequest(
                "No job is named.", field="job_ids", next_step=f"Name the job_ids to {verb}."
            )
        workspace, found = self.caller.workspace_id, self.services
        if action == "cancel":
            result = await self._told([await found.jobs.cancel(workspace, i) for i in ids])
            # That the job is canceled is what was asked for.
            result.is_error = False
            return result
        deadline = time.monotonic() + wait
        jobs = [await self._decided(i, picks) for i in ids]
        return await self._told(
            [await self._wait_if_room(job, max(0.0, deadline - time.monotonic())) for job in jobs]
        )

    async def _decided(self, job_id: str, picks: tuple[int, ...]) -> Job:
        """The job after a decision: a run goes on; of a finished one a variant becomes the result."""
        workspace, found = self.caller.workspace_id, self.services
        job = await found.jobs.get(workspace, job_id)
        if picks and job.succeeded:
            decision = Decision(select=picks[0], archive_rest=True)
            return (await found.review_sets.decide(workspace, job_id, decision)).job
        return await found.review.approve(workspace, job_id, picks)

    async def _model_catalog(self, arguments: dict[str, Any] | None) -> types.CallToolResult:
        require(self.caller, "read")
        given = checked("model_catalog", arguments)
        if given.get("kind") == "template" or str(given.get("id", "")).startswith(_TEMPLATE):
            return await self._templates(given)
        if given.get("id"):
            return results.told(results.whole_model(await self.services.models.model(given["id"])))
        limit = max(1, min(int(given.get("limit", _ROWS)), _MOST_ROWS))
        filters = {"kind": given.get("kind"), "limit": limit, "offset": int(given.get("offset", 0))}
        wanted = model_query.read(given.get("query", ""), filters)
        return results.told(results.catalog(await self.services.models.search(wanted, known=True)))

    async def _templates(self, given: dict[str, Any]) -> types.CallToolResult:
        """The templates, or one of them with the whole of what it takes."""
        workspace, name = self.caller.workspace_id, str(given.get("id", "")).removeprefix(_TEMPLATE)
        if name:
            template = await self.services.templates.get(workspace, name)
            return results.told(template_results.whole_template(template))
        found = await self.services.templates.list(workspace)
        return results.told(template_results.template_rows(found, given))


def _not_saved(result: types.CallToolResult) -> None:
    """A direct HTTP client has no project that we could write into: say so instead of pretending."""
    structured = cast("dict[str, Any]", result.structured_content)
    warning = "not_saved: save_to works through `flexura mcp` only; download the url."
    structured["warnings"] = [*structured.get("warnings", []), warning]
    cast("types.TextContent", result.content[0]).text = results.compact(structured)
