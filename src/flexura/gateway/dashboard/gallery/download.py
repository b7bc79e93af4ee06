"""Many files as one ZIP archive, written while it is sent."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.artifact import Artifact
from flexura.domain.errors import InvalidRequest
from flexura.gateway.dashboard.gallery.acting import chosen
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.visit import Visit
from flexura.gateway.load import SlotStream
from flexura.gateway.rest.artifacts.words import artifact_record
from flexura.gateway.rest.artifacts.zip_stream import Entry, zipped
from flexura.gateway.rest.requests import base_url, services
from flexura.ports.gallery import Shown
from flexura.services.clock import iso, now_ms
from flexura.services.sniff import extension_of
from flexura.services.trash import MOST_AT_ONCE

_LONGEST_NAME = 60


async def archive(request: Request, visit: Visit) -> Response:
    """The chosen files, and `metadata.json` with what made each."""
    ids = chosen(visit)
    if len(ids) > MOST_AT_ONCE:
        raise InvalidRequest(
            f"{len(ids)} files are too many for one archive.",
            field="id",
            next_step=f"Choose at most {MOST_AT_ONCE}.",
        )
    found = services(request)
    entries: list[Entry] = []
    about: list[dict[str, Any]] = []
    taken: set[str] = set()
    for artifact_id in ids:
        one = await found.gallery.get(visit.workspace.id, artifact_id)
        served = await found.artifacts.served(one.artifact, None, 0)
        name = file_name(one, taken)
        local = partial(found.artifacts.local, served)
        entries.append(Entry(name, local, one.artifact.created_at))
        about.append({"file": name, **await _record(request, one.artifact)})
    body = json.dumps({"artifacts": about}, indent=2, ensure_ascii=False).encode()
    headers = {
        "Content-Disposition": f'attachment; filename="flexura-{iso(now_ms())[:10]}-{len(ids)}.zip"',
        "Cache-Control": "private, no-store",
    }
    slots = found.load.exports
    stream = zipped(entries, body)
    return SlotStream(
        stream, slots, visit.caller.key_id, media_type="application/zip", headers=headers
    )


async def _record(request: Request, artifact: Artifact) -> dict[str, Any]:
    found = services(request)
    job = await found.artifacts.job_of(artifact)
    record = artifact_record(artifact, job, base_url(request), found.links)
    # An archive outlives links, and may be passed on.
    del record["signed_url"]
    return record


def file_name(one: Shown, taken: set[str]) -> str:
    """A name that people can read and every system can write, once in an archive; it goes into `taken`."""
    plain = unicodedata.normalize("NFKD", one.prompt or one.kind)
    plain = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST_NAME].strip("-") or one.kind
    extension = extension_of(one.artifact.mime)
    name, number = f"{stem}.{extension}", 2
    while name in taken:
        name, number = f"{stem}-{number}.{extension}", number + 1
    taken.add(name)
    return name


PAGES: tuple[Page, ...] = (Page("POST", "/dashboard/gallery/download", archive),)
