"""Runs espeak-ng, in a process of its own: text on standard input, sound on standard output.

The library is under the GPL; it is loaded here and nowhere else, and this module is only ever run as
`python -m flexura.render.sound.espeak LANGUAGE VOICE WORDS_A_MINUTE PITCH`. It writes one line of JSON
({"rate": samples a second}) and then 16-bit mono samples; a refusal is one line of JSON on standard error
({"refused": "voice" or "language", "near": […]}) with exit status 2.
"""

from __future__ import annotations

import ctypes
import difflib
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

_SYNCHRONOUS = 2
_DO_NOT_EXIT = 0x8000
_UTF8 = 1
_RATE, _PITCH, _RANGE, _WORD_GAP = 1, 3, 4, 7
_MOST_SAMPLES = 22_050 * 60 * 20
USUAL_VOICES = {"female": "f3", "male": "m3"}


class _Voice(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("reserved", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    ]


def _library() -> tuple[Any, Path]:
    loader = importlib.import_module("espeakng_loader")
    return ctypes.CDLL(str(loader.get_library_path())), Path(str(loader.get_data_path()))


def _languages(library: Any) -> dict[str, str]:
    """Language codes of the library, in lower case, and what it calls them."""
    library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
    voices = library.espeak_ListVoices(None)
    found: dict[str, str] = {}
    index = 0
    while voices[index]:
        # The list of languages begins with a byte of priority before each name; the first one is the
        # main one.
        code = ctypes.string_at(voices[index].contents.languages + 1).decode()
        found.setdefault(code.lower(), code)
        index += 1
    return found


def _chosen(kind: str, asked: str, names: dict[str, str]) -> str:
    """The library's own name for what was asked; leaves with the nearest ones when there is none."""
    name = names.get(asked.lower().replace("_", "-"))
    if name is None:
        near = difflib.get_close_matches(asked.lower(), names, 5, 0.3) or sorted(names)[:5]
        sys.stderr.write(json.dumps({"refused": kind, "near": [names[key] for key in near]}))
        raise SystemExit(2)
    return name


def _spoken(library: Any, text: str) -> bytes:
    chunks: list[bytes] = []
    size = 0

    def take(samples: Any, count: int, _events: Any) -> int:
        nonlocal size
        if samples and count > 0:
            chunks.append(ctypes.string_at(samples, count * 2))
            size += count
        return int(size > _MOST_SAMPLES)

    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(take)
    library.espeak_SetSynthCallback(callback)
    data = text.encode() + b"\0"
    library.espeak_Synth(data, ctypes.c_size_t(len(data)), 0, 0, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    return b"".join(chunks)


def _seed(library: Any) -> None:
    """Make the noise in a voice's breath the same every time; the library seeds it with the time of day."""
    if hasattr(library, "espeak_ng_SetRandSeed"):
        library.espeak_ng_SetRandSeed(ctypes.c_long(1))
    if sys.platform != "win32":
        ctypes.CDLL(None).srand(1)


def main(arguments: list[str]) -> None:
    """Speaks what comes on standard input."""
    language, voice, words_a_minute, pitch = arguments
    text = sys.stdin.buffer.read().decode("utf-8", "replace").replace("\0", " ")
    library, data = _library()
    # A relative path: the library keeps only 160 characters of it.
    os.chdir(data.parent)
    rate = int(library.espeak_Initialize(_SYNCHRONOUS, 200, b".", _DO_NOT_EXIT))
    if rate <= 0:
        raise SystemExit("espeak-ng did not start: its data could not be read")
    _seed(library)
    variants = {path.name.lower(): path.name for path in (data / "voices" / "!v").iterdir()}
    variants |= {name: variants[usual] for name, usual in USUAL_VOICES.items() if usual in variants}
    name = (
        f"{_chosen('language', language, _languages(library))}+{_chosen('voice', voice, variants)}"
    )
    if library.espeak_SetVoiceByName(name.encode()) != 0:
        raise SystemExit(f"espeak-ng could not load the voice {name}")
    for parameter, value in (
        (_RATE, int(words_a_minute)),
        (_PITCH, int(pitch)),
        (_RANGE, 55),
        (_WORD_GAP, 0),
    ):
        library.espeak_SetParameter(parameter, value, 0)
    sound = _spoken(library, text)
    sys.stdout.buffer.write(json.dumps({"rate": rate}).encode() + b"\n" + sound)


if __name__ == "__main__":
    main(sys.argv[1:])
