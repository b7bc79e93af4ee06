"""A small app on pipes, run as a child: what `flexura serve --pipe` does with the gateway."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from flexura.gateway.pipe import serve_pipe


async def echo(request: Request) -> Response:
    print("a stray print must not tear the frames")
    body = await request.body()
    headers = {"X-Method": request.method, "X-Query": request.url.query, "X-Path": request.url.path}
    return Response(body, 207, {**headers, "X-Asked-By": request.headers["x-asked-by"]})


async def large(_: Request) -> Response:
    return Response(bytes(range(256)) * 8192)


class Slow:
    """Answers without end, and says in a file when its client has gone away."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        gone = asyncio.create_task(_gone(receive))
        while not gone.done():
            await send({"type": "http.response.body", "body": b"tick" * 20_000, "more_body": True})
            await asyncio.sleep(0)
        with open(parse_qs(scope["query_string"].decode())["gone"][0], "wb") as file:
            file.write(b"gone")


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def fails(_: Request) -> Response:
    raise ZeroDivisionError


async def never(_: Request) -> Response:
    await asyncio.Event().wait()
    raise AssertionError


async def dies(_: Request) -> Response:
    os._exit(3)


async def health(_: Request) -> Response:
    return JSONResponse({"started": started})


started: list[str] = []


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    if "broken" in sys.argv:
        raise RuntimeError("the database is too new")
    started.append("yes")
    yield
    with open(sys.argv[1], "ab") as file:
        file.write(b"shut down")


routes = [
    Route("/echo/{name}", echo, methods=["PUT"]),
    Route("/slow", Slow()),
    *(Route(f"/{f.__name__}", f) for f in (large, fails, never, dies, health)),
]
asyncio.run(serve_pipe(Starlette(routes=routes, lifespan=lifespan)))
