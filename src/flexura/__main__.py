"""`flexura`: the bridge starts before anything else of ours is imported; the rest is the command line."""

from __future__ import annotations

import sys


def main() -> int | None:
    """Run the command named by the arguments and return its exit code."""
    if sys.argv[1:2] == ["mcp"]:
        from flexura.bridge.main import main as bridge

        return bridge(sys.argv[2:])
    from flexura.cli.main import main as command_line

    return command_line()


if __name__ == "__main__":
    sys.exit(main())
