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
# A named bundle: a model policy or alias, and options.
model = "policy:best"
options = { size = "1500x500" }

[policy]
# Whose models are picked first when a request names none.
prefer = ["embedded"]

[gateway]
public_url = "https://media.example.com"
allowed_hosts = ["media.example.com"]
# A name that begins with `closed` lets only approved workspaces in.
environment = "open"

[destinations.press]
# Where results may be published; a request names it. More: destinations.md.
type = "folder"
path = "/srv/press"

[limits]
# Of one key a minute, 0 = no limit; wrong keys from one address; jobs of a workspace that may wait.
requests_per_minute = 1200
failed_keys_per_minute = 60
most_queued = 2000
# At once, of one key and of all: requests, and those of them that wait. More: limits.md.
requests_per_key = 250
requests = 1000
waiters_per_key = 100
waiters = 5000
# After so many days the bytes of files go and the metadata stays; left out, files stay.
retention_days = 90

[limits.providers.openai]
# What your contract with a vendor allows, over all processes on one store.
per_minute = 60
at_once = 4

[metrics]
# Opens /metrics for a Prometheus (or FLEXURA_METRICS_TOKEN); an admin key opens it too.
token = "a-long-random-word"

[credits]
# What a credit is worth; what happens where a price is unknown: allow, refuse or cap:N credits.
price_usd = 0.01
unknown_price = "cap:50"
# Orders above so many USD want options.confirm.
confirm_above = 2.0

[plans.guided]
# A plan whose keys may not use the API.
api = false

[signup]
# off, invite or open: /dashboard/signup and POST /api/v1/signup.
mode = "invite"
credits = 100
plan = "operate"

[webhooks]
# Exact origins inside of your network that webhooks may reach; everything public is allowed, over https.
allow_origins = ["http://127.0.0.1:9000"]
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
