"""Proof files in forms: reading one, never more than the zone takes, and the words that say what it takes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from flask import request

from app.i18n import t
from app.uploads import read_upload
from common.money import plain
from customs.rules.files import Limits, NewFile, endings_of

_MEGABYTE = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class FileHint:
    """What a form says at a file field: formats and size in words, the endings a browser offers, how many at most."""

    words: str
    accept: str
    most: int


def read_proof(limits: Limits, name: str = "file") -> NewFile:
    """The file of a form's field, without name and bytes where none was chosen.

    Raises `TooLargeError` beyond what the zone takes. Whether the file itself is taken, the domain checks.
    """
    chosen = request.files.get(name)
    return NewFile((chosen.filename or "") if chosen else "", read_upload(name, limits.size))


def proof_hint(limits: Limits) -> FileHint:
    """The words for the zone's limits."""
    formats = t("words.and").join(word.upper() for word in limits.formats)
    words = t("words.proof_file", formats=formats, mb=plain(limits.size / _MEGABYTE))
    return FileHint(words, ",".join(endings_of(limits.formats)), limits.files)
