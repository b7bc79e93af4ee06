"""docs/settings.md, from the variables that settings.py reads."""

from __future__ import annotations

from docs_build.table import table
from flexura.runtime import provider_variables
from flexura.settings import VARIABLES

EXAMPLE = """\
[providers]
SEARXNG_BASE_URL = "http://127.0.0.1:8888"

[aliases]
# A name of your own for a model of the live catalog (`flexura models` lists them).
draft = "the id that the catalog shows"

[presets.banner]
width = 1500
height = 500

[policy]
# Whose models are picked first when a request names none.
prefer = ["embedded"]

[gateway]
public_url = "https://media.example.com"
allowed_hosts = ["media.example.com"]
"""
TEXT = f"""\
# Settings

Read once, at the start, from the environment and from `config.toml`: in `$FLEXURA_HOME` if that is set,
else in the user's configuration directory (`~/.config/flexura` on Linux). The environment wins.

The gateway that starts by itself takes provider keys from the file and from the system's keyring, never
from the environment of the agent that happened to start it: `flexura providers add` puts them there. In
the file, `NAME = {{ keyring = true }}` says that the value lies in the keyring, under the service `flexura`.
A `flexura serve` that you start reads its whole environment, and the rest from file and keyring.

## The file

```toml
{EXAMPLE}```

`[providers]` takes these variables: {", ".join(f"`{name}`" for name in provider_variables())}.

## The environment

"""


def page() -> str:
    """The whole page."""
    rows = ((f"`{name}`", meaning) for name, meaning in VARIABLES.items())
    return TEXT + table(("Variable", "Meaning"), rows) + "\n"
