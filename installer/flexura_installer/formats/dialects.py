"""The file formats of agents by name. A format is loaded when it is asked for."""

from __future__ import annotations

from functools import cache

from flexura_installer.formats.dialect import Dialect
from flexura_installer.formats.json_edit import Json

# json: strict. jsonc: comments, no comma after the last one. jsonc-commas: both.
NAMES = ("json", "jsonc", "jsonc-commas", "toml", "yaml")


class UnknownDialect(KeyError):
    """There is no such file format: a slip in a row of the table of agents."""

    def __str__(self) -> str:
        return f"there is no file format `{self.args[0]}`; known are {', '.join(NAMES)}."


@cache
def dialect(name: str) -> Dialect:
    """The file format of that name, one of `NAMES`. Raises UnknownDialect."""
    if name == "toml":
        from flexura_installer.formats.toml_edit import Toml

        return Toml()
    if name == "yaml":
        from flexura_installer.formats.yaml_edit import Yaml

        return Yaml()
    if name not in NAMES:
        raise UnknownDialect(name)
    return Json(name, comments=name != "json", trailing_commas=name == "jsonc-commas")
