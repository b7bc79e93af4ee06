"""YAML from strangers: JSON's types only, without aliases, and bounded in size and depth.

Plain words are read as YAML 1.2 has them: `16:9`, `on` and `2026-11-22` are texts, as everybody means them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

import yaml

from flexura.domain.errors import InvalidRequest

MAX_BYTES = 256 * 2**10
MAX_DEPTH = 12
_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PARSE: Any = getattr(yaml, "parse")  # noqa: B009 - its stub is half typed
_PLAIN: tuple[tuple[str, str, str], ...] = (
    ("null", r"^(?:~|null|Null|NULL|)$", "~nN\0"),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]{0,17})$", "-+0123456789"),
    (
        "float",
        r"^[-+]?(?:[0-9]{1,18}\.[0-9]{0,18}|\.[0-9]{1,18}|[0-9]{1,18}(?=[eE]))(?:[eE][-+]?[0-9]{1,3})?$",
        "-+.0123456789",
    ),
)


class _Loader(_FAST):
    """The safe loader of PyYAML with the plain words of YAML 1.2; a key that comes twice is refused."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own way

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for index, key in enumerate(keys):
            if not isinstance(key, str) or key in keys[:index]:
                why = "comes twice" if isinstance(key, str) else "is not a text"
                raise _refused(f"the key {str(key)[:40]!r} {why}", node.start_mark)
        return dict(super().construct_mapping(node, deep=deep))  # pyright: ignore


for _name, _pattern, _first in _PLAIN:
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_name}", re.compile(_pattern), ["" if c == "\0" else c for c in _first]
    )


def load_yaml(text: str) -> Any:
    """The value that a YAML document stands for. Raises InvalidRequest telling the line."""
    if len(text.encode()) > MAX_BYTES:
        raise InvalidRequest(
            f"The document is over {MAX_BYTES // 1024} kB.", next_step="Shorten it or split it."
        )
    try:
        _check_events(text)
        return yaml.load(text, Loader=_Loader)  # a safe loader
    except yaml.MarkedYAMLError as error:
        raise _refused(error.problem or "it cannot be read", error.problem_mark) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _refused(" ".join(str(error).split())[:120], None) from None


def _check_events(text: str) -> None:
    """Refuse what would grow or nest beyond measure, before anything is built."""
    depth = 0
    for event in cast("Iterator[Any]", _PARSE(text, Loader=_FAST)):
        if isinstance(event, yaml.AliasEvent):
            raise _refused("aliases (*name) are not taken", event.start_mark)
        if getattr(event, "tag", None):
            raise _refused("tags (!name) are not taken", event.start_mark)
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            depth += 1
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _refused(f"it nests deeper than {MAX_DEPTH}", event.start_mark)


def _refused(why: str, mark: Any) -> InvalidRequest:
    where = f" in line {mark.line + 1}" if mark is not None else ""
    return InvalidRequest(
        f"The YAML is wrong{where}: {why}.", next_step="Correct it, or send the same as JSON."
    )
