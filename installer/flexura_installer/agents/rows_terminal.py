"""Agents of the terminal, second part: opencode, Qwen Code, Amp, Goose."""

from __future__ import annotations

from flexura_installer.agents.row import (
    ARGS,
    ARGV,
    COMMAND,
    HEADERS,
    KEY,
    NAME,
    STDIO,
    URL,
    Agent,
    ConfigFile,
    Http,
    Signs,
)
from flexura_installer.agents.rows_cli import CALL_MS, SERVERS

_CONFIG = "${XDG_CONFIG_HOME:-~/.config}"
_GOOSE_COMMON = {
    "name": NAME,
    "description": "Internet search and media generation",
    "enabled": True,
    "timeout": 600,
}

OPENCODE = Agent(
    name="opencode",
    title="opencode",
    signs=Signs(("opencode",), (f"{_CONFIG}/opencode", "~/.opencode")),
    user=(
        ConfigFile(
            f"{_CONFIG}/opencode/opencode.json",
            "jsonc-commas",
            ("mcp",),
            alternatives=(f"{_CONFIG}/opencode/opencode.jsonc",),
        ),
    ),
    project=(
        ConfigFile(
            "opencode.json",
            "jsonc-commas",
            ("mcp",),
            alternatives=("opencode.jsonc", ".opencode/opencode.json", ".opencode/opencode.jsonc"),
        ),
    ),
    # Without `timeout` a request may take five seconds.
    stdio={"type": "local", "command": ARGV, "enabled": True, "timeout": CALL_MS},
    # `oauth: false`: else a refused key starts a discovery and a registration at the gateway.
    http=Http(
        {
            "type": "remote",
            "url": URL,
            "headers": HEADERS,
            "oauth": False,
            "enabled": True,
            "timeout": CALL_MS,
        },
        reference=f"Bearer {{env:{KEY}}}",
    ),
    environment="environment",
    skills_user=(f"{_CONFIG}/opencode/skills",),
    skills_project=(".opencode/skills",),
    tried="client",
    source=("https://opencode.ai/docs/mcp-servers/", "https://opencode.ai/docs/skills/"),
)

QWEN_CODE = Agent(
    name="qwen-code",
    title="Qwen Code",
    aliases=("qwen",),
    signs=Signs(("qwen",), ("~/.qwen",)),
    user=(ConfigFile("~/.qwen/settings.json", "jsonc", SERVERS),),
    project=(ConfigFile(".qwen/settings.json", "jsonc", SERVERS),),
    stdio={**STDIO, "timeout": CALL_MS},
    http=Http(
        {"httpUrl": URL, "headers": HEADERS, "timeout": CALL_MS},
        reference=f"Bearer ${{{KEY}}}",
    ),
    skills_user=("~/.qwen/skills",),
    skills_project=(".qwen/skills",),
    reads_agents_folder=False,
    notes=(
        "Qwen Code starts no server in a folder that you have not trusted, where you turned that on.",
    ),
    source=("https://qwenlm.github.io/qwen-code-docs/en/users/features/mcp/",),
)

AMP = Agent(
    name="amp",
    title="Amp",
    signs=Signs(("amp",), (f"{_CONFIG}/amp",)),
    # One key with a dot in it, not a map in a map.
    user=(
        ConfigFile(
            f"{_CONFIG}/amp/settings.json",
            "jsonc-commas",
            ("amp.mcpServers",),
            alternatives=(f"{_CONFIG}/amp/settings.jsonc",),
        ),
    ),
    project=(
        ConfigFile(
            ".amp/settings.json",
            "jsonc-commas",
            ("amp.mcpServers",),
            alternatives=(".amp/settings.jsonc",),
        ),
    ),
    stdio=STDIO,
    http=Http({"url": URL, "headers": HEADERS}, reference=f"Bearer ${{{KEY}}}"),
    skills_user=(f"{_CONFIG}/agents/skills",),
    skills_project=(".agents/skills",),
    reads_agents_folder=False,
    notes_project=("Amp asks before it uses the servers of a project: amp mcp approve flexura.",),
    source=("https://ampcode.com/manual",),
)

GOOSE = Agent(
    name="goose",
    title="Goose",
    signs=Signs(
        ("goose",),
        (f"{_CONFIG}/goose",),
        windows=("${APPDATA:-~/AppData/Roaming}/Block/goose",),
    ),
    user=(
        ConfigFile(
            f"{_CONFIG}/goose/config.yaml",
            "yaml",
            ("extensions",),
            windows="${APPDATA:-~/AppData/Roaming}/Block/goose/config/config.yaml",
        ),
    ),
    project=(),
    stdio={
        "type": "stdio",
        **_GOOSE_COMMON,
        "cmd": COMMAND,
        "args": ARGS,
        "envs": {},
        "env_keys": [],
    },
    # `env_keys` are looked up in the environment, then in Goose's own keyring, and put into the headers.
    http=Http(
        {
            "type": "streamable_http",
            **_GOOSE_COMMON,
            "uri": URL,
            "headers": HEADERS,
            "envs": {},
            "env_keys": [KEY],
        },
        reference=f"Bearer ${{{KEY}}}",
        literal={
            "type": "streamable_http",
            **_GOOSE_COMMON,
            "uri": URL,
            "headers": HEADERS,
            "envs": {},
            "env_keys": [],
        },
        note=f"Goose takes {KEY} from its environment, else from its own keyring.",
    ),
    environment="envs",
    skills_user=(f"{_CONFIG}/goose/skills",),
    skills_project=(".goose/skills",),
    reads_agents_folder=False,
    source=(
        "https://goose-docs.ai/docs/guides/config-files",
        "https://goose-docs.ai/docs/getting-started/using-extensions",
    ),
)
