"""Ask a gateway whether it is there. No key is sent."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any

from flexura.local.errors import NO_LOOPBACK, ForbiddenHere
from flexura.local.json_shape import is_object
from flexura.local.record import Running


@dataclass(frozen=True)
class Health:
    """What /healthz says."""

    version: str
    instance: str


def probe(port: int, timeout: float, host: str = "127.0.0.1") -> Health | None:
    """The gateway's answer, or None when none came in time.

    Raises ForbiddenHere when this process may not connect at all.
    """
    connection = http.client.HTTPConnection(host, port, timeout=max(timeout, 0.05))
    try:
        connection.request("GET", "/healthz", headers={"Connection": "close"})
        answer = connection.getresponse()
        found: Any = json.loads(answer.read(65_536)) if answer.status == 200 else None
    except OSError as error:
        if error.errno in NO_LOOPBACK:
            raise ForbiddenHere.loopback(error) from error
        return None
    except (http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    if not is_object(found) or found.get("status") != "ok":
        return None
    return Health(str(found.get("version", "")), str(found.get("instance", "")))


def answers(running: Running, timeout: float) -> bool:
    """Whether the gateway that published this record is the one that answers on its port."""
    health = probe(running.port, timeout)
    return health is not None and health.instance == running.instance
