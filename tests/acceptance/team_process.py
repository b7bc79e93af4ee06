"""One process of a team with a provider that tells what it is asked: `serve PORT` or `worker`.

FLEXURA_TOLD names the file of what it tells: a line of time, event, job and process for everything that the
upstream sees, written before it answers. FLEXURA_TOLD_LIMIT is its limit over all processes.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from doubles import model, png
from flexura.domain.model import Model
from flexura.ports.provider import Done, Failed, Operation, Order, Output, Pending

FOR_GOOD = 600.0


class TellingUpstream:
    """Makes pictures at once, unless the prompt says otherwise: hang, hang in poll, slow to sell."""

    name = "fake"
    deduplicates = False

    def __init__(self) -> None:
        self.concurrency = int(os.environ.get("FLEXURA_TOLD_LIMIT", "4"))
        self._book = Path(os.environ["FLEXURA_TOLD"])
        self._file = os.open(self._book, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
        self._made = png()

    def _tell(self, event: str, job_id: str) -> None:
        line = f"{time.time():.6f} {event} {job_id} {os.getpid()}\n"
        os.write(self._file, line.encode())

    async def models(self) -> Sequence[Model]:
        return [model("one")]

    async def model(self, upstream_id: str, listed: Model | None) -> Model | None:
        return listed

    async def submit(self, order: Order) -> Operation:
        self._tell("submit", order.job_id)
        if order.prompt == "slow to sell":
            await asyncio.sleep(1.0)
        self._tell("sold", order.job_id)
        return {"sold": order.job_id}

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        if order.prompt.startswith("hang"):
            self._tell("poll", order.job_id)
            if order.prompt == "hang in poll":
                await asyncio.sleep(FOR_GOOD)
            return Pending(FOR_GOOD)
        if order.prompt.startswith("tick"):
            self._tell("poll", order.job_id)
            until = self._book.with_name("until")
            if not until.exists():
                return Pending(0.05)
        path = self._book.with_name(f"{order.job_id}.{os.getpid()}.png")
        path.write_bytes(self._made)
        return Done((Output("image/png", path, width=2, height=2),))

    async def cancel(self, operation: Operation, order: Order) -> None:
        self._tell("cancel", order.job_id)

    async def download(self, url: str, to: Path, max_bytes: int) -> None:
        raise AssertionError("its files lie on the disk")

    async def aclose(self) -> None:
        os.close(self._file)


def main(role: str, *arguments: str) -> int:
    """Be that process until it is ended."""
    if role == "worker":
        from flexura.cli.working import WorkOptions
        from flexura.cli.working import run as work

        port = int(arguments[0]) if arguments else None
        return work(WorkOptions(port=port, providers=lambda: [TellingUpstream()]))
    from flexura.cli.serving import ServeOptions
    from flexura.cli.serving import run as serve

    works = "--no-worker" not in arguments
    return serve(
        ServeOptions(
            port=int(arguments[0]),
            works=works,
            providers=lambda: [TellingUpstream()],
            announced=False,
        )
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
