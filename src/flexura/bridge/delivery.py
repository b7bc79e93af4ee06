"""Tells the gateway which results have reached the user: from then on the same call is a new order."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable
from typing import Any

from flexura.bridge.call import Call
from flexura.bridge.deadline import Deadline
from flexura.bridge.errand import Errand
from flexura.bridge.link import Link
from flexura.bridge.tool_result import FINAL
from flexura.local.errors import LocalError

SECONDS = 10.0


class Delivery:
    """Says so once for every job, after the answer was written."""

    def __init__(self, link: Link, session: str) -> None:
        self._link = link
        self._session = session
        self._told: set[tuple[str, bool]] = set()
        self._telling = threading.Lock()

    def tell(
        self, jobs: Iterable[dict[str, Any]], unsaved: set[str], headers: dict[str, str]
    ) -> None:
        """Acknowledge the final results among these; `unsaved` names jobs whose files did not come home."""
        errand = Errand(self._link, headers, Call(), Deadline(time.monotonic(), SECONDS))
        for job in jobs:
            job_id, saved = str(job["job_id"]), str(job["job_id"]) not in unsaved
            with self._telling:
                if job.get("status") not in FINAL or (job_id, saved) in self._told:
                    continue
                self._told.add((job_id, saved))
            body = json.dumps({"session": self._session, "saved": saved}).encode("ascii")
            try:
                reply = errand.post(
                    f"/api/v1/jobs/{job_id}/delivered", body, {"Content-Type": "application/json"}
                )
                reply.close()
            except LocalError:
                # The worst that follows: a repeated call joins this job once more.
                return
