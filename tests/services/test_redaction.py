"""What a log never shows."""

from __future__ import annotations

import pytest

from flexura.services.redaction import HIDDEN, Redaction


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("the key fx_live_wlHygRHFJU5pefKIFvmM is new", "wlHyg"),
        ("signed with whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "C2FVs"),
        ("Authorization: Bearer abc.def-ghi_jkl", "abc.def"),
        ("(b'Authorization', b'Key 1234:abcd_ef'), (b'accept', b'*/*')", "abcd"),
        ('{"authorization": "Basic dTpw"}', "dTpw"),
        ("https://user:pa%20ss@host.example/x", "pa%20ss"),
        ("postgresql://flexura:hunter22@db/flexura", "hunter22"),
        ("GET https://v.example/models?pageSize=5&key=AIzaSyBn0pe HTTP/1.1", "AIzaSy"),
        ("/api/assets/x.png?exp=1&sig=Zm9vYmFy", "Zm9vYmFy"),
        ("https://s3.example/o?X-Amz-Signature=9f8e7d&X-Amz-Date=1", "9f8e7d"),
        ("x-api-key: sk-ant-1234", "sk-ant"),
        ("'x-goog-api-key': 'AIzaSyBn0pe'", "AIzaSy"),
        ("connection failed: password=hunter22 host=db", "hunter22"),
        ("set-cookie: flexura_form=abcdef; HttpOnly", "abcdef"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, secret: str) -> None:
    hidden = Redaction().hide(text)
    assert secret not in hidden and HIDDEN in hidden


@pytest.mark.parametrize(
    "text",
    [
        "the key verification failed with token something",
        "listening on http://127.0.0.1:3000 (MCP at http://127.0.0.1:3000/mcp)",
        "the basic configuration of the password policy",
        "job job_01KAPN3Z6E8Q0V5T2R9YWXBC4D: attempt 2 was overtaken",
        "ask ada@example.org",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert Redaction().hide(text) == text


def test_known_values_are_hidden_in_every_spelling() -> None:
    redaction = Redaction()
    redaction.add(["p@ss word!", "", "abc"])
    for text in ("p@ss word!", "x=p%40ss%20word%21", "Basic cEBzcyB3b3JkIQ=="):
        assert "ss" not in redaction.hide(text).replace(HIDDEN, "").replace("Basic", "")
    assert redaction.hide("abc is too short to be hidden") == "abc is too short to be hidden"


def test_it_is_fast_on_long_lines_made_to_be_slow() -> None:
    # Each would take minutes if a pattern went back and forth.
    for text in ("a" * 8000, "://" * 2600, "authorization" * 600, "?key" * 2000, "x-" * 4000):
        Redaction().hide(text)
