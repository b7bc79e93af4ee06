"""The file in a multipart form (RFC 7578), as it arrives; nothing of it is kept in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from starlette.requests import Request

from flexura.domain.errors import InvalidRequest, PayloadTooLarge, UnsupportedMediaType

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartParser

FIELD = "file"
MOST_OTHER = 64 * 1024
"""Bytes of all other fields together, and of what lies between the parts."""
_NEXT = f"Send multipart/form-data with the file in the field `{FIELD}`."


class _Form:
    """Follows the parser's callbacks; the bytes of the file gather in `pieces`."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.files = 0
        self.ended = False
        self._in_file = False
        self._other = 0
        self._header, self._value, self._disposition = b"", b"", b""

    def parser(self, boundary: bytes) -> MultipartParser:
        """A parser that reports here. Raises ValueError for a boundary that is too long."""
        from python_multipart.multipart import MultipartParser

        return MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._data,
                "on_end": self._end,
            },
        )

    def _begin(self) -> None:
        self._disposition = b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _headers_finished(self) -> None:
        from python_multipart.multipart import parse_options_header

        _, options = parse_options_header(self._disposition)
        self._in_file = options.get(b"name") == FIELD.encode()
        self.files += self._in_file
        if self.files > 1:
            raise InvalidRequest(
                "The form holds more than one file.",
                field=FIELD,
                next_step="Send one file in each request.",
            )

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self.pieces.append(data[start:end])
            return
        self._other += end - start
        if self._other > MOST_OTHER:
            raise PayloadTooLarge(
                f"The other fields of the form are over {MOST_OTHER} bytes.", next_step=_NEXT
            )

    def _end(self) -> None:
        self.ended = True


async def file_in_form(request: Request) -> AsyncIterator[bytes]:
    """The bytes of the field `file`.

    Raises UnsupportedMediaType for another content type; InvalidRequest for a form that is malformed, cut off
    or without the file; PayloadTooLarge for other fields that are too large.
    """
    form = _Form()
    parser = _parser(request, form)
    async for chunk in request.stream():
        _parsed(parser, chunk)
        pieces, form.pieces = form.pieces, []
        for piece in pieces:
            yield piece
    if not form.ended:
        raise InvalidRequest("The form ends too early.", next_step="Send it again, whole.")
    if not form.files:
        raise InvalidRequest(f"The form has no field `{FIELD}`.", field=FIELD, next_step=_NEXT)


def _parser(request: Request, form: _Form) -> MultipartParser:
    from python_multipart.multipart import parse_options_header

    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data":
        raise UnsupportedMediaType(
            f"The content type is {kind.decode('latin-1')[:60] or 'missing'!r}.",
            next_step=f"{_NEXT} To send it in parts, begin with the header Upload-Length and no body.",
        )
    try:
        if not options.get(b"boundary"):
            raise ValueError("it has no boundary")
        return form.parser(options[b"boundary"])
    except ValueError as problem:
        raise InvalidRequest(
            f"The content type cannot be used: {str(problem)[:120]}.",
            field="Content-Type",
            next_step="Send multipart/form-data with a boundary.",
        ) from None


def _parsed(parser: MultipartParser, chunk: bytes) -> None:
    from python_multipart.exceptions import MultipartParseError

    try:
        parser.write(chunk)
    except MultipartParseError as problem:
        raise InvalidRequest(
            f"The form cannot be read: {str(problem)[:120]}.", next_step=_NEXT
        ) from None
