"""Every format of every model of the live catalog, made by a real gateway: nothing here knows a model."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from PIL import Image

KIND_OF = {
    **dict.fromkeys(("png", "webp", "jpeg", "avif", "svg"), "image"),
    **dict.fromkeys(("mp4", "webm", "gif"), "video"),
    **dict.fromkeys(("mp3", "wav", "ogg"), "audio"),
}
# What a model promises for a wish that names no format: that of the given picture, or the usual one.
SAME = "png"
USUAL = {"image": "jpeg", "video": "mp4", "audio": "mp3"}
WIDTH, HEIGHT, SECONDS, FPS = 160, 128, 1.0, 12
# Letters that containers and markup like to break.
PROMPT = "Rain over a neon city \u2014 \u201chello\u201d & <b>gr\u00fc\u00dfe</b> \U0001f307"


@dataclass(frozen=True)
class Made:
    """A file, what it was asked to be, and what the gateway says of it."""

    path: Path
    model: dict[str, Any]
    kind: str
    asked: dict[str, Any]
    inputs: list[str]
    format: str
    job: dict[str, Any]

    @property
    def asset(self) -> dict[str, Any]:
        return self.job["assets"][0]

    def __str__(self) -> str:
        return f"{self.model['id']} {self.asked}"


class Studio:
    """Orders everything that there is, and brings it home."""

    def __init__(self, http: httpx2.Client, folder: Path) -> None:
        self._http = http
        self._folder = folder

    def all(self) -> list[Made]:
        """One small file of each format of each model."""
        picture, film = self._picture(), self._film()
        ordered: list[tuple[dict[str, Any], str, dict[str, Any], str]] = []
        for model in self.models():
            inputs = _inputs(model, picture, film)
            for kind in model["kinds"]:
                for options in _wishes(model, kind):
                    order = {"prompt": PROMPT, "model": model["id"], "options": options}
                    sent = {**order, "inputs": inputs}
                    ordered.append((model, kind, sent, self._submit(kind, sent)))
        return [self._bring(*order) for order in ordered]

    def models(self) -> list[dict[str, Any]]:
        """The live catalog with the schema of every model."""
        listed = self._http.get("/api/v1/models").raise_for_status().json()["models"]
        ids = dict.fromkeys(entry["id"] for entry in listed)
        return [self._http.get(f"/api/v1/models/{i}").raise_for_status().json() for i in ids]

    def _picture(self) -> str:
        """An uploaded photograph of sorts; its artifact id."""
        content = io.BytesIO()
        Image.linear_gradient("L").convert("RGB").save(content, "PNG")
        headers = {"Content-Type": "image/png"}
        answer = self._http.post("/api/v1/uploads", content=content.getvalue(), headers=headers)
        return answer.raise_for_status().json()["artifact_id"]

    def _film(self) -> str:
        """A film with sound, longer than what is cut out of it; its artifact id."""
        options = {"size": f"{WIDTH}x{HEIGHT}", "seconds": 2, "fps": FPS}
        order = {"prompt": "rain", "options": options, "wait": 60}
        answer = self._http.post("/api/generate/video", json=order).raise_for_status()
        return answer.json()["assets"][0]["artifact_id"]

    def _submit(self, kind: str, order: dict[str, Any]) -> str:
        answer = self._http.post(f"/api/generate/{kind}", json=order)
        assert answer.status_code == 202, f"{order}: {answer.text}"
        return answer.json()["job_id"]

    def _bring(self, model: dict[str, Any], kind: str, order: dict[str, Any], job: str) -> Made:
        ended = self._http.get(f"/api/jobs/{job}?wait=60").json()
        assert ended["status"] == "completed", f"{order}: {ended}"
        content = self._http.get(ended["asset_url"]).raise_for_status().content
        path = self._folder / ended["assets"][0]["name"]
        path.write_bytes(content)
        options = order["options"]
        return Made(path, model, kind, options, order["inputs"], _format(options, kind), ended)


def _inputs(model: dict[str, Any], picture: str, film: str) -> list[str]:
    """What the model starts from, by its tasks."""
    if any(task.startswith("text-to-") for task in model["tasks"]):
        return []
    return [film if any(task.startswith("video-to-") for task in model["tasks"]) else picture]


def _wishes(model: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    """The options of one small order for each format that the model has for this kind."""
    properties: dict[str, Any] = model["input_schema"]["properties"]
    small = {"width": WIDTH, "height": HEIGHT, "seconds": SECONDS, "fps": FPS, "sound": True}
    options = {name: value for name, value in small.items() if name in properties}
    if "output" in properties:
        options["output"] = kind
    if "format" not in properties:
        yield options
    for name in properties.get("format", {}).get("enum", ()):
        if KIND_OF.get(name, kind) == kind:
            yield {**options, "format": name}


def _format(options: dict[str, Any], kind: str) -> str:
    asked = options.get("format", "svg")
    return {"same": SAME, "auto": USUAL[kind]}.get(asked, asked)
