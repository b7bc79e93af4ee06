"""The `flexura.toml` to start from."""

from __future__ import annotations

import os
from pathlib import Path

from flexura.cli.build.declared import FILE
from flexura.local.errors import LocalError

TEXT = """\
# What this project wants made. `flexura build` makes what is missing or changed, and nothing twice.
# Commit this file, flexura.lock and the files.

[project]
out = "assets"          # every path below lies in here
budget = 1.00           # USD that one build may spend at most
model = "cheapest"      # or fastest, best, an id of `flexura models`
# style = "Flat vector illustration, two colours, generous white space."

[asset.hero]
path = "hero.webp"
prompt = "a lighthouse at dusk, waves"
size = "1200x630"

# [asset.hero-small]
# path = "hero-small.webp"
# prompt = "the same scene, closer, for a small screen"
# inputs = ["hero"]

# [asset.click]
# path = "click.wav"
# prompt = "a soft click of a button"
# kind = "sfx"
# seconds = 0.5
"""


def write(folder: Path) -> Path:
    """Write it into a folder that has none. Raises LocalError where one is, and OSError."""
    file = folder / FILE
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        with open(os.open(file, flags, 0o666), "w", encoding="utf-8", newline="\n") as opened:
            opened.write(TEXT)
    except FileExistsError as error:
        raise LocalError(
            "conflict",
            f"There is a {FILE} already; it was not touched.",
            next_step="`flexura build --dry-run` tells what it would make.",
        ) from error
    return file
