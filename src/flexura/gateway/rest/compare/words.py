"""A comparison as JSON: the cells of its sheet, numbered as they are drawn."""

from __future__ import annotations

from typing import Any

from flexura.domain.artifact import Artifact
from flexura.gateway.links import Links
from flexura.services.comparing import Compared, Comparison


def comparison_body(found: Comparison, sheet_url: str, base: str, links: Links) -> dict[str, Any]:
    """What stands on the sheet, and where the sheet is."""
    return {
        "sheet_url": sheet_url,
        "cells": [_cell(one, base, links) for one in found.cells],
        "left_out": found.left_out,
    }


def _cell(one: Compared, base: str, links: Links) -> dict[str, Any]:
    artifact = one.artifact
    return {
        "number": one.number,
        "job_id": one.job_id or None,
        "variant": one.variant,
        "model": one.model or None,
        "seed": one.seed,
        "cost": one.cost,
        "seconds": one.seconds,
        "differs": dict(one.differs),
        "review": artifact.review if artifact is not None else "",
        "why": one.why,
        "file": None if artifact is None else _file(artifact, base, links),
    }


def _file(artifact: Artifact, base: str, links: Links) -> dict[str, Any]:
    return {
        "artifact_id": artifact.id,
        "url": links.asset(base, artifact),
        "name": artifact.name,
        "mime": artifact.mime,
        "bytes": artifact.bytes,
        "width": artifact.width,
        "height": artifact.height,
        "seconds": artifact.seconds,
    }
