"""How money and credits relate on this gateway: the table [credits] of the configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any, Literal

from flexura.domain.credits import MICRO, MOST_CREDITS
from flexura.domain.errors import InvalidRequest

CURRENCY = "USD"
_CAP = re.compile(r"cap:(\d{1,9}(?:\.\d{1,6})?)")
_ALLOWED = "Allowed: allow, refuse, or cap:N with N credits, as cap:20."


@dataclass(frozen=True)
class Unknown:
    """What happens to an order whose price nobody knows before."""

    manner: Literal["allow", "refuse", "cap"]
    cap: int = 0
    """Microcredits that are held for it, and at most settled."""


@dataclass(frozen=True)
class CreditRules:
    """What a credit is worth, and the policies that a workspace may override."""

    credit_usd: float = 0.01
    unknown_price: str = ""
    """`allow`, `refuse` or `cap:N`; empty = allow where the account is not metered, refuse where it is."""
    confirm_above: float | None = None
    """USD above which an order wants a confirmation; None = never."""

    def micro(self, cost: Mapping[str, Any] | None) -> int | None:
        """A cost (amount, currency) in microcredits, rounded up; None where it is unknown.

        Another currency than USD is unknown: nobody here knows the rate.
        """
        amount = usd_of(cost)
        if amount is None:
            return None
        exact = Decimal(str(amount)) / Decimal(str(self.credit_usd)) * MICRO
        return min(int(exact.to_integral_value(ROUND_CEILING)), MOST_CREDITS * MICRO)

    def usd(self, micro: int) -> float:
        """Microcredits in USD."""
        return float(Decimal(micro) * Decimal(str(self.credit_usd)) / MICRO)

    def unknown(self, policy: Mapping[str, Any], *, metered: bool) -> Unknown:
        """What a workspace's own policy, else the gateway's, says about unknown prices."""
        told = str(policy.get("unknown_price") or self.unknown_price)
        return read_unknown(told or ("refuse" if metered else "allow"))

    def limit(self, policy: Mapping[str, Any]) -> float | None:
        """USD above which this workspace confirms; None = never."""
        told = policy.get("confirm_above", self.confirm_above)
        return None if told is None else float(told)


def usd_of(cost: Mapping[str, Any] | None) -> float | None:
    """The amount of a cost in USD; None where it is unknown, nonsense, or in another currency."""
    if not cost or str(cost.get("currency", CURRENCY)).upper() != CURRENCY:
        return None
    amount = cost.get("amount")
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        return None
    return float(amount) if 0 <= amount < float("inf") else None


def read_unknown(text: str) -> Unknown:
    """The policy in these words. Raises InvalidRequest naming what is allowed."""
    if text == "allow" or text == "refuse":
        return Unknown(text)
    found = _CAP.fullmatch(text)
    if found is None:
        raise InvalidRequest(
            f"The policy for unknown prices is {text[:40]!r}.",
            field="unknown_price",
            next_step=_ALLOWED,
        )
    return Unknown("cap", int(Decimal(found[1]) * MICRO))


def read_micro(text: str, rules: CreditRules) -> int:
    """An amount as people write it, in microcredits: `500` credits, `$5` or `5usd`.

    Raises InvalidRequest naming what is allowed.
    """
    plain = text.strip().lower().replace("_", "").replace(",", "")
    money = plain.startswith("$") or plain.endswith("usd")
    digits = plain.removeprefix("$").removesuffix("usd").strip()
    if not re.fullmatch(r"-?\d{1,10}(?:\.\d{1,6})?", digits):
        raise InvalidRequest(
            f"{text[:40]!r} is no amount.", next_step="Write credits as 500, or money as 5usd."
        )
    credit = Decimal(str(rules.credit_usd)) if money else Decimal(1)
    micro = int((Decimal(digits) / credit * MICRO).to_integral_value())
    if abs(micro) > MOST_CREDITS * MICRO:
        raise InvalidRequest(
            f"{text[:40]} is too much.", next_step=f"Allowed: up to {MOST_CREDITS:,} credits."
        )
    return micro


def rules_from(table: Mapping[str, Any]) -> CreditRules:
    """The rules in the table [credits] of the configuration. Raises InvalidRequest naming the line."""
    price = _number(table, "price_usd", 0.01)
    if price is None or not price > 0:
        raise _wrong("price_usd", "a number of USD above 0, as 0.01")
    above = _number(table, "confirm_above", None)
    if above is not None and above < 0:
        raise _wrong("confirm_above", "a number of USD, as 1.50")
    unknown = str(table.get("unknown_price", ""))
    if unknown:
        read_unknown(unknown)
    return CreditRules(price, unknown, above)


def _number(table: Mapping[str, Any], name: str, default: float | None) -> float | None:
    value = table.get(name, default)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e9:
        raise _wrong(name, "a number")
    return float(value)


def _wrong(name: str, allowed: str) -> InvalidRequest:
    return InvalidRequest(
        f"In the configuration file, {name} of [credits] cannot be used.",
        next_step=f"Write {name} = {allowed}.",
    )
