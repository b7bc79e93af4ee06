"""From what was typed to `Options` that cannot be wrong any more."""

from __future__ import annotations

import os
import re
import sys
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from flexura_installer.agents.entries import GATEWAY
from flexura_installer.agents.row import KEY
from flexura_installer.arguments import Arguments, Wrong
from flexura_installer.errors import InstallError
from flexura_installer.machine import Machine
from flexura_installer.options import Options
from flexura_installer.questions import Asker

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")
_KEY = re.compile(r"[\x21-\x7e]{1,500}")


def settle(arguments: Arguments, machine: Machine, asker: Asker) -> Options:
    """The options of an installation. Raises Wrong for what makes no sense, InstallError for what lacks."""
    if not _NAME.fullmatch(arguments.name):
        raise Wrong(
            f"{arguments.name!r} cannot be the name of a server.",
            "Use up to 64 letters, digits, hyphens and underscores.",
        )
    return Options(
        launcher=launcher(
            arguments.launcher, machine, only_named=arguments.dry_run or arguments.snippets
        ),
        scope=arguments.scope,
        transport=arguments.transport,
        url=_gateway(arguments, machine),
        name=arguments.name,
        literal_secret=arguments.literal_secret,
        key=_key(arguments, machine, asker),
    )


def launcher(chosen: Path | None, machine: Machine, *, only_named: bool = False) -> Path:
    """The program that agents start: absolute, and not what its symlinks lead to. Raises InstallError.

    `only_named`: nothing is written, so one that was chosen need not be there yet.
    """
    if chosen is not None:
        found = Path(os.path.abspath(chosen.expanduser()))
        if not only_named and not runs(found):
            raise Wrong(
                f"--launcher: {found} is no program that can be run.",
                "Give the path of the `flexura` command.",
            )
        return found
    on_path = machine.command("flexura")
    own = (
        machine.home / ".local" / "bin" / "flexura",
        Path(sys.executable).with_name("flexura.exe" if machine.system == "windows" else "flexura"),
        *([Path(os.path.abspath(on_path))] if on_path else []),
    )
    found = next((path for path in own if runs(path)), None)
    if found is None:
        raise InstallError(
            "The `flexura` command that agents would start is nowhere to be found.",
            "Install the package first, or name the command with --launcher PATH.",
        )
    return found


def runs(path: Path) -> bool:
    """Whether it is a program."""
    return path.is_file() and os.access(path, os.X_OK)


def _gateway(arguments: Arguments, machine: Machine) -> str:
    named = "--url"
    url = arguments.url.strip()
    if not url and arguments.transport == "http":
        named = GATEWAY
        url = machine.environment.get(GATEWAY, "").strip()
        if not url:
            raise Wrong(
                "With --transport http it has to be known where the gateway is.",
                "Add --url https://gateway.example, or set FLEXURA_URL.",
            )
    return checked(url, named) if url else ""


def checked(url: str, named: str, *, plain: bool = False) -> str:
    """The address of a gateway, without `/mcp` and the last slash. Raises Wrong.

    `plain` allows http to other machines than this one.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    good = parts.scheme in ("http", "https") and host and port != 0
    # A password in it would stand in files and messages; `$` would be replaced by some agents.
    good = good and parts.username is None and not parts.query and not parts.fragment
    if not good or re.search(r"[\s\x00-\x20$\"'`\\{}<>]", url):
        raise Wrong(
            f"{named} is not the address of a gateway.",
            "It looks like https://gateway.example, without password, `?` and `#`.",
        )
    if parts.scheme == "http" and not plain and not is_this_machine(host):
        raise Wrong(
            f"{named} is http, and {host} is another machine: the key would travel unprotected.",
            "Use the https address of that gateway.",
        )
    return url.rstrip("/").removesuffix("/mcp").rstrip("/")


def is_this_machine(host: str) -> bool:
    """Whether the host of a URL is loopback."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _key(arguments: Arguments, machine: Machine, asker: Asker) -> str:
    if not arguments.literal_secret:
        return ""
    if arguments.transport != "http":
        raise Wrong(
            "--literal-secret has a meaning only with --transport http.",
            "Leave it out: what agents start with stdio finds its key by itself (`flexura login`).",
        )
    if arguments.scope == "project":
        raise Wrong(
            "--literal-secret is refused with --scope project: such files are shared and committed.",
            f"Leave it out; the entries then refer to {KEY}.",
        )
    key = machine.environment.get(KEY, "").strip() or asker.secret(f"{KEY} of the gateway")
    if not key:
        raise InstallError(
            f"--literal-secret needs the key, and {KEY} is not set.",
            f"Set {KEY} and repeat the command.",
        )
    if not _KEY.fullmatch(key):
        raise Wrong(f"{KEY} holds characters that no key has.", f"Set {KEY} to the key itself.")
    return key
