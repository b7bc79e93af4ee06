"""Values in a model's own words: types, cases, units and spellings that mean what the caller said."""

from __future__ import annotations

import math
import re
from typing import Any

from flexura.services import mapping
from flexura.services.fit_draft import Draft
from flexura.services.fit_schema import Property

ABSENT: Any = object()
"""No value of the property means what was asked."""
_SECONDS = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(?:s|sec|secs|seconds?)?\s*$", re.IGNORECASE)
_SWITCH_WORDS = {True: ("true", "on", "yes", "enabled"), False: ("false", "off", "no", "disabled")}
_DEFAULT_FPS = 24


def coerced(value: Any, taker: Property) -> Any:
    """The value as the property's type or as the listed word that it spells; ABSENT if there is none."""
    listed = _listed(value, taker)
    if listed is not ABSENT or taker.closed:
        return listed
    if isinstance(value, bool):
        if taker.takes("boolean"):
            return value
        return str(value).lower() if taker.takes("string") else ABSENT
    if isinstance(value, int | float):
        return _from_number(value, taker)
    if isinstance(value, str):
        return _from_text(value, taker)
    return value


def _listed(value: Any, taker: Property) -> Any:
    for word in taker.words:
        if word == value and isinstance(word, bool) == isinstance(value, bool):
            return word
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ABSENT
    said = _spelled(value)
    return next((w for w in taker.words if _spelled(w) == said), ABSENT)


def _spelled(value: Any) -> str:
    number = number_of(value)
    return f"{number:g}" if number is not None else str(value).strip().casefold()


def number_of(value: Any) -> float | None:
    """The number that a value is or spells; None for anything else."""
    if isinstance(value, bool):
        return None
    try:
        number = float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _from_number(value: float, taker: Property) -> Any:
    if taker.whole:
        return int(value) if float(value).is_integer() else ABSENT
    if taker.takes("number"):
        return value
    return f"{value:.12g}" if taker.takes("string") else ABSENT


def _from_text(value: str, taker: Property) -> Any:
    if taker.takes("string"):
        return value
    if taker.takes("boolean") and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    number = number_of(value)
    if number is None or not taker.takes("number"):
        return ABSENT
    return _from_number(int(number) if number.is_integer() else number, taker)


def fit_plain(draft: Draft, word: str, value: Any) -> bool:
    """Put a value into the first property of that name. False if there is none. Raises InvalidRequest."""
    takers = [p for p in draft.free(mapping.PLAIN[word]) if p.takes("string", "number", "boolean")]
    if not takers:
        return word == "background" and _transparent(draft, value)
    return _put_first(draft, word, value, takers)


def _put_first(draft: Draft, word: str, value: Any, takers: list[Property]) -> bool:
    for taker in takers:
        fitted = coerced(value, taker)
        if fitted is not ABSENT:
            draft.put(taker.name, fitted, f"options.{word}")
            return True
    raise draft.refusal(word, value, takers[0].allowed())


def _transparent(draft: Draft, value: Any) -> bool:
    switches = [p for p in draft.free(mapping.TRANSPARENT) if p.takes("boolean")]
    if not switches or value not in ("transparent", "opaque", "auto"):
        return False
    draft.put(switches[0].name, value == "transparent", "options.background")
    return True


def fit_number(draft: Draft, word: str, value: Any) -> bool:
    """Put a number into the first property of that name which counts. Raises InvalidRequest."""
    takers = [p for p in draft.free(mapping.NUMBERS[word]) if _counts(p)]
    if not takers:
        return False
    if word == "fps" and (number := number_of(value)) is not None:
        return _fit_quantity(draft, word, number, takers[0], 1.0)
    return _put_first(draft, word, value, takers)


def _counts(taker: Property) -> bool:
    """Whether a property's values are numbers, or words that are numbers ("8", "8s")."""
    if taker.types and not taker.takes("number", "string"):
        return False
    if taker.takes("number"):
        return True
    return not taker.closed or any(seconds_of(w) is not None for w in taker.words)


def seconds_of(word: Any) -> float | None:
    if isinstance(word, str) and (found := _SECONDS.match(word)):
        return float(found[1])
    return number_of(word)


def fit_seconds(draft: Draft, word: str, value: Any) -> bool:
    """Put a duration where the schema has it: seconds, milliseconds or frames. Raises InvalidRequest."""
    seconds = seconds_of(value)
    found: list[tuple[Property, float]] = [
        *((p, 1.0) for p in draft.free(mapping.SECONDS) if _counts(p)),
        *((p, 1000.0) for p in draft.free(mapping.MILLISECONDS) if _counts(p)),
        *((p, _fps(draft)) for p in draft.free(mapping.FRAMES) if _counts(p)),
    ]
    if not found:
        return False
    taker, scale = found[0]
    if seconds is None:
        direct = coerced(value, taker)
        if direct is ABSENT or not taker.words:
            raise draft.refusal(word, value, _allowed_seconds(taker, scale))
        draft.put(taker.name, direct, "options.seconds")
    else:
        _fit_quantity(draft, word, seconds, taker, scale)
    others = (*mapping.SECONDS, *mapping.MILLISECONDS, *mapping.FRAMES)
    draft.silent |= {name for name in others if name != taker.name}
    return True


def _fps(draft: Draft) -> float:
    """Frames per second of what is being made: as put already, else the schema's default."""
    for name in mapping.FPS:
        taker = draft.schema.properties.get(name)
        told = draft.payload.get(name, taker.default if taker else None)
        if (fps := number_of(told)) is not None and fps > 0:
            return fps
    return _DEFAULT_FPS


def _allowed_seconds(taker: Property, scale: float) -> str:
    if scale == 1 or (taker.closed and taker.words):
        return taker.allowed()
    low = f" from {taker.low / scale:.4g}" if taker.low is not None else ""
    high = f" to {taker.high / scale:.4g}" if taker.high is not None else ""
    return f"seconds{low}{high}"


def _fit_quantity(draft: Draft, word: str, asked: float, taker: Property, scale: float) -> bool:
    """Put a quantity, or the nearest that the property can say. What lies out of its range is refused."""
    wanted, field = asked * scale, f"options.{word}"
    allowed = _allowed_seconds(taker, scale) if word == "seconds" else taker.allowed()
    slack = 1.0 if scale > 1 else 1e-9  # a frame more or less is no other duration
    steps = [(n, w) for w in taker.words if (n := seconds_of(w)) is not None and n > 0]
    if steps:  # what is not above 0 is a word for "as you like"
        numbers = [number for number, _ in steps]
        if taker.closed and not min(numbers) - slack <= wanted <= max(numbers) + slack:
            raise draft.refusal(word, f"{asked:g}", allowed)
        near, became = min(steps, key=lambda step: abs(step[0] - wanted))
        if taker.closed or near == wanted:
            draft.put(taker.name, became, field)
            if abs(near - wanted) > slack:
                draft.adjusted(word, f"{asked:g}", str(became), allowed)
            return True
    low, high = taker.low, taker.high
    if (low is not None and wanted < low - slack) or (high is not None and wanted > high + slack):
        raise draft.refusal(word, f"{asked:g}", allowed)
    if not taker.takes("number"):
        unit = "s" if isinstance(taker.default, str) and taker.default.endswith("s") else ""
        draft.put(taker.name, f"{wanted:.6g}{unit}", field)
        return True
    became = _stepped(wanted, taker)
    if abs(became - wanted) > slack:
        draft.adjusted(word, f"{asked:g}", f"{became / scale:.4g}", allowed)
    draft.put(taker.name, became, field)
    return True


def _stepped(wanted: float, taker: Property) -> float | int:
    """The nearest value in the property's steps and range, as an integer where it wants one."""
    step = taker.step or 0.0
    if step:
        wanted = round(wanted / step) * step
        if taker.low is not None and wanted < taker.low:
            wanted = math.ceil(taker.low / step) * step
        if taker.high is not None and wanted > taker.high:
            wanted = math.floor(taker.high / step) * step
    return round(wanted) if taker.whole or float(wanted).is_integer() else wanted


def fit_sound(draft: Draft, word: str, value: Any) -> bool:
    """Throw the switch for sound. Raises InvalidRequest for anything but true and false."""
    takers = [p for p in draft.free(mapping.SOUND) if _is_switch(p)]
    if not takers:
        return False
    said = (
        value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())
    )
    if said is None:
        raise draft.refusal(word, value, "true or false")
    taker = takers[0]
    if "boolean" in taker.types:
        draft.put(taker.name, said, "options.sound")
    else:
        spelled = _SWITCH_WORDS[said]
        draft.put(
            taker.name, next(w for w in taker.words if str(w).lower() in spelled), "options.sound"
        )
    return True


def _is_switch(taker: Property) -> bool:
    if "boolean" in taker.types:
        return True
    words = {str(w).lower() for w in taker.words}
    return taker.closed and all(words & {*spelled} for spelled in _SWITCH_WORDS.values())


def fit_format(draft: Draft, word: str, value: Any) -> bool:
    """Put the file format in the model's spelling: png, image/png, mp3_44100_128. Raises InvalidRequest."""
    takers = [p for p in draft.free(mapping.FORMAT) if _says_format(draft, p)]
    if not takers:
        return False
    said = str(value).strip().lower().rpartition("/")[2]
    for taker in takers:
        found = coerced(value, taker) if taker.closed else _free_format(said, taker)
        if found is ABSENT:
            found = _format_word(said, taker)
        if found is not ABSENT:
            draft.put(taker.name, found, "options.format")
            return True
    raise draft.refusal(word, value, takers[0].allowed())


def _says_format(draft: Draft, taker: Property) -> bool:
    """`response_format` is a file format for some vendors, a way of delivery (url, b64_json) for others."""
    if not taker.takes("string"):
        return False
    if taker.words:
        return any(_format_of(w) for w in taker.words)
    return taker.name != "response_format" or "audio" in draft.model.kinds


def _format_of(word: Any) -> str:
    """The format that a vendor's word starts with or ends in; empty if none."""
    text = str(word).lower().rpartition("/")[2]
    names = {w for words in mapping.FORMAT_WORDS.values() for w in words}
    return text if text in names else next((n for n in names if text.startswith(f"{n}_")), "")


def _format_word(said: str, taker: Property) -> Any:
    spelled = mapping.FORMAT_WORDS.get(said, (said,))
    for name in spelled:
        same = [w for w in taker.words if str(w).lower().rpartition("/")[2] == name]
        longer = [w for w in taker.words if str(w).lower().startswith(f"{name}_")]
        for found in (same, longer):
            if found:
                usual = (w for w in found if "44100" in str(w) or "48000" in str(w))
                return taker.default if taker.default in found else next(usual, found[0])
    return ABSENT


def _free_format(said: str, taker: Property) -> Any:
    if "mime" not in taker.name.lower():
        word = _format_word(said, taker)
        return said if word is ABSENT else word
    known = next((k for k, ws in _MEDIA.items() if said in ws), "image")
    return f"{known}/{'jpeg' if said == 'jpg' else 'mpeg' if said == 'mp3' else said}"


_MEDIA = {
    "image": ("png", "jpeg", "jpg", "webp", "avif", "gif", "svg"),
    "video": ("mp4", "webm", "mov"),
    "audio": ("wav", "mp3", "ogg", "opus", "flac", "aac", "m4a", "pcm"),
}


def fit_language(draft: Draft, word: str, value: Any) -> bool:
    """Put the language: as said, else by its first part, else by its English name. Raises InvalidRequest."""
    takers = [p for p in draft.free(mapping.LANGUAGE) if p.takes("string")]
    if not takers:
        return False
    taker, said = takers[0], str(value).strip().lower().replace("_", "-")
    if not taker.closed:
        draft.put(taker.name, value if isinstance(value, str) else str(value), "options.language")
        return True
    words = {str(w).lower().replace("_", "-"): w for w in taker.words}
    part = said.partition("-")[0]
    names = {v.lower(): k for k, v in mapping.LANGUAGE_NAMES.items()}
    part = names.get(part, part)
    name = mapping.LANGUAGE_NAMES.get(part, "").lower()
    for wanted in (said, part, name):
        if wanted and wanted in words:
            draft.put(taker.name, words[wanted], "options.language")
            return True
    for key, found in words.items():
        if key.partition("-")[0] == part or (name and re.match(rf"{name}\b", key)):
            draft.put(taker.name, found, "options.language")
            return True
    raise draft.refusal(word, value, taker.allowed())
