"""Reading a request's body or uploaded file whole, with our own count of bytes.

`request.get_data()` cuts a chunked body at the size limit and says nothing; a file loaded in part is worse than none.
"""

from __future__ import annotations

from flask import request
from werkzeug.datastructures import FileStorage

from common.findings import DomainError, rule

PIECE = 64 * 1024

SY0150 = rule(
    "SY0150",
    title=("文件过大", "The file is too large"),
    say=(
        "文件超过{limit}字节的上限。请分成几个文件上传。",
        "The file is larger than {limit} bytes. Split it into several.",
    ),
    basis="平台接口约定",
)


class TooLargeError(DomainError):
    """The body is larger than this route takes."""

    status = 413


def read_body(limit: int) -> bytes:
    """The request's body; raises `TooLargeError` beyond `limit` bytes."""
    return _read(request.stream.read, limit)


def read_upload(name: str, limit: int) -> bytes:
    """The content of a form's file field, empty where none was chosen; raises `TooLargeError` beyond `limit` bytes."""
    upload: FileStorage | None = request.files.get(name)
    return _read(upload.stream.read, limit) if upload else b""


def _read(read: object, limit: int) -> bytes:
    assert callable(read)
    pieces, size = [], 0
    while piece := read(PIECE):
        size += len(piece)
        if size > limit:
            raise TooLargeError(SY0150.at("", limit=limit))
        pieces.append(piece)
    return b"".join(pieces)
