"""Presets: a model policy and options under a name, saved by a workspace or configured by the operator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flexura.domain.errors import Conflict, InvalidRequest
from flexura.domain.model import KINDS, Kind
from flexura.domain.template import Step, Template
from flexura.services.templates.store import Templates

NOT_AVAILABLE = "Preset is not available in the current environment."


@dataclass(frozen=True)
class Preset:
    """A named bundle of model and options, from the operator's configuration."""

    model: str = ""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class NamedPreset:
    """A preset and where it comes from: its template, or the operator's configuration."""

    name: str
    model: str = ""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    description: str = ""
    kind: Kind | None = None
    template: Template | None = None


class Presets:
    """Lists, finds and deletes presets. A workspace's own comes before the operator's of the same name."""

    def __init__(self, templates: Templates, configured: Mapping[str, Preset]) -> None:
        self._templates = templates
        self._configured = configured

    async def list(self, workspace_id: str) -> list[NamedPreset]:
        """Every preset by name."""
        found = {n: NamedPreset(n, p.model, p.options) for n, p in self._configured.items()}
        found |= {
            t.slug: saved_preset(t) for t in await self._templates.list(workspace_id, "preset")
        }
        return [found[name] for name in sorted(found)]

    async def get(self, workspace_id: str, name: str) -> NamedPreset:
        """The preset of that name. Raises InvalidRequest: it is not available."""
        known = {p.name: p for p in await self.list(workspace_id)}
        if name in known:
            return known[name]
        raise InvalidRequest(
            NOT_AVAILABLE,
            field="preset",
            next_step=f"Available presets: {', '.join(list(known)[:20]) or 'none'};"
            " POST /api/v1/presets saves one.",
        )

    async def delete(self, workspace_id: str, name: str) -> None:
        """Delete a saved preset. Raises NotFound, or Conflict for one of the operator's."""
        kept = await self._templates.list(workspace_id, "preset")
        if name in self._configured and name not in {t.slug for t in kept}:
            raise Conflict(
                f"The preset {name} is in the operator's configuration.",
                next_step="The operator removes it from [presets] in config.toml.",
            )
        await self._templates.delete(workspace_id, name)


def preset_document(short: Mapping[str, Any]) -> dict[str, Any]:
    """The template document of a preset in its short form: slug or name, kind, model, options."""
    name = str(short.get("name") or "")
    step: dict[str, Any] = {"id": "make", "uses": short.get("kind") or "image"}
    step |= {part: short[part] for part in ("model", "options") if part in short}
    return {
        "slug": short.get("slug") or slug_of(name),
        "name": name,
        "description": short.get("description", ""),
        "views": ["preset"],
        "steps": [step],
    }


def slug_of(name: str) -> str:
    """`SDXL Cinematic (beta)` → `sdxl-cinematic-beta`; empty if there is nothing to make one of."""
    letters = "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower())
    return "-".join(part for part in letters.split("-") if part)[:64].rstrip("-")


def saved_preset(template: Template) -> NamedPreset:
    """The preset that a template of the view `preset` is."""
    step: Step = template.steps[0]
    kinds: dict[str, Kind] = {kind: kind for kind in KINDS}
    return NamedPreset(
        template.slug,
        step.model,
        step.options,
        template.description,
        kinds.get(step.uses),
        template,
    )
