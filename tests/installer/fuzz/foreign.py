"""What other programs and people do to a file after us."""

from __future__ import annotations

import json
import tomllib

import yaml

from installer.fuzz.cases import Case

_MARK = b"\xef\xbb\xbf"


def edited_by_others(case: Case, data: bytes) -> bytes:
    """The file after somebody else's edit; it may be none, and it may leave the file broken."""
    pen = case.pen
    shape = pen.number(0, 5)
    if shape == 0:
        return data
    if shape == 1:
        return data.replace(b"MARK", pen.one(b"", b"another text", b"x" * 300), 1)
    if shape == 2:
        return data + _line_of(case)
    if shape == 3:
        start = len(_MARK) if data.startswith(_MARK) else 0
        return data[:start] + _line_of(case) + data[start:]
    if shape == 4:
        return _with_more(case, data)
    return _written_anew(case, data)


def _line_of(case: Case) -> bytes:
    line_end = b"\r\n" if b"\r\n" in case.data else b"\n"
    if case.dialect == "json":
        return line_end
    return (
        line_end
        + (b"# by another" if case.dialect in ("toml", "yaml") else b"// by another")
        + line_end
    )


def _with_more(case: Case, data: bytes) -> bytes:
    """Text that belongs at the end of the document, as `codex mcp add` or `echo >>` write it."""
    if case.dialect == "toml":
        return data + case.pen.one(
            b"\n[zz]\na = 1\n", b"\n[[zz]]\n", b"\n[mcp_servers.zz]\ncommand = 'x'\n"
        )
    if case.dialect == "yaml":
        return data + case.pen.one(b"\nzz: 1\n", b"\nzz:\n- a\n- b: [c]\n")
    at = data.rfind(b"}")
    before = data[:at].rstrip()
    comma = b"" if before.endswith((b"{", b",")) else b","
    return data[:at] + comma + b'"zz": {"a": [1]}' + data[at:] if at >= 0 else data


def _written_anew(case: Case, data: bytes) -> bytes:
    """Programs that read a file and write it whole (Claude Code, Gemini CLI)."""
    text = data.removeprefix(_MARK).decode()
    try:
        if case.dialect == "toml":
            tomllib.loads(text)
            return data
        if case.dialect == "yaml":
            document = yaml.load(text, yaml.CSafeLoader)
            return yaml.safe_dump(document, allow_unicode=True, sort_keys=False).encode()
        indent = case.pen.one(None, 1, 2, 4, "\t")
        return json.dumps(
            json.loads(text), indent=indent, ensure_ascii=case.pen.chance(0.5)
        ).encode()
    except (ValueError, yaml.YAMLError):
        return data
