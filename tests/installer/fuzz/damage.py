"""What happens to files: cut off, bytes lost or put in, saved in another encoding."""

from __future__ import annotations

from installer.fuzz.pen import Pen

_JUNK = (
    *(
        b'"',
        b"'",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"#",
        b"//",
        b"/*",
        b"*/",
        b"\n",
        b"\t",
        b"\\",
        b"=",
    ),
    *(
        b"'''",
        b'"""',
        b"\0",
        b"\xff",
        b"- ",
        b"  ",
        b"&a ",
        b"*a",
        b"|",
        b"\r",
        b"\xc3",
        b"[[",
        b"a.b = 1\n",
    ),
    b'"mcpServers": {}, ',
)


def damaged(pen: Pen, data: bytes) -> bytes:
    """The file after one to three accidents. It may happen to be well-formed still."""
    for _ in range(pen.number(1, 3)):
        at = pen.number(0, len(data))
        length = pen.one(1, 1, 2, pen.number(1, 40))
        shape = pen.number(0, 4)
        if shape == 0:
            data = data[:at]
        elif shape == 1:
            data = data[:at] + data[at + length :]
        elif shape == 2:
            data = data[:at] + pen.one(*_JUNK) + data[at:]
        elif shape == 3:
            data = data[:at] + data[at : at + length] * 2 + data[at + length :]
        else:
            data = data[:at] + bytes([pen.number(0, 255)]) + data[at + 1 :]
    return data


def in_another_encoding(pen: Pen, text: str) -> bytes:
    """Not UTF-8."""
    whole = f"{text}\n# é" if pen.chance(0.5) else text
    return pen.one(
        whole.encode("utf-16"),
        whole.encode("utf-16-le"),
        whole.encode("utf-32"),
        f"{text}é".encode("latin-1", "replace"),
        b"\xef\xbb\xbf\xef\xbb\xbf" + text.encode(),
        text.encode() + b"\xed\xa0\x80",
        b"\xc0\xaf" + text.encode(),
        text.encode() + b"\0",
    )
