"""`flexura open`: the dashboard in the browser, signed in by a link that works once."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode, urlsplit

import click

from flexura.cli import exit_codes
from flexura.cli.connection import connected
from flexura.cli.screen import Screen
from flexura.client.account import sign_in_link

_PAGES = (
    "overview",
    "gallery",
    "review",
    "jobs",
    "templates",
    "models",
    "usage",
    "keys",
    "webhooks",
    "providers",
    "agents",
    "workspaces",
)


@click.command("open", help="Open the dashboard in your browser, signed in.")
@click.argument("page", type=click.Choice(_PAGES), default="overview")
@click.option("--print", "only_print", is_flag=True, help="Print the link; open nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; open nothing.")
def open_(page: str, only_print: bool, as_json: bool) -> int:
    return asyncio.run(_open(page, only_print, Screen(as_json)))


async def _open(page: str, only_print: bool, screen: Screen) -> int:
    async with connected() as connection:
        link = await sign_in_link(connection.client)
    url = _leading_to(page, link.url)
    screen.object({"url": url, "expires_at": link.expires_at})
    if only_print or (not screen.as_json and click.launch(url) != 0):
        screen.data(url)
    elif not screen.as_json:
        screen.say("The dashboard opens in your browser. The link in it works once.")
    return exit_codes.OK


def _leading_to(page: str, url: str) -> str:
    """The link with the page that it leads to after signing in."""
    if page == "overview":
        return url
    parts = urlsplit(url)
    return parts._replace(query=urlencode({"next": f"/dashboard/{page}"})).geturl()
