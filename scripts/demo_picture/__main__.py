"""Write docs/pictures/demo.svg: what a real `flexura demo` prints, in a home and a folder of its own."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

PICTURE = Path(__file__).resolve().parents[2] / "docs/pictures/demo.svg"
FLEXURA = [sys.executable, "-m", "flexura"]
COLUMNS = 104
THEME = TerminalTheme(
    (15, 18, 25),
    (222, 226, 235),
    [
        (40, 44, 54),
        (255, 107, 107),
        (106, 219, 152),
        (255, 203, 107),
        (112, 163, 255),
        (199, 146, 234),
        (97, 214, 214),
        (222, 226, 235),
    ],
)


def main() -> int:
    """Run the demo and draw it; the exit code of the demo."""
    with tempfile.TemporaryDirectory(prefix="flexura-demo-picture-") as place:
        home, project = Path(place, "home"), Path(place, "project")
        home.mkdir()
        project.mkdir()
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("FLEXURA_", "MEDIA_"))},
            "FLEXURA_HOME": str(home),
            "FORCE_COLOR": "1",
            "COLUMNS": str(COLUMNS),
        }
        try:
            run = subprocess.run(
                [*FLEXURA, "demo"],
                cwd=project,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
            )
        finally:
            subprocess.run([*FLEXURA, "gateway", "stop"], env=environment, check=True)
    printed = run.stdout.decode()
    if run.returncode:
        print(printed, file=sys.stderr)
    else:
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        PICTURE.write_text(drawn(printed), encoding="utf-8")
        print(PICTURE.relative_to(PICTURE.parents[2]))
    return run.returncode


def drawn(printed: str) -> str:
    """The picture of a terminal that shows this."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.assemble(("$ ", "bold green"), ("flexura demo", "bold")))
    console.print()
    console.print(Text.from_ansi(printed.rstrip()), soft_wrap=True)
    picture = console.export_svg(title="flexura demo", theme=THEME, unique_id="demo")
    # Fonts of other sites are not loaded by those who show pictures; every system has one of these.
    picture = re.sub(r"@font-face \{.*?\}\n", "", picture, flags=re.DOTALL)
    fonts = "ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace"
    lines = picture.replace("Fira Code, monospace", fonts).splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
