"""A diff shows what changes and no secret, whoever's it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flexura_installer import diffs, redact

PATH = Path("/home/me/mcp.json")


def shown(before: bytes | None, after: bytes | None, *secrets: str) -> str:
    return diffs.unified(PATH, before, after, secrets)


def test_a_change_stands_with_three_lines_around_it() -> None:
    before = b"".join(b"line %d\n" % n for n in range(1, 21))
    diff = shown(before, before.replace(b"line 10\n", b"line 10\nnew\n"))
    assert diff == (
        "--- /home/me/mcp.json\n+++ /home/me/mcp.json\n@@ -8,6 +8,7 @@\n"
        " line 8\n line 9\n line 10\n+new\n line 11\n line 12\n line 13\n"
    )


def test_files_that_come_and_go_and_a_missing_last_line_end() -> None:
    assert shown(None, b"{}") == (
        "--- /dev/null\n+++ /home/me/mcp.json\n@@ -0,0 +1 @@\n+{}\n\\ No newline at end of file\n"
    )
    assert shown(b"a\n", None) == "--- /home/me/mcp.json\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
    assert shown(b"a", b"a") == ""
    assert "\n-a\n\\ No newline at end of file\n+a\n" in shown(b"a", b"a\n")


def test_bytes_that_are_no_text_are_only_counted() -> None:
    assert "3 → 2 bytes that are no text" in shown(b"\xff\xfe{", b"{}")
    assert "bytes that are no text" in shown(b"a\0b", b"{}")


def test_a_large_file_is_shown_as_one_change() -> None:
    before = b"".join(b"line %d\n" % n for n in range(100_000))
    after = before.replace(b"line 500\n", b"first\n").replace(b"line 90000\n", b"second\n")
    diff = shown(before, after)
    assert diff.count("@@") == 2
    assert "+first" in diff
    assert "+second" in diff


def test_a_long_line_is_shown_around_its_change() -> None:
    words = json.dumps({f"word {n}": "text" for n in range(5000)}).encode()
    diff = shown(words, words.replace(b'"word 2500"', b'"changed", "word 2500"'))
    assert len(diff) < 1000
    assert '"changed"' in diff
    assert "…" in diff


def test_control_characters_do_not_reach_the_terminal() -> None:
    diff = shown(None, b"\xef\xbb\xbfa\x1b[31m\r\n\xc2\x9b\n")
    assert "+a\\x1b[31m\n+\\x9b\n" in diff


SECRET = "hunter2"
RANDOM = "q8Zr4vT1nL6xWc9Ky2Bd7Hm3"


@pytest.mark.parametrize(
    "text",
    [
        f'"apiKey": "{SECRET}",',
        f'"X-Auth-Token" : "{SECRET}"',
        f"api_key = '{SECRET}'",
        f"password: {SECRET}",
        f"- token: {SECRET}",
        f"GITHUB_PAT={SECRET}",
        f'"headers": {{"Authorization": "Bearer {SECRET}"}}',
        f'"args": ["-H", "Authorization: Bearer {SECRET}"]',
        f'"args": ["--api-key", "{SECRET}"]',
        f'"args": [\n  "--token",\n  "{SECRET}"\n]',
        f'"args": ["--password={SECRET}"]',
        f"args:\n  - --secret\n  - {SECRET}",
        f'"url": "https://me:{SECRET}@x.example/mcp"',
        f'"url": "https://x.example/mcp?key={SECRET}&a=b"',
        f'"secrets": ["{SECRET}", "{SECRET}"]',
        f'"api_keys": [\n  "{SECRET}",\n  "{SECRET}"\n]',
        f'"credentials": {{"user": "{SECRET}"}}',
        f'secret = """\n{SECRET}\n{SECRET}\n"""',
        f"private_key: |\n  {SECRET}\n  {SECRET}\nother: 1",
        f'"token":\n    "{SECRET}"',
        f'"x": "Bearer {SECRET}"',
        f'"whatever": "{RANDOM}"',
        "0123456789abcdef0123456789abcdef",
        f'"clientSecret": "a\\"b {SECRET}"',
    ],
)
def test_what_looks_like_a_secret_is_not_shown(text: str) -> None:
    lines = redact.lines(text.split("\n"), [])
    assert len(lines) == len(text.split("\n"))
    whole = "\n".join(lines)
    for secret in (SECRET, RANDOM, "0123456789abcdef"):
        assert secret not in whole
    assert redact.REDACTED in whole


@pytest.mark.parametrize(
    "text",
    [
        '"command": "/home/someone1/.local/share/flexura-2.10/versions/bin/flexura",',
        '"headers": {"Authorization": "Bearer ${env:MEDIA_GATEWAY_API_KEY}"}',
        '"headers": {"Authorization": "Bearer {env:MEDIA_GATEWAY_API_KEY}"}',
        'bearer_token_env_var = "MEDIA_GATEWAY_API_KEY"',
        '"env": {"MEDIA_GATEWAY_API_KEY": "$MEDIA_GATEWAY_API_KEY"}',
        "env_keys: [MEDIA_GATEWAY_API_KEY]",
        '"password": true,',
        '"max_tokens": 4096,',
        '"keys": {',
        '"url": "http://127.0.0.1:3000/mcp"',
        '"monkey": "see"',
        "[mcp_servers.flexura]",
    ],
)
def test_what_is_no_secret_is_shown(text: str) -> None:
    assert redact.lines([text], []) == [text]


def test_a_secret_of_a_neighbouring_line_is_hidden_in_the_diff() -> None:
    before = f'{{\n  "theirs": {{"key": "{SECRET}"}}\n}}\n'.encode()
    diff = shown(before, before.replace(b'"}\n', b'"},\n  "ours": "SOME-secret"\n'), "SOME-secret")
    assert SECRET not in diff
    assert "SOME-secret" not in diff
    assert '+  "ours": "<redacted>"' in diff


def test_a_key_above_the_lines_that_are_shown_still_hides_its_value() -> None:
    before = f'"api_keys": [\n"a",\n"b",\n"c",\n"{SECRET}",\n"e",\n"f"\n],\nx\n'.encode()
    assert SECRET not in shown(before, before.replace(b"x\n", b"y\n"))


def test_a_secret_that_alone_changed_is_still_shown_as_a_change() -> None:
    diff = shown(b'"key": "one"\n', b'"key": "two"\n')
    assert '-"key": "<redacted>"\n+"key": "<redacted>"\n' in diff
