"""schemathesis, a stranger's fuzzer, on the OpenAPI document of a real gateway."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from search_double import ROWS, search_double

# Its idea of DELETE is removal and ours is cancelling; and a schema cannot say which models, files and
# options exist, so that a request may fit it and be refused all the same.
NOT_MEANT = "use_after_free,ensure_resource_availability,positive_data_acceptance"
GATEWAY = Path(__file__).with_name("instant_gateway.py")
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "20")


@pytest.fixture
def gateway(flexura_home: Path, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """URL and key of a gateway in which every order is finished at once."""
    with search_double(ROWS) as engine:
        environment = {**os.environ, "TAVILY_BASE_URL": engine.url, "PYTHONPATH": "tests"}
        process = subprocess.Popen(
            [sys.executable, str(GATEWAY), str(tmp_path)],
            cwd=GATEWAY.parents[2],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        url, key = process.stdout.readline().split()
        yield url, key
        process.communicate(timeout=30)
        assert process.returncode == 0


@pytest.mark.timeout(300)
def test_no_server_error_and_no_violation_of_our_own_schema(
    gateway: tuple[str, str], tmp_path: Path
) -> None:
    url, key = gateway
    run = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("schemathesis")), "run"),
            *(f"{url}/openapi.json", "-H", f"Authorization: Bearer {key}"),
            *("--max-examples", EXAMPLES, "--exclude-checks", NOT_MEANT),
            *("--phases", "coverage,fuzzing,stateful", "--seed", "7", "--no-color"),
            *("--request-timeout", "20", "--suppress-health-check", "all"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert run.returncode == 0, run.stdout[-6000:]
    generated = re.search(r"(\d+) generated", run.stdout)
    assert generated and int(generated[1]) > 200
