"""The Gemini API on the wire: what is asked in each of its four ways, and what its answers hold.

Requests as google-genai 3.4.0 sends them; where the endpoints describe a field twice, the newer one is used.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from flexura.ports.provider import InputFile, Order
from flexura.providers.payload import data_uri
from flexura.providers.pcm import channels_of, is_raw, rate_of, wav
from flexura.providers.vendor_errors import tidy
from flexura.providers.vendors.gemini_models import KIND, Makes, Way

Json = dict[str, Any]
Inline = tuple[InputFile, str]
"""An input and its content in base64."""

# finishReason and blockReason: the vendor looked at the content and said no.
_BLOCKED = frozenset(
    {
        *("SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "RECITATION", "MODEL_ARMOR"),
        *("IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "JAILBREAK"),
    }
)


async def inline(inputs: Sequence[InputFile]) -> list[Inline]:
    """The inputs with their content in base64."""
    return [(file, (await data_uri(file)).partition(",")[2]) for file in inputs]


def request(order: Order, makes: Makes, way: Way, inputs: Sequence[Inline]) -> tuple[str, Json]:
    """The path below the base URL and the body of an order."""
    said: Json = {n: v for n, v in order.options.items() if v not in (None, "")}
    said = {"prompt": order.prompt, **said}
    model = f"models/{order.upstream_id}"
    match way:
        case "content":
            return f"{model}:generateContent", _content(said, makes, inputs)
        case "interaction":
            return "interactions", _interaction(order.upstream_id, said, makes, inputs)
        case "predict":
            return f"{model}:predict", _predict(said)
        case "operation":
            return f"{model}:predictLongRunning", _operation(said, inputs)


def _content(said: Json, makes: Makes, inputs: Sequence[Inline]) -> Json:
    pictures = [{"inlineData": {"mimeType": file.mime, "data": data}} for file, data in inputs]
    config: Json = {"responseModalities": ["IMAGE" if makes == "image" else "AUDIO"]}
    if shape := _some(said, aspect_ratio="aspectRatio", image_size="imageSize"):
        config["imageConfig"] = shape
    if makes == "speech" and (speech := _content_speech(said)):
        config["speechConfig"] = speech
    config |= _some(said, seed="seed")
    parts = [*pictures, {"text": said["prompt"]}]
    return {"contents": [{"role": "user", "parts": parts}], "generationConfig": config}


def _content_speech(said: Json) -> Json:
    speech = _some(said, language="languageCode")
    if speakers := _dicts(said.get("speakers")):
        turns = [{"speaker": s.get("speaker"), **_voice(s.get("voice"))} for s in speakers]
        return {**speech, "multiSpeakerVoiceConfig": {"speakerVoiceConfigs": turns}}
    return {**speech, **_voice(said.get("voice"))}


def _voice(name: Any) -> Json:
    return {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": name}}} if name else {}


def _interaction(model: str, said: Json, makes: Makes, inputs: Sequence[Inline]) -> Json:
    media = [
        {"type": file.mime.split("/")[0], "data": data, "mime_type": file.mime}
        for file, data in inputs
    ]
    words: Json = {"type": "text", "text": said["prompt"]}
    body: Json = {
        "model": model,
        "input": [*media, words] if media else said["prompt"],
        "background": True,
        # What runs in the background is looked up later, so it has to be kept.
        "store": True,
    }
    if wanted := _wanted(said, makes):
        body["response_format"] = wanted
    config = _some(said, seed="seed")
    if makes == "video" and "task" in said:
        config["video_config"] = {"task": said["task"]}
    if makes == "speech" and (speech := _interaction_speech(said)):
        config["speech_config"] = speech
    return {**body, "generation_config": config} if config else body


def _interaction_speech(said: Json) -> list[Json]:
    if speakers := _dicts(said.get("speakers")):
        return [_some(s, speaker="speaker", voice="voice") for s in speakers]
    return [one] if (one := _some(said, voice="voice", language="language")) else []


def _wanted(said: Json, makes: Makes) -> Json:
    match makes:
        case "image":
            names = _some(said, aspect_ratio="aspect_ratio", image_size="image_size")
        case "video":
            names = _some(said, aspect_ratio="aspect_ratio", resolution="resolution")
            if isinstance(length := said.get("duration"), int | float):
                names["duration"] = f"{length:g}s"
            # More than 4 MB do not fit into an answer. A later look may hold the bytes all the same.
            names["delivery"] = "uri"
        case "music":
            names = _some(said, mime_type="mime_type")
            if not names:
                return {}  # each of these models has a default of its own
        case "speech":
            names = {}
    return {"type": KIND[makes], **names}


def _predict(said: Json) -> Json:
    rest: Json = {n: v for n, v in said.items() if n != "prompt"}
    # Without it a refused picture is missing from the answer without a word.
    return {
        "instances": [{"prompt": said["prompt"]}],
        "parameters": {**rest, "includeRaiReason": True},
    }


def _operation(said: Json, inputs: Sequence[Inline]) -> Json:
    instance: Json = {"prompt": said["prompt"]}
    for file, data in inputs:
        content = {"bytesBase64Encoded": data, "mimeType": file.mime}
        if file.role == "last_frame" or file.slot == "lastFrame":
            instance["lastFrame"] = content
        elif file.role == "reference" or file.slot == "referenceImages[]":
            more: list[Json] = instance.setdefault("referenceImages", [])
            more.append({"image": content, "referenceType": "asset"})
        else:
            instance["image"] = content
    slots = ("prompt", "image", "lastFrame", "referenceImages")
    rest: Json = {n: v for n, v in said.items() if n not in slots}
    return {"instances": [instance], "parameters": rest}


def _some(said: Mapping[str, Any], **names: str) -> Json:
    """The values that were given, under the vendor's names."""
    return {
        theirs: said[ours] for ours, theirs in names.items() if said.get(ours) not in (None, "")
    }


@dataclass
class Found:
    """What an answer holds: files, addresses of files, and why there may be none."""

    files: list[tuple[bytes, str]] = field(default_factory=list[tuple[bytes, str]])
    addresses: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    blocked: str = ""
    """The vendor's word for the content that it refused."""
    words: str = ""

    def add(self, block: Mapping[str, Any], mime: str) -> None:
        """Take a file in base64 or its address; `mime` is what the vendor calls it."""
        data = block.get("data") or block.get("bytesBase64Encoded") or block.get("encodedVideo")
        if data and (content := _decoded(data)):
            self.files.append(playable(content, mime, block))
        elif isinstance(uri := block.get("uri"), str) and uri:
            self.addresses.append((uri, mime))


def in_content(body: Any) -> Found:
    """What a `:generateContent` answer holds."""
    found, whole = Found(), _dict(body)
    reason = str(_dict(whole.get("promptFeedback")).get("blockReason") or "")
    if reason:
        found.blocked = reason
    for candidate in _dicts(whole.get("candidates")):
        ended = str(candidate.get("finishReason") or "")
        for part in _dicts(_dict(candidate.get("content")).get("parts")):
            block = _dict(part.get("inlineData") or part.get("inline_data"))
            if part.get("thought"):
                continue  # a draft, which the model made for itself
            if block:
                found.add(block, str(block.get("mimeType") or block.get("mime_type") or ""))
            found.words = found.words or tidy(str(part.get("text") or ""))
        if ended in _BLOCKED:
            found.blocked = ended
        told = tidy(str(candidate.get("finishMessage") or ""))
        found.words = told or found.words or (ended if ended != "STOP" else "")
    return found


def in_interaction(body: Any, kind: str) -> Found:
    """What an interaction made, of this kind: in its output steps, or in the fields beside them."""
    found, whole = Found(), _dict(body)
    steps = [s for s in _dicts(whole.get("steps")) if s.get("type") == "model_output"]
    for step in steps:
        for block in _dicts(step.get("content")):
            if block.get("type") == kind:
                found.add(block, str(block.get("mime_type") or ""))
            found.words = found.words or tidy(str(block.get("text") or ""))
    if not found.files and not found.addresses:
        block = _dict(whole.get(f"output_{kind}"))
        found.add(block, str(block.get("mime_type") or ""))
    errors = [*_dicts(whole.get("errors")), *(_dict(s.get("error")) for s in steps)]
    told = [tidy(f"{e.get('code', '')} {e.get('message', '')}") for e in errors if e]
    found.words = "; ".join(told[:3]) or found.words
    return found


def in_predictions(body: Any) -> Found:
    """What a `:predict` answer holds."""
    found = Found()
    for item in _dicts(_dict(body).get("predictions")):
        found.add(item, str(item.get("mimeType") or ""))
        _note_filter(found, item)
    _note_filter(found, _dict(body))
    return found


def in_operation(body: Any) -> Found:
    """What a finished operation made."""
    found, response = Found(), _dict(_dict(body).get("response"))
    inner = _dict(response.get("generateVideoResponse")) or response
    for sample in _dicts(inner.get("generatedSamples") or inner.get("generatedVideos")):
        video = _dict(sample.get("video"))
        found.add(video, str(video.get("encoding") or video.get("mimeType") or "video/mp4"))
    _note_filter(found, inner)
    return found


def _note_filter(found: Found, holder: Json) -> None:
    """`raiMediaFilteredReasons` and its relatives: the filter of responsible AI took something out."""
    for name, told in holder.items():
        if not name.startswith("rai") or not told or isinstance(told, int | float):
            continue
        reasons = cast("list[Any]", told) if isinstance(told, list) else [told]
        found.blocked = found.blocked or tidy("; ".join(map(str, reasons)))


def playable(content: bytes, mime: str, told: Mapping[str, Any]) -> tuple[bytes, str]:
    """A file as players take it: bare samples get the head of a WAV, at the rate that the vendor tells."""
    bare = not mime and not content.startswith((b"RIFF", b"ID3", b"OggS", b"fLaC", b"\xff"))
    audio = told.get("type") == "audio"
    if not is_raw(mime) and not (bare and audio):
        return content, mime
    rate, channels = told.get("sample_rate"), told.get("channels")
    rate = rate if isinstance(rate, int) and rate > 0 else rate_of(mime)
    channels = channels if isinstance(channels, int) and 0 < channels < 9 else channels_of(mime)
    return wav(content, rate, channels), "audio/wav"


def _decoded(data: Any) -> bytes:
    try:
        return base64.b64decode(str(data), validate=False)
    except (binascii.Error, ValueError):
        return b""


def _dict(value: Any) -> Json:
    return cast("Json", value) if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[Json]:
    return list(_only_dicts(value)) if isinstance(value, list) else []


def _only_dicts(values: Any) -> Iterator[Json]:
    for value in cast("list[Any]", values):
        if isinstance(value, dict):
            yield cast("Json", value)
