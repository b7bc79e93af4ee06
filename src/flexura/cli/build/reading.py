"""Reads `flexura.toml`: strictly, with every problem told at once, and without asking anybody."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from flexura.cli.build import keys, places, values
from flexura.cli.build.asset import AssetReader
from flexura.cli.build.declared import (
    FILE,
    LOCK,
    Asset,
    BadDeclaration,
    Input,
    Problem,
    Project,
)
from flexura.cli.build.lines import Lines, line_of, lines_of
from flexura.local.errors import LocalError
from flexura.local.json_shape import is_object

LARGEST = 4 << 20
_SYNTAX = re.compile(r"^(.*) \(at (?:line (\d+), column \d+|end of document)\)$", re.S)


def find(start: Path) -> Path:
    """The nearest folder upwards that has a `flexura.toml`. Raises LocalError where there is none."""
    for place in (start, *start.parents):
        if (place / FILE).is_file():
            return place
    raise LocalError(
        "invalid_request",
        f"There is no {FILE} in {start} or above.",
        next_step="`flexura build --init` writes one to start from.",
    )


def read(root: Path) -> Project:
    """The declaration of a project. Raises BadDeclaration with all of its problems, and OSError."""
    root = root.resolve()
    file = root / FILE
    if file.stat().st_size > LARGEST:
        raise BadDeclaration([Problem(0, f"it is larger than {LARGEST >> 20} MB.")])
    try:
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadDeclaration([Problem(0, "it is not UTF-8 text.")]) from error
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadDeclaration([_syntax(error, len(text.splitlines()))]) from error
    reader = _Reader(root, lines_of(text))
    project = reader.project(document)
    if reader.problems:
        raise BadDeclaration(reader.problems, project.reads)
    return project


def _syntax(error: Exception, last: int) -> Problem:
    found = _SYNTAX.match(str(error))
    if found is None:
        return Problem(0, f"it is no TOML: {error}.")
    return Problem(int(found[2] or last), f"it is no TOML: {found[1]}.")


class _Reader:
    def __init__(self, root: Path, lines: Lines) -> None:
        self.problems: list[Problem] = []
        self._root = root
        self._lines = lines
        self._prompt_files: set[str] = set()
        self._missing: set[str] = set()

    def project(self, document: Mapping[str, Any]) -> Project:
        known = ("project", "asset")
        for name in document:
            if name not in known:
                self._say((name,), f"{name!r} is unknown{values.nearest(name, known)}")
        defaults = self._table(document, ("project",), keys.PROJECT_KEYS)
        if (out := str(defaults.get("out", ""))) and (why := places.fault(self._root, out)):
            self._say(("project", "out"), f"out {out!r} is refused: {why}")
            defaults.pop("out")
        assets = self._assets(document.get("asset", {}), defaults)
        self._check_paths(assets)
        names = {places.same(asset.path): name for name, asset in assets.items()}
        names |= {name: name for name in assets}
        assets = {asset.name: self._with_names(asset, names) for asset in assets.values()}
        reads = {g.source for a in assets.values() for g in a.inputs if g.of == "file"}
        return Project(
            self._root,
            {name: assets[name] for name in self._in_order(assets)},
            defaults.get("budget"),
            tuple(sorted(reads | self._prompt_files | self._missing)),
        )

    def _assets(self, declared: object, defaults: Mapping[str, Any]) -> dict[str, Asset]:
        if not is_object(declared):
            self._say(("asset",), "assets are tables: [asset.NAME]")
            return {}
        found: dict[str, Asset] = {}
        for name in declared:
            place = ("asset", name)
            if not re.fullmatch(keys.NAME, name):
                self._say(place, f"the name {name[:80]!r} may have letters, digits, - and _ only")
                continue
            given = self._table(declared, place, keys.ASSET_KEYS)
            reader = AssetReader(self._root, name, given, defaults)
            asset = reader.asset(line_of(self._lines, place))
            for key, message in reader.problems:
                self._say((*place, key), message)
            if reader.prompt_file:
                self._prompt_files.add(reader.prompt_file)
            if asset is not None:
                found[name] = asset
        return found

    def _table(
        self, document: Mapping[str, Any], place: tuple[str, ...], known: Mapping[str, keys.Key]
    ) -> dict[str, Any]:
        """The keys of a table that are known and fit; the others are problems."""
        told: Any = document.get(place[-1], {})
        if not is_object(told):
            self._say(place, f"{place[-1]!r} is no table; write [{'.'.join(place)}]")
            return {}
        fit: dict[str, Any] = {}
        for name, value in cast("dict[str, object]", told).items():
            if name not in known:
                why = f"is unknown{values.nearest(name, known)}"
            else:
                why = values.fault(known[name].schema, value)
            if why:
                self._say((*place, name), f"{name} {why}")
            else:
                fit[name] = value
        return fit

    def _check_paths(self, assets: Mapping[str, Asset]) -> None:
        taken = {places.same(FILE): FILE, places.same(LOCK): LOCK}
        taken |= {places.same(path): f"the prompt file {path}" for path in self._prompt_files}
        for asset in assets.values():
            other = taken.setdefault(places.same(asset.path), f"the asset {asset.name}")
            if other != f"the asset {asset.name}":
                place = ("asset", asset.name, "path")
                self._say(place, f"the path {asset.path!r} is that of {other} already")

    def _with_names(self, asset: Asset, names: Mapping[str, str]) -> Asset:
        """The asset with its inputs told apart: another asset is meant by its name or by its path."""
        place, inputs = ("asset", asset.name, "inputs"), list[Input]()
        for given in asset.inputs:
            # No name has a dot, and no path of an asset is without one.
            spelled = places.same(given.source) if "." in given.source else given.source
            name = names.get(spelled)
            if given.of == "elsewhere":
                inputs.append(given)
            elif name is not None:
                inputs.append(replace(given, of="asset", source=name))
            elif why := self._fault_of_file(given.source):
                self._missing.add(given.source)
                near = values.nearest(given.source, names.values())
                self._say(place, f"the input {given.source!r} is refused: {why}{near}")
            else:
                inputs.append(given)
        return replace(asset, inputs=tuple(inputs))

    def _fault_of_file(self, path: str) -> str:
        from flexura.bridge import media_types

        if why := places.fault(self._root, path, hidden=True):
            return why
        if not (self._root / path).is_file():
            return "there is no such file in the project, and no asset of that name"
        if not media_types.is_input(media_types.type_of(path)):
            return "its name does not end like that of an image, a video or a sound"
        return ""

    def _in_order(self, assets: Mapping[str, Asset]) -> list[str]:
        """The names so that each comes after what it needs; a circle is a problem."""
        done: dict[str, None] = {}
        for name in assets:
            # By hand and not by recursion: a long chain is a fine declaration.
            way, on_it = [name], {name}
            while way:
                here = way[-1]
                todo = [n for n in assets[here].needs if n in assets and n not in done]
                if not todo or here in done:
                    done.setdefault(here)
                    on_it.discard(way.pop())
                elif todo[0] in on_it:
                    circle = [*way[way.index(todo[0]) :], todo[0]]
                    self._say(
                        ("asset", here, "inputs"), f"a circle of inputs: {' → '.join(circle)}"
                    )
                    return list(assets)
                else:
                    way.append(todo[0])
                    on_it.add(todo[0])
        return list(done)

    def _say(self, place: Sequence[str], message: str) -> None:
        where = {("project", 2): "[project] ", ("asset", 3): f"[{'.'.join(place[:2])}] "}
        ending = "" if message.endswith(("?", ".")) else "."
        told = f"{where.get((place[0], len(place)), '')}{message}{ending}"
        self.problems.append(Problem(line_of(self._lines, tuple(place)), told))
