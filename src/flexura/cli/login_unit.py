"""The unit that starts the gateway when its user logs in: systemd on Linux, launchd on macOS."""

from __future__ import annotations

import os
import plistlib
import sys
from dataclasses import dataclass
from pathlib import Path

from flexura.domain.errors import Conflict, InvalidRequest
from flexura.local import gateway, paths, start

_LABEL = "flexura.gateway"
# Without an end: whoever enables this wants scheduled work and links to be served all the time.
_ALWAYS = {"FLEXURA_IDLE_SECONDS": "inf"}


@dataclass(frozen=True)
class Unit:
    """Where the unit is, and what to run to bring it to life."""

    path: Path
    commands: tuple[str, ...]


def write(*, force: bool = False, platform: str = sys.platform) -> Unit:
    """Write the unit. Raises Conflict when somebody changed it, InvalidRequest on other systems."""
    path = path_of(platform)
    if platform == "darwin":
        text = _launchd()
        commands = (f"launchctl bootstrap gui/{os.getuid()} {path}",)
    elif platform.startswith("linux"):
        text = _systemd()
        commands = ("systemctl --user daemon-reload", "systemctl --user enable --now flexura")
    else:
        raise InvalidRequest(
            "There is no unit for this system.",
            next_step="Have its task scheduler run `flexura serve --local` at log-in.",
        )
    _put(path, text, force=force)
    if gateway.find() is not None:
        commands = ("flexura gateway stop", *commands)
    return Unit(path, commands)


def path_of(platform: str = sys.platform) -> Path:
    """Where the unit is on this system, if there is one."""
    if platform == "darwin":
        return Path.home() / "Library/LaunchAgents" / f"{_LABEL}.plist"
    config = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(config) / "systemd/user/flexura.service"


def _put(path: Path, text: str, *, force: bool) -> None:
    if path.exists() and path.read_text(encoding="utf-8") != text and not force:
        raise Conflict(
            f"{path} is there already and says something else.",
            next_step="Look at it, then use --force to replace it.",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _environment() -> dict[str, str]:
    chosen = {"FLEXURA_HOME": str(paths.home())} if os.environ.get("FLEXURA_HOME") else {}
    return {**_ALWAYS, **chosen}


def _systemd() -> str:
    command = " ".join(map(_quoted, start.command(start.launcher(), "serve", "--local")))
    settings = "\n".join(
        f"Environment={_quoted(f'{name}={value}')}" for name, value in _environment().items()
    )
    return f"""\
[Unit]
Description=flexura gateway: search and media generation for agents

[Service]
ExecStart={command}
{settings}
WorkingDirectory=/
Restart=on-failure

[Install]
WantedBy=default.target
"""


def _quoted(text: str) -> str:
    """As systemd reads it: `%` starts a specifier, `$` a variable."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{plain}"'


def _launchd() -> str:
    unit = {
        "Label": _LABEL,
        "ProgramArguments": start.command(start.launcher(), "serve", "--local"),
        "EnvironmentVariables": _environment(),
        "WorkingDirectory": "/",
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "StandardErrorPath": str(paths.gateway_log()),
    }
    return plistlib.dumps(unit).decode("utf-8")
