"""The install script and the wheel that it installs: `curl … | bash`."""

from __future__ import annotations

import asyncio
import re
import shlex

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.errors import Conflict, InvalidRequest, NotFound
from flexura.gateway.own_wheel import Wheel, own_wheel
from flexura.gateway.rest.requests import services

_SHELL = "text/x-shellscript; charset=utf-8"
_ORIGIN = re.compile(
    r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*"
)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_MOST_TARGETS = 50
_REFUSAL = """\
#!/usr/bin/env bash
# This gateway cannot hand out an installer.
refuse() {{
    printf '%s\\n' {lines} >&2
    exit 1
}}
{{ refuse; }}
"""


async def install_script(request: Request) -> Response:
    """The script behind `curl … | bash`, told where it comes from and what it has to find there."""
    targets = _targets(request)
    try:
        wheel = await asyncio.to_thread(own_wheel)
        text = filled(wheel, _origin(request), ",".join(targets))
    except Conflict as problem:
        # `curl -f … | bash` would show an error answer to nobody.
        text = refusal(problem)
    return Response(text, media_type=_SHELL, headers={"Cache-Control": "no-store"})


async def install_wheel(request: Request) -> Response:
    """The wheel of this gateway's own version."""
    wheel = await asyncio.to_thread(own_wheel)
    if request.path_params["wheel"] != wheel.name:
        raise NotFound(
            "This gateway has no such wheel.",
            next_step=f"Its own is {wheel.name}; take the install script again, which names it.",
        )
    headers = {"Cache-Control": "no-cache", "ETag": f'"{wheel.sha256}"'}
    if request.headers.get("if-none-match", "").strip('"') == wheel.sha256:
        return Response(status_code=304, headers=headers)
    return Response(wheel.content, media_type="application/octet-stream", headers=headers)


def filled(wheel: Wheel, origin: str, targets: str) -> str:
    """The script with its variables set. Raises Conflict when it has no place for one of them."""
    text = wheel.script
    for name, value in (
        ("origin", origin),
        ("version", wheel.version),
        ("wheel", wheel.name),
        ("sha256", wheel.sha256),
        ("target", targets),
    ):
        empty = f"\nflexura_{name}=''\n"
        if text.count(empty) != 1:
            raise Conflict(
                f"The install script of this installation has no place for its {name}.",
                next_step="Install flexura again on the gateway's machine, and restart it.",
            )
        text = text.replace(empty, f"\nflexura_{name}={shlex.quote(value)}\n")
    return text


def refusal(problem: Conflict) -> str:
    """A script that says why there is none, and changes nothing."""
    lines = (
        f"flexura was not installed: {problem.message}",
        f"  {problem.next_step}",
        "  Or run installer/install.sh inside a checkout of flexura.",
    )
    return _REFUSAL.format(lines=" ".join(map(shlex.quote, lines)))


def _origin(request: Request) -> str:
    """Where this gateway is: its public URL, or else the address that it listens on.

    Never the Host header: whoever can choose that would choose where the program is taken from.
    """
    host, port = request.scope["server"] or ("", None)
    listening = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    origin = services(request).links.base(request.scope["scheme"], listening)
    if not _ORIGIN.fullmatch(origin):
        raise Conflict(
            "This gateway does not know the address under which others reach it.",
            next_step="Set FLEXURA_PUBLIC_URL to it, such as https://gateway.example, and start it again.",
        )
    return origin


def _targets(request: Request) -> list[str]:
    """The agents that were asked for. Raises InvalidRequest that names the nearest ones."""
    asked = request.query_params.getlist("target")
    words = [name.strip().lower() for text in asked for name in text.split(",")]
    names = list(dict.fromkeys(re.sub(r"[ _]", "-", name) for name in words if name))[
        :_MOST_TARGETS
    ]
    # Only here: the rows of all agents are of no use to a gateway that nobody installs from.
    from flexura_installer.agents import agent
    from flexura_installer.errors import InstallError

    for name in names:
        try:
            agent(name[:40])
        except InstallError as unknown:
            raise InvalidRequest(
                unknown.message, field="target", next_step=unknown.next_step
            ) from None
        if not _NAME.fullmatch(name):
            raise InvalidRequest(
                "That name of an agent has characters that no name has.",
                field="target",
                next_step="Write it in small letters, digits and hyphens, such as claude-code.",
            )
    return names
