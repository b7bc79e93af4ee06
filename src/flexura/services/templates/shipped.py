"""The templates that ship with flexura, from the documents beside this file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any, cast

from flexura.domain.template import Template
from flexura.services.templates.reading import read
from flexura.services.templates.yaml_text import load_yaml

VERSION = 1
"""Of every shipped template; a workspace's own template of the same slug begins above it."""


@cache
def shipped() -> Mapping[str, Template]:
    """Every shipped template by its slug, in the order of their names."""
    folder = files("flexura.services.templates") / "shipped"
    texts = [f.read_text("utf-8") for f in folder.iterdir() if f.name.endswith(".yaml")]
    made = [_template(cast("dict[str, Any]", load_yaml(text))) for text in texts]
    return {t.slug: t for t in sorted(made, key=lambda t: t.slug)}


def _template(document: dict[str, Any]) -> Template:
    template = read(document)
    return replace(template, id=f"tpl_{template.slug}", version=VERSION)
