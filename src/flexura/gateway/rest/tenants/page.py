"""The sign-up page: plain HTML with its own style and nothing from elsewhere. Everything shown is escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from html import escape

from flexura.domain.errors import FlexuraError
from flexura.domain.workspace import Workspace

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:30rem;margin:8vh auto;padding:0 1rem}"
    "label{display:block;margin:1rem 0 .25rem;font-weight:600}"
    "input{font:inherit;width:100%;box-sizing:border-box;padding:.5rem}"
    "button{font:inherit;font-weight:600;margin-top:1.5rem;padding:.6rem 1.2rem}"
    "code{display:block;padding:.75rem;border:1px solid;overflow-wrap:anywhere;user-select:all}"
    ".wrong{border-left:4px solid #c00;padding:.25rem .75rem}"
    "small{opacity:.75}"
)
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
"""The Content-Security-Policy of the page: its own style, its own form, nothing else."""


def form(
    fields: Mapping[str, str],
    token: str,
    refusal: FlexuraError | None,
    *,
    invited_only: bool,
    action: str,
) -> str:
    """The form, with what was filled in before and what is wrong with it."""
    wrong = ""
    if refusal is not None:
        words = f"{refusal.message} {refusal.next_step}".strip()
        wrong = f'<p class="wrong" role="alert">{escape(words)}</p>'
    required = " required" if invited_only else ""
    note = "" if invited_only else " <small>(if you have one)</small>"

    def value(name: str) -> str:
        return escape(fields.get(name, "")[:100])

    return _html(
        "Sign up",
        f"""{wrong}<form method="post" action="{escape(action)}">
<input type="hidden" name="token" value="{escape(token)}">
<label for="name">Your name</label>
<input id="name" name="name" maxlength="100" autocomplete="name" value="{value("name")}">
<label for="workspace">Workspace</label>
<input id="workspace" name="workspace" maxlength="40" required pattern="[a-z0-9]([a-z0-9\\-]*[a-z0-9])?"
 aria-describedby="hint" autocomplete="off" value="{value("workspace")}">
<small id="hint">Small letters, digits and hyphens, as in acme-studio.</small>
<label for="invite">Invitation{note}</label>
<input id="invite" name="invite" maxlength="100" autocomplete="off"{required} value="{value("invite")}">
<button>Make my workspace</button>
</form>""",
    )


def done(workspace: Workspace, secret: str, url: str) -> str:
    """The page after signing up: the key, shown once, and where it is good for."""
    waits = "" if workspace.approved else "<p>The operator has to approve it before it works.</p>"
    return _html(
        "Your workspace is there",
        f"""<p>The workspace <strong>{escape(workspace.name)}</strong> is yours.</p>{waits}
<p>Its API key is shown here once and kept nowhere. Copy it now:</p>
<code>{escape(secret)}</code>
<p>Give it to your agent in the variable <strong>MEDIA_GATEWAY_API_KEY</strong>, and this gateway's address in
<strong>FLEXURA_URL</strong>:</p>
<code>{escape(url)}</code>
<p>What it can do: <a href="/docs">the API</a>.</p>""",
    )


def _html(title: str, body: str) -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} - flexura</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{escape(title)}</h1>
{body}
</main>
</body>
</html>
"""
