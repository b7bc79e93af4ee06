"""Settings: environment and configuration file, read once into one frozen object."""

from __future__ import annotations

import itertools
import logging
import os
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from flexura.domain import access_rules, load_limits
from flexura.domain.access_rules import AccessRules
from flexura.domain.configuration import table_of
from flexura.domain.credit_rules import CreditRules, rules_from
from flexura.domain.errors import InvalidRequest
from flexura.domain.load_limits import LoadLimits
from flexura.domain.model import ORDERS, Order
from flexura.domain.pace import ProviderLimit, limits_from
from flexura.local import paths, provider_secrets

log = logging.getLogger(__name__)
VARIABLES: dict[str, str] = {
    "FLEXURA_HOME": "Folder of the database, files and keys (default: the user's data folder).",
    "FLEXURA_URL": "Gateway that bridge and command line use (default: the user's own, started when needed).",
    "FLEXURA_PUBLIC_URL": "URL under which others reach this gateway; links are built from it.",
    "MEDIA_GATEWAY_API_KEY": "API key of bridge and command line.",
    "FLEXURA_DATABASE_URL": "`postgresql://…`: the store of a team (default: a SQLite file in FLEXURA_HOME).",
    "FLEXURA_ARTIFACTS": "`s3://bucket/prefix`: the files of a team (default: a folder in FLEXURA_HOME).",
    "FLEXURA_ENVIRONMENT": "Name of the environment; `closed-…` lets only approved workspaces in.",
    "FLEXURA_SIGNUP": "Whether others may sign up: off, invite or open (default off).",
    "FLEXURA_INLINE": "How this terminal shows pictures: `kitty`, `iterm`, `sixel`; `off` = not at all.",
    "FLEXURA_TRANSPORT": "`pipe` = listen on no port: the gateway runs inside the bridge or the command.",
    "FLEXURA_RENDER_MEMORY_MB": "Memory that the drawing process may take (default 4096).",
    "FLEXURA_LEASE_SECONDS": "How long a silent worker keeps a job (default 10; 7 in a team).",
    "FLEXURA_LOG": "Form of the log: text or json (default text; json for a team without a terminal).",
    "FLEXURA_LOG_LEVEL": "debug, info, warning or error (default info; warning for the gateway of one user).",
    "FLEXURA_METRICS_TOKEN": "Bearer token that opens /metrics, for a Prometheus; an admin key opens it too.",
    "FLEXURA_DRAIN_NOTICE_SECONDS": "After SIGTERM, how long requests are still answered while /healthz/ready"
    " says no (default 0; 2 with a database of a team).",
    "FLEXURA_IDLE_SECONDS": "Quiet time after which the auto-started gateway ends (default 1800).",
}


Keyring = Callable[[Iterable[str]], dict[str, str]]


class Environment(Mapping[str, str]):
    """Settings of providers; the keyring is asked once, and only when somebody wants what lies there."""

    def __init__(self, plain: Mapping[str, str], kept: Iterable[str], keyring: Keyring) -> None:
        self._plain = dict(plain)
        self._kept = tuple(kept)
        self._keyring = keyring

    @cached_property
    def _opened(self) -> dict[str, str]:
        return _opened(self._kept, self._keyring) if self._kept else {}

    @property
    def locked(self) -> dict[str, str]:
        """The names that the keyring did not give: name to reason."""
        return {n: self._opened[""] for n in self._kept if n not in self._opened}

    def __getitem__(self, name: str) -> str:
        return (self._opened if name in self._kept else self._plain)[name]

    def __iter__(self) -> Iterator[str]:
        return itertools.chain(self._plain, (n for n in self._kept if n in self._opened))

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True)
class Settings:
    """Everything that can be configured."""

    home: Path
    environment: Mapping[str, str] = field(repr=False)
    """Provider keys and URLs: the process's own environment over the user's settings, or, for a local
    gateway, those settings alone."""
    public_url: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict[str, str])
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    destinations: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """Where finished work is published to: `[destinations.NAME]`; may hold secrets."""
    prefer: tuple[str, ...] = ()
    order: Order = "cheapest"
    allowed_hosts: tuple[str, ...] = ()
    webhook_origins: tuple[str, ...] = ()
    """Origins in a private network that webhooks may be sent to."""
    access: AccessRules = field(default_factory=AccessRules)
    load: LoadLimits = field(default_factory=LoadLimits)
    lease_seconds: float = 10.0
    idle_seconds: float = 1800.0
    drain_notice: float = 0.0
    """Seconds between the wish to stop and the end of listening: load balancers take that long to notice."""
    metrics_token: str = field(default="", repr=False)
    provider_limits: Mapping[str, ProviderLimit] = field(default_factory=dict[str, ProviderLimit])
    """`[limits.providers.NAME]`: what the operator's contract with a vendor allows."""
    credits: CreditRules = field(default_factory=CreditRules)
    database_url: str = field(default="", repr=False)
    """`postgresql://…` of a team's store; empty = the SQLite file in `home`. May hold a password."""
    artifact_store: str = ""
    """`s3://bucket/prefix` of a team's files; empty = the folder in `home`."""
    retention_days: float | None = None
    """How long the bytes of files are kept, where a workspace has no rule of its own; None = for good."""
    provenance: bool = True
    """Whether finished files say what they were made from: `provenance` of `[gateway]`, "file" or "off"."""

    @property
    def locked(self) -> Mapping[str, str]:
        """Keys that lie in the keyring and could not be read: name to reason."""
        return self.environment.locked if isinstance(self.environment, Environment) else {}

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.home / "flexura.db"


def load(
    environ: Mapping[str, str] | None = None,
    *,
    local: bool = False,
    keyring: Keyring = provider_secrets.read,
) -> Settings:
    """Read environment, configuration file, and of the keyring what that file says lies there.

    A `local` gateway takes provider keys from file and keyring alone: whoever happened to start it must not
    lend it theirs. Raises InvalidRequest for a configuration file that cannot be read, naming the line.
    """
    environ = os.environ if environ is None else environ
    file = _file(paths.config_file())
    table = table_of(file, "providers")
    own = {} if local else {name: value for name, value in environ.items() if value}
    kept = [name for name in in_keyring(table) if name not in own]
    written = {k: str(v) for k, v in table.items() if not isinstance(v, dict | list)}
    policy = table_of(file, "policy")
    gateway = table_of(file, "gateway")
    return Settings(
        home=paths.home(),
        environment=Environment({**written, **own}, kept, keyring),
        public_url=(environ.get("FLEXURA_PUBLIC_URL") or str(gateway.get("public_url", ""))).rstrip(
            "/"
        ),
        aliases={k: str(v) for k, v in table_of(file, "aliases").items()},
        presets=table_of(file, "presets"),
        destinations=table_of(file, "destinations"),
        prefer=tuple(str(p) for p in policy.get("prefer", ())),
        order=_order(policy.get("order", "cheapest")),
        allowed_hosts=tuple(str(h) for h in gateway.get("allowed_hosts", ())),
        webhook_origins=tuple(str(o) for o in table_of(file, "webhooks").get("allow_origins", ())),
        access=access_rules.read(file, environ),
        load=load_limits.read(table_of(file, "limits")),
        lease_seconds=float(environ.get("FLEXURA_LEASE_SECONDS") or _lease(environ)),
        database_url=environ.get("FLEXURA_DATABASE_URL", ""),
        artifact_store=environ.get("FLEXURA_ARTIFACTS", ""),
        idle_seconds=float(environ.get("FLEXURA_IDLE_SECONDS", "1800")),
        drain_notice=float(environ.get("FLEXURA_DRAIN_NOTICE_SECONDS") or _notice(environ)),
        metrics_token=environ.get("FLEXURA_METRICS_TOKEN")
        or str(table_of(file, "metrics").get("token", "")),
        provider_limits=limits_from(table_of(table_of(file, "limits"), "providers")),
        credits=rules_from(table_of(file, "credits")),
        retention_days=_days(table_of(file, "limits").get("retention_days")),
        provenance=_marked(gateway.get("provenance", "file")),
    )


def _lease(environ: Mapping[str, str]) -> float:
    """Others wait for the jobs of a machine that died; a laptop that slept is the only one there is."""
    return 7.0 if environ.get("FLEXURA_DATABASE_URL") else 10.0


def _notice(environ: Mapping[str, str]) -> float:
    """Only in front of a team's replicas is there a load balancer."""
    return 2.0 if environ.get("FLEXURA_DATABASE_URL") else 0.0


def _days(told: object) -> float | None:
    if told is None:
        return None
    if isinstance(told, bool) or not isinstance(told, int | float) or not 1 <= told <= 36_500:
        raise InvalidRequest(
            f"In the configuration file, retention_days of [limits] is {str(told)[:40]!r}.",
            next_step="Write a number of days from 1 on, or leave it out to keep every file.",
        )
    return float(told)


def _marked(told: object) -> bool:
    if told not in ("file", "off"):
        raise InvalidRequest(
            f"In the configuration file, provenance of [gateway] is {str(told)[:40]!r}.",
            next_step="Write file, or off to leave the files as they come.",
        )
    return told == "file"


def in_keyring(providers: Mapping[str, Any]) -> list[str]:
    """The names below [providers] whose values lie in the keyring: those set to `{ keyring = true }`."""
    return [name for name, value in providers.items() if value == {"keyring": True}]


def _opened(names: Iterable[str], keyring: Keyring) -> dict[str, str]:
    """What the keyring has of these names, and below "" why not the others. Never fails: the rest goes on."""
    try:
        found, why = keyring(names), "the keyring no longer has it"
    except provider_secrets.NoKeyring as problem:
        found, why = dict[str, str](), f"the keyring cannot be read: {problem}"
    for name in names:
        if name not in found:
            step = f"Unlock the keyring and start again, or `flexura providers add {name} --file`."
            log.warning("%s is not used: %s. %s", name, why, step)
    return {**found, "": why}


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


def _order(told: object) -> Order:
    if told not in ORDERS:
        raise InvalidRequest(
            f"In the configuration file, the order of [policy] is {str(told)[:40]!r}.",
            next_step=f"Write one of: {', '.join(ORDERS)}.",
        )
    return told
