"""Any order of installs, uninstalls and edits by the user: theirs stays, ours goes without a trace."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine_house import Home

NAMES = st.sampled_from(["a", "b"])
AGENTS = st.sampled_from(["one", "two"])
COMMANDS = st.sampled_from(["/opt/flexura", "/old/flexura"])
STARTS = st.sampled_from(
    [
        None,
        b"",
        b"\n",
        b"{}",
        b'\xef\xbb\xbf{\r\n  "mcpServers": {}\r\n}\r\n',
        b'{\n\t"theme": "dark",\n\t"mcpServers": {\n\t\t"other": {"command": "x"}\n\t}\n}',
        b'{"theme": "dark"}\n',
    ]
)


class Sequences(RuleBasedStateMachine):
    """Two names and two agents on one file; the model is what each owner wished for."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.home = Home(self.folder)
        self.owners: dict[str, set[str]] = {"a": set(), "b": set()}
        self.edits = 0

    @initialize(content=STARTS)
    def begin(self, content: bytes | None) -> None:
        if content is not None:
            self.home.file(content)
        self.before = self.home.tree()

    @rule(name=NAMES, agent=AGENTS, command=COMMANDS)
    def install(self, name: str, agent: str, command: str) -> None:
        wish = self.home.wish(name, {"command": command, "args": ["mcp"]}, agent=agent)
        dry = self.home.put(wish, dry_run=True)
        outcome = self.home.put(wish)
        assert (outcome.action, outcome.diff) == (dry.action, dry.diff)
        assert outcome.good, outcome
        assert self.servers()[name]["command"] == command
        self.owners[name].add(agent)
        assert self.home.put(wish).action == "unchanged"

    @rule(name=NAMES, agent=AGENTS)
    def uninstall(self, name: str, agent: str) -> None:
        outcomes = self.home.take(name, agent=agent)
        assert bool(outcomes) == (agent in self.owners[name])
        assert all(one.good for one in outcomes), outcomes
        self.owners[name].discard(agent)

    @rule(blank=st.booleans())
    def edit(self, blank: bool) -> None:
        """The user adds a member of his own, or an agent writes the whole file anew."""
        if not self.home.config.exists():
            return
        self.edits += 1
        document = self.document()
        document[f"edit {self.edits}"] = self.edits
        self.home.config.write_text(json.dumps(document, indent=None if blank else 3))

    @invariant()
    def ours_are_there_and_only_ours(self) -> None:
        held = {name for name in self.servers() if name in "ab"}
        assert held == {name for name, agents in self.owners.items() if agents}

    def document(self) -> dict[str, Any]:
        text = self.home.config.read_bytes().decode("utf-8-sig")
        return json.loads(text) if text.strip() else {}

    def servers(self) -> dict[str, Any]:
        if not self.home.config.exists():
            return {}
        return self.document().get("mcpServers", {})

    def teardown(self) -> None:
        try:
            outcomes = self.home.take()
            assert all(one.good for one in outcomes), outcomes
            assert self.home.ledger().records == []
            if not self.edits:
                assert self.home.tree() == self.before
            else:
                edits = {f"edit {n}" for n in range(1, self.edits + 1)}
                assert edits <= set(self.document())
                assert not {"a", "b"} & set(self.servers())
        finally:
            shutil.rmtree(self.folder)


Sequences.TestCase.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)
test_any_sequence = Sequences.TestCase
