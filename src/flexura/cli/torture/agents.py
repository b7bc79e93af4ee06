"""Agents with a bridge each: `flexura mcp` as a child, killed now and then, and asked again as agents do."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from pathlib import Path
from typing import Any, cast

from flexura.cli.torture.clients import Accepted, model_of
from flexura.cli.torture.plan import Ordering

_SECONDS = 15.0
_MOST_TRIES = 200
_MOST_LINE = 4 << 20
_BRIDGE = (sys.executable, "-m", "flexura", "mcp")


class _Broken(Exception):
    """The bridge is gone, or the gateway behind it did not take the order."""


class Agent:
    """One agent: it has no idempotency keys, and repeats a call that was not answered."""

    def __init__(
        self, name: str, environment: dict[str, str], folder: Path, accepted: Accepted
    ) -> None:
        self.name = name
        self.kills = 0
        self._environment, self._folder, self._accepted = environment, folder, accepted
        self._process: asyncio.subprocess.Process | None = None
        self._calls = 0

    def kill(self) -> bool:
        """kill -9 of its bridge; False where it has none just now."""
        if self._process is None or self._process.returncode is not None:
            return False
        self._process.kill()
        self.kills += 1
        return True

    async def aclose(self) -> None:
        """End the bridge."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()

    async def order(self, order: Ordering) -> None:
        """Call `generate_image` until it has answered with a job."""
        arguments = {"prompt": order.prompt, "model": model_of(order), "wait": 0}
        for tries in range(_MOST_TRIES):
            try:
                async with asyncio.timeout(_SECONDS):
                    job_id = await self._job(arguments)
                self._accepted.note(order.number, job_id)
                return
            except (_Broken, TimeoutError, OSError):
                self._accepted.repeats += 1
                await asyncio.sleep(min(1.0, 0.02 * (tries + 1)))
        self._accepted.refused.append(f"order {order.number}: no bridge took it")

    async def _job(self, arguments: dict[str, Any]) -> str:
        result = await self._call("tools/call", {"name": "generate_image", "arguments": arguments})
        told = cast("dict[str, Any]", result.get("structuredContent") or {})
        if result.get("isError") or not told.get("job_id"):
            raise _Broken(str(told)[:300])
        return str(told["job_id"])

    async def _call(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        process = await self._bridge()
        return await self._exchange(process, method, parameters)

    async def _exchange(
        self, process: asyncio.subprocess.Process, method: str, parameters: dict[str, Any]
    ) -> dict[str, Any]:
        assert process.stdin is not None and process.stdout is not None
        self._calls += 1
        asked = {"jsonrpc": "2.0", "id": self._calls, "method": method, "params": parameters}
        process.stdin.write(json.dumps(asked).encode() + b"\n")
        await process.stdin.drain()
        while line := await process.stdout.readline():
            told = cast("dict[str, Any]", json.loads(line))
            if told.get("id") == self._calls and "method" not in told:
                if "error" in told:
                    raise _Broken(str(told["error"])[:300])
                return cast("dict[str, Any]", told["result"])
        raise _Broken("the bridge has ended")

    async def _bridge(self) -> asyncio.subprocess.Process:
        """The bridge that runs, or a new one."""
        if self._process is not None and self._process.returncode is None:
            return self._process
        with (self._folder.parent / "logs" / f"{self.name}.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *_BRIDGE,
                env=self._environment,
                cwd=self._folder,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                limit=_MOST_LINE,
                start_new_session=True,
            )
        self._process = process
        me = {"name": "torture", "version": "1"}
        hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": me}
        await self._exchange(process, "initialize", hello)
        assert process.stdin is not None
        process.stdin.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        return process
