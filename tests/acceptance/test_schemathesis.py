"""schemathesis, a stranger's fuzzer, on the OpenAPI document of a real gateway."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from acceptance.gateway_process import served
from search_double import ROWS, search_double

# Its idea of DELETE is removal and ours is cancelling; and a schema cannot say which models, files and
# options exist, so that a request may fit it and be refused all the same.
NOT_MEANT = "use_after_free,ensure_resource_availability,positive_data_acceptance"


@pytest.mark.timeout(300)
def test_no_server_error_and_no_violation_of_our_own_schema(
    flexura_home: Path, tmp_path: Path
) -> None:
    with (
        search_double(ROWS) as engine,
        served(flexura_home, "--no-worker", TAVILY_BASE_URL=engine.url) as gateway,
    ):
        run = subprocess.run(
            [
                *(str(Path(sys.executable).with_name("schemathesis")), "run"),
                *(f"{gateway.url}/openapi.json", "-H", f"Authorization: Bearer {gateway.key}"),
                *("--max-examples", "20", "--exclude-checks", NOT_MEANT),
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
