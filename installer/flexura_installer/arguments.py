"""The command line of install, uninstall and upgrade: one parser, whoever starts them."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

from flexura_installer.agents.row import Scope, Transport
from flexura_installer.errors import InstallError

Command = Literal["install", "uninstall", "upgrade"]

EXAMPLES = {
    "install": """\
examples:
  flexura install                        every agent that is found, after one question
  flexura install --target codex cursor  these two
  flexura install --dry-run              show the changes, write nothing
  flexura install --status               what is installed where""",
    "uninstall": """\
examples:
  flexura uninstall                      out of every agent; asks, and asks about the data
  flexura uninstall --target codex       out of this one; the others stay""",
    "upgrade": """\
examples:
  flexura upgrade --dry-run              show what would change""",
}
EXIT_CODES = """\
exit codes:
  0 done; 1 something was left alone, the report says why; 2 the command is wrong; 3 declined;
  130 interrupted"""
_ABOUT: dict[Command, str] = {
    "install": "Put flexura into your coding agents: an entry in the file where each of them lists its MCP"
    " servers, and a skill. Nothing else in those files changes, and `flexura uninstall` brings the old bytes"
    " back.",
    "uninstall": "Take flexura out of your coding agents. A file that nobody changed since gets its old bytes"
    " back; from the others only our entry is removed. It asks about the data; unasked, that is kept.",
    "upgrade": "Bring everything that was installed up to this version, with the options it was installed"
    " with.",
}


class Wrong(InstallError):
    """The command line itself is wrong: exit code 2."""


@dataclass(frozen=True)
class Arguments:
    """What was typed. Not everything has a meaning for every command; the parser sees to that."""

    command: Command
    targets: tuple[str, ...] = ()
    every: bool = False
    dry_run: bool = False
    as_json: bool = False
    yes: bool = False
    force: bool = False
    # Of install and upgrade.
    launcher: Path | None = None
    # Of install.
    scope: Scope = "user"
    project: Path | None = None
    transport: Transport = "stdio"
    url: str = ""
    name: str = "flexura"
    snippets: bool = False
    literal_secret: bool = False
    skills: bool = True
    status: bool = False
    # From install.sh: the gateway that served it, and what it made before it started us.
    gateway_url: str = ""
    made_launcher: Path | None = None
    made_venv: Path | None = None
    made_directories: tuple[Path, ...] = ()
    # Of uninstall; None: ask.
    delete_data: bool | None = None


def parse(argv: Sequence[str]) -> Arguments:
    """What these words mean. Raises Wrong; leaves by SystemExit(0) after `--help`."""
    named = argv[0] if argv else ""
    if named not in _ABOUT:
        known = ", ".join(_ABOUT)
        raise Wrong(f"The first word has to be one of: {known}.", "Each of them takes --help.")
    found = vars(_parser(named).parse_args(argv[1:]))
    found["targets"] = _names(found["targets"])
    if "made_directories" in found:
        found["made_directories"] = tuple(found["made_directories"])
    return Arguments(command=named, **found)


def help_of(command: Command, width: int | None = None) -> str:
    """The help of one command, for a terminal of `width` columns; None: for this one."""
    return _parser(command, width).format_help()


class _Parser(argparse.ArgumentParser):
    """A parser that raises instead of leaving."""

    def error(self, message: str) -> NoReturn:
        raise Wrong(
            f"{message[:1].upper()}{message[1:]}.", f"`{self.prog} --help` shows what it takes."
        )


def _parser(command: Command, width: int | None = None) -> argparse.ArgumentParser:
    parser = _Parser(
        f"flexura {command}",
        description=textwrap.fill(_ABOUT[command], 98),
        epilog=f"{EXAMPLES[command]}\n\n{EXIT_CODES}",
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=width),
        allow_abbrev=False,
    )
    of_what = {
        "install": "to install into, found or not",
        "uninstall": "to take it out of",
        "upgrade": "to upgrade",
    }
    _common(parser, of_what=of_what[command])
    if command == "install":
        _of_install(parser)
        _hidden(parser)
    elif command == "uninstall":
        _of_uninstall(parser)
    else:
        _launcher(parser)
    return parser


def _common(parser: argparse.ArgumentParser, *, of_what: str) -> None:
    add = parser.add_argument
    add(
        "--target",
        dest="targets",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME",
        help=f"an agent {of_what}; several words, commas and repeating are fine",
    )
    add("--all", dest="every", action="store_true", help="all of them, without a question")
    add("--dry-run", action="store_true", help="show a diff of every file, write nothing")
    add("--json", dest="as_json", action="store_true", help="print one JSON object")
    add("-y", "--yes", action="store_true", help="ask nothing")
    add(
        "--force",
        action="store_true",
        help="replace what is not ours too; a backup is kept beside it",
    )


def _of_install(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--scope",
        choices=("user", "project"),
        default="user",
        help="your own files, or a project's",
    )
    add("--project", type=Path, metavar="DIR", help="the project; else the current directory")
    add(
        "--transport",
        choices=("stdio", "http"),
        default="stdio",
        help="the agent starts `flexura mcp` (stdio), or talks to a gateway itself (http)",
    )
    add("--url", default="", help="the gateway to use; http needs it here or in FLEXURA_URL")
    add("--name", default="flexura", help="what the agents call the server (flexura)")
    _launcher(parser)
    add("--print", dest="snippets", action="store_true", help="print what to paste, write nothing")
    add(
        "--literal-secret",
        action="store_true",
        help="write the key itself (from MEDIA_GATEWAY_API_KEY, or asked); http and user scope only",
    )
    add("--no-skills", dest="skills", action="store_false", help="only the MCP entries")
    add("--status", action="store_true", help="say what is installed where, change nothing")


def _of_uninstall(parser: argparse.ArgumentParser) -> None:
    data = parser.add_mutually_exclusive_group()
    data.add_argument(
        "--delete-data",
        action="store_true",
        default=None,
        help="delete jobs, files and kept keys as well",
    )
    data.add_argument(
        "--keep-data",
        dest="delete_data",
        action="store_false",
        default=None,
        help="keep them, without a question",
    )


def _launcher(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--launcher", type=Path, metavar="PATH", help="the flexura program that agents start"
    )


def _hidden(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--gateway-url", default="", help=argparse.SUPPRESS)
    add("--made-launcher", type=Path, help=argparse.SUPPRESS)
    add("--made-venv", type=Path, help=argparse.SUPPRESS)
    add(
        "--made-directory",
        dest="made_directories",
        type=Path,
        action="append",
        default=[],
        help=argparse.SUPPRESS,
    )


def _names(words: Sequence[str]) -> tuple[str, ...]:
    names = [name.strip().lower() for word in words for name in word.split(",")]
    return tuple(dict.fromkeys(name for name in names if name))
