"""Reads and rewrites tool results: the record in `structuredContent`, the same text beside it, the links."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flexura.local.json_shape import is_list, is_object

FINAL = ("completed", "failed")


def jobs(result: dict[str, Any]) -> list[dict[str, Any]]:
    """The records of jobs in a result: one, several, or none."""
    found = result.get("structuredContent")
    if not is_object(found):
        return []
    if is_list(found.get("jobs")):
        return [job for job in found["jobs"] if is_object(job)]
    return [found] if "job_id" in found else []


def with_jobs(
    result: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """The result with every job's record changed, in the text as in the structure."""
    found = result.get("structuredContent")
    if not is_object(found):
        return result
    if is_list(found.get("jobs")):
        listed = [change(job) if is_object(job) else job for job in found["jobs"]]
        return _with_structure(result, {**found, "jobs": listed})
    return _with_structure(result, change(found)) if "job_id" in found else result


def with_notes(result: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    """The result with these sentences at the end of its `next`."""
    found = result.get("structuredContent")
    if not notes or not is_object(found):
        return result
    error = found.get("error")
    if is_object(error) and "next" not in found:
        step = " ".join([*_texts(error.get("next_step")), *notes])
        return _with_structure(result, {**found, "error": {**error, "next_step": step}})
    return _with_structure(
        result, {**found, "next": " ".join([*_texts(found.get("next")), *notes])}
    )


def with_links(result: dict[str, Any], paths: Mapping[str, str]) -> dict[str, Any]:
    """The result whose links to saved files lead to the file on this disk; the URL stays in the record."""

    def here(block: object) -> object:
        if is_object(block) and block.get("type") == "resource_link" and block.get("uri") in paths:
            path = Path(paths[block["uri"]])
            return {**block, "uri": path.as_uri(), "name": os.path.basename(path)}
        return block

    content = result.get("content")
    return {**result, "content": [here(block) for block in content]} if is_list(content) else result


def error_code(result: dict[str, Any]) -> str:
    """The code of a result that is an error, else an empty string."""
    if not result.get("isError"):
        return ""
    found = result.get("structuredContent")
    error = found.get("error") if is_object(found) else None
    if is_object(error):
        return str(error.get("code", ""))
    return str(found.get("error_code", "")) if is_object(found) else ""


def _with_structure(result: dict[str, Any], structure: dict[str, Any]) -> dict[str, Any]:
    """Both carry the same facts: some agents read the one, some the other."""
    before = result.get("structuredContent")
    content = result.get("content")
    if is_list(content):
        text = json.dumps(structure, ensure_ascii=False, separators=(",", ":"))
        content = [{**b, "text": text} if _says(b, before) else b for b in content]
    return {**result, "structuredContent": structure, "content": content}


def _says(block: object, structure: object) -> bool:
    if not is_object(block) or block.get("type") != "text":
        return False
    try:
        said: Any = json.loads(str(block.get("text")))
    except ValueError:
        return False
    return said == structure


def _texts(value: object) -> list[str]:
    return [value] if isinstance(value, str) and value else []
