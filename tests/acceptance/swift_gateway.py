"""`flexura serve` with a provider beside the embedded one that makes tiny pictures at once: [--no-worker]."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from doubles import FakeProvider
from flexura.cli.serving import ServeOptions, run

if __name__ == "__main__":
    made = Path(os.environ["FLEXURA_HOME"]) / "made"
    made.mkdir(exist_ok=True)
    works = "--no-worker" not in sys.argv
    sys.exit(run(ServeOptions(port=0, works=works, providers=lambda: [FakeProvider(made)])))
