"""Write requirements.lock: one `name==version` line per package, with a marker where only some need it.

The resolve is pip's own, into an empty environment; the lines carry no URL and no hash, so that any
index that has the same versions will do (docs/decisions/0008-a-lock-without-urls.md).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
HEADER = "# Written by scripts/lock. The tests run on exactly these; the package itself asks for ranges.\n"
ALWAYS = ""
# Conditions that hold wherever the tests run (or were already decided, as extras are).
TRUE_FOR_US = ("extra", "implementation", "emscripten")


def wanted() -> list[Requirement]:
    """What the package, the extras that the tests exercise and the dev group ask for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lines = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    return [Requirement(line) for line in lines]


def resolve(requirements: Iterable[Requirement]) -> list[dict]:
    """What pip would install into an empty environment."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet"]
    result = subprocess.run(
        [*command, "--report", "-", *map(str, requirements)], check=True, stdout=subprocess.PIPE
    )
    return [entry["metadata"] for entry in json.loads(result.stdout)["install"]]


def markers(requirements: list[Requirement], packages: dict[str, dict]) -> dict[str, set[str]]:
    """For each package the conditions under which somebody asks for it; `ALWAYS` wins over all."""
    found: dict[str, set[str]] = {name: set() for name in packages}
    todo = [(requirement, ALWAYS) for requirement in requirements]
    while todo:
        requirement, inherited = todo.pop()
        name = canonicalize_name(requirement.name)
        condition = _joined(inherited, requirement.marker)
        if name not in packages or condition in found[name]:
            continue
        found[name].add(condition)
        for line in packages[name].get("requires_dist", []):
            child = Requirement(line)
            if "extra" not in str(child.marker or "") or _extra_asked(child, requirement.extras):
                todo.append((child, condition))
    return found


def _extra_asked(child: Requirement, extras: set[str]) -> bool:
    return any(child.marker.evaluate({"extra": extra}) for extra in extras)


def _joined(inherited: str, marker: Marker | None) -> str:
    own = str(marker or "")
    if not own or any(word in own for word in TRUE_FOR_US):
        return inherited
    return f"({inherited}) and ({own})" if inherited and inherited != own else own


def line(package: dict, conditions: set[str]) -> str:
    """One line of the lock."""
    pinned = f"{canonicalize_name(package['name'])}=={package['version']}"
    if ALWAYS in conditions:
        return pinned
    either = sorted(conditions, key=lambda c: (len(c), c))
    condition = either[0] if len(either) == 1 else " or ".join(f"({c})" for c in either)
    return f"{pinned} ; {Marker(condition)}"


def main() -> None:
    """Resolve and write."""
    requirements = wanted()
    packages = {canonicalize_name(p["name"]): p for p in resolve(requirements)}
    conditions = markers(requirements, packages)
    lines = [line(packages[name], conditions[name]) for name in sorted(packages)]
    (ROOT / "requirements.lock").write_text(HEADER + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
