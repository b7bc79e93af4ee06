"""Routes about the gateway itself: health, the OpenAPI document, the install script."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

import flexura
from flexura.domain.errors import NotFound
from flexura.gateway.rest.requests import services


async def health(request: Request) -> Response:
    """Whether the gateway lives; answered without a key and without the database."""
    body = {"status": "ok", "version": flexura.__version__, "instance": services(request).instance}
    return JSONResponse(body)


async def openapi(request: Request) -> Response:
    """The OpenAPI 3.1 document of every route."""
    return Response(_document(), media_type="application/json")


@lru_cache(maxsize=1)
def _document() -> bytes:
    import json

    from flexura.gateway.openapi import document

    return json.dumps(document()).encode()


async def install_script(request: Request) -> Response:
    """The script behind `curl … | bash`."""
    package = Path(flexura.__file__).parent
    for place in (
        package / "_installer" / "install.sh",
        package.parents[1] / "installer" / "install.sh",
    ):
        if place.is_file():
            return Response(place.read_bytes(), media_type="text/x-shellscript; charset=utf-8")
    raise NotFound(
        "The install script is not part of this installation.",
        next_step="Reinstall flexura from its wheel, or run installer/install.sh from a checkout.",
    )
