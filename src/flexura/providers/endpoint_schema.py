"""Builds the schema of an endpoint whose vendor publishes none for its models."""

from __future__ import annotations

from typing import Any


def payload(required: str, properties: dict[str, Any]) -> dict[str, Any]:
    """A closed object with one needed property."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": [required],
        "additionalProperties": False,
    }


def string(description: str, **more: Any) -> dict[str, Any]:
    """A property that takes text."""
    return {"type": "string", "description": description, **more}
