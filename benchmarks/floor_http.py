"""The smallest MCP server over HTTP that the SDK can be, with a bearer key: what `/mcp` is compared with."""

from __future__ import annotations

import sys

import uvicorn
from floor_server import ECHO, call_tool, list_tools
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.lowlevel import Server


class Verifier:
    """Knows one key."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def verify_token(self, token: str) -> AccessToken | None:
        if token != "secret":
            return None
        return AccessToken(token=token, client_id="me", scopes=["all"], resource=self._url)


def main(port: int) -> None:
    url = f"http://127.0.0.1:{port}/mcp"
    server = Server(
        "floor",
        version="1",
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        get_tool_input_schema={ECHO.name: ECHO.input_schema}.get,
    )
    server.middleware.clear()
    auth = AuthSettings(
        issuer_url="https://auth.example.com",  # pyright: ignore[reportArgumentType]
        resource_server_url=url,  # pyright: ignore[reportArgumentType]
        required_scopes=["all"],
        validate_token_resource=True,
    )
    app = server.streamable_http_app(
        auth=auth, token_verifier=Verifier(url), stateless_http=True, json_response=False
    )
    uvicorn.run(app, port=port, log_level="error", access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
