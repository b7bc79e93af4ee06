"""Settings: environment and configuration file, read once into one frozen object."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from flexura.domain.errors import InvalidRequest
from flexura.local import paths

VARIABLES: dict[str, str] = {
    "FLEXURA_HOME": "Folder of the database, files and keys (default: the user's data folder).",
    "FLEXURA_URL": "Gateway that bridge and command line use (default: the user's own, started when needed).",
    "FLEXURA_PUBLIC_URL": "URL under which others reach this gateway; links are built from it.",
    "MEDIA_GATEWAY_API_KEY": "API key of bridge and command line.",
    "SEARXNG_BASE_URL": "Base URL of a SearXNG instance with JSON enabled.",
    "TAVILY_API_KEY": "Key for Tavily search; without it Tavily's keyless mode is used.",
    "TAVILY_BASE_URL": "Base URL of Tavily's API (default https://api.tavily.com).",
    "FLEXURA_TRANSPORT": "`pipe` = listen on no port: the gateway runs inside the bridge or the command.",
    "FLEXURA_RENDER_MEMORY_MB": "Memory that the drawing process may take (default 4096).",
    "FLEXURA_LEASE_SECONDS": "How long a silent worker keeps a job (default 10).",
    "FLEXURA_IDLE_SECONDS": "Quiet time after which the auto-started gateway ends (default 1800).",
}
PROVIDER_VARIABLES = ("SEARXNG_BASE_URL", "TAVILY_API_KEY", "TAVILY_BASE_URL")


@dataclass(frozen=True)
class Settings:
    """Everything that can be configured."""

    home: Path
    environment: Mapping[str, str]
    """Provider keys and URLs: the process's own environment, or the user's settings for a local gateway."""
    public_url: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict[str, str])
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    prefer: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    lease_seconds: float = 10.0
    idle_seconds: float = 1800.0

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.home / "flexura.db"


def load(environ: Mapping[str, str] | None = None, *, local: bool = False) -> Settings:
    """Read environment and configuration file. A `local` gateway takes provider keys from the file alone.

    Raises InvalidRequest for a configuration file that cannot be read, naming the line.
    """
    environ = os.environ if environ is None else environ
    file = _file(paths.config_file())
    providers = {k: str(v) for k, v in _table(file, "providers").items()}
    if not local:
        providers |= {k: environ[k] for k in PROVIDER_VARIABLES if environ.get(k)}
    policy = _table(file, "policy")
    gateway = _table(file, "gateway")
    return Settings(
        home=paths.home(),
        environment=providers,
        public_url=(environ.get("FLEXURA_PUBLIC_URL") or str(gateway.get("public_url", ""))).rstrip(
            "/"
        ),
        aliases={k: str(v) for k, v in _table(file, "aliases").items()},
        presets=_table(file, "presets"),
        prefer=tuple(str(p) for p in policy.get("prefer", ())),
        allowed_hosts=tuple(str(h) for h in gateway.get("allowed_hosts", ())),
        lease_seconds=float(environ.get("FLEXURA_LEASE_SECONDS", "10")),
        idle_seconds=float(environ.get("FLEXURA_IDLE_SECONDS", "1800")),
    )


def _file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(
            f"The configuration file {path} cannot be read: {error}.",
            next_step="Correct that line, or move the file away to start without it.",
        ) from None


def _table(file: dict[str, Any], name: str) -> dict[str, Any]:
    value = file.get(name, {})
    if not isinstance(value, dict):
        raise InvalidRequest(
            f"In the configuration file, {name} is not a table.", next_step=f"Write it as [{name}]."
        )
    return cast("dict[str, Any]", value)
