"""What a build asks of the gateway before it orders: uploads, prices, and whether a file is still there."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from flexura.bridge import folder, media_types
from flexura.bridge.uploads import LARGEST
from flexura.cli.build.declared import Asset, Project
from flexura.cli.build.home import CONVERTED, form_for
from flexura.cli.build.journal import Pending
from flexura.cli.build.patience import patiently
from flexura.cli.build.purse import Purse
from flexura.cli.build.standing import Standing, source_path
from flexura.cli.build.steps import Action, Step, Wishes
from flexura.client import Asset as Made
from flexura.client import GatewayClient, Plan
from flexura.client.answers import Answer, Cost
from flexura.domain.errors import (
    FlexuraError,
    Forbidden,
    InvalidApiKey,
    InvalidRequest,
    NotFound,
    Unauthorized,
)
from flexura.local.errors import GatewayUnavailable, LocalError

_OF_THE_WHOLE = (Unauthorized, InvalidApiKey, Forbidden)
"""What is wrong for every asset alike."""
_NO_FORMAT = "has no option format;"


class Kept(Answer):
    """What the gateway says about a stored file."""

    artifact_id: str
    type: str
    name: str = ""
    bytes: int = 0
    sha256: str = ""
    expired_at: str | None = None


class Desk:
    """Asks one gateway about one project. What was uploaded is remembered by its content."""

    def __init__(self, project: Project, purse: Purse) -> None:
        self._project = project
        self._purse = purse
        self._sent: dict[str, str] = {}
        self._turn: dict[str, asyncio.Lock] = {}

    def begin(self) -> None:
        """Another event loop: what waited in the last one waits no more."""
        self._turn = {}

    async def settled(self, step: Step, client: GatewayClient, wishes: Wishes) -> Step:
        """The step with its action, and what it costs. Raises what is wrong for all assets alike."""
        if step.action is not Action.ASK:
            return step
        try:
            if step.pending is not None:
                return _repeated(step, step.pending)
            again = wishes.again and step.name in wishes.named
            made = None if again else await self._kept(step.standing, client)
            if made is not None:
                return replace(step, action=Action.FETCH, made=made)
            return await self._priced(step, client)
        except (*_OF_THE_WHOLE, GatewayUnavailable):
            raise
        except (FlexuraError, LocalError) as error:
            return replace(step, action=Action.REFUSED, problem=error)
        except OSError as error:
            return replace(step, action=Action.REFUSED, problem=of_the_system(error))

    async def _kept(self, standing: Standing, client: GatewayClient) -> Made | None:
        """The file that was made from just this, if the gateway still has it in a form that fits."""
        entry = standing.entry
        if entry is None or not standing.same_order or not entry.artifact:
            return None
        try:
            path = f"/api/v1/artifacts/{_quoted(entry.artifact)}/metadata"
            kept = await patiently(lambda: client.ask(Kept, "GET", path))
        except NotFound:
            return None
        if kept.expired_at or form_for(standing.asset, kept.type) is None:
            return None
        return Made(
            artifact_id=kept.artifact_id,
            url="",
            name=kept.name,
            mime=kept.type,
            bytes=kept.bytes,
            sha256=kept.sha256,
        )

    async def _priced(self, step: Step, client: GatewayClient) -> Step:
        asset = step.standing.asset
        body = await self._body(asset, client)
        plan = await self._plan(asset, body, client)
        self._purse.amount(plan.cost)
        if not asset.preset:
            # What was shown is what is ordered. (A preset brings options that only it knows.)
            body["model"] = plan.model
        if self._purse.limit is not None and plan.cost is not None:
            body["max_cost"] = plan.cost.amount
        return replace(
            step,
            action=Action.MAKE,
            cost=plan.cost,
            model=plan.model,
            body=body,
            warnings=_warnings(plan, asset),
        )

    async def _plan(self, asset: Asset, body: dict[str, Any], client: GatewayClient) -> Plan:
        try:
            return await patiently(lambda: client.plan(asset.medium, body))
        except InvalidRequest as error:
            if error.field != "options.format" or asset.format not in CONVERTED:
                raise
            # The model makes other forms only, and of any picture the gateway makes this one.
            del body["options"]["format"]
            return await patiently(lambda: client.plan(asset.medium, body))

    async def _body(self, asset: Asset, client: GatewayClient) -> dict[str, Any]:
        """The order, in the words of REST. Raises OSError, LocalError and what the client raises."""
        inputs: list[str] = []
        for given in asset.inputs:
            source = given.source
            if given.of != "elsewhere":
                source = await self._uploaded(source_path(self._project, source), client)
            inputs.append(f"{given.role}{source}")
        body: dict[str, Any] = {
            "prompt": asset.prompt,
            "model": asset.model,
            "options": {**asset.options, "format": asset.format},
            "inputs": inputs,
        }
        if asset.preset:
            body["preset"] = asset.preset
        if asset.max_cost is not None:
            body["max_cost"] = asset.max_cost
        return body

    async def _uploaded(self, path: Path, client: GatewayClient) -> str:
        root, real = self._project.root, path.resolve()
        if not folder.is_below(root, str(real)):
            raise _input(path, "it lies outside the project by now")
        with folder.open_to_read(root, real.relative_to(root).parts) as file:
            digest = await asyncio.to_thread(hashlib.file_digest, file, "sha256")
            content, size = digest.hexdigest(), file.tell()
            if not 0 < size <= LARGEST:
                raise _input(path, f"it is empty or larger than {LARGEST >> 20} MB")
            file.seek(0)
            # Two assets that start from one file send it once.
            async with self._turn.setdefault(content, asyncio.Lock()):
                if content not in self._sent:
                    mime = media_types.type_of(real.name) or "application/octet-stream"
                    sent = await client.upload(file, real.name, mime)
                    self._sent[content] = sent.artifact_id
        return self._sent[content]


def of_the_system(error: OSError) -> LocalError:
    """An error of the disk in the words of the wire."""
    where = f"{error.filename}: " if error.filename else ""
    return LocalError(
        "disk_full" if error.errno in (27, 28, 30, 122) else "internal_error",
        f"{where}{error.strerror or error}.",
        next_step="Correct that and repeat the command.",
    )


def _input(path: Path, why: str) -> LocalError:
    return LocalError(
        "invalid_request",
        f"The input {path.name!r} is refused: {why}.",
        next_step="Name a media file inside the project.",
    )


def _repeated(step: Step, pending: Pending) -> Step:
    """An order whose answer never came is sent again just as it was: under its key it is bought once."""
    cost = None if pending.cost is None else Cost(amount=pending.cost)
    model = str(pending.body.get("model", ""))
    return replace(step, action=Action.MAKE, cost=cost, model=model, body=pending.body)


def _warnings(plan: Plan, asset: Asset) -> tuple[str, ...]:
    """What is worth knowing before it is ordered."""
    told = [w.message for w in plan.warnings]
    others = [message for message in told if _NO_FORMAT not in message]
    if len(others) == len(told) or asset.format in CONVERTED:
        # In these forms a gateway gives every picture.
        return tuple(others)
    ending = PurePosixPath(asset.path).suffix
    may = f"{plan.model} cannot be told to make {ending}: if it makes another form, the file stays away."
    return (*others, may)


def _quoted(artifact: str) -> str:
    from urllib.parse import quote

    return quote(artifact, safe="")
