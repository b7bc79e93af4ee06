"""A gateway process and a vendor that is away, slow, or still working when the process dies."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from acceptance.gateway_process import Served, served, start
from marked_files import media_in
from vendor_double import VendorDouble, media, unheard_double, vendor_double
from vendor_samples import Case, environment, first_cases, prepare

pytestmark = [pytest.mark.usefixtures("unmeasured"), pytest.mark.timeout(120)]
CASES = {case.adapter: case for case in first_cases()}
ASYNC, SYNC = "fal", "openai_compatible"
QUICK = {"FLEXURA_LEASE_SECONDS": "0.5"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    place = tmp_path / "home"
    place.mkdir()
    return place


@pytest.fixture
def double() -> Iterator[VendorDouble]:
    with vendor_double() as vendor:
        yield vendor


def submit(http: httpx2.Client, case: Case) -> str:
    body = case.order["body"]
    answer = http.post(f"/api/generate/{case.order['kind']}", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()["job_id"]


def end_of(gateway: Served, job_id: str) -> dict[str, Any]:
    with gateway.client() as http:
        end = time.monotonic() + 60
        while (job := http.get(f"/api/jobs/{job_id}?wait=20").json())["status"] == "processing":
            assert time.monotonic() < end, job
    return job


@contextmanager
def killed_while_held(home: Path, case: Case, double: VendorDouble) -> Iterator[str]:
    """A gateway that is killed while the vendor holds one of its requests; the job's id."""
    gateway = start(home, **environment(case.adapter, double), **QUICK)
    try:
        with gateway.client() as http:
            job_id = submit(http, case)
            assert double.held.wait(20)
        gateway.kill()
        double.go_on.set()
        yield job_id
    finally:
        gateway.kill()


@pytest.mark.parametrize("name", [ASYNC, SYNC])
def test_a_gateway_that_is_killed_while_it_orders_says_so_and_never_orders_again(
    name: str, home: Path, double: VendorDouble
) -> None:
    case = CASES[name]
    prepare(double, case)
    double.trouble["buys"] = [{"fault": "hold", "status": 200, "json": {}}]
    with (
        killed_while_held(home, case, double) as job_id,
        served(home, **environment(name, double), **QUICK) as again,
    ):
        job = end_of(again, job_id)
    assert (job["status"], job["error_code"]) == ("failed", "outcome_unknown"), job
    assert double.bought == 1


def test_a_gateway_that_is_killed_while_the_vendor_works_goes_on_with_its_handle(
    home: Path, double: VendorDouble
) -> None:
    case = CASES[ASYNC]
    prepare(double, case)
    double.trouble["other"] = [{"fault": "hold", "status": 503, "json": {}}]
    with (
        killed_while_held(home, case, double) as job_id,
        served(home, **environment(ASYNC, double), **QUICK) as again,
    ):
        job = end_of(again, job_id)
    assert job["status"] == "completed", job
    assert double.bought == 1


def test_a_gateway_that_is_asked_to_stop_lets_the_order_on_its_way_arrive(
    home: Path, double: VendorDouble
) -> None:
    case = CASES[SYNC]
    prepare(double, case)
    good = next(e for e in case.order["exchanges"] if e.get("buys"))["answer"]
    double.trouble["buys"] = [{**good, "fault": "hold"}]
    gateway = start(home, **environment(SYNC, double), **QUICK)
    try:
        with gateway.client() as http:
            job_id = submit(http, case)
            assert double.held.wait(20)
        gateway.process.send_signal(signal.SIGTERM)
        double.go_on.set()
        assert gateway.process.wait(30) == 0
    finally:
        gateway.kill()
    with served(home, **environment(SYNC, double), **QUICK) as again:
        job = end_of(again, job_id)
    assert job["status"] == "completed", job
    assert double.bought == 1


def test_an_order_that_finds_nobody_waits_and_is_sent_once_somebody_listens(home: Path) -> None:
    case = CASES[ASYNC]
    with vendor_double() as listing, unheard_double() as (queue, listen):
        prepare(listing, case)
        prepare(queue, case)
        addresses = environment(ASYNC, queue)
        addresses["FAL_API_URL"] = environment(ASYNC, listing)["FAL_API_URL"]
        with served(home, **addresses, **QUICK) as gateway, gateway.client() as http:
            job_id = submit(http, case)
            note = ""
            while "Trying again" not in note:
                job = http.get(f"/api/jobs/{job_id}?wait=0.1").json()
                assert job["status"] != "failed", job
                note = job["note"]
            listen()
            job = end_of(gateway, job_id)
        assert job["status"] == "completed", job
        assert queue.bought == 1


@pytest.mark.parametrize("fault", ["short", "truncated", "reset"])
def test_a_download_that_is_not_all_there_is_fetched_again(
    fault: str, home: Path, double: VendorDouble
) -> None:
    case = CASES[ASYNC]
    prepare(double, case)
    file = next(e for e in case.order["exchanges"] if "media" in e["answer"])
    double.trouble[f"other GET {file['path']}"] = [{**file["answer"], "fault": fault}]
    with served(home, **environment(ASYNC, double), **QUICK) as gateway, gateway.client() as http:
        job = end_of(gateway, submit(http, case))
        assert job["status"] == "completed", job
        fetched = http.get(job["assets"][0]["url"]).content
    assert media_in(fetched) == media_in(media(file["answer"]["media"]))
    assert double.bought == 1


def test_a_slow_drip_of_bytes_is_waited_for(home: Path, double: VendorDouble) -> None:
    case = CASES[ASYNC]
    prepare(double, case)
    for exchange in double.exchanges:
        exchange["answer"] = {**exchange["answer"], "fault": "drip"}
    with served(home, **environment(ASYNC, double), **QUICK) as gateway, gateway.client() as http:
        job = end_of(gateway, submit(http, case))
    assert job["status"] == "completed", job
