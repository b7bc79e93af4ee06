"""What is done to files that were chosen: into the trash, out of it, gone for ever."""

from __future__ import annotations

import json
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.errors import InvalidRequest
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import guarded
from flexura.gateway.dashboard.visit import Visit
from flexura.gateway.rest.requests import services


def chosen(visit: Visit) -> list[str]:
    """The ids that were sent. Raises InvalidRequest for none."""
    ids = list(dict.fromkeys(visit.form.getlist("id")))
    if not ids:
        raise InvalidRequest("No file is chosen.", field="id", next_step="Choose at least one.")
    return ids


async def put(request: Request, visit: Visit) -> Response:
    """Put files into the trash."""
    done = await services(request).trash.put(visit.workspace.id, chosen(visit))
    ids = [one.id for one in done]
    return _moved(f"{_files(len(ids))} in the trash.", ids, undo=True)


async def restore(request: Request, visit: Visit) -> Response:
    """Take files out of the trash."""
    done = await services(request).trash.restore(visit.workspace.id, chosen(visit))
    ids = [one.id for one in done]
    return _moved(f"{_files(len(ids))} restored.", ids)


async def remove(request: Request, visit: Visit) -> Response:
    """Remove files for ever."""
    done = await services(request).trash.remove(visit.workspace.id, chosen(visit))
    gone = [one.id for one in done.artifacts if one.expired_at is not None]
    text = f"{_files(len(gone))} deleted for ever."
    if done.in_use:
        text += f" {_files(done.in_use)} will go when the job that needs it has ended."
    return _moved(text, gone)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _moved(text: str, ids: Sequence[str], *, undo: bool = False) -> Response:
    """The page's script takes the files away, tells of it, and offers to take it back."""
    told = {"files-moved": {"text": text, "ids": list(ids), "undo": undo}}
    return guarded(Response(status_code=204, headers={"HX-Trigger": json.dumps(told)}))


PAGES: tuple[Page, ...] = (
    Page("POST", "/dashboard/gallery/trash", put, "generate"),
    Page("POST", "/dashboard/gallery/restore", restore, "generate"),
    Page("POST", "/dashboard/gallery/delete", remove, "generate"),
)
