"""After an installation: keys of providers that only this environment has, and an offer to keep them.

Nothing is kept without a yes. Which variables count, the program knows; it is asked as a process of its own.
"""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any, cast

from flexura_installer.options import Options
from flexura_installer.session import Session

_SECONDS = 15.0
_IMPORT_SECONDS = 180.0  # a keyring may have to be unlocked by typing a password
# A first look that costs nothing; `providers import --names` says which of them count.
_LIKE_A_KEY = re.compile(r"_(?:KEY|TOKEN|SECRET|AUTH|BASE_URL)$")
_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_OURS = ("MEDIA_GATEWAY_", "FLEXURA_URL")


def offer(session: Session, options: Options, *, elsewhere: bool) -> None:
    """Ask whether to keep them; where nobody can be asked, say the command.

    `elsewhere`: another gateway is used, so this machine's needs no keys.
    """
    arguments, report = session.arguments, session.report
    if arguments.dry_run or elsewhere or options.url:
        return
    names = _found(session, str(options.launcher))
    if not names:
        return
    command = [str(options.launcher), "providers", "import", *names]
    report.facts["provider_keys"] = {"names": names, "imported": False}
    shown = ", ".join(names)
    question = f"Keep {shown} from this environment for your gateway (in the keyring, else a private file)?"
    if not session.asker.can_answer() or not session.asker.yes(question, otherwise=False):
        report.said.append(f"{shown}: set in this environment, not known to your gateway.")
        report.next.append(f"flexura providers import {' '.join(names)}")
        return
    done = _run(session, command, _IMPORT_SECONDS)
    if done is None or done.returncode != 0:
        report.said.append(f"{shown} could not be kept. {_words(done)}".rstrip())
        report.next.append(f"flexura providers import {' '.join(names)}")
        return
    report.facts["provider_keys"] = {"names": names, "imported": True}
    report.said.append(_words(done) or f"{shown}: kept.")


def _found(session: Session, launcher: str) -> list[str]:
    environment = session.machine.environment
    likely = [
        name
        for name, value in environment.items()
        if value.strip() and _LIKE_A_KEY.search(name) and not name.startswith(_OURS)
    ]
    if not likely:
        return []
    done = _run(session, [launcher, "providers", "import", "--names", "--json"], _SECONDS)
    if done is None or done.returncode != 0:
        return []
    try:
        found: Any = json.loads(done.stdout)["names"]
    except (ValueError, TypeError, KeyError):
        return []
    names = cast("list[Any]", found) if isinstance(found, list) else []
    return [name for name in names if isinstance(name, str) and _NAME.fullmatch(name)]


def _run(
    session: Session, command: list[str], seconds: float
) -> subprocess.CompletedProcess[str] | None:
    try:
        return subprocess.run(
            command,
            env=dict(session.machine.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None


def _words(done: subprocess.CompletedProcess[str] | None) -> str:
    return " ".join(done.stderr.split())[:500] if done else ""
