"""The account over HTTP: what a workspace has, spends and may spend; amounts in credits."""

from __future__ import annotations

from flexura.client.answers import Answer
from flexura.client.gateway import GatewayClient


class CreditsAnswer(Answer):
    """What an account has; nothing is `available` in particular where it is unlimited."""

    metered: bool
    available: float | None
    granted: float
    spent: float
    reserved: float
    credit_usd: float


class BudgetAnswer(Answer):
    """A budget and what is left of it."""

    id: str
    period: str
    key_id: str | None = None
    most: float
    spent: float
    reserved: float
    left: float
    renews_at: str | None = None


class RateAnswer(Answer):
    """How often this key may ask."""

    limit: int
    window_seconds: int
    remaining: int


class AccountAnswer(Answer):
    """The account of the key's workspace."""

    workspace: str
    name: str
    plan: str
    credits: CreditsAnswer
    budgets: tuple[BudgetAnswer, ...] = ()
    today: float = 0.0
    month: float = 0.0
    rate_limit: RateAnswer | None = None


class SignInLink(Answer):
    """A link that signs a browser in to the dashboard, once, until then (ISO 8601)."""

    url: str
    expires_at: str


async def sign_in_link(client: GatewayClient) -> SignInLink:
    """Make a link; whoever opens it may do what the client's key may."""
    return await client.ask(SignInLink, "POST", "/api/v1/sign-in-links")


async def account(client: GatewayClient) -> AccountAnswer:
    """The account of the workspace that the client's key is for."""
    return await client.ask(AccountAnswer, "GET", "/api/v1/account")
