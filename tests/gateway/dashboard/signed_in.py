"""A person at the dashboard of an in-process gateway, without a browser."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2

from gateway_house import BASE, House

_TOKEN = re.compile(r'name="token" value="([\w-]+)"')


@dataclass
class Person:
    """A browser that is signed in: its cookies, and the token that its pages carry."""

    http: httpx2.AsyncClient
    token: str

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        return await self.http.get(path, headers=headers)

    async def post(
        self, path: str, fields: Mapping[str, str | list[str]] | None = None, **headers: str
    ) -> httpx2.Response:
        """As htmx sends a form of our page."""
        sent = {"X-Flexura-Token": self.token, "HX-Request": "true", **headers}
        return await self.http.post(path, data=dict(fields or {}), headers=sent)


@asynccontextmanager
async def browsing(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser that nobody has signed in with."""
    transport = httpx2.ASGITransport(house.app)
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
        yield http


@asynccontextmanager
async def signed_in(house: House, key: str = "") -> AsyncIterator[Person]:
    """Somebody who signed in with the gateway's key, or another."""
    async with browsing(house) as http:
        answer = await sign_in(http, key or house.key)
        assert answer.status_code == 303, answer.text
        page = (await http.get("/dashboard")).text
        yield Person(http, token_of(page))


async def sign_in(http: httpx2.AsyncClient, secret: str, wanted: str = "") -> httpx2.Response:
    """Fill in the form of the sign-in page and send it."""
    form = await http.get("/dashboard/sign-in", params={"next": wanted} if wanted else {})
    fields = {"token": token_of(form.text), "secret": secret, "next": wanted}
    return await http.post("/dashboard/sign-in", data=fields)


def token_of(html: str) -> str:
    """The token that the forms of a page carry."""
    found = _TOKEN.search(html)
    assert found, "the page has no form of ours"
    return found[1]
