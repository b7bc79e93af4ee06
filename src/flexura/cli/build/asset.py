"""One `[asset.NAME]` of `flexura.toml`, with the project's defaults, as a value that can be ordered."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, cast

from flexura.bridge.uploads import PASSED_ON, split_role
from flexura.cli.build import keys, places
from flexura.cli.build.declared import Asset, Input, Medium

_LONGEST_PROMPT = 20_000
_SOUNDS = ("speech", "music", "sfx")
_FIXED = ("inputs", "format", "kind", "again", "confirm")
"""Names that an order has too: they are said by keys of their own, or by nobody."""


class AssetReader:
    """Collects what is wrong as pairs of key and message; `asset` gives None where too much is."""

    def __init__(
        self, root: Path, name: str, given: Mapping[str, Any], defaults: Mapping[str, Any]
    ) -> None:
        self.problems: list[tuple[str, str]] = []
        self.prompt_file = ""
        self._root = root
        self._name = name
        self._given = given
        self._defaults = defaults

    def asset(self, line: int) -> Asset | None:
        """The asset, or None when it cannot be told what is meant."""
        path, medium, format = self._path()
        prompt = self._prompt()
        if not path or medium is None or not prompt:
            return None
        style = str(self._of("style") or "") if medium != "audio" else ""
        model, preset = self._model()
        return Asset(
            name=self._name,
            path=path,
            medium=medium,
            format=format,
            prompt=self._joined(style, prompt),
            model=model,
            preset=preset,
            options=self._options(medium),
            inputs=tuple(_input(text) for text in cast("list[str]", self._given.get("inputs", []))),
            max_cost=self._of("max_cost"),
            line=line,
        )

    def _of(self, name: str) -> Any:
        return self._given.get(name, self._defaults.get(name))

    def _say(self, key: str, message: str) -> None:
        self.problems.append((key, message))

    def _path(self) -> tuple[str, Medium | None, str]:
        told = str(self._given.get("path", ""))
        if not told:
            self._say("path", "path is missing: the file to make")
            return "", None, ""
        path = (PurePosixPath(str(self._defaults.get("out", ""))) / told).as_posix()
        if why := places.fault(self._root, path):
            self._say("path", f"the path {told!r} is refused: {why}")
            return "", None, ""
        ending = PurePosixPath(path).suffix.lower()
        if told.endswith("/") or ending not in keys.FORMATS:
            known = ", ".join(keys.FORMATS)
            self._say("path", f"the path {told!r} has to end with one of {known}")
            return "", None, ""
        return path, *self._kind(ending)

    def _kind(self, ending: str) -> tuple[Medium | None, str]:
        means, format = keys.FORMATS[ending]
        told = str(self._given.get("kind", "")) or means
        medium = "audio" if told in _SOUNDS else told
        # A GIF is a moving picture where a video is asked for.
        if medium != means and (medium, format) != ("video", "gif"):
            self._say("kind", f"a path that ends with {ending} is no {told}")
            return None, ""
        return cast("Medium", medium), format

    def _prompt(self) -> str:
        given = self._given
        if "prompt" in given and "prompt_file" in given:
            self._say("prompt_file", "prompt and prompt_file are two prompts; leave one out")
        if "prompt" in given:
            return _plain(given["prompt"])
        if "prompt_file" not in given:
            self._say("prompt", "prompt is missing: what to make, in words")
            return ""
        return self._prompt_from(str(given["prompt_file"]))

    def _prompt_from(self, path: str) -> str:
        if why := places.fault(self._root, path, hidden=True):
            self._say("prompt_file", f"prompt_file {path!r} is refused: {why}")
            return ""
        # Also one that is not there: --watch looks out for it.
        self.prompt_file = path
        try:
            with (self._root / path).open("rb") as file:
                text = file.read(_LONGEST_PROMPT * 4 + 1).decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            self._say("prompt_file", f"prompt_file {path!r} cannot be read: {why}")
            return ""
        if not _plain(text):
            self._say("prompt_file", f"prompt_file {path!r} is empty")
        return _plain(text)

    def _joined(self, style: str, prompt: str) -> str:
        joined = f"{_plain(style)} {prompt}" if style.strip() else prompt
        if len(joined) > _LONGEST_PROMPT or "\0" in joined:
            key = "prompt_file" if self.prompt_file else "prompt"
            self._say(key, f"the prompt is longer than {_LONGEST_PROMPT} characters, or has a NUL")
        return joined

    def _model(self) -> tuple[str, str]:
        given, preset = self._given, str(self._of("preset") or "")
        model = str(self._of("model") or "")
        if "preset" in given and "model" not in given:
            # The preset brings a model of its own; the project's usual one must not take its place.
            return "", preset
        provider = str(self._of("provider") or "")
        is_policy = model in ("", *keys.POLICIES)
        if provider and is_policy:
            return f"policy:{model or keys.POLICIES[0]},provider={provider}", preset
        if provider and "provider" in given and "model" in given:
            self._say("provider", "a model that is named has its provider; leave provider out")
        return (f"policy:{model}" if model and is_policy else model), preset

    def _options(self, medium: Medium) -> dict[str, Any]:
        options: dict[str, Any] = {}
        for name, value in self._given.items():
            key = keys.ASSET_KEYS[name]
            if key.place == "option":
                options[name] = value
                if medium not in key.kinds:
                    kinds = " or ".join(key.kinds)
                    self._say(name, f"{name} means nothing for {medium}, only for {kinds}")
        if (told := self._given.get("kind")) in _SOUNDS:
            options["kind"] = told
        for name, value in cast("dict[str, Any]", self._given.get("options", {})).items():
            if name in keys.ASSET_KEYS or name in _FIXED:
                where = (
                    "write it as a key of the asset" if name in keys.ASSET_KEYS else "leave it out"
                )
                self._say("options", f"options.{name} is none of the model's own; {where}")
            elif not _is_json(value):
                self._say("options", f"options.{name} is a date or a time; write it as a text")
            options[name] = value
        return options


def _is_json(value: object) -> bool:
    """Whether a value of TOML can be sent as JSON; moments cannot."""
    if isinstance(value, dict):
        return all(_is_json(inner) for inner in cast("dict[str, object]", value).values())
    if isinstance(value, list):
        return all(_is_json(inner) for inner in cast("list[object]", value))
    if isinstance(value, float):
        return -1e300 < value < 1e300
    return isinstance(value, str | int)


def _plain(text: str) -> str:
    """The text whatever editor and system it was written with: no spaces around, one kind of line end."""
    return text.replace("\r\n", "\n").strip()


def _input(text: str) -> Input:
    role, source = split_role(text.strip())
    if source.lower().startswith(PASSED_ON):
        return Input("elsewhere", source, role)
    # Which of the two it is, is known when all assets are read.
    return Input("file", PurePosixPath(source).as_posix(), role)
