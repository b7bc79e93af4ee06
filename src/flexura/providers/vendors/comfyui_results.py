"""What became of a prompt, from ComfyUI's history: files, or the words of the node that failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flexura.domain.errors import FlexuraError, ProviderError
from flexura.domain.job import JobWarning
from flexura.domain.model import Kind
from flexura.outbound.answer import Answer
from flexura.ports.provider import Done, Failed, Output
from flexura.providers.vendor_errors import tidy
from flexura.providers.vendor_json import fields, rows

_TYPES: Mapping[str, str] = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp",
    "gif": "image/gif", "avif": "image/avif", "svg": "image/svg+xml", "mp4": "video/mp4",
    "webm": "video/webm", "mov": "video/quicktime", "wav": "audio/wav", "mp3": "audio/mpeg",
    "ogg": "audio/ogg", "opus": "audio/ogg", "flac": "audio/flac", "m4a": "audio/mp4",
}  # fmt: skip
_MOST = 64


def extension_of(mime: str) -> str:
    """The usual extension of a media type, without the dot."""
    return next((extension for extension, known in _TYPES.items() if known == mime), "bin")


@dataclass(frozen=True)
class _File:
    place: dict[str, str]
    mime: str
    kept: bool
    """Saved for good; the others are previews."""


def outcome(
    told: Mapping[str, Any], kind: Kind, address: Callable[[Mapping[str, str]], str]
) -> Done | Failed:
    """The end of a prompt. `address` makes the URL of a file from its name, subfolder and type."""
    status = fields(told.get("status"))
    if status.get("status_str") == "error":
        return _failed(rows(status.get("messages")))
    files = list(_files(fields(told.get("outputs"))))[:_MOST]
    kept = [file for file in files if file.kept] or files
    if not kept:
        return Failed(
            "provider_error",
            "ComfyUI finished the workflow, and it left no image, video or sound.",
            "Give the workflow a node that saves its result, and export it again.",
        )
    wanted = any(file.mime.startswith(kind) for file in kept)
    outputs = [
        Output(
            file.mime,
            url=address(file.place),
            role="main" if file.mime.startswith(kind) or not wanted else "extra",
        )
        for file in kept
    ]
    return Done(tuple(sorted(outputs, key=lambda output: output.role != "main")))


def _files(outputs: Mapping[str, Any]) -> Iterator[_File]:
    """Whatever the nodes call them: SaveVideo has its mp4 under `images`, others use `gifs` or `audio`."""
    for node in outputs.values():
        for found in fields(node).values():
            for file in map(fields, rows(found)):
                name = str(file.get("filename", ""))
                mime = _TYPES.get(name.rpartition(".")[2].lower(), "")
                if not mime:
                    continue
                place = {key: str(file.get(key, "")) for key in ("filename", "subfolder", "type")}
                yield _File(place, mime, file.get("type") == "output")


def _failed(messages: list[Any]) -> Failed:
    told = {str(m[0]): fields(m[1]) for m in map(rows, messages) if len(m) > 1}
    if "execution_error" not in told and "execution_interrupted" in told:
        return Failed(
            "canceled",
            "The work was interrupted on the ComfyUI server.",
            "Order it again if it is still wanted.",
        )
    error = told.get("execution_error", {})
    words = tidy(str(error.get("exception_message") or "it does not say why")).rstrip(".")
    where = tidy(f"{error.get('node_type', 'a node')} (node {error.get('node_id', '?')})")
    short = (
        "out of memory" in words.lower()
        or "outofmemory" in str(error.get("exception_type", "")).lower()
    )
    step = (
        "Ask for a smaller size, fewer at once or a shorter time, or free memory on that server."
        if short
        else "Change the option that it names, or open the workflow in ComfyUI and correct that node."
    )
    return Failed("provider_error", f"ComfyUI's {where} failed: {words}.", step)


def complaints(body: Mapping[str, Any]) -> list[str]:
    """What `node_errors` say, each with its node and input."""
    told: list[str] = []
    for key, node in fields(body.get("node_errors")).items():
        kind = fields(node).get("class_type", "node")
        for error in map(fields, rows(fields(node).get("errors"))):
            about = str(
                fields(error.get("extra_info")).get("input_name") or error.get("details") or ""
            )
            told.append(tidy(f"{kind} (node {key}), {about}: {error.get('message', '')}"))
    return told


def warnings(body: Mapping[str, Any]) -> tuple[JobWarning, ...]:
    """ComfyUI runs the outputs of a graph that are valid and complains of the others."""
    return tuple(JobWarning("output_failed", f"Not made: {what}") for what in complaints(body)[:10])


def explain(answer: Answer) -> FlexuraError | None:
    """A graph that ComfyUI refuses before it computes anything, or a server that is locked."""
    if answer.status in (401, 403):
        return ProviderError(
            "The server at COMFYUI_BASE_URL asks for a key; ComfyUI has none, so something stands before it.",
            next_step="Set COMFYUI_BASE_URL to an address at which ComfyUI answers without a key.",
            upstream_status=answer.status,
        )
    if answer.status != 400:
        return None
    try:
        body = fields(answer.json())
    except ProviderError:
        return None
    error = fields(body.get("error"))
    told = complaints(body) or [tidy(f"{error.get('message', '')} {error.get('details', '')}")]
    if not any(told):
        return None
    return ProviderError(
        f"ComfyUI refused the workflow. {'; '.join(told[:5])}.",
        next_step="Change the option that it names, or correct that node and export the workflow again.",
        upstream_status=answer.status,
    )
