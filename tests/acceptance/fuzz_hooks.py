"""What the fuzzer's own process does beside fuzzing: it orders what can be made, and counts answers.

Loaded by schemathesis (`hooks` in its configuration), which knows our schemas but not that a template takes
the inputs that it declares. FUZZ_KEY_ID is the key that it must not end, FUZZ_HOOK a URL that takes webhooks,
FUZZ_NOTES the file for the count of each status of each operation.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis.core import NOT_SET
from schemathesis.core.parameters import ParameterLocation

from doubles import png

_HOOK = os.environ["FUZZ_HOOK"]
_LATER = "2199-05-01T09:00:00Z"
_PICTURE = png()
_IDEMPOTENCY_KEY = "Idempotency-Key"


@dataclass(frozen=True)
class Recipe:
    """Parts of a request that fit each other; the fuzzer makes the rest."""

    body: Any = None
    path: dict[str, str] = field(default_factory=dict[str, str])
    headers: dict[str, str] = field(default_factory=dict[str, str])
    bodiless: bool = False


_WAITING = {"staging": True, "publish": ["press", "attic"]}
_RUNS = (
    Recipe(
        {"inputs": {"subject": "a fox", "variants": 2}, "publish": ["attic"]},
        {"template": "variants-pick-one"},
    ),
    Recipe(
        {"inputs": {"items": ["a fox", "a hare"]}, "publish": ["press", "attic"]},
        {"template": "review-batch-a"},
    ),
    Recipe({"inputs": {"topic": "a fox"}}, {"template": "searched-illustration"}),
    Recipe({"inputs": {"prompt": "a fox"}, **_WAITING}, {"template": "text-to-image-basic"}),
)
_TECHNIQUES = (
    Recipe(
        {"inputs": [{"id": "prompt", "type": "TEXT", "value": "a fox"}], "mode": "async"},
        {"slug": "text-to-image-basic"},
    ),
    Recipe(
        {"inputs": [{"id": "title", "type": "TEXT", "value": "a fox"}], "mode": "stream"},
        {"slug": "social-set"},
    ),
)
_JOBS = (
    Recipe({"pipeline": "text-to-image-basic", "input": {"prompt": "a fox"}, **_WAITING}),
    Recipe({"pipeline": "text-to-image-basic", "input": {"prompt": "a fox"}, "preset": "calm"}),
    Recipe({"pipeline": "review-batch-a", "input": {"items": ["a fox"]}, "publish": ["attic"]}),
    Recipe({"template": "variants-pick-one", "input": {"subject": "a fox", "variants": 2}}),
)
_VIDEO_JOBS = (
    Recipe({"prompt": "a reef", **_WAITING}),
    Recipe({"prompt": "a reef", "publish": ["press", "attic"]}),
    Recipe({"prompt": "a reef", "publish": ["press"], "publishAt": _LATER}),
    Recipe({"prompt": "a reef"}),
)
RECIPES: dict[str, tuple[Recipe, ...]] = {
    "POST /api/v1/templates/{template}/runs": _RUNS,
    "POST /api/v1/techniques/{slug}/runs": _TECHNIQUES,
    "POST /api/v1/jobs": _JOBS,
    "POST /v1/jobs": _VIDEO_JOBS,
    "PUT /v1/jobs/{job_id}/schedule": (Recipe({"publishAt": _LATER}), Recipe({"publishAt": None})),
    "PUT /api/v1/jobs/{job_id}/schedule": (
        Recipe({"publish_at": _LATER}),
        Recipe({"publish_at": None}),
    ),
    "POST /api/v1/jobs/{job_id}/approve": (Recipe({"pick": [1]}), Recipe({"pick": []})),
    "POST /v1/upload": (
        Recipe(headers={"Upload-Length": str(len(_PICTURE))}, bodiless=True),
        Recipe(headers={"Upload-Length": "2"}, bodiless=True),
    ),
    "PATCH /v1/upload/{file_id}": (
        Recipe(_PICTURE, headers={"Upload-Offset": "0"}),
        Recipe(_PICTURE[:20], headers={"Upload-Offset": "0"}),
        Recipe(_PICTURE[20:], headers={"Upload-Offset": "20"}),
    ),
    "POST /api/v1/uploads": (Recipe(_PICTURE),),
    "POST /api/v1/webhooks": (Recipe({"url": _HOOK}),),
    "PATCH /api/v1/webhooks/{webhook_id}": (Recipe({"url": _HOOK, "enabled": True}),),
    "POST /api/v1/credits/grants": (Recipe({"workspace": "default", "credits": 5}),),
    "GET /api/v1/models/{model_id}": (Recipe(path={"model_id": "fake:one"}),),
}
DOORS = ("submit_video_job", "run_technique", "start_run", "create_job", "upload_file")
"""Operations that make what others read, and that the fuzzer does not begin with by itself."""
SEEN: defaultdict[str, Counter[int]] = defaultdict(Counter)
FORM: dict[str, str] = {}
"""Cookie and token of the sign-up page that was looked at last."""
FOUND: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
"""Path parameters of what was made or seen, by what can be done with it."""
_LEADS = {
    "/approve": "waiting",
    "/approve-publish": "waiting",
    "/schedule": "waiting",
    "DELETE /api/jobs/{job_id}": "waiting",
    "DELETE /api/v1/jobs/{job_id}": "waiting",
    "DELETE /v1/jobs/{job_id}": "waiting",
    "/retry": "published",
    "/upload/{file_id}": "begun",
    "/pipelines/{pipeline_id}": "pipelines",
    "/techniques/{slug}": "techniques",
    "/templates/{template}": "templates",
}
"""End of an operation's name → what to send there two times of three."""
_SAVED = {"pipelines": "pipeline_id", "techniques": "slug", "templates": "template"}


def _drawn(case: schemathesis.Case, choices: int) -> int:
    """One of so many choices; the same for the same case, so that a failure can be shrunk and repeated."""
    return zlib.crc32(repr((case.path_parameters, case.query, case.body)).encode()) % choices


def _meant_to_pass(case: schemathesis.Case) -> bool:
    """Whether every part of it fits our document; the others have to be refused as they are."""
    parts = () if case.meta is None else case.meta.components.values()
    return all(part.mode.is_positive for part in parts)


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    """Lead from an answer that always comes to the operations that make something."""
    answers = raw_schema["paths"]["/api/v1/status"]["get"]["responses"]
    answers["200"]["links"] = {name: {"operationId": name} for name in DOORS}


@schemathesis.hook
def map_case(context: Any, case: schemathesis.Case) -> schemathesis.Case:
    """Lay a recipe over two cases of three; of what else was in the body one field stays, if any."""
    recipes = RECIPES.get(case.operation.label, ())
    if not recipes or not _meant_to_pass(case):
        return case
    drawn = _drawn(case, 3 * len(recipes))
    if drawn >= 2 * len(recipes):
        return case
    recipe = recipes[drawn % len(recipes)]
    case.path_parameters.update(recipe.path)
    case.headers.update(recipe.headers)
    if isinstance(recipe.body, dict):
        sent = case.body if isinstance(case.body, dict) else {}
        others = [name for name in sent if name not in recipe.body]
        kept = others[drawn % len(others)] if others and drawn % 2 else None
        case.body = {**({kept: sent[kept]} if kept else {}), **recipe.body}
    elif recipe.bodiless or recipe.body is not None:
        # It takes bytes, and no body, for a violation of every schema; so it must not look.
        assert case.meta is not None
        case.meta.components.pop(ParameterLocation.BODY, None)
        case.body = NOT_SET if recipe.bodiless else recipe.body
    return case


@schemathesis.hook
def before_call(context: Any, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
    """Lead away from the key that every request is sent with, and give orders keys of their own."""
    if case.path_parameters.get("key_id") == os.environ["FUZZ_KEY_ID"]:
        case.path_parameters["key_id"] = "key_of_the_fuzzer"
    if not _meant_to_pass(case):
        return
    if _IDEMPOTENCY_KEY in case.headers and _drawn(case, 8):
        case.headers[_IDEMPOTENCY_KEY] = f"order-{_drawn(case, 2**32)}"
    for end, kind in _LEADS.items():
        found = FOUND[kind][-5:]
        if found and case.operation.label.endswith(end) and _drawn(case, 3):
            case.path_parameters.update(found[_drawn(case, len(found))])
    if case.operation.label == "POST /dashboard/signup" and FORM and isinstance(case.body, dict):
        case.body["token"] = FORM["token"]
        case.cookies["flexura_signup"] = FORM["cookie"]


@schemathesis.hook
def after_call(context: Any, case: schemathesis.Case, response: schemathesis.Response) -> None:
    """Note what an operation answered."""
    SEEN[case.operation.label][response.status_code] += 1
    is_json = "application/json" in response.headers.get("content-type", [""])[0]
    if response.status_code < 300 and is_json and isinstance(told := response.json(), dict):
        _remember(case, told)
    if case.operation.path == "/dashboard/signup" and response.status_code == 200:
        token = re.search(r'name="token" value="([^"]+)"', response.text)
        cookie = re.search(r"flexura_signup=([^;]+)", response.headers["set-cookie"][0])
        if token and cookie:
            FORM.update(token=token[1], cookie=cookie[1])


def _remember(case: schemathesis.Case, told: dict[str, Any]) -> None:
    """Note what an answer says that somebody may go on with."""
    sent = case.body if isinstance(case.body, dict) else {}
    job_id = told.get("job_id") or told.get("jobId")
    if job_id and sent.get("staging"):
        FOUND["waiting"].append({"job_id": job_id})
    elif job_id and sent.get("publish"):
        FOUND["published"].append({"job_id": job_id, "destination": sent["publish"][-1]})
    if told.get("complete") is False:
        FOUND["begun"].append({"file_id": told["fileId"]})
    view = case.operation.path.removeprefix("/api/v1/")
    if case.method == "POST" and view in _SAVED:
        FOUND[view].append({_SAVED[view]: told.get("slug") or told["id"]})


@atexit.register
def write_notes() -> None:
    """Operation → status → how often."""
    Path(os.environ["FUZZ_NOTES"]).write_text(json.dumps(SEEN), encoding="utf-8")
