"""Documents of a file to messages in the JSON form, cut at one hundred documents.

Numbers are issued from the file's digest and a document's place in it, so that the same file yields the same bytes:
sent again, the inbox recognises every message and nothing is filed twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from app.files.reading import FileDocument
from customs.messages.limits import MAX_DOCUMENTS

MAX_BYTES = 8 * 1024 * 1024
"""The most bytes of one message made from a file."""

_ISSUER = uuid.UUID("6f1d8f0e-4f0e-5a52-9a0b-2f5d1c3f6b90")


def issued_guid(*parts: object) -> str:
    """A 36-character number that depends on the parts alone, letters upper case."""
    return str(uuid.uuid5(_ISSUER, "/".join(map(str, parts)))).upper()


def message_bytes(type: str, guid: str, documents: Sequence[dict[str, Any]]) -> bytes:
    """A message in the JSON form; the same content gives the same bytes."""
    return _joined(type, guid, [_encoded(one) for one in documents])


def cut_messages(type: str, digest: str, documents: Sequence[FileDocument]) -> Iterator[tuple[list[int], bytes]]:
    """Messages of at most one hundred sound documents: their places in `documents`, and the bytes to hand in."""
    places: list[int] = []
    made: list[bytes] = []
    size = chunk = 0
    for n, one in enumerate(documents):
        if not one.sound:
            continue
        document = _encoded(as_json(one, issued_guid(digest, "document", n)))
        if made and (len(made) == MAX_DOCUMENTS or size + len(document) > MAX_BYTES):
            yield places, _joined(type, issued_guid(digest, "message", chunk), made)
            places, made, size, chunk = [], [], 0, chunk + 1
        places.append(n)
        made.append(document)
        size += len(document)
    if made:
        yield places, _joined(type, issued_guid(digest, "message", chunk), made)


def _encoded(document: dict[str, Any]) -> bytes:
    return msgspec.json.encode(document)


def _joined(type: str, guid: str, documents: Sequence[bytes]) -> bytes:
    head = msgspec.json.encode({"type": type, "guid": guid})
    return b'%s,"documents":[%s]}' % (head[:-1], b",".join(documents))


def as_json(one: FileDocument, guid: str) -> dict[str, Any]:
    """One document in the JSON form of interfaces.md §2; empty elements are left out."""
    document: dict[str, Any] = {"head": {"guid": guid, **{key: text for key, text in one.head.items() if text}}}
    if one.lines:
        document["lines"] = one.lines
    document |= one.extras
    if one.receiver:
        document["receiver"] = one.receiver
    if one.weighed:
        document["weighed_gross"] = one.weighed
    return document
