"""`python -m flexura_installer install|uninstall|upgrade …`, and what `flexura install …` hands over to."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from flexura_installer import install, status, uninstall, upgrade
from flexura_installer.arguments import Arguments, Wrong, parse
from flexura_installer.errors import InstallError
from flexura_installer.machine import Machine
from flexura_installer.questions import Asker, Nobody, Terminal
from flexura_installer.report import Report, show
from flexura_installer.session import House, Session

OK, LEFT_ALONE, USAGE, DECLINED, INTERRUPTED = 0, 1, 2, 3, 130


def main(
    argv: Sequence[str] | None = None, *, house: House | None = None, asker: Asker | None = None
) -> int:
    """Run one command and print what came of it; the exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    try:
        arguments = parse(given)
        machine = Machine.here(_project(arguments))
    except SystemExit as left:
        return OK if not left.code else USAGE
    except InstallError as error:
        return _fail(error, as_json="--json" in given)
    quiet = arguments.as_json or arguments.yes
    report = Report(_name(arguments), arguments.dry_run)
    session = Session(arguments, machine, Nobody() if quiet else asker or Terminal(), report, house)
    return _run(session)


def _run(session: Session) -> int:
    arguments, report = session.arguments, session.report
    commands = {"install": install.run, "uninstall": uninstall.run, "upgrade": upgrade.run}
    code = None
    try:
        (status.run if arguments.status else commands[arguments.command])(session)
    except InstallError as error:
        if not report.rows:
            return _fail(error, as_json=arguments.as_json)
        report.failed = True
        report.said.append(error.message)
        report.next += [error.next_step] if error.next_step else []
    except KeyboardInterrupt:
        code = INTERRUPTED
        report.failed = True
        report.said.append(
            "Interrupted: what stands above was done, nothing else; no file is half written."
        )
    show(report, session.machine, as_json=arguments.as_json)
    if code is None and report.declined:
        code = DECLINED
    return code if code is not None else OK if report.ok else LEFT_ALONE


def _name(arguments: Arguments) -> str:
    return "status" if arguments.status else arguments.command


def _project(arguments: Arguments) -> Path:
    """The project directory, absolute. Raises Wrong when there is none, or when it is the home."""
    try:
        project = Path(os.path.abspath((arguments.project or Path()).expanduser()))
    except FileNotFoundError:
        raise InstallError("The current directory is gone.", "Change to one that exists.") from None
    if arguments.project and not project.is_dir():
        raise Wrong(f"--project: {project} is no directory.", "Name the root of a project.")
    if arguments.scope == "project" and project == Path.home():
        raise Wrong(
            "--scope project in your home directory would write your own files, not a project's.",
            "Go to the project, or name it with --project DIR.",
        )
    return project


def _fail(error: InstallError, *, as_json: bool) -> int:
    """An error before anything was done, in the words of every other command."""
    code = "invalid_request" if isinstance(error, Wrong) else "internal_error"
    if as_json:
        body = {"code": code, "message": error.message, "next_step": error.next_step}
        print(json.dumps({"ok": False, "error": body}, ensure_ascii=False))
    else:
        print(f"error: {error.message}", file=sys.stderr)
        if error.next_step:
            print(f"next: {error.next_step}", file=sys.stderr)
    return USAGE if isinstance(error, Wrong) else LEFT_ALONE


if __name__ == "__main__":
    sys.exit(main())
