"""Who may use a gateway, how often and on what terms: the operator's rules, from the configuration."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from flexura.domain.configuration import table_of
from flexura.domain.errors import InvalidRequest

SignupMode = Literal["off", "invite", "open"]
PER_MINUTE = 60.0
_TABLES = ("gateway", "limits", "plans", "signup")


@dataclass(frozen=True)
class SignupRules:
    """Whether strangers may make a workspace of their own, and what it begins with."""

    mode: SignupMode = "off"
    credits: float = 0.0
    plan: str = "operate"
    attempts_per_hour: int = 20
    """Attempts from one address, failed ones too."""


@dataclass(frozen=True)
class AccessRules:
    """What holds for every workspace that has no rule of its own."""

    environment: str = "open"
    plans_without_api: frozenset[str] = frozenset()
    requests_per_minute: int = 1200
    """Of one key; 0 = no limit."""
    failed_keys_per_minute: int = 60
    """Wrong keys from one address; 0 = no limit."""
    most_queued: int = 2000
    """Jobs of one workspace that may wait at once."""
    signup: SignupRules = field(default_factory=SignupRules)

    @property
    def closed(self) -> bool:
        """Whether only approved workspaces may work: the environment's name begins with `closed`."""
        return self.environment.partition("-")[0] == "closed"


def read(file: Mapping[str, Any], environ: Mapping[str, str]) -> AccessRules:
    """The rules in a configuration file and the environment. Raises InvalidRequest naming the table."""
    gateway, limits, plans, signup = (table_of(file, name) for name in _TABLES)
    environment = environ.get("FLEXURA_ENVIRONMENT") or str(gateway.get("environment", "open"))
    # Shorter names: the defaults live in the types above and nowhere else.
    rules, door = AccessRules(), SignupRules()
    return AccessRules(
        environment=environment.strip().lower(),
        plans_without_api=frozenset(n for n in plans if table_of(plans, n).get("api") is False),
        requests_per_minute=_whole(limits, "requests_per_minute", rules.requests_per_minute),
        failed_keys_per_minute=_whole(
            limits, "failed_keys_per_minute", rules.failed_keys_per_minute
        ),
        most_queued=_whole(limits, "most_queued", rules.most_queued),
        signup=SignupRules(
            mode=_mode(environ.get("FLEXURA_SIGNUP") or signup.get("mode", door.mode)),
            credits=_amount(signup.get("credits", door.credits)),
            plan=str(signup.get("plan", door.plan)),
            attempts_per_hour=_whole(signup, "attempts_per_hour", door.attempts_per_hour),
        ),
    )


def _whole(table: Mapping[str, Any], name: str, default: int) -> int:
    value = table.get(name, default)
    if type(value) is not int or value < 0:
        raise InvalidRequest(
            f"In the configuration file, {name} is {str(value)[:40]!r}.",
            next_step="Write a whole number from 0.",
        )
    return value


def _amount(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value < math.inf:
        raise InvalidRequest(
            f"In the configuration file, the credits of [signup] are {str(value)[:40]!r}.",
            next_step="Write a number of credits from 0.",
        )
    return float(value)


def _mode(value: Any) -> SignupMode:
    if value not in get_args(SignupMode):
        raise InvalidRequest(
            f"The sign-up mode is {str(value)[:40]!r}.",
            next_step="Set FLEXURA_SIGNUP, or mode below [signup] in the configuration file, to "
            f"{', '.join(get_args(SignupMode))}.",
        )
    return value
