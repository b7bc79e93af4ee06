"""Write the generated pages, or with `--check` say which ones are out of date and exit 1."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from docs_build.pages import named, outdated, pages


def main(arguments: list[str]) -> int:
    """The exit code."""
    if "--check" in arguments:
        stale = outdated()
        for name in stale:
            print(f"{name} is out of date: run scripts/docs", file=sys.stderr)
        return 1 if stale else 0
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(named(path))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
