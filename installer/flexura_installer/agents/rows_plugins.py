"""Agents that are plugins of other editors first: Continue, Junie."""

from __future__ import annotations

from flexura_installer.agents.row import (
    ARGS,
    BEARER,
    COMMAND,
    KEY,
    NAME,
    STDIO,
    URL,
    Agent,
    ConfigFile,
    Http,
    Signs,
)

SERVERS = ("mcpServers",)
_PLAIN = {"type": "stdio", **STDIO}

CONTINUE = Agent(
    name="continue",
    title="Continue",
    signs=Signs(("cn",), ("~/.continue",)),
    # A config.yaml without name and version is refused, so none is made: then, and in a project, it is a file
    # of its own in the form of Claude Desktop. That one knows no reference in headers.
    user=(
        ConfigFile(
            "~/.continue/config.yaml",
            "yaml",
            SERVERS,
            kind="item",
            identity="name",
            only_with="~/.continue/config.yaml",
        ),
        ConfigFile("~/.continue/mcpServers/flexura.json", "jsonc", SERVERS, stdio=_PLAIN, http={}),
    ),
    project=(
        ConfigFile(".continue/mcpServers/flexura.json", "jsonc", SERVERS, stdio=_PLAIN, http={}),
    ),
    stdio={"name": NAME, "type": "stdio", "command": COMMAND, "args": ARGS},
    http=Http(
        {
            "name": NAME,
            "type": "streamable-http",
            "url": URL,
            "requestOptions": {"headers": {"Authorization": BEARER}},
        },
        reference=f"Bearer ${{{{ secrets.{KEY} }}}}",
        note=f"Put {KEY}=… into ~/.continue/.env.",
    ),
    skills_user=("~/.continue/skills",),
    skills_project=(".continue/skills",),
    reads_agents_folder=False,
    notes=("Continue uses tools in agent mode only.",),
    source=(
        "https://docs.continue.dev/customize/deep-dives/mcp",
        "https://github.com/continuedev/continue",
    ),
)

JUNIE = Agent(
    name="junie",
    title="Junie",
    signs=Signs(("junie",), ("~/.junie",)),
    user=(ConfigFile("~/.junie/mcp/mcp.json", "json", SERVERS),),
    project=(ConfigFile(".junie/mcp/mcp.json", "json", SERVERS),),
    stdio=STDIO,
    # Its documentation names stdio as the only way.
    http=None,
    skills_user=("~/.junie/skills",),
    skills_project=(".junie/skills",),
    reads_agents_folder=False,
    source=("https://www.jetbrains.com/help/junie/model-context-protocol-mcp.html",),
)
