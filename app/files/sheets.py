"""Opening a file: workbook (.xlsx) or text (.csv) to one grid of values, with everything that could hurt refused first.

A workbook is a ZIP of XML: what it unpacks to, and how far its cells reach, is asked before it is opened, because a
single cell at the far corner makes a grid of seventeen thousand million.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from app.files import rules
from common.findings import DomainError

Value = str | float | int | bool | date | datetime | time | timedelta

MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_INSIDE = 256 * 1024 * 1024
"""The most bytes a workbook may unpack to."""

TEXT_SHEET = "Sheet1"
"""What the only sheet of a text file is called in pointers."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,3})([0-9]{1,9})["']""")
_HEADER_SEEN = 4096


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name and its rows from the first one on, empty cells as `""`."""

    name: str
    rows: Sequence[Sequence[Value]]


def kind_of(raw: bytes) -> str:
    """`xml`, `json` or `sheet`, told by the first bytes; a file's name is not believed."""
    start = raw[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        return "xml"
    return "json" if start.startswith((b"{", b"[")) else "sheet"


def open_sheet(raw: bytes) -> Sheet:
    """The first visible sheet of a workbook, or the text file's only one; raises `DomainError` saying what to do."""
    if raw.startswith(_OLE):
        raise DomainError(rules.OLD_OR_LOCKED.at(""))
    return _workbook(raw) if raw.startswith(_ZIP) else _text(raw)


@lru_cache(maxsize=MAX_COLUMNS)
def letters(column: int) -> str:
    """A column's letters, counted from 0: A, B, … Z, AA."""
    written = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        written = chr(ord("A") + rest) + written
    return written


def _workbook(raw: bytes) -> Sheet:
    _look_inside(raw)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        name = next(
            one.name
            for one in book.sheets_metadata
            if one.typ == SheetTypeEnum.WorkSheet and one.visible == SheetVisibleEnum.Visible
        )
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except PasswordError as error:
        raise DomainError(rules.OLD_OR_LOCKED.at("")) from error
    except (CalamineError, StopIteration, ValueError, OSError) as error:
        raise DomainError(rules.UNREADABLE.at("")) from error
    return Sheet(name, rows)


def _look_inside(raw: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            infos = packed.infolist()
            if sum(one.file_size for one in infos) > MAX_INSIDE:
                raise DomainError(rules.TOO_LARGE_INSIDE.at("", limit=MAX_INSIDE))
            sheets = [one for one in infos if one.filename.lower().startswith("xl/worksheets/")]
            if not sheets:
                raise DomainError(rules.UNREADABLE.at(""))
            for one in sheets:
                with packed.open(one) as content:
                    _check_reach(content.read(MAX_INSIDE + 1))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise DomainError(rules.UNREADABLE.at("")) from error
    except Exception as error:
        if isinstance(error, DomainError):
            raise
        # a damaged stream shows as the unpacker's own error (zlib.error, lzma.LZMAError)
        raise DomainError(rules.UNREADABLE.at("")) from error


def _check_reach(content: bytes) -> None:
    """No cell lies beyond the rows and columns that are read."""
    if len(content) > MAX_INSIDE:
        raise DomainError(rules.TOO_LARGE_INSIDE.at("", limit=MAX_INSIDE))
    if b"\0" in content[:_HEADER_SEEN]:
        raise DomainError(rules.UNREADABLE.at(""))
    row = column = 0
    for place in _PLACE.finditer(content):
        row = max(row, int(place[2]))
        if place[1]:
            column = max(column, _column(place[1]))
    _refuse_reach(row, column)


def _refuse_reach(row: int, column: int) -> None:
    if row > MAX_ROWS or column > MAX_COLUMNS:
        raise DomainError(rules.TOO_WIDE.at("", row=row, column=column, rows=MAX_ROWS, columns=MAX_COLUMNS))


def _column(written: bytes) -> int:
    number = 0
    for letter in written.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _text(raw: bytes) -> Sheet:
    text = _decoded(raw)
    first = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(",\t;", key=first.count)
    rows: list[list[Value]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(list(row))
            _refuse_reach(len(rows), len(row))
    except csv.Error as error:
        raise DomainError(rules.UNREADABLE.at("")) from error
    return Sheet(TEXT_SHEET, rows)


def _decoded(raw: bytes) -> str:
    """UTF-8 or else GBK (as GB 18030, which contains it)."""
    if b"\0" in raw:
        raise DomainError(rules.ENCODING.at(""))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DomainError(rules.ENCODING.at(""))


def is_empty(value: Any) -> bool:
    """Whether a cell holds nothing that can be seen."""
    return value is None or (isinstance(value, str) and not value.strip())
