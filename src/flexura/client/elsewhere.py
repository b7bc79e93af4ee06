"""Files that the gateway keeps elsewhere: it answers with a link, which is followed with nothing of ours."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx2

from flexura.local.errors import GatewayUnavailable

_PATIENCE = httpx2.Timeout(30.0, connect=10.0)


@asynccontextmanager
async def followed(response: httpx2.Response) -> AsyncGenerator[httpx2.Response]:
    """The answer of where a redirect leads, asked without key and session; else the answer itself.

    Raises GatewayUnavailable where the other place does not give the file.
    """
    if response.status_code != 307:
        yield response
        return
    url = httpx2.URL(response.headers.get("location", ""))
    if url.scheme not in ("https", "http") or not url.host or url.userinfo:
        raise _refused("The gateway's link to the file cannot be used.")
    async with httpx2.AsyncClient(timeout=_PATIENCE) as stranger:
        # The file as it is: an encoding on the way would be another file.
        headers = {"Accept-Encoding": "identity"}
        try:
            found = await stranger.send(
                stranger.build_request("GET", url, headers=headers), stream=True
            )
        except httpx2.TransportError:
            raise _refused(
                f"{url.host}, where the gateway keeps its files, cannot be reached."
            ) from None
        try:
            if found.status_code != 200:
                raise _refused(
                    f"{url.host}, where the gateway keeps its files, answered {found.status_code}."
                )
            yield found
        finally:
            await found.aclose()


def _refused(message: str) -> GatewayUnavailable:
    return GatewayUnavailable(
        message,
        next_step="Try again; with a gateway of a team, ask whoever runs it about its file store.",
    )
