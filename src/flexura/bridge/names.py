"""Which names a file or folder of ours may have: such as work on every system and touch nobody's settings."""

from __future__ import annotations

from flexura.local.errors import LocalError

RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"}
    | {f"{device}{digit}" for device in ("com", "lpt") for digit in "0123456789¹²³"}
)
# `:` opens a drive or an alternate data stream, `\` a network share; the others Windows refuses.
FORBIDDEN = frozenset('<>:"|?*\\')
LONGEST = 200
LONGEST_STEM = 40


def check(part: str, whole: str) -> None:
    """Raise LocalError when one part of a path may not be used; `whole` is the path as the agent wrote it."""
    if why := fault(part):
        raise refused(whole, why)


def fault(part: str) -> str:
    """Why a file or folder may not have that name; empty if it may."""
    if part == "..":
        return "it leads out of the project"
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in part):
        return "it contains a control character"
    if FORBIDDEN & set(part):
        return f"{part!r} contains one of {' '.join(sorted(FORBIDDEN))}"
    if part.startswith("."):
        return f"{part!r} is hidden; settings live there"
    if part != part.rstrip(" ."):
        return f"{part!r} ends with a dot or a space"
    if part.split(".")[0].strip().lower() in RESERVED:
        return f"{part!r} is a device name on Windows"
    if len(part.encode("utf-8", "replace")) > LONGEST:
        return f"a name in it is longer than {LONGEST} bytes"
    return ""


def refused(save_to: str, why: str) -> LocalError:
    """The error for a `save_to` that cannot be used."""
    shown = save_to if len(save_to) <= 80 else save_to[:77] + "..."
    return LocalError(
        "invalid_request",
        f"save_to {shown!r} is refused: {why}. Nothing was made.",
        next_step="Give a path below the project, such as assets/hero.png or assets/, or leave save_to out.",
    )


def stem_from(text: str) -> str:
    """A short file name made of the words of a prompt; empty when it has none that can stand in a name."""
    letters = [letter if letter.isalnum() else " " for letter in text[:400].lower()]
    stem = ""
    for word in "".join(letters).split():
        if stem and len(stem) + len(word) >= LONGEST_STEM:
            break
        stem = f"{stem}-{word}" if stem else word[:LONGEST_STEM]
    return "" if stem in RESERVED else stem
