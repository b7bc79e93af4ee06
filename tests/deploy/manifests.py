"""What lies in deploy/, read."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from flexura import settings
from flexura.cli.main import COMMANDS, flexura
from flexura.runtime import provider_variables
from house.repository import ROOT

DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
OF_THE_BUCKET = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
USER = 10001
HOME = "/var/lib/flexura"


@cache
def resources() -> tuple[tuple[str, dict[str, Any]], ...]:
    """Every Kubernetes object with the file that it is in."""
    return tuple(
        (path.name, document)
        for path in sorted(KUBERNETES.glob("*.yaml"))
        if path.name != "kustomization.yaml"
        for document in yaml.safe_load_all(path.read_text())
    )


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    """The objects of one kind by their names."""
    return {d["metadata"]["name"]: d for _, d in resources() if d["kind"] == kind}


def pods() -> dict[str, dict[str, Any]]:
    """The pod of every Deployment and Job, by its name."""
    made = of_kind("Deployment") | of_kind("Job")
    return {name: made["spec"]["template"]["spec"] for name, made in made.items()}


@cache
def kustomization() -> dict[str, Any]:
    """What `kubectl apply -k` reads."""
    return yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())


@cache
def compose() -> dict[str, Any]:
    """The Compose file, as YAML: with its variables, without its anchors."""
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def example() -> dict[str, str]:
    """What .env.example sets; what is commented out in it counts too."""
    lines = (DEPLOY / ".env.example").read_text().splitlines()
    found = (re.match(r"#?([A-Z0-9_]+)=(.*)$", line) for line in lines)
    return {match[1]: match[2] for match in found if match}


def parsed(arguments: list[str]) -> dict[str, Any]:
    """The options of a command line of ours. Raises click.UsageError for one that the CLI does not take."""
    name, *rest = arguments
    assert name in COMMANDS, name
    whole = flexura.make_context("flexura", arguments, resilient_parsing=True)
    command = flexura.get_command(whole, name)
    assert command is not None
    return command.make_context(name, list(rest), parent=whole).params


def known(variable: str) -> bool:
    """Whether the settings, a provider or the bucket read that variable."""
    if variable.startswith("FLEXURA_"):
        return variable in settings.VARIABLES
    return variable in OF_THE_BUCKET or variable in provider_variables()


def instructions(name: str = "Dockerfile") -> list[tuple[str, str]]:
    """The Dockerfile's instructions with their arguments, lines joined."""
    text = (DEPLOY / name).read_text()
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    found = (line.strip().partition(" ") for line in text.splitlines() if line.strip())
    return [(word, " ".join(rest.split())) for word, _, rest in found]


def pinned(image: str) -> bool:
    """Whether an image names a version down to its patch level, or to the only one that it has."""
    _, _, tag = image.partition(":")
    return bool(re.match(r"\d+\.\d+", tag))


def source(path: str) -> Path:
    """A path of the build's context, which is the root of the repository."""
    return ROOT / path
