"""A real process as its operator sees it: traces that arrive, a log that machines read, a polite end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2

from acceptance.otlp_double import collecting

NOTICE = 1.0


def test_traces_arrive_the_log_is_json_and_who_stops_says_so_before_it_is_gone(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    with collecting() as collector:
        environment = {
            **os.environ,
            "FLEXURA_HOME": str(tmp_path / "home"),
            "FLEXURA_LOG": "json",
            "FLEXURA_METRICS_TOKEN": "for-prometheus",
            "FLEXURA_DRAIN_NOTICE_SECONDS": str(NOTICE),
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20collector-secret",
            "OTEL_BSP_SCHEDULE_DELAY": "50",
        }
        (tmp_path / "home").mkdir()
        command = [sys.executable, "-m", "flexura", "serve", "--port", "0"]
        with log.open("wb") as out:
            process = subprocess.Popen(command, env=environment, stderr=out, cwd=tmp_path)
        try:
            url = _url(process, log)
            key = json.loads((tmp_path / "home" / "gateway.json").read_text())["token"]
            with httpx2.Client(base_url=url, timeout=30) as http:
                _draws(http, key)
                process.send_signal(signal.SIGTERM)
                _notices(http)
            assert process.wait(20) == 0
        finally:
            process.kill()
            process.wait(10)
    _told(collector.spans)
    assert collector.services == {"flexura"}
    assert collector.headers[0]["authorization"] == "Bearer collector-secret"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    events = [line.get("event") for line in lines]
    assert {"migration", "start", "job_ended"} <= set(events) and events[-1] == "stop"
    for secret in (key, "collector-secret", "for-prometheus"):
        assert secret not in log.read_text()


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + 60
    while not (found := re.search(r"listening on (http://\S+)", log.read_text())):
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)
    return found[1]


def _draws(http: httpx2.Client, key: str) -> None:
    """One picture, by a model that needs no key."""
    order = {"prompt": "a quiet hill", "options": {"width": 64, "height": 64}}
    headers = {"Authorization": f"Bearer {key}"}
    made = http.post("/api/generate/image?wait=30", json=order, headers=headers)
    assert made.json()["status"] == "completed", made.text
    figures = http.get("/metrics", headers={"Authorization": "Bearer for-prometheus"}).text
    assert 'flexura_jobs_ended_total{code="",kind="image"' in figures


def _notices(http: httpx2.Client) -> None:
    """What a load balancer sees between the signal and the end."""
    deadline = time.monotonic() + NOTICE
    while (ready := http.get("/healthz/ready")).status_code == 200:
        assert time.monotonic() < deadline, "it never said that it drains"
    assert ready.json()["problems"][0]["check"] == "draining"
    assert http.get("/healthz").status_code == 200


def _told(spans: list[object]) -> None:
    """One trace from the request to the provider."""
    names = {getattr(span, "name", "") for span in spans}
    assert {"POST /api/generate/{kind}", "accept job", "run job", "submit embedded"} <= names
    wanted = ("accept job", "run job", "submit embedded")
    traces = {s.trace_id for s in spans if s.name in wanted}  # type: ignore[attr-defined]
    assert len(traces) == 1
