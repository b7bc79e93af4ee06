"""The ground under the tests holds: it is tried on small suites of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from house.repository import ROOT

# Plugins that these small suites do not use; loading them takes longer than running the suites.
UNUSED = ("schemathesis", "hypothesispytest", "pytest_cov", "timeout", "anyio", "xdist")
SKIPS_ITSELF = "import pytest\npytest.importorskip('no_such_module')"
SKIPS = """
    import pytest
    def test_without_its_tool():
        pytest.skip("no tool")
    @pytest.mark.only_on("plan9")
    def test_elsewhere(): ...
"""
LOOKS_AROUND = f"""
    import os
    from pathlib import Path
    def test_sees_no_home_and_no_key_of_the_user():
        assert str(Path.home()) != {os.environ["HOME"]!r}
        assert os.environ["FLEXURA_HOME"].startswith(str(Path.home().parent))
        assert "MEDIA_GATEWAY_API_KEY" not in os.environ
"""
LEAVES_A_PROCESS = """
    import subprocess
    from pathlib import Path
    def test_it():
        child = subprocess.Popen(["sleep", "60"], start_new_session=True)
        Path("pid").write_text(str(child.pid))
        child.returncode = 0  # as if it had been forgotten
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """An empty suite on the same conftest."""
    without = " ".join(f"-p no:{name}" for name in UNUSED)
    pytester.makeconftest((ROOT / "tests/conftest.py").read_text())
    pytester.makeini(
        f"[pytest]\naddopts = {without}\npythonpath = {ROOT / 'tests'}\nmarkers = only_on(*platforms): x"
    )
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("FLEXURA_HOME", "/the/users/own")
    monkeypatch.setenv("MEDIA_GATEWAY_API_KEY", "secret")
    return pytester


def test_a_skip_fails_on_ci_whether_in_a_test_or_a_whole_file(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    suite.makepyfile(test_one=SKIPS)
    suite.makepyfile(test_two=SKIPS_ITSELF)
    outcome = suite.runpytest_subprocess("--continue-on-collection-errors")
    outcome.assert_outcomes(failed=1, errors=1, deselected=1)


def test_elsewhere_a_skip_is_a_skip_and_the_users_own_things_are_out_of_sight(
    suite: pytest.Pytester,
) -> None:
    suite.makepyfile(test_one=SKIPS, test_two=SKIPS_ITSELF, test_three=LOOKS_AROUND)
    suite.runpytest_subprocess().assert_outcomes(passed=1, skipped=2, deselected=1)


@pytest.mark.only_on("linux")
def test_a_process_left_behind_fails_the_session_and_is_ended(suite: pytest.Pytester) -> None:
    suite.makepyfile(LEAVES_A_PROCESS)
    result = suite.runpytest_subprocess()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stderr.fnmatch_lines(["*left running by the tests: * sleep 60*"])
    assert _command(int((suite.path / "pid").read_text())) == b""


def _command(pid: int) -> bytes:
    """What a process runs; empty when it is gone or a zombie."""
    path = Path(f"/proc/{pid}/cmdline")
    return path.read_bytes() if path.exists() else b""
