"""The page of one file: large, with what made it and what it was made from, and what can be done with it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from flexura.domain.artifact import Artifact
from flexura.domain.errors import InvalidRequest, NotFound
from flexura.domain.job import Job
from flexura.gateway.dashboard.gallery.asked import Asked, asked_of
from flexura.gateway.dashboard.gallery.made_from import MadeFrom, made_from
from flexura.gateway.dashboard.gallery.tiles import NOUNS, here
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import page, part
from flexura.gateway.dashboard.shown_files import shown
from flexura.gateway.dashboard.visit import Visit
from flexura.gateway.rest.artifacts.sending import sent
from flexura.gateway.rest.artifacts.words import artifact_metadata
from flexura.gateway.rest.requests import base_url, services
from flexura.ports.conversion import FORMATS
from flexura.ports.gallery import Shown
from flexura.services.gallery import Beside
from flexura.services.retention import check_kept
from flexura.services.review_sets import Decision

_ONE = "/dashboard/gallery/{artifact_id}"
_LINK_SECONDS = 7 * 86_400
_DECISIONS = ("select", "archive", "restore")


@dataclass(frozen=True)
class _Whole:
    """A file with all that is told of it."""

    artifact: Artifact
    shown: Shown | None
    job: Job | None
    made: MadeFrom
    beside: Beside


async def one(request: Request, visit: Visit) -> Response:
    """One file; the ones before and after it are those of the filter in the URL."""
    found, asked = services(request), asked_of(request)
    whole = await _whole(request, visit, asked)
    artifact = whole.artifact
    (media,) = shown(found.links, [artifact])
    kind = whole.shown.kind if whole.shown else media.medium
    facts = artifact_metadata(artifact, whole.job)
    options: dict[str, Any] = dict((whole.job.call.get("options") or {}) if whole.job else {})
    convertible = artifact.mime.startswith(("image/", "video/")) and "svg" not in artifact.mime
    return page(
        request,
        visit,
        "gallery/one.html",
        asked=asked,
        artifact=artifact,
        file=media,
        url=here(media),
        kind=kind,
        noun=NOUNS.get(kind, "File"),
        facts=facts,
        options={name: value for name, value in options.items() if value not in (None, "")},
        job=whole.job,
        made=whole.made,
        beside=whole.beside,
        formats=FORMATS if convertible else (),
        destinations=[one for one in found.publishing.known() if not one.problem],
    )


async def _whole(request: Request, visit: Visit, asked: Asked) -> _Whole:
    found, mine = services(request), visit.workspace.id
    explained = await found.explaining.of(mine, request.path_params["artifact_id"])
    artifact = explained.artifact
    item = await _item(request, visit)
    beside = Beside(None, None)
    if item is not None and artifact.expired_at is None:
        shelf = "trash" if artifact.trashed_at else "shown"
        wanted = Asked(asked.values, shelf, None).filter(mine)
        beside = await found.gallery.beside(wanted, item.place)
    made = await made_from(explained, found.artifacts, found.links)
    return _Whole(artifact, item, explained.job, made, beside)


async def _item(request: Request, visit: Visit) -> Shown | None:
    try:
        return await services(request).gallery.get(
            visit.workspace.id, request.path_params["artifact_id"]
        )
    except NotFound:
        # A step's file or a thumbnail: it has a page, and no place in the gallery.
        return None


async def file(request: Request, visit: Visit) -> Response:
    """The file, in the format that the query asks for."""
    found = services(request).artifacts
    return await sent(
        request, await found.get(visit.workspace.id, request.path_params["artifact_id"])
    )


async def peaks(request: Request, visit: Visit) -> Response:
    """The shape of a sound."""
    found = services(request).artifacts
    artifact = await found.get(visit.workspace.id, request.path_params["artifact_id"])
    path = await found.peaks(artifact)
    headers = {"Cache-Control": "private, max-age=86400, immutable"}
    return FileResponse(path, media_type="application/json", headers=headers)


async def link(request: Request, visit: Visit) -> Response:
    """A link that opens the file for a week, without a key."""
    found = services(request)
    artifact = await found.artifacts.get(visit.workspace.id, request.path_params["artifact_id"])
    check_kept(artifact)
    until = int(time.time()) + _LINK_SECONDS
    if artifact.expires_at is not None:
        until = min(until, artifact.expires_at // 1000)
    url = found.links.until(base_url(request), artifact, until)
    return part("gallery/_link.html", visit, link=url, until=until * 1000)


async def decide(request: Request, visit: Visit) -> Response:
    """Select a file, put it aside, or take either back."""
    found = services(request)
    asked = visit.form.get("decision", "")
    if asked not in _DECISIONS:
        raise InvalidRequest(
            f"There is no decision {asked[:30]!r}.", field="decision", next_step="Press a button."
        )
    artifact = await found.artifacts.get(visit.workspace.id, request.path_params["artifact_id"])
    if not artifact.job_id:
        raise InvalidRequest(
            "An upload is no variant of a job.",
            field="decision",
            next_step="Nothing is left to do.",
        )
    decision = {
        "select": Decision(select=artifact.id),
        "archive": Decision(archive=(artifact.id,)),
        "restore": Decision(restore=(artifact.id,)),
    }[asked]
    await found.review_sets.decide(visit.workspace.id, artifact.job_id, decision)
    artifact = await found.artifacts.get(visit.workspace.id, artifact.id)
    words = {"selected": "Selected.", "archived": "Put aside.", "": "Undecided again."}
    return part("gallery/_decision.html", visit, artifact=artifact, toast=words[artifact.review])


PAGES: tuple[Page, ...] = (
    Page("GET", _ONE, one),
    Page("GET", _ONE + "/file", file),
    Page("GET", _ONE + "/peaks", peaks),
    Page("POST", _ONE + "/link", link),
    Page("POST", _ONE + "/decide", decide, "generate"),
)
