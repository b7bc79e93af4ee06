"""What came of many cases: counts by format and kind, and what is the least that counts as passed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from installer.fuzz.cases import UNFAIR, Case
from installer.fuzz.trials import Verdict

# Of the well-formed files that are not odd, so many have to be accepted: refusing all is no way to pass.
LEAST_ACCEPTED = {"json": 0.98, "jsonc": 0.98, "jsonc-commas": 0.98, "toml": 0.98, "yaml": 0.70}
# And from so many our entry can be taken out after somebody else's edit.
LEAST_TAKEN = {"json": 0.98, "jsonc": 0.98, "jsonc-commas": 0.98, "toml": 0.98, "yaml": 0.90}
# A share of fewer files says nothing.
ENOUGH = 100
COLUMNS = ("files", "well-formed", "accepted", "taken", "not taken")


@dataclass
class Tally:
    """Adds up verdicts; workers send theirs to be added."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    why: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def count(self, case: Case, verdict: Verdict) -> None:
        """One case that broke no rule."""
        held = {
            "files": True,
            "well-formed": verdict.well_formed,
            "accepted": verdict.accepted,
            "taken": verdict.taken is True,
            "not taken": verdict.taken is False,
        }
        for column in COLUMNS:
            self.counts[case.dialect, case.kind, column] += held[column]
        if verdict.why and verdict.well_formed and case.kind not in UNFAIR:
            reason = (
                verdict.why.split(": ", 1)[-1] if verdict.why.startswith("line ") else verdict.why
            )
            self.why[f"{case.dialect}: {reason}"] += 1

    def add(self, other: Tally) -> None:
        """Another worker's."""
        self.counts.update(other.counts)
        self.why.update(other.why)
        self.failures += other.failures

    def total(self, column: str, dialect: str = "", *, fair: bool = False) -> int:
        """The sum of a column, of all formats or one; `fair`: without the kinds that may be refused."""
        return sum(
            count
            for (format_, kind, name), count in self.counts.items()
            if name == column and dialect in ("", format_) and not (fair and kind in UNFAIR)
        )

    def shortfalls(self) -> list[str]:
        """Where less was accepted or taken than the least."""
        found: list[str] = []
        for dialect in LEAST_ACCEPTED:
            whole = self.total("well-formed", dialect, fair=True)
            share = self.total("accepted", dialect, fair=True) / max(whole, 1)
            if whole >= ENOUGH and share < LEAST_ACCEPTED[dialect]:
                found.append(f"{dialect}: only {share:.1%} of {whole} well-formed files accepted")
            taken, not_taken = self.total("taken", dialect), self.total("not taken", dialect)
            share = taken / max(taken + not_taken, 1)
            if taken + not_taken >= ENOUGH and share < LEAST_TAKEN[dialect]:
                found.append(f"{dialect}: our entry taken out of only {share:.1%}")
        return found

    def table(self) -> str:
        """For people."""
        lines = [f"{'format':14}{'kind':18}" + "".join(f"{column:>13}" for column in COLUMNS)]
        for dialect, kind in sorted({key[:2] for key in self.counts}):
            row = (self.counts[dialect, kind, column] for column in COLUMNS)
            lines.append(f"{dialect:14}{kind:18}" + "".join(f"{count:13}" for count in row))
        for dialect in LEAST_ACCEPTED:
            whole = self.total("well-formed", dialect, fair=True)
            share = self.total("accepted", dialect, fair=True) / max(whole, 1)
            lines.append(
                f"{dialect}: {share:.2%} of {whole} well-formed files that are not odd were accepted"
            )
        lines += [f"refused {count} times: {why}" for why, count in self.why.most_common(12)]
        return "\n".join(lines)
