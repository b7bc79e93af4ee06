"""The files among the values of a run: fetched once, before the start, and from then on named by their id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from flexura.domain.artifact import Artifact
from flexura.domain.errors import InputValidationError, InvalidRequest, NotFound
from flexura.domain.template import Template, TemplateInput
from flexura.services.inputs import Inputs


@dataclass(frozen=True)
class Given:
    """Values whose files are artifacts of the workspace, and the hashes of those, by id."""

    values: Mapping[str, Any]
    hashes: Mapping[str, str]


@dataclass(frozen=True)
class Media:
    """Turns the files that a caller names into artifacts."""

    inputs: Inputs

    async def settled(
        self, template: Template, values: Mapping[str, Any], workspace_id: str
    ) -> Given:
        """The values, with an artifact id for each file.

        Raises InputValidationError naming the input whose file is missing or of another medium.
        """
        settled, hashes = dict(values), dict[str, str]()
        for wanted in template.inputs:
            value = values.get(wanted.id)
            if not wanted.type.endswith("_URL") or not value:
                continue
            many = isinstance(value, list)
            sources = cast("list[Any]", value) if many else [value]
            kept: list[Any] = []
            for index, source in enumerate(sources):
                field = f"inputs.{wanted.id}" + (f"[{index}]" if many else "")
                if not isinstance(source, str):
                    kept.append(source)
                    continue
                artifact = await self._artifact(wanted, source, field, workspace_id)
                hashes[artifact.id] = artifact.sha256
                kept.append(artifact.id)
            settled[wanted.id] = kept if many else kept[0]
        return Given(settled, hashes)

    async def _artifact(
        self, wanted: TemplateInput, source: str, field: str, workspace_id: str
    ) -> Artifact:
        try:
            (found,) = await self.inputs.resolve(workspace_id, [source])
        except (InvalidRequest, NotFound) as problem:
            raise InputValidationError(
                f"{field}: {problem.message}", field=field, next_step=problem.next_step
            ) from problem
        medium = wanted.type.partition("_")[0].lower()
        if found.medium != medium:
            raise InputValidationError(
                f"{field} is {found.artifact.mime}, not {medium}.",
                field=field,
                next_step=f"Name a file that is {medium}: an artifact id, a job id, an https URL.",
            )
        return found.artifact


def by_content(value: Any, hashes: Mapping[str, str]) -> Any:
    """The value with each file's hash in the place of its id."""
    if isinstance(value, str):
        return hashes.get(value, value)
    if isinstance(value, Mapping):
        parts = cast("Mapping[str, Any]", value)
        return {name: by_content(part, hashes) for name, part in parts.items()}
    if isinstance(value, list | tuple):
        return [by_content(part, hashes) for part in cast("list[Any]", value)]
    return value
