"""A payload in the making: what the caller asked for, put where the model's schema wants it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flexura.domain.errors import InvalidRequest
from flexura.domain.job import JobWarning
from flexura.domain.model import Model
from flexura.services.fit_schema import Property, Schema, shown
from flexura.services.mapping import OWN_WORDS


@dataclass
class Draft:
    """One order on its way to a vendor's payload. `words` has the caller's word for each property filled."""

    model: Model
    schema: Schema
    strict: bool = False
    payload: dict[str, Any] = field(default_factory=dict[str, Any])
    words: dict[str, str] = field(default_factory=dict[str, str])
    warnings: list[JobWarning] = field(default_factory=list[JobWarning])
    silent: set[str] = field(default_factory=set[str])
    """Properties whose default is not sent: it would contradict what was asked for."""

    def free(self, names: Iterable[str]) -> list[Property]:
        """The schema's properties among `names`, in that order, without those that are filled already."""
        known = self.schema.properties
        return [known[n] for n in names if n in known and n not in self.payload]

    def put(self, name: str, value: Any, word: str) -> None:
        """Fill a property on behalf of the caller's `word` (`options.size`, `prompt` …)."""
        self.payload[name] = value
        self.words[name] = word

    def unsupported(self, word: str) -> None:
        """Warn that the model has nothing for an option. Raises InvalidRequest where that is not enough."""
        if self.strict:
            raise InvalidRequest(
                f"{self.model.id} has no option {word}.",
                field=f"options.{word}",
                next_step="Leave it out, or send it without `strict`.",
            )
        self.warn("option_not_supported", f"{self.model.id} has no option {word}; it was left out.")

    def adjusted(self, word: str, asked: Any, became: str, allowed: str) -> None:
        """Warn that the nearest allowed value was taken. Raises InvalidRequest where that is not enough."""
        if self.strict:
            raise self.refusal(word, asked, allowed)
        self.warn("option_adjusted", f"{word} {shown(asked)} became {became}.")

    def warn(self, code: str, message: str) -> None:
        """Note something that is done in another way than asked."""
        self.warnings.append(JobWarning(code, message[:500]))

    def refusal(self, word: str, value: Any, allowed: str) -> InvalidRequest:
        """The error for an option's value that the model does not take."""
        return InvalidRequest(
            f"The option {word} of {self.model.id} does not take {shown(value)!r}.",
            field=f"options.{word}",
            next_step=f"Allowed: {allowed}.",
        )

    def word_for(self, name: str) -> str:
        """What the caller calls a property: the field that an error names."""
        return self.words.get(name) or OWN_WORDS.get(name) or f"options.{shown(name)}"
