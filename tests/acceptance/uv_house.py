"""uv from the index, set up as this machine's pip is."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

from script_house import index_variables

# pip's words → uv's variables. uv takes several values with spaces between them, or commas.
WORDS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
    "no-index": "UV_NO_INDEX",
}


def installed(folder: Path) -> Path:
    """The program, below `folder`."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), "uv"]
    subprocess.run(pip, env={"PATH": "/usr/bin:/bin", **index_variables()}, check=True)
    return folder / "bin" / "uv"


def variables() -> dict[str, str]:
    """Where pip looks for packages on this machine, as uv understands it."""
    pip = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(pip, env=index_variables(), capture_output=True, text=True, check=True)
    told: dict[str, str] = {"UV_INDEX_STRATEGY": "unsafe-best-match"}
    for line in listed.stdout.splitlines():
        name, _, value = line.partition("=")
        if variable := WORDS.get(name.rpartition(".")[2]):
            values = shlex.split(value)[0].split()
            told[variable] = ("," if variable == "UV_FIND_LINKS" else " ").join(values)
    return told
