"""`flexura`: finds the command, and turns every way to fail into a message and an exit code.

Commands are imported when they run, so `flexura --version` and `--help` start at once.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from flexura import __version__
from flexura.cli import exit_codes
from flexura.cli.screen import Screen
from flexura.domain.errors import FlexuraError
from flexura.local.errors import LocalError

# Name → module and what it does, in the order of the help.
COMMANDS: dict[str, tuple[str, str]] = {
    "search": ("search", "Search the internet."),
    "image": ("generate", "Make or change a picture."),
    "video": ("generate", "Make a video, from words or from a picture."),
    "audio": ("generate", "Make music, a sound effect or speech."),
    "run": ("run", "Run a template: several steps, one result."),
    "build": ("build", "Make the files that flexura.toml declares, and none of them twice."),
    "approve": ("approve", "Let a job that waits for approval go on."),
    "compare": ("compare", "See variants, models or files side by side; pick one."),
    "status": ("status", "Look at jobs, wait for them, bring their files home."),
    "explain": ("explain", "Tell what a file was made from."),
    "redo": ("redo", "Make a file again, or nearly."),
    "models": ("models", "List the models that are there now."),
    "templates": ("templates", "List, show, save and delete templates."),
    "demo": ("demo", "Search, then make a picture, a video and a sound through MCP."),
    "doctor": ("doctor", "Say what works here, what does not, and what to do."),
    "mcp": ("mcp", "Speak MCP on stdin and stdout; an agent starts this."),
    "serve": ("serve", "Run the gateway in this terminal."),
    "worker": ("worker", "Run jobs of a team's store, without an API."),
    "gateway": ("gateway", "Look at, start or stop your own gateway."),
    "open": ("open_", "Open the dashboard in your browser, signed in."),
    "account": ("account", "Show plan, credits, budgets and spend."),
    "credits": ("credits", "Grant credits, look at the ledger, set budgets."),
    "keys": ("keys", "Make, list, rotate and revoke API keys of this machine's gateway."),
    "workspaces": ("workspaces", "Make and change workspaces of this machine's gateway."),
    "migrate": ("migrate", "Bring the store to this release's schema."),
    "backup": ("backup", "Write one file with everything that your gateway keeps."),
    "restore": ("restore", "Prove a backup, or bring it back."),
    "export": ("export", "Write what another store can take over to a file."),
    "import": ("import_", "Take over what was exported, into the store that is configured."),
    "webhooks": ("webhooks", "Be told of jobs by signed messages; see what was sent."),
    "torture": ("torture", "Kill it again and again here; prove that nothing is lost."),
    "install": ("install", "Put flexura into your coding agents."),
    "uninstall": ("uninstall", "Take it out of them again, byte for byte."),
    "upgrade": ("upgrade", "Bring what was installed up to this version."),
    "login": ("login", "Keep the key of the gateway that FLEXURA_URL names."),
    "providers": (
        "providers",
        "See what providers do; give keys to your own gateway.",
    ),
}
_ATTRIBUTES = {"import": "import_", "open": "open_"}
"""Commands whose name Python keeps for itself."""
_EXAMPLES = (
    'flexura image "a lighthouse at dusk, waves" -o hero.webp',
    'flexura video "city at night, neon, rain" --seconds 5',
    'flexura audio "calm lo-fi loop with rain" --format mp3',
    'flexura search "httpx retries" --json',
)


class Commands(click.Group):
    """A group whose commands are imported only when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"flexura.cli.{COMMANDS[cmd_name][0]}")
        return getattr(module, _ATTRIBUTES.get(cmd_name, cmd_name))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(
                error.command_name, possibilities=COMMANDS, ctx=ctx
            ) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples"):
            for example in _EXAMPLES:
                formatter.write(f"{'':>{formatter.current_indent}}{example}\n")
        write_exit_codes(formatter)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> NoReturn:
        given = list(sys.argv[1:] if args is None else args)
        sys.exit(_run(super().main, given, prog_name or "flexura"))


def write_exit_codes(formatter: click.HelpFormatter) -> None:
    """The list of exit codes, for the end of a help page."""
    with formatter.section("Exit codes"):
        formatter.write_dl([(str(code), text) for code, text in exit_codes.MEANINGS.items()])


def _run(command: Any, args: list[str], prog_name: str) -> int:
    screen = Screen("--json" in args)
    try:
        outcome = command(args=args, prog_name=prog_name, standalone_mode=False)
        return outcome if isinstance(outcome, int) else exit_codes.OK
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return exit_codes.USAGE
    except click.UsageError as error:
        screen.failure(_usage(error))
        return exit_codes.USAGE
    except click.ClickException as error:
        screen.failure({"code": "invalid_request", "message": error.format_message()})
        return error.exit_code
    except click.Abort as error:
        interrupted = isinstance(error.__cause__, KeyboardInterrupt)
        return exit_codes.INTERRUPTED if interrupted else exit_codes.DECLINED
    except (FlexuraError, LocalError) as error:
        screen.failure(error.body())
        return exit_codes.of(error.code)
    except OSError as error:
        screen.failure(_of_the_system(error))
        return exit_codes.FAILED


def _usage(error: click.UsageError) -> dict[str, str]:
    path = error.ctx.command_path if error.ctx else "flexura"
    return {
        "code": "invalid_request",
        "message": error.format_message(),
        "next_step": f"`{path} --help` shows what it takes.",
    }


def _of_the_system(error: OSError) -> dict[str, str]:
    where = f"{error.filename}: " if error.filename else ""
    return {
        "code": "disk_full" if error.errno in (27, 28, 30, 122) else "internal_error",
        "message": f"{where}{error.strerror or error}.",
        "next_step": "Correct that and repeat the command; `flexura status` shows jobs that were ordered.",
    }


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="flexura %(version)s")
def flexura() -> None:
    """Internet search and media generation for you and your agents.

    The first command that needs a gateway starts your own. Data goes to stdout, messages to stderr; every
    command that answers takes --json.
    """


def main() -> NoReturn:
    """Run the command line; always leaves by exit code."""
    flexura.main()
