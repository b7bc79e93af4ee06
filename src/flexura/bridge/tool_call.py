"""A tool call of an agent: local files go out, the gateway does the work, finished files come home."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from flexura.bridge import names, provider_keys, save_to, tool_result
from flexura.bridge.bring_home import Homecoming, Wanted
from flexura.bridge.call import Call
from flexura.bridge.deadline import Patience, is_seconds
from flexura.bridge.delivery import Delivery
from flexura.bridge.errand import Errand
from flexura.bridge.forward import Forwarder
from flexura.bridge.identity import Identity
from flexura.bridge.link import Link
from flexura.bridge.project import Project
from flexura.bridge.saved import Order, SavedFiles, Wish, order_name
from flexura.bridge.uploads import Uploads
from flexura.local.json_shape import is_object
from flexura.local.project_id import project_id

# Tools that make something, and what; they and job_status give back files.
MAKING = {f"generate_{kind}": kind for kind in ("image", "video", "audio")}
WITH_FILES = {*MAKING, "job_status"}
Response = dict[str, Any]
Afterwards = Callable[[], None]


class ToolCalls:
    """Runs the tool calls of one client."""

    def __init__(self, link: Link, forwarder: Forwarder, identity: Identity) -> None:
        self._link = link
        self._forwarder = forwarder
        self._identity = identity
        self._uploads = Uploads()
        self._delivery = Delivery(link, identity.session)

    def run(
        self, message: dict[str, Any], call: Call, received: float
    ) -> tuple[Response, Afterwards]:
        """The response, and what is left to do once it was written. Raises LocalError, Cancelled."""
        params: dict[str, Any] = message.get("params") or {}
        arguments: Any = params.get("arguments") or {}
        patience = Patience(received, arguments.get("wait") if is_object(arguments) else None)
        here = self._identity.project()
        errand = Errand(self._link, self._identity.headers(message, here), call, patience.deadline)
        if params.get("name") not in WITH_FILES or not is_object(arguments):
            response = self._forwarder.send(message, errand.headers, call, errand.deadline)
            return self._advised(response, []), _nothing
        wanted = _wanted(params["name"], arguments, here)
        saved = SavedFiles(project_id(here.root))
        ordered = {k: v for k, v in arguments.items() if k != "save_to"}
        ordered = self._uploads.replace(ordered, here, errand)
        wait = ordered.get("wait")
        if wait is None or (is_seconds(wait) and wait >= 0):
            ordered["wait"] = patience.for_the_gateway()
        if wanted.order:
            # Written down before it is sent: the answer with the job's id may never arrive.
            saved.add(Order(wanted.order, wanted.target.asked, wanted.stem))
        order = {**message, "params": {**params, "arguments": ordered}}
        response = self._forwarder.send(order, errand.headers, call, errand.deadline)
        return self._brought_home(response, Homecoming(here, saved, wanted, errand))

    def _brought_home(
        self, response: Response, homecoming: Homecoming
    ) -> tuple[Response, Afterwards]:
        result = response.get("result")
        if not is_object(result):
            return response, _nothing
        jobs, wanted, here = tool_result.jobs(result), homecoming.wanted, homecoming.project
        if wanted.order:
            for job in jobs:
                homecoming.saved.add(Wish(str(job["job_id"]), wanted.target.asked, wanted.stem))
        result = tool_result.with_jobs(result, homecoming.bring)
        result = tool_result.with_links(result, homecoming.paths)
        notes = [here.note] if here.note and homecoming.paths else []
        response = self._advised({**response, "result": result}, [*notes, *homecoming.notes])

        def afterwards() -> None:
            self._delivery.tell(jobs, homecoming.unsaved, homecoming.errand.headers)

        return response, afterwards

    def _advised(self, response: Response, notes: list[str]) -> Response:
        """The response with what this machine has to add to it."""
        result = response.get("result")
        if not is_object(result):
            return response
        if result.get("isError"):
            self._uploads.forget()
            notes = [*notes, self._link.advice]
        lacks_provider = tool_result.error_code(result) == "provider_unavailable"
        if lacks_provider and not self._link.is_remote:
            notes = [*notes, provider_keys.advice(os.environ)]
        notes = [note for note in notes if note]
        return {**response, "result": tool_result.with_notes(result, notes)}


def _wanted(tool: str, arguments: dict[str, Any], here: Project) -> Wanted:
    """Where the files of this call shall go. Raises LocalError before anything is ordered."""
    target = save_to.read(arguments.get("save_to"), here)
    if tool not in MAKING:
        return Wanted(target, by_name=bool(arguments.get("job_ids")))
    prompt = str(arguments.get("prompt", ""))
    return Wanted(target, names.stem_from(prompt), order_name(MAKING[tool], prompt))


def _nothing() -> None:
    """Nothing is left to do."""
