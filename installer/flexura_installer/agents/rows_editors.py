"""Agents that live in an editor or an application of their own."""

from __future__ import annotations

from flexura_installer.agents.row import (
    HEADERS,
    KEY,
    STDIO,
    URL,
    Agent,
    ConfigFile,
    Http,
    Signs,
)

SERVERS = ("mcpServers",)
_CONFIG = "${XDG_CONFIG_HOME:-~/.config}"
_MACOS = "~/Library/Application Support"
_WINDOWS = "${APPDATA:-~/AppData/Roaming}"
_LOCAL = "${LOCALAPPDATA:-~/AppData/Local}"
_INPUT = "media-gateway-api-key"

CURSOR = Agent(
    name="cursor",
    title="Cursor",
    aliases=("cursor-agent",),
    signs=Signs(
        ("cursor", "cursor-agent"),
        ("~/.cursor",),
        macos=("/Applications/Cursor.app",),
        windows=(f"{_LOCAL}/Programs/cursor",),
    ),
    user=(ConfigFile("~/.cursor/mcp.json", "jsonc", SERVERS),),
    project=(ConfigFile(".cursor/mcp.json", "jsonc", SERVERS),),
    stdio=STDIO,
    http=Http({"url": URL, "headers": HEADERS}, reference=f"Bearer ${{env:{KEY}}}"),
    skills_user=("~/.cursor/skills",),
    skills_project=(".cursor/skills",),
    notes=("Turn flexura on under Cursor Settings, MCP, if it is not on already.",),
    source=("https://cursor.com/docs/mcp", "https://userjot.com/docs/mcp-cursor"),
)

WINDSURF = Agent(
    name="windsurf",
    title="Windsurf (Devin Desktop)",
    aliases=("devin", "devin-desktop", "codeium", "cascade"),
    signs=Signs(
        ("windsurf", "devin-desktop"),
        ("~/.config/devin", "~/.codeium/windsurf"),
        macos=("/Applications/Windsurf.app", "/Applications/Devin.app"),
        windows=(f"{_WINDOWS}/devin",),
    ),
    # Windsurf is called Devin Desktop since June 2026 and moved its file; each is written where its
    # application is, the new one where neither is.
    user=(
        ConfigFile(
            "~/.config/devin/mcp_config.json",
            "json",
            SERVERS,
            windows=f"{_WINDOWS}/devin/mcp_config.json",
            only_with="~/.config/devin",
            only_with_windows=f"{_WINDOWS}/devin",
        ),
        ConfigFile(
            "~/.codeium/windsurf/mcp_config.json",
            "json",
            SERVERS,
            only_with="~/.codeium/windsurf",
            http={"serverUrl": URL, "headers": HEADERS},
        ),
    ),
    project=(ConfigFile(".devin/mcp_config.json", "json", SERVERS),),
    stdio=STDIO,
    http=Http({"url": URL, "headers": HEADERS}, reference=f"Bearer ${{env:{KEY}}}"),
    skills_user=("~/.config/devin/skills", "~/.codeium/windsurf/skills"),
    skills_project=(".devin/skills", ".windsurf/skills"),
    reads_agents_folder=False,
    notes=(
        "Press Refresh in the list of MCP servers of Windsurf or Devin Desktop, or start it anew.",
    ),
    source=(
        "https://docs.devin.ai/desktop/cascade/mcp",
        "https://docs.windsurf.com/windsurf/cascade/mcp",
    ),
)

CLAUDE_DESKTOP = Agent(
    name="claude-desktop",
    title="Claude Desktop",
    signs=Signs(
        paths=(f"{_CONFIG}/Claude",),
        macos=(f"{_MACOS}/Claude", "/Applications/Claude.app"),
        windows=(f"{_WINDOWS}/Claude",),
    ),
    user=(
        ConfigFile(
            f"{_CONFIG}/Claude/claude_desktop_config.json",
            "json",
            SERVERS,
            macos=f"{_MACOS}/Claude/claude_desktop_config.json",
            windows=f"{_WINDOWS}/Claude/claude_desktop_config.json",
        ),
    ),
    project=(),
    stdio=STDIO,
    # Servers by HTTP belong under Settings, Connectors; from the file only programs are started.
    http=None,
    scrubs=True,
    reads_agents_folder=False,
    notes=("Quit Claude Desktop completely and start it again.",),
    source=(
        "https://modelcontextprotocol.io/docs/develop/connect-local-servers",
        "https://github.com/modelcontextprotocol/servers/issues/1039",
    ),
)

VSCODE = Agent(
    name="vscode",
    title="VS Code Copilot",
    aliases=("vscode-copilot", "github-copilot"),
    signs=Signs(
        ("code",),
        (f"{_CONFIG}/Code/User",),
        macos=(f"{_MACOS}/Code/User", "/Applications/Visual Studio Code.app"),
        windows=(f"{_WINDOWS}/Code/User", f"{_LOCAL}/Programs/Microsoft VS Code"),
    ),
    user=(
        ConfigFile(
            f"{_CONFIG}/Code/User/mcp.json",
            "jsonc-commas",
            ("servers",),
            macos=f"{_MACOS}/Code/User/mcp.json",
            windows=f"{_WINDOWS}/Code/User/mcp.json",
        ),
    ),
    project=(ConfigFile(".vscode/mcp.json", "jsonc-commas", ("servers",)),),
    stdio={"type": "stdio", **STDIO},
    # `${env:…}` in headers is sent as it stands (microsoft/vscode#336232); an input is asked for once.
    http=Http(
        {"type": "http", "url": URL, "headers": HEADERS},
        reference=f"Bearer ${{input:{_INPUT}}}",
        beside=(
            (
                ("inputs",),
                "id",
                {
                    "type": "promptString",
                    "id": _INPUT,
                    "description": "Key of the flexura gateway",
                    "password": True,
                },
            ),
        ),
        note="VS Code asks for the key the first time that it starts the server, and keeps it.",
    ),
    skills_user=("~/.copilot/skills",),
    skills_project=(".github/skills",),
    notes=("Run MCP: List Servers in VS Code and start flexura.",),
    source=(
        "https://code.visualstudio.com/docs/copilot/customization/mcp-servers",
        "https://github.com/microsoft/vscode/issues/336232",
    ),
)

KIRO = Agent(
    name="kiro",
    title="Kiro",
    aliases=("kiro-cli",),
    signs=Signs(("kiro-cli", "kiro"), ("~/.kiro",)),
    user=(ConfigFile("~/.kiro/settings/mcp.json", "jsonc", SERVERS),),
    project=(ConfigFile(".kiro/settings/mcp.json", "jsonc", SERVERS),),
    stdio=STDIO,
    # No reference: the editor wants `${X}` and an approval, the command line `${env:X}`, in one file.
    http=Http({"url": URL, "headers": HEADERS}, reference=""),
    skills_user=("~/.kiro/skills",),
    skills_project=(".kiro/skills",),
    reads_agents_folder=False,
    source=(
        "https://kiro.dev/docs/mcp/configuration/",
        "https://kiro.dev/docs/cli/mcp/configuration/",
    ),
)

ZED = Agent(
    name="zed",
    title="Zed",
    signs=Signs(
        ("zed", "zeditor"),
        (f"{_CONFIG}/zed",),
        macos=("/Applications/Zed.app",),
        windows=(f"{_WINDOWS}/Zed",),
    ),
    user=(
        ConfigFile(
            f"{_CONFIG}/zed/settings.json",
            "jsonc-commas",
            ("context_servers",),
            macos="~/.config/zed/settings.json",
            windows=f"{_WINDOWS}/Zed/settings.json",
        ),
    ),
    project=(ConfigFile(".zed/settings.json", "jsonc-commas", ("context_servers",)),),
    # No `source`: Zed takes it out again since December 2025, and asks to have the settings migrated.
    stdio={**STDIO, "timeout": 600},
    http=Http({"url": URL, "headers": HEADERS, "timeout": 600}, reference=""),
    notes_project=("Zed starts the servers of a project only after you trusted the worktree.",),
    source=("https://zed.dev/docs/ai/mcp", "https://github.com/zed-industries/zed"),
)
