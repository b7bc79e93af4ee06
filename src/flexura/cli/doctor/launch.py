"""Starts a bridge as an agent starts it, and asks it for nothing but its name."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flexura import __version__
from flexura.local import paths, start

SECONDS = 3.0
_HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "flexura doctor", "version": __version__},
    },
}


@dataclass(frozen=True)
class Launch:
    """What came of a start: the server's name and the milliseconds, or what went wrong."""

    name: str = ""
    milliseconds: float = 0.0
    trouble: str = ""


def bare_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a program gets from an agent that has a window: no shell's PATH, no key."""
    return {
        **start.clean_environment(paths.home()),
        "PATH": os.defpath,
        **{name: value for name, value in (more or {}).items() if "$" not in value},
    }


def launch(arguments: Sequence[str], environment: Mapping[str, str]) -> Launch:
    """Start it in `/`, say hello, close its stdin, wait for its end."""
    began = time.monotonic()
    try:
        child = subprocess.run(
            list(arguments),
            input=json.dumps(_HELLO).encode() + b"\n",
            capture_output=True,
            cwd="/",
            env=dict(environment),
            timeout=SECONDS,
            check=False,
        )
        name = json.loads(child.stdout.splitlines()[0])["result"]["serverInfo"]["name"]
    except subprocess.TimeoutExpired:
        return Launch(trouble=f"it does not answer within {SECONDS:.0f} s")
    except OSError as error:
        return Launch(trouble=f"{arguments[0]}: {error.strerror}")
    except (ValueError, LookupError, TypeError):
        return Launch(trouble="it ends without an answer")
    return Launch(str(name), (time.monotonic() - began) * 1000)
