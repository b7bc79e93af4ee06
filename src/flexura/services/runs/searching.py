"""The search step: what engines find becomes text that later steps may use as data."""

from __future__ import annotations

from typing import Any

import pydantic

from flexura.domain.errors import InvalidRequest
from flexura.domain.search import SearchAnswer, SearchRequest
from flexura.domain.template import Step
from flexura.services.runs.run import Run
from flexura.services.templates.expressions import as_text, render
from flexura.services.untrusted import clean

_MOST_TEXT = 4_000
_MOST_OF_ONE = 600
_MOST_QUERY = 400


async def search(run: Run, step: Step) -> str:
    """The results as numbered text. Raises InvalidRequest, or ProviderUnavailable where no engine answers."""
    query = " ".join(as_text(render(step.prompt, run.scope)).split())[:_MOST_QUERY]
    options: dict[str, Any] = {
        k: v for k, v in render(step.options, run.scope).items() if v is not None
    }
    try:
        wanted = SearchRequest.model_validate(
            {**options, "query": query or run.job.prompt[:_MOST_QUERY]}
        )
    except pydantic.ValidationError as problem:
        first = problem.errors(include_url=False, include_context=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise InvalidRequest(
            f"The search of step {step.id} is refused: {field}: {first['msg']}.",
            field=f"steps.{step.id}.{field}",
            next_step="Correct the options of the step, or the run's inputs.",
        ) from None
    return as_data(await run.means.search.search(wanted))


def as_data(answer: SearchAnswer) -> str:
    """Titles and snippets (or the pages' text), numbered and cut; strangers wrote all of it."""
    lines = [
        f"{number}. {clean(found.title, 200)}: {clean(found.text or found.snippet, _MOST_OF_ONE)}"
        for number, found in enumerate(answer.results, 1)
    ]
    return "\n".join(lines)[:_MOST_TEXT]
