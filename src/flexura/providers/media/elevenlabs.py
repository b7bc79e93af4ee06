"""ElevenLabs: speech, sound effects and music, each answered with the finished sound.

Speech models and voices come from the account's live lists. Sound effects and music have no model in any
list: they are entries named after their endpoints, and the server chooses the model.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

from flexura.domain.errors import (
    FlexuraError,
    InvalidRequest,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from flexura.domain.model import Model
from flexura.outbound.answer import Answer
from flexura.ports.provider import Done, Failed, Operation, Order, Pending, Provider
from flexura.providers import vendor_json
from flexura.providers.api import Api
from flexura.providers.http_vendor import HttpVendor
from flexura.providers.media import Setup
from flexura.providers.pcm import A_LAW, MU_LAW, PCM16, wav
from flexura.providers.staging import Staging
from flexura.providers.vendor_errors import is_moderation, refused_content, tidy
from flexura.providers.vendors.elevenlabs_schemas import (
    MUSIC,
    SETTINGS,
    SOUND,
    format_asked,
    speech,
)

NAME = "elevenlabs"
VARIABLES = {
    "ELEVENLABS_API_KEY": "a key of ElevenLabs",
    "ELEVENLABS_BASE_URL": "another address of its API, without a version",
}
DOCS = "https://elevenlabs.io/docs/api-reference"
PROVEN = (
    "aimock 1.43.0: text-to-speech, sound-generation, music",
    "Prism 5.14.2 on the vendor's OpenAPI: every request, models, voices",
)
LABEL = "ElevenLabs"
_BASE = "https://api.elevenlabs.io"
_PAGES, _VOICES = 50, 5000
_SOUND, _MUSIC = "sound-generation", "music"
_VOICE_ID = re.compile(r"^[A-Za-z0-9]{20}$")
_CODINGS = {"pcm": PCM16, "ulaw": MU_LAW, "alaw": A_LAW}
_UNTYPED = ("", "application/octet-stream", "binary/octet-stream")
_MIMES = {"mp3": "audio/mpeg", "opus": "audio/ogg", "wav": "audio/wav"}
_OUT_OF_CREDIT = (
    "quota_exceeded",
    "insufficient_credits",
    "payment_required",
    "insufficient_funds",
)
_REFUSED = ("bad_prompt", "bad_composition_plan", "content_against_policy", "text_blocked")
_BUSY = (
    "too_many_concurrent_requests",
    "concurrent_limit_exceeded",
    "rate_limit_exceeded",
    "system_busy",
)
_ACCOUNT = ("detected_unusual_activity", "free_users_not_allowed", "only_for_creator_plus")


@dataclass(frozen=True)
class Voice:
    """One voice of the account."""

    id: str
    name: str


def configured(env: Mapping[str, str]) -> bool:
    """With a key."""
    return bool(env.get("ELEVENLABS_API_KEY", "").strip())


def origins(env: Mapping[str, str]) -> list[str]:
    """Another address of the API, where the operator names one."""
    return [url] if (url := env.get("ELEVENLABS_BASE_URL", "").strip()) else []


def make(setup: Setup) -> Sequence[Provider]:
    """The one provider."""
    base = setup.env.get("ELEVENLABS_BASE_URL", "").strip() or _BASE
    key = setup.env.get("ELEVENLABS_API_KEY", "").strip()
    api = Api(
        LABEL,
        base,
        setup.guard,
        {"xi-api-key": key},
        variable="ELEVENLABS_API_KEY",
        explain=partial(explain, "ELEVENLABS_API_KEY"),
    )
    return [ElevenLabs(NAME, api, Staging(setup.staging))]


class ElevenLabs(HttpVendor):
    """One account there."""

    def __init__(self, name: str, api: Api, staging: Staging) -> None:
        super().__init__(name, api, staging)
        self._voices: list[Voice] | None = None

    async def models(self) -> Sequence[Model]:
        """See the port."""
        told: Any = await self.api.get("v1/models")
        if not isinstance(told, list):
            raise ProviderUnavailable(f"{LABEL}'s list of models cannot be read.")
        voices = await self._all_voices()
        rows = [
            cast("dict[str, Any]", row) for row in cast("list[Any]", told) if isinstance(row, dict)
        ]
        pairs = [(voice.name, voice.id) for voice in voices]
        speaking = [self._speech(row, pairs) for row in rows if _speaks(row)]
        return [*speaking, self._sound(), self._music()]

    def _speech(self, row: Mapping[str, Any], voices: Sequence[tuple[str, str]]) -> Model:
        rates: Any = row.get("model_rates")
        factor = (
            cast("dict[str, Any]", rates).get("character_cost_multiplier")
            if isinstance(rates, dict)
            else None
        )
        # Credits are no money: their price depends on the account's plan, so they are no `price`.
        cost = f"Costs {factor:g} credits per character." if isinstance(factor, int | float) else ""
        told = row.get("description")
        return self.entry(
            str(row["model_id"]),
            name=str(row.get("name") or row["model_id"]),
            description=" ".join(filter(None, (tidy(told) if isinstance(told, str) else "", cost))),
            kinds=("audio",),
            tasks=("text-to-speech",),
            input_schema=speech(row, voices),
            schema_source="derived",
            status="limited" if row.get("requires_alpha_access") is True else "active",
        )

    def _sound(self) -> Model:
        return self.entry(
            _SOUND,
            name="Sound effects",
            description="A sound from a description; the vendor chooses the model.",
            kinds=("audio",),
            tasks=("text-to-sound",),
            input_schema=SOUND,
            schema_source="endpoint",
        )

    def _music(self) -> Model:
        return self.entry(
            _MUSIC,
            name="Music",
            description="A piece of music, with or without singing; the vendor chooses the model.",
            kinds=("audio",),
            tasks=("text-to-music",),
            input_schema=MUSIC,
            schema_source="endpoint",
        )

    async def _all_voices(self) -> list[Voice]:
        """The voices of the account, in its order; a key that may not list them gives none."""
        found: dict[str, Voice] = {}
        token: str | None = None
        for _ in range(_PAGES):
            try:
                page: Any = await self.api.get(
                    "v2/voices", {"page_size": 100, "next_page_token": token}
                )
            except ProviderError:
                break
            whole = vendor_json.fields(page)
            rows: Any = whole.get("voices")
            for row in vendor_json.rows(rows):
                if (voice := _voice(row)) and len(found) < _VOICES:
                    found.setdefault(voice.id, voice)
            following: Any = whole.get("next_page_token")
            if (
                whole.get("has_more") is False
                or not isinstance(following, str)
                or following in ("", token)
            ):
                break
            token = following
        self._voices = list(found.values())
        return self._voices

    async def _voice_id(self, asked: str) -> str:
        """The id behind an id or a name; the account's first voice where nothing is asked for."""
        if self._voices is None and _VOICE_ID.match(asked):
            return asked
        voices = await self._all_voices() if self._voices is None else self._voices
        if not asked and voices:
            return voices[0].id
        plain = asked.strip().casefold()
        by_name = [v.id for v in voices if v.name == asked] or [
            v.id for v in voices if v.name.casefold() == plain
        ]
        if any(v.id == asked for v in voices) or (not by_name and _VOICE_ID.match(asked)):
            # Voices of the public library can be used without being in the account's list.
            return asked
        if by_name:
            return by_name[0]
        known = ", ".join(tidy(v.name) for v in voices[:20])
        raise InvalidRequest(
            f"{LABEL} has no voice {tidy(asked)[:60]!r} in this account."
            if asked
            else f"{LABEL} needs a voice.",
            field="options.voice",
            next_step=f"Give one of: {known}."
            if known
            else "Give the id of a voice in options.voice.",
        )

    async def submit(self, order: Order) -> Operation:
        """See the port."""
        options = {n: v for n, v in order.options.items() if v not in (None, "")}
        wanted = format_asked(str(options.pop("output_format", "")), order.upstream_id)
        path, body = await self._request(order, options)
        answer = await self.api.buy(
            path, query={"output_format": wanted}, json=body, headers={"accept": "*/*"}
        )
        content, mime = self._sound_of(answer, wanted)
        return await self.staging.keep(order.job_id, [(content, mime)], **_told(answer))

    async def _request(self, order: Order, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if order.upstream_id == _SOUND:
            return "v1/sound-generation", {"text": order.prompt, **options}
        if order.upstream_id == _MUSIC:
            if "composition_plan" in options:
                # A plan stands in place of the prompt and everything that goes with it.
                return "v1/music", {
                    "composition_plan": options["composition_plan"],
                    "seed": order.seed,
                }
            return "v1/music", {"prompt": order.prompt, **options}
        voice = await self._voice_id(str(options.pop("voice", "")))
        settings = {name: options.pop(name) for name in SETTINGS if name in options}
        body = {"text": order.prompt, "model_id": order.upstream_id, **options}
        if settings:
            body["voice_settings"] = settings
        return f"v1/text-to-speech/{urllib.parse.quote(voice, safe='')}", body

    def _sound_of(self, answer: Answer, wanted: str) -> tuple[bytes, str]:
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not answer.body or not (kind.startswith("audio/") or kind in _UNTYPED):
            raise self.api.unknown("its answer holds no sound.")
        coded, _, rate = wanted.partition("_")
        headed = answer.body.startswith((b"RIFF", b"ID3", b"OggS"))
        if coded in _CODINGS and not headed:
            return wav(answer.body, int(rate), 1, _CODINGS[coded]), "audio/wav"
        return answer.body, _MIMES.get(coded, "audio/mpeg")

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        """See the port: everything came with the order."""
        done = await self.staging.outputs(operation, LABEL)
        if isinstance(done, Failed):
            return done
        told = {
            n: operation[n] for n in ("character_cost", "request_id", "song_id") if n in operation
        }
        return replace(
            done, outputs=tuple(replace(output, metadata=told) for output in done.outputs)
        )


def _told(answer: Answer) -> dict[str, Any]:
    """What the headers tell beside the sound: the characters billed, and ids for the vendor's support."""
    told: dict[str, Any] = {}
    cost = answer.headers.get("character-cost", "").strip()
    if re.fullmatch(r"\d{1,9}(?:\.\d+)?", cost):
        told["character_cost"] = float(cost)
    for name in ("request-id", "song-id"):
        if value := tidy(answer.headers.get(name, ""))[:100]:
            told[name.replace("-", "_")] = value
    return told


def _speaks(row: Mapping[str, Any]) -> bool:
    model_id = row.get("model_id")
    named = isinstance(model_id, str) and model_id not in ("", _SOUND, _MUSIC)
    return named and row.get("can_do_text_to_speech") is True


def _voice(row: Any) -> Voice | None:
    if not isinstance(row, dict):
        return None
    fields = cast("dict[str, Any]", row)
    voice_id, name = fields.get("voice_id"), fields.get("name")
    if not isinstance(voice_id, str) or not voice_id:
        return None
    return Voice(voice_id, name.strip() if isinstance(name, str) else "")


def explain(variable: str, answer: Answer) -> FlexuraError | None:
    """The error behind `{"detail": {"status", "message"}}`; None = judge by the HTTP status.

    The vendor uses 400 and 401 for many things: the word in `status` (or `code`) decides.
    """
    detail = _detail(answer) if answer.status >= 400 else {}
    words = {str(detail.get(name) or "") for name in ("status", "code", "type")}
    said = tidy(str(detail.get("message") or ""))
    tail = f" It says: {said}" if said else ""
    known: dict[str, Any] = {"upstream_status": answer.status}
    if words & set(_OUT_OF_CREDIT):
        return ProviderError(
            f"The account at {LABEL} is out of credit.{tail}",
            next_step="Add credit there, wait for the next period, or use another model.",
            **known,
        )
    if words & set(_REFUSED) or is_moderation(" ".join(words)):
        return refused_content(LABEL, said)
    if words & set(_BUSY):
        return RateLimited(f"{LABEL} is busy for this account.{tail}", next_step="Wait a moment.")
    if words & set(_ACCOUNT):
        return ProviderError(
            f"{LABEL} does not do this for the account.{tail}",
            next_step="Look at the plan of the account there, or use another model.",
            **known,
        )
    if "missing_permissions" in words:
        return ProviderError(
            f"The key in {variable} may not do this.{tail}",
            next_step=f"Give the key that permission there, or set {variable} to another key.",
            **known,
        )
    if "voice_not_found" in words:
        return InvalidRequest(
            f"{LABEL} does not have this voice.{tail}",
            field="options.voice",
            next_step="Look in model_catalog(id=…) for the voices of the account.",
        )
    return None


def _detail(answer: Answer) -> dict[str, Any]:
    try:
        body: Any = answer.json()
    except ProviderError:
        return {}
    detail: Any = cast("dict[str, Any]", body).get("detail") if isinstance(body, dict) else None
    return vendor_json.fields(detail)
