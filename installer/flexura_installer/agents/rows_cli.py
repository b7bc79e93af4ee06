"""Agents of the terminal, first part: Codex, Claude Code, Aider, Cline, Gemini CLI, Antigravity, Copilot CLI.

Time limits: a call of ours takes at most 45 seconds and then brings files home, so they are set to ten
minutes where an agent has one per call, and to one minute where it has one for the start.
"""

from __future__ import annotations

from flexura_installer.agents.row import (
    ARGS,
    BEARER,
    COMMAND,
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
CALL_MS = 600_000
_CODEX_LIMITS = {"startup_timeout_sec": 60, "tool_timeout_sec": 600}
# Claude Code and Copilot CLI share a project's `.mcp.json`, so they have to agree on what stands in it.
SHARED_STDIO = {"type": "stdio", "command": COMMAND, "args": ARGS, "timeout": CALL_MS}
SHARED_HTTP = {"type": "http", "url": URL, "headers": HEADERS, "timeout": CALL_MS}

CODEX = Agent(
    name="codex",
    title="Codex",
    signs=Signs(commands=("codex",), paths=("${CODEX_HOME:-~/.codex}",)),
    user=(ConfigFile("${CODEX_HOME:-~/.codex}/config.toml", "toml", ("mcp_servers",)),),
    project=(ConfigFile(".codex/config.toml", "toml", ("mcp_servers",)),),
    stdio={**STDIO, **_CODEX_LIMITS},
    # No `type`: Codex tells the two apart by `command` and `url`, and warns about members it does not know.
    http=Http(
        {"url": URL, "bearer_token_env_var": BEARER, **_CODEX_LIMITS},
        reference=KEY,
        literal={"url": URL, "http_headers": HEADERS, **_CODEX_LIMITS},
    ),
    scrubs=True,
    passes_key={"env_vars": [KEY]},
    skills_user=("${CODEX_HOME:-~/.codex}/skills",),
    skills_project=(".codex/skills",),
    notes_project=(
        "Codex reads a project's .codex/config.toml only after you trusted the project.",
    ),
    tried="client",
    source=(
        "https://developers.openai.com/codex/mcp",
        "https://developers.openai.com/codex/skills",
    ),
)

CLAUDE_CODE = Agent(
    name="claude-code",
    title="Claude Code",
    aliases=("claude",),
    # `~/.claude.json` stays behind when somebody deletes `~/.claude`.
    signs=Signs(("claude",), ("${CLAUDE_CONFIG_DIR:-~/.claude}", "~/.claude.json")),
    user=(ConfigFile("${CLAUDE_CONFIG_DIR:-~}/.claude.json", "json", SERVERS),),
    project=(ConfigFile(".mcp.json", "json", SERVERS),),
    # `type` is required: an entry without it is not loaded.
    stdio=SHARED_STDIO,
    http=Http(SHARED_HTTP, reference=f"Bearer ${{{KEY}}}"),
    skills_user=("${CLAUDE_CONFIG_DIR:-~/.claude}/skills",),
    skills_project=(".claude/skills",),
    reads_agents_folder=False,
    notes_project=(
        "Claude Code asks before it uses the servers of a project's .mcp.json: approve flexura there.",
    ),
    tried="client",
    source=("https://code.claude.com/docs/en/mcp", "https://code.claude.com/docs/en/skills"),
)

AIDER = Agent(
    name="aider",
    title="Aider",
    signs=Signs(("aider",), ("~/.aider.conf.yml", "~/.aider")),
    user=(),
    project=(),
    stdio={},
    http=None,
    reads_agents_folder=False,
    instructions=ConfigFile("~/.aider.conf.yml", "yaml", ("read",), kind="item"),
    instructions_project=ConfigFile(".aider.conf.yml", "yaml", ("read",), kind="item"),
    notes=(
        "Aider has no MCP: it reads a page that tells it how to use the flexura command.",
        "A `read:` in a project's own .aider.conf.yml replaces the one in your home.",
    ),
    tried="client",
    source=(
        "https://aider.chat/docs/config/aider_conf.html",
        "https://aider.chat/docs/usage/conventions.html",
    ),
)

CLINE = Agent(
    name="cline",
    title="Cline",
    signs=Signs(
        ("cline",),
        (
            "${CLINE_DIR:-~/.cline}",
            "~/.vscode/extensions/saoudrizwan.claude-dev-*",
            "${XDG_CONFIG_HOME:-~/.config}/Code/User/globalStorage/saoudrizwan.claude-dev",
        ),
        macos=("~/Library/Application Support/Code/User/globalStorage/saoudrizwan.claude-dev",),
        windows=("${APPDATA:-~/AppData/Roaming}/Code/User/globalStorage/saoudrizwan.claude-dev",),
    ),
    # The command line and the extension for VS Code share this file since 4.x.
    user=(
        ConfigFile(
            "${CLINE_DIR:-~/.cline}/data/settings/cline_mcp_settings.json",
            "json",
            SERVERS,
            variable="CLINE_MCP_SETTINGS_PATH",
        ),
    ),
    project=(),
    stdio={**STDIO, "disabled": False, "autoApprove": [], "timeout": 600},
    # `streamableHttp`: without a type Cline takes SSE, and `http` makes it refuse the whole file.
    # No reference: the extension expands `${env:…}`, the command line sends it as it stands.
    http=Http(
        {
            "type": "streamableHttp",
            "url": URL,
            "headers": HEADERS,
            "disabled": False,
            "autoApprove": [],
            "timeout": 600,
        },
        reference="",
    ),
    skills_user=("${CLINE_DIR:-~/.cline}/skills",),
    skills_project=(".cline/skills",),
    tried="client",
    source=("https://docs.cline.bot/mcp/configuring-mcp-servers", "https://github.com/cline/cline"),
)

GEMINI_CLI = Agent(
    name="gemini-cli",
    title="Gemini CLI",
    aliases=("gemini",),
    # `~/.gemini` is shared with Antigravity.
    signs=Signs(
        ("gemini",),
        ("~/.gemini",),
        foreign=(
            "config",
            "antigravity",
            "antigravity-cli",
            "antigravity-ide",
            "antigravity-browser-profile",
        ),
    ),
    user=(ConfigFile("~/.gemini/settings.json", "jsonc", SERVERS),),
    project=(ConfigFile(".gemini/settings.json", "jsonc", SERVERS),),
    stdio={**STDIO, "timeout": CALL_MS},
    http=Http(
        {"url": URL, "type": "http", "headers": HEADERS, "timeout": CALL_MS},
        reference=f"Bearer ${{{KEY}}}",
    ),
    scrubs=True,
    passes_key={"env": {KEY: f"${KEY}"}},
    skills_user=("~/.gemini/skills",),
    skills_project=(".gemini/skills",),
    notes=("Gemini CLI starts no server at all in a folder that you have not trusted.",),
    tried="client",
    source=(
        "https://geminicli.com/docs/tools/mcp-server/",
        "https://geminicli.com/docs/cli/skills/",
    ),
)

ANTIGRAVITY = Agent(
    name="antigravity",
    title="Antigravity",
    aliases=("agy",),
    signs=Signs(
        ("agy", "antigravity"),
        ("~/.gemini/config", "~/.gemini/antigravity*"),
        macos=("/Applications/Antigravity.app",),
        windows=("${LOCALAPPDATA:-~/AppData/Local}/Programs/Antigravity",),
    ),
    user=(ConfigFile("~/.gemini/config/mcp_config.json", "json", SERVERS),),
    project=(),
    stdio=STDIO,
    http=Http({"serverUrl": URL, "headers": HEADERS}, reference=""),
    skills_user=("~/.gemini/antigravity/skills",),
    skills_project=(".agents/skills",),
    reads_agents_folder=False,
    notes=("In Antigravity open Manage MCP Servers and press Refresh.",),
    source=("https://antigravity.google/docs/mcp", "https://www.npmjs.com/package/add-mcp"),
)

COPILOT_CLI = Agent(
    name="copilot-cli",
    title="Copilot CLI",
    aliases=("copilot", "github-copilot-cli"),
    signs=Signs(("copilot",), ("${COPILOT_HOME:-~/.copilot}",)),
    user=(ConfigFile("${COPILOT_HOME:-~/.copilot}/mcp-config.json", "json", SERVERS),),
    project=(
        ConfigFile(
            ".mcp.json",
            "json",
            SERVERS,
            alternatives=(".github/mcp.json",),
            stdio=SHARED_STDIO,
            http=SHARED_HTTP,
        ),
    ),
    stdio={**SHARED_STDIO, "tools": ["*"]},
    http=Http({**SHARED_HTTP, "tools": ["*"]}, reference=f"Bearer ${{{KEY}}}"),
    skills_user=("${COPILOT_HOME:-~/.copilot}/skills",),
    skills_project=(".github/skills",),
    notes_project=("Copilot CLI reads a project's files only after you trusted the folder.",),
    source=(
        "https://docs.github.com/en/copilot/how-tos/copilot-cli/customize-copilot/add-mcp-servers",
        "https://github.com/microsoft/apm/issues/1152",
    ),
)
