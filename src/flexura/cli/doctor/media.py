"""What can be made here: the drawing process, and the codecs of its libraries."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from flexura.cli.doctor.finding import Finding, failed, ok
from flexura.render import registry

_SECONDS = 4.5
_REINSTALL = (
    "Reinstall flexura, so that its wheels fit this machine: pip install --force-reinstall flexura"
)
_CODECS = {
    "H.264": "libx264",
    "VP9": "libvpx-vp9",
    "AAC": "aac",
    "MP3": "libmp3lame",
    "Opus": "libopus",
}


def drawing() -> Finding:
    """Whether the drawing process makes a tiny picture."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="flexura-doctor-") as folder:
        try:
            answer = _drawn(Path(folder))
        except (OSError, subprocess.SubprocessError, ValueError, LookupError) as error:
            step = f"Run `{sys.executable} -m flexura.render` in a terminal to see why."
            return failed(
                "drawing", f"the drawing process does not answer ({type(error).__name__})", step
            )
    if answer["event"] != "done":
        return failed(
            "drawing", str(answer.get("message")), str(answer.get("next_step") or _REINSTALL)
        )
    return ok("drawing", f"a 64x64 picture in {time.monotonic() - began:.1f} s, start included")


def _drawn(folder: Path) -> dict[str, Any]:
    model = next(m for m in registry.models() if "text-to-image" in m["tasks"])
    task: dict[str, Any] = {
        "id": "doctor",
        "model": model["id"],
        "prompt": "abstract background",
        "seed": 1,
        "options": {"width": 64, "height": 64},
        "inputs": [],
        "out": str(folder / "picture"),
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "flexura.render"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert child.stdin and child.stdout
    try:
        child.stdin.write(json.dumps(task).encode() + b"\n")
        child.stdin.flush()
        events = (json.loads(line) for line in child.stdout)
        return next(event for event in events if event["event"] in ("done", "failed"))
    finally:
        child.kill()
        child.communicate()


def codecs() -> Finding:
    """Whether the libraries can write what the models promise."""
    try:
        import av
        from PIL import features
    except ImportError as error:
        return failed("codecs", str(error), _REINSTALL)
    missing = [name for name, codec in _CODECS.items() if codec not in av.codecs_available]
    missing += [name for name in ("avif", "webp") if not features.check(name)]
    if missing:
        return failed("codecs", f"{', '.join(missing)} cannot be written", _REINSTALL)
    return ok("codecs", f"{', '.join(_CODECS)}, AVIF, WebP")
