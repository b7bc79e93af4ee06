"""docs/agents.md and the table in the README, from the rows of the installer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from docs_build.table import table
from flexura_installer.agents import AGENTS
from flexura_installer.agents.entries import wishes
from flexura_installer.agents.row import KEY, Agent, ConfigFile, Http, Scope
from flexura_installer.formats import prove
from flexura_installer.formats.dialects import dialect
from flexura_installer.machine import Machine, System
from flexura_installer.options import Options
from flexura_installer.wishes import EntryWish

TEXT = f"""\
# Agents

`flexura install` writes one entry into the file where an agent lists its MCP servers, and gives it the skill;
`flexura uninstall` brings the old bytes back. Only the entry changes: comments, order, indentation and line
ends stay, and a file that cannot be edited with proof is left alone, with the entry shown to be pasted.

```sh
flexura install                                      # into every agent that is found, asked once
flexura install --target codex cursor --dry-run      # show the difference, write nothing
flexura install --target claude --scope project      # into the files of this project
flexura install --transport http --url https://media.example.com
flexura install --print --target zed                 # only what has to be pasted where
```

**By default an agent starts the launcher**, by its absolute path, and no secret stands in any file. The
launcher takes the key of a gateway elsewhere from `{KEY}`, else from the system's keyring, else from a
file that only you can read (`flexura login`). Your own gateway needs no key.

**With `--transport http`** the agent talks to the gateway by itself, and the entry refers to `{KEY}` in
the words of that agent: they differ, and the wrong ones are sent as they stand. An agent without such words
gets the launcher instead, with the address of the gateway in `FLEXURA_URL`. `--literal-secret` writes the key
itself; it is refused in a project's files, which are shared.

**The skill** lies in `~/.agents/skills/flexura` (in a project `.agents/skills/flexura`), which many agents
read; the others get a link in a folder of their own. `--no-skills` leaves it out.

*Tried with the real client* means that our tests install the agent, write its files, ask it for our tools and
take everything out again. The others were written from the pages that are named, and never met the agent.
On macOS and Windows nothing was tried: only the paths are tested.
"""
STDIO = Options(Path("/home/you/.local/bin/flexura"))
HTTP = replace(STDIO, transport="http", url="https://media.example.com")
SYSTEMS: tuple[tuple[System, str], ...] = (
    ("linux", "Linux"),
    ("macos", "macOS"),
    ("windows", "Windows"),
)
SCOPES: tuple[Scope, ...] = ("user", "project")
FORMATS = {
    "json": "JSON",
    "jsonc": "JSON with comments",
    "jsonc-commas": "JSON with comments and trailing commas",
    "toml": "TOML",
    "yaml": "YAML",
}


def page() -> str:
    """The whole page."""
    return "\n".join([TEXT, *map(_section, AGENTS)])


def readme_table() -> str:
    """One line for each agent."""
    head = ("Agent", "`--target`", "Its file", "HTTP", "Skill", "Tried")
    return table(head, map(_line, AGENTS))


def _line(row: Agent) -> tuple[str, ...]:
    listed = [file.path for file in row.user] or [row.instructions.path if row.instructions else ""]
    http = "yes" if row.http and row.http.reference else "launcher" if row.user else "no MCP"
    skill = (
        "yes" if row.reads_agents_folder or row.skills_user else "page" if row.instructions else ""
    )
    return (
        f"[{row.title}](docs/agents.md#{_anchor(row)})",
        f"`{row.name}`",
        ", ".join(f"`{_plain(path)}`" for path in listed),
        http,
        skill,
        "real client" if row.tried == "client" else "documentation",
    )


def _anchor(row: Agent) -> str:
    return "".join(c for c in row.title.lower().replace(" ", "-") if c.isalnum() or c == "-")


def _plain(template: str) -> str:
    """The path when no variable is set: `${CODEX_HOME:-~/.codex}/x` is `~/.codex/x`."""
    return template.split(":-", 1)[1].replace("}", "", 1) if ":-" in template else template


def _section(row: Agent) -> str:
    names = ", ".join(f"`{name}`" for name in (row.name, *row.aliases))
    parts = [f"## {row.title}\n", f"`--target`: {names}. Found by {_found_by(row)}.\n"]
    if rows := list(_files(row)):
        parts.append(table(("Scope", "File", "Format", "Under"), rows) + "\n")
        parts += _entries(row)
    parts += [f"- {line}" for line in _facts(row)]
    return "\n".join(parts) + "\n"


def _found_by(row: Agent) -> str:
    signs = [f"the command `{name}`" for name in row.signs.commands]
    signs += [f"`{path}`" for path in row.signs.paths]
    signs += [f"`{path}` (macOS)" for path in row.signs.macos]
    signs += [f"`{path}` (Windows)" for path in row.signs.windows]
    return ", ".join(signs)


def _files(row: Agent) -> Iterator[tuple[str, ...]]:
    taught = ((row.instructions,), (row.instructions_project,))
    for scope, others in zip(SCOPES, taught, strict=True):
        for file in filter(None, (*row.files(scope), *others)):
            under = " → ".join(f"`{key}`" for key in file.under)
            kind = "a list" if file.kind == "item" else ""
            yield scope, _places(file), FORMATS[file.dialect], f"{under} {kind}"


def _places(file: ConfigFile) -> str:
    by_path: dict[str, list[str]] = {}
    for system, title in SYSTEMS:
        by_path.setdefault(file.template(system), []).append(title)
    told = [
        f"`{path}`" + (f" ({', '.join(titles)})" if len(by_path) > 1 else "")
        for path, titles in by_path.items()
    ]
    told += [f"or `{path}`" for path in file.alternatives]
    told += [f"or what `{file.variable}` names"] if file.variable else []
    told += [f"where `{file.only_with}` exists"] if file.only_with else []
    return ", ".join(told)


def _entries(row: Agent) -> Iterator[str]:
    """Every different entry once: an agent's second file, or HTTP, may want the same as the first."""
    seen: set[str] = set()
    for file in row.user:
        several = f" in `{file.path}`" if len(row.user) > 1 else ""
        for title, options in (("The entry", STDIO), ("By HTTP", HTTP)):
            if options is HTTP and not (row.http and row.http.reference and file.http != {}):
                continue
            text = _example(row, file, options)
            if text not in seen:
                yield f"{title}{several}:\n\n{text}"
            seen.add(text)


def _example(row: Agent, file: ConfigFile, options: Options) -> str:
    machine = Machine(Path("/home/you"), "linux", {}, Path("/home/you/project"))
    [wish] = wishes(Agent(**{**vars(row), "user": (file,)}), options, machine)
    return f"```{wish.dialect.split('-')[0]}\n{_document(wish)}```\n"


def _document(wish: EntryWish) -> str:
    content = b""
    for slot, value in wish.values:
        content = prove.put(dialect(wish.dialect), content, slot, value).after
    return content.decode()


def _facts(row: Agent) -> Iterator[str]:
    if row.user:
        yield f"The key by HTTP: {_secret(row.http)}"
    if row.scrubs:
        yield f"What it starts does not see your {KEY}: for a gateway elsewhere run `flexura login`."
    yield f"Skill: {_skills(row)}."
    yield from row.notes
    yield from (f"In a project: {note}" for note in row.notes_project)
    pages = ", ".join(f"<{page}>" for page in row.source)
    tried = "with the real client" if row.tried == "client" else "only from its documentation"
    yield f"Tried {tried}: {pages}"


def _secret(http: Http | None) -> str:
    if http is None:
        return "none; from its file it starts programs only, so it gets the launcher."
    if not http.reference:
        return "it has no way to refer to one, so it gets the launcher unless `--literal-secret` is given."
    return f"`{http.reference}`. {http.note}".strip()


def _skills(row: Agent) -> str:
    if not (row.reads_agents_folder or row.skills_user or row.skills_project):
        return "a page about the command line, in the list above" if row.instructions else "none"
    if row.reads_agents_folder:
        return "it reads `~/.agents/skills` and a project's `.agents/skills` itself"
    home = " or ".join(f"`{path}`" for path in row.skills_user)
    return f"{home}; in a project {' or '.join(f'`{path}`' for path in row.skills_project)}"
