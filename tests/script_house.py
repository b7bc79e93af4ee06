"""A machine for the install script: an empty home, and a PATH with nothing but what the script may need."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from house.repository import ROOT

SCRIPT = ROOT / "installer" / "install.sh"
BASH = shutil.which("bash") or "/bin/bash"
# Everything that the script calls, beside Python or uv. No sudo.
TOOLS = (
    *("basename", "bash", "curl", "cut", "dirname", "id", "ln", "mkdir", "mktemp", "readlink"),
    *("rm", "rmdir", "sha256sum", "tr", "uname"),
)
Tree = dict[str, tuple[str, int, bytes]]


@dataclass
class Box:
    """Somebody's home, and the commands on their PATH."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        for place in (self.home, self.commands, self.scratch):
            place.mkdir(parents=True)
        for name in TOOLS:
            self.link(name)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def commands(self) -> Path:
        return self.folder / "commands"

    @property
    def scratch(self) -> Path:
        """TMPDIR."""
        return self.folder / "tmp"

    @property
    def launcher(self) -> Path:
        return self.home / ".local" / "bin" / "flexura"

    @property
    def venvs(self) -> Path:
        return self.home / ".local" / "share" / "flexura" / "venv"

    def link(self, name: str) -> None:
        """Put a command of this machine on the PATH."""
        found = shutil.which(name)
        assert found, f"{name} is needed by the install script"
        (self.commands / name).symlink_to(found)

    def program(self, name: str, text: str) -> None:
        """Put a shell script on the PATH."""
        # What is there may be a link to this machine's own command: never write through it.
        (self.commands / name).unlink(missing_ok=True)
        (self.commands / name).write_text(f"#!{BASH}\n{text}\n")
        (self.commands / name).chmod(0o755)

    def with_python(self) -> Box:
        """Put the Python that the tests run with on the PATH, without their venv."""
        real = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
        self.program("python3", f'exec "{real}" "$@"')
        return self

    @property
    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "PATH": str(self.commands),
            "TMPDIR": str(self.scratch),
            "LANG": "C.UTF-8",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            **self.variables,
        }

    def run(
        self, *command: str | Path, code: int | None = 0, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end; `code` is what it has to leave with, None anything."""
        done = subprocess.run(
            command,
            input=stdin,
            env=self.environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
            start_new_session=True,  # without a terminal, so that nobody can be asked
        )
        assert code in (None, done.returncode), done.stdout + done.stderr
        return done

    def tree(self) -> Tree:
        """Every file, folder and link of the home."""
        return tree(self.home)


def tree(folder: Path) -> Tree:
    """Kind, mode and content of everything below a folder."""
    found: Tree = {}
    for path in folder.rglob("*"):
        mode = path.lstat().st_mode & 0o7777
        if path.is_symlink():
            entry = ("link", 0, os.fsencode(os.readlink(path)))
        elif path.is_dir():
            entry = ("folder", mode, b"")
        else:
            entry = ("file", mode, path.read_bytes())
        found[str(path.relative_to(folder))] = entry
    return found


def index_variables() -> dict[str, str]:
    """How this machine's pip finds packages, for a process in another home."""
    found = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    # The tests have a home of their own; the configuration lies in the real one.
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    for own in (home / ".config" / "pip" / "pip.conf", home / ".pip" / "pip.conf"):
        if own.is_file():
            found.setdefault("PIP_CONFIG_FILE", str(own))
    return found


def filled(**values: str) -> str:
    """The script as a gateway serves it, with these variables."""
    text = SCRIPT.read_text(encoding="utf-8")
    for name, value in values.items():
        empty = f"\nflexura_{name}=''\n"
        assert empty in text
        text = text.replace(empty, f"\nflexura_{name}='{value}'\n")
    return text
