"""What clients order: pictures in some variants and rounds, and runs of two steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from flexura.domain.ids import new_id
from flexura.domain.job import TEMPLATE_PROVIDER, Caller, Job
from flexura.domain.template import Step
from flexura.services.clock import now_ms
from flexura.services.runs.steps import Flow
from flexura.services.transitions import Origin

WORKSPACE = "ws_1"
CALLER = Caller(WORKSPACE, key_id="key_1", session="one session")
_PROMPTS = ("good", "good", "good", "good", "priced", "fail", "refuse")
_FLOWS = {
    "film": Flow(
        (
            Step("draw", "image", "{{inputs.first}}"),
            Step("polish", "image", "{{inputs.second}}", inputs=("{{steps.draw.outputs}}",)),
        ),
        ("polish",),
    ),
    "pair": Flow(
        (Step("wide", "image", "{{inputs.first}}"), Step("spare", "image", "{{inputs.second}}")),
        ("wide",),
    ),
    "batch": Flow(
        (Step("draw", "image", "{{item}}", each="{{inputs.items}}"),),
        ("draw",),
    ),
}


@dataclass
class Wanted:
    """One thing that one client wants, and how it goes about it."""

    number: int
    prompt: str
    prompts: tuple[str, ...]
    flow: str
    """The template; empty for a plain order."""
    n: int
    rounds: int
    price: float | None
    """In USD; None = unknown."""
    manner: str
    """`keyed`, `joins` or `plain`: how a repeat is told from another order."""
    starts: float
    cancels: float | None
    """Seconds after its beginning; None = never."""
    twice: bool
    """Whether a second client sends the same at about the same time."""
    jobs: set[str] = field(default_factory=set[str])
    """What the answers said."""

    @property
    def origin(self) -> Origin:
        """How it comes in."""
        if self.manner == "keyed":
            key = f"key {self.number}"
            return Origin("test", idempotency_key=key, body_sha256="the body", route="jobs")
        return Origin("test", joins=self.manner == "joins")

    def job(self) -> Job:
        """The job that it becomes, as one request makes it."""
        now = now_ms()
        fields: dict[str, Any] = {
            "id": new_id("job"),
            "workspace_id": WORKSPACE,
            "kind": "image",
            "state": "queued",
            "provider": TEMPLATE_PROVIDER if self.flow else "fake",
            "model_id": f"template:{self.flow}" if self.flow else "fake:one",
            "prompt": self.prompt,
            "request": {},
            "call": self._run() if self.flow else self._call(),
            "created_at": now,
            "updated_at": now,
            "run_at": now,
            "cost": None if self.price is None else {"amount": self.price, "currency": "USD"},
            "tool": "test",
            "key_id": CALLER.key_id,
            "order_key": f"order {self.number}" if self.manner == "joins" else "",
        }
        return Job(**fields)

    def _call(self) -> dict[str, Any]:
        return {
            "upstream_id": "one",
            "options": {},
            "n": self.n,
            "seed": 7,
            "rounds": self.rounds,
            "seed_property": "",
            "inputs": [],
            "why": "",
        }

    def _run(self) -> dict[str, Any]:
        flow = _FLOWS[self.flow]
        first, second = self.prompts
        return {
            "steps": flow.as_json(),
            "outputs": list(flow.outputs),
            "kinds": {step.id: "image" for step in flow.steps},
            "models": {},
            "estimates": {},
            "options": {"inputs": {"first": first, "second": second, "items": [first, second]}},
            "inputs": [],
            "why": "",
        }


def wanted(luck: Random, number: int, *, within: float, runs: bool) -> Wanted:
    """One order, as the seed draws it."""
    flow = luck.choice(tuple(_FLOWS)) if runs and luck.random() < 0.4 else ""
    n, rounds = luck.choice((1, 1, 1, 2)), luck.choice((1, 1, 1, 2, 3))
    price = luck.choice((0.04, 0.04, 0.02 * n * rounds, None))
    return Wanted(
        number=number,
        prompt=luck.choice(_PROMPTS),
        prompts=(luck.choice(_PROMPTS), luck.choice(_PROMPTS)),
        flow=flow,
        n=1 if flow else n,
        rounds=1 if flow else rounds,
        price=0.04 if flow else price,
        manner=luck.choice(("keyed", "keyed", "joins", "plain")),
        starts=luck.uniform(0.0, within),
        cancels=luck.expovariate(0.5) if luck.random() < 0.3 else None,
        twice=luck.random() < 0.2,
    )
