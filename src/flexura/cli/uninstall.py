"""`flexura uninstall`: the installer takes back what it wrote; gateway and data are this program's part."""

from __future__ import annotations

import click

from flexura.cli import login_unit, own_data
from flexura.cli.install import HANDED_OVER, HandedOver
from flexura.local import gateway, paths
from flexura.local.errors import LocalError
from flexura_installer.__main__ import main
from flexura_installer.session import Data, Done


@click.command(
    cls=HandedOver, context_settings=HANDED_OVER, help="Take flexura out of your coding agents."
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def uninstall(words: tuple[str, ...]) -> int:
    return main(["uninstall", *words], house=House())


class House:
    """This user's own gateway and data, as `flexura_installer.session.House` wants them."""

    def stop_gateway(self, *, dry_run: bool) -> Done:
        """Stop it, unless somebody runs it in a terminal."""
        # Looking for one makes the state directory.
        running = gateway.find() if paths.default_home().is_dir() else None
        if running is None:
            return Done(True, "", _unit(), {"running": False, "stopped": False})
        still = {"running": True, "stopped": False}
        if not running.on_demand:
            words = f"A gateway that you started yourself runs on at {running.url}."
            return Done(True, words, "End your `flexura serve`, if you do not need it.", still)
        if dry_run:
            return Done(True, "Your gateway would be stopped.", "", {**still, "running": False})
        try:
            gateway.stop()
        except LocalError as error:
            words = f"Your gateway still runs: {error.message}"
            return Done(False, words, error.next_step or "", still)
        return Done(True, "Stopped your gateway.", _unit(), {"running": False, "stopped": True})

    def data(self) -> Data | None:
        """What lies in the state directory, and the configuration."""
        found = own_data.found()
        if not found:
            return None
        places = tuple(dict.fromkeys(str(place) for place in own_data.places(found)))
        return Data(places, own_data.size(found))

    def delete_data(self) -> Done:
        """Delete it, with the keys that lie in the keyring."""
        left = own_data.delete()
        if left:
            return Done(False, f"Not everything could be deleted: {'; '.join(left)}.")
        return Done(True, "Deleted your jobs, files and kept keys.")


def _unit() -> str:
    """How to take away what `flexura gateway enable` made."""
    path = login_unit.path_of()
    if not path.is_file():
        return ""
    if path.suffix == ".plist":
        return f"launchctl bootout gui/$(id -u) '{path}'; rm '{path}'"
    return f"systemctl --user disable --now flexura; rm '{path}'"
