"""A yes to an expensive order: above a limit the answer is a token, and the same order with it passes.

The token is a signature over workspace, order and amount, so nothing has to be kept: whoever has it has been
told what this very order costs, within the last minutes.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from flexura.domain.credit_rules import CreditRules, usd_of
from flexura.domain.errors import BudgetExceeded, InvalidRequest
from flexura.domain.generation import GenerationRequest
from flexura.domain.workspace import Workspace
from flexura.ports.records import Records, Tx
from flexura.services.clock import iso, now_ms

OPTION = "confirm"
_VALID_MS = 15 * 60_000
_TOKEN = re.compile(r"yes_(\d{13,15})_(\d{1,18})_([0-9a-f]{32})", re.ASCII)


class Confirmations:
    """Asks for and recognises confirmations."""

    def __init__(
        self,
        records: Records,
        secret: str,
        rules: CreditRules | None = None,
        now: Callable[[], int] = now_ms,
    ) -> None:
        self._records = records
        # A key of its own: this signature must never pass for a link's.
        self._key = hashlib.sha256(b"flexura confirm\0" + secret.encode()).digest()
        self._rules = rules or CreditRules()
        self._now = now

    async def needed(self, workspace_id: str, estimate: Mapping[str, Any] | None) -> bool:
        """Whether an order of that price is confirmed first in this workspace; for a dry run."""
        workspace = await self._records.get(Workspace, workspace_id)
        return self._above(workspace, estimate) is not None

    def check(
        self,
        tx: Tx,
        workspace_id: str,
        order: str,
        estimate: Mapping[str, Any] | None,
        token: str,
    ) -> None:
        """Pass an order that is cheap enough or confirmed.

        `order` is the same text for the same order and no other. Raises BudgetExceeded with the token to
        send (`confirm`), or InvalidRequest for what is no token.
        """
        limit = self._above(tx.get(Workspace, workspace_id), estimate)
        if limit is None:
            return
        micro_usd = _micro_usd(estimate)
        problem = self._problem(workspace_id, order, micro_usd, token)
        if not problem:
            return
        until = self._now() + _VALID_MS
        fresh = self._token(workspace_id, order, micro_usd, until)
        raise BudgetExceeded(
            f"The order costs about {micro_usd / 1e6:,.2f} USD; above {limit:,.2f} USD it has to be confirmed"
            f"{problem}.",
            field=f"options.{OPTION}",
            next_step=f"If whoever pays agrees, send the same with options.{OPTION} = {fresh} until"
            f" {iso(until)} (on the command line: --option {OPTION}={fresh}).",
            confirm=fresh,
            required=micro_usd / 1e6,
            limit=limit,
        )

    def _above(
        self, workspace: Workspace | None, estimate: Mapping[str, Any] | None
    ) -> float | None:
        """The limit that an order of that price is above; None where it is not."""
        limit = self._rules.limit(workspace.policy if workspace else {})
        amount = usd_of(estimate)
        return limit if limit is not None and amount is not None and amount > limit else None

    def _problem(self, workspace_id: str, order: str, micro_usd: int, token: str) -> str:
        """Why this token does not let that order pass; empty if it does."""
        if not token:
            return " first"
        found = _TOKEN.fullmatch(token)
        if found is None:
            raise InvalidRequest(
                "options.confirm is no confirmation token.",
                field=f"options.{OPTION}",
                next_step="Leave it out; the refusal of an expensive order carries the token to send.",
            )
        until, amount = int(found[1]), int(found[2])
        signed = self._signature(workspace_id, order, amount, until)
        if not hmac.compare_digest(signed, found[3]):
            return "; the token is for another order"
        if until < self._now():
            return "; the token has expired"
        return "; the price has risen since" if micro_usd > amount else ""

    def _token(self, workspace_id: str, order: str, micro_usd: int, until: int) -> str:
        signature = self._signature(workspace_id, order, micro_usd, until)
        return f"yes_{until}_{micro_usd}_{signature}"

    def _signature(self, workspace_id: str, order: str, micro_usd: int, until: int) -> str:
        text = "\0".join((workspace_id, order, str(micro_usd), str(until)))
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:32]


def without_token(request: GenerationRequest) -> tuple[GenerationRequest, str]:
    """The order without the token among its options, and the token. Raises InvalidRequest."""
    if OPTION not in request.options:
        return request, ""
    options, token = taken_out(request.options)
    return request.model_copy(update={"options": options}), token


def taken_out(options: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The options without the token, and the token; it is no part of the order. Raises InvalidRequest."""
    token: Any = options.get(OPTION) or ""
    if not isinstance(token, str) or len(token) > 200:
        raise InvalidRequest(
            "options.confirm is not a text.",
            field=f"options.{OPTION}",
            next_step="Send the token as it came, or leave it out.",
        )
    return {name: value for name, value in options.items() if name != OPTION}, token


def _micro_usd(estimate: Mapping[str, Any] | None) -> int:
    return min(round(Decimal(str(usd_of(estimate) or 0)) * 1_000_000), 10**18 - 1)
