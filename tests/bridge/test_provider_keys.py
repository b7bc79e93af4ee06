"""The bridge's list of provider keys, which it cannot ask of the providers: it is standard library only."""

from __future__ import annotations

from flexura.bridge.provider_keys import VARIABLES, advice
from flexura.local.provider_secrets import is_secret
from flexura.runtime import provider_variables


def test_every_key_that_a_provider_reads_is_in_the_list_and_no_other() -> None:
    read = provider_variables()
    assert {name for name in read if is_secret(name)} == {n for n in VARIABLES if is_secret(n)}
    assert set(VARIABLES) <= set(read), "addresses among them are variables of providers too"
    assert list(VARIABLES) == sorted(set(VARIABLES))


def test_keys_that_are_set_for_the_agent_only_are_named() -> None:
    told = advice({"FAL_KEY": "k", "EXA_API_KEY": " ", "PATH": "/bin"})
    assert told.startswith("FAL_KEY is set for this agent only;")
    assert advice({}) == ""
