"""The official conformance tests of MCP on the real /mcp, with a key.

The tool runs exactly what a revision of the protocol requires. Judged are the scenarios that need nothing
but a server. All others call tools, prompts, resources or tasks of a server made for them
(`test_simple_text`, `test://static-text`, `slow_compute` …), which a product does not have:
completion-complete, elicitation-*, input-required-result-* (but one), json-schema-2020-12, logging-set-level,
prompts-*, resources-*, sampling, sep-2164-resource-not-found, tasks-*, tools-call-*; and
http-custom-header-server-validation wants a tool with `x-mcp-header`. Even in those, every message that the
gateway sends has to fit the schema of the protocol. server-session-lifecycle and server-sse-polling are
about sessions and resumable streams; the gateway is stateless and offers neither.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from acceptance.bearer_proxy import with_bearer
from acceptance.town import Town
from node_tools import command, environment

REVISIONS = ("2025-11-25", "2026-07-28")
# Revision, scenario, and how many of its checks hold; fewer means that something was not tried.
JUDGED = [
    ("2025-11-25", "server-initialize", 2),
    ("2025-11-25", "ping", 2),
    ("2025-11-25", "tools-list", 3),
    ("2025-11-25", "dns-rebinding-protection", 2),
    ("2026-07-28", "server-stateless", 21),
    ("2026-07-28", "tools-list", 4),
    ("2026-07-28", "dns-rebinding-protection", 2),
    ("2026-07-28", "server-sse-multiple-streams", 1),
    ("2026-07-28", "caching", 4),
    ("2026-07-28", "http-header-validation", 14),
    ("2026-07-28", "input-required-result-unsupported-methods", 2),
]
# What a server without prompts and resources cannot have.
NOT_OFFERED = (
    "sep-2549-prompts-list-caching-hints",
    "sep-2549-resources-list-caching-hints",
    "sep-2549-resources-templates-list-caching-hints",
)
Checks = dict[tuple[str, str], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def checks(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Checks:
    """Everything that was found, by revision and scenario."""
    found: Checks = {}
    with with_bearer(town.url, town.key) as url:
        for revision in REVISIONS:
            folder = tmp_path_factory.mktemp("conformance")
            subprocess.run(
                command(
                    *("conformance", "server", "--url", f"{url}/mcp"),
                    *("--requirements", revision, "-o", folder),
                ),
                cwd=folder,
                env=environment(HOME=str(folder)),
                capture_output=True,
                timeout=100,
                check=False,  # it counts the scenarios that need its own server
            )
            for results in folder.glob("server-*/checks.json"):
                found[revision, scenario_of(results)] = json.loads(results.read_text())
    return found


def scenario_of(results: Path) -> str:
    """From `server-ping-2026-11-22T01-30-01-809Z/checks.json` to `ping`."""
    return results.parent.name.removeprefix("server-")[: -len("-2026-11-22T01-30-01-809Z")]


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("revision", "scenario", "holding"), JUDGED)
def test_a_scenario_for_any_server_passes(
    checks: Checks, revision: str, scenario: str, holding: int
) -> None:
    found = checks[revision, scenario]
    held = [check for check in found if check["status"] == "SUCCESS"]
    failed = [check for check in found if check["status"] in ("FAILURE", "WARNING")]
    untestable = [check for check in failed if check.get("details", {}).get("untestable")]
    broken = [c for c in failed if c not in untestable and c["id"] not in NOT_OFFERED]
    assert broken == []
    assert len(held) >= holding


def test_every_message_fits_the_schema_of_the_protocol(checks: Checks) -> None:
    assert len(checks) > 60
    wire = [
        (c, where) for where, found in checks.items() for c in found if "wire-schema" in c["id"]
    ]
    assert len(wire) > 50
    assert [(where, c) for c, where in wire if c["status"] != "SUCCESS"] == []
