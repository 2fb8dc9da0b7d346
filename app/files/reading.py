"""A filled sheet to documents: header found, rows grouped by the business key, every cell read.

A row is one line of a document; rows with the same business key are one document wherever they stand, and a row whose
head cells are all empty goes on with the document above it. Where a cell had to be read differently from what it is,
the document carries the finding and is not filed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.files import rules
from app.files.cells import read_cell
from app.files.columns import FILLED_IN, MARK, TYPES, Column, by_key, columns
from app.files.sheets import Sheet, Value, is_empty, letters, open_sheet
from common.findings import DomainError, Finding, has_errors
from customs.messages.document import cut
from customs.messages.fields import MESSAGES

HEADER_ROWS = 10
"""Rows in which the element names are looked for."""

_ENOUGH = 2
"""Element names in one row that make it the header."""


@dataclass(slots=True)
class FileDocument:
    """One document of a file: texts by element, the sheet rows its lines stand in (counted from 1), its findings."""

    rows: list[int]
    head: dict[str, str] = field(default_factory=dict)
    lines: list[dict[str, str]] = field(default_factory=list)
    extras: dict[str, str] = field(default_factory=dict)
    receiver: dict[str, str] = field(default_factory=dict)
    weighed: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether every cell was read as it stands, so that the document may be filed."""
        return not has_errors(self.findings)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand in a sheet: its name, the header's row, and the column of each element (both from 0)."""

    sheet: str
    header: int
    places: Mapping[str, int]

    def cell(self, row: int, key: str) -> str:
        """The pointer to a cell: `Sheet1!C7`; `row` from 1. The row's first cell where the file has no such column."""
        return f"{self.sheet}!{letters(self.places.get(key, 0))}{row}"


@dataclass(frozen=True, slots=True)
class FileContents:
    """What a file says: message type, layout, documents in order, and warnings about the file as a whole."""

    type: str
    layout: Layout
    documents: Sequence[FileDocument]
    warnings: Sequence[Finding]


def read_file(raw: bytes) -> FileContents:
    """The documents of a file; raises `DomainError` where it is no filled template."""
    sheet = open_sheet(raw)
    type, header = _header(sheet)
    layout, findings = _layout(sheet, type, header)
    if has_errors(findings):
        raise DomainError(*findings)
    documents = _documents(sheet, type, layout)
    if not documents:
        raise DomainError(rules.NO_ROWS.at(f"{sheet.name}!A{header + 2}"))
    return FileContents(type, layout, documents, findings)


def header_keys(row: Sequence[Value]) -> list[str]:
    """The header's texts as column keys."""
    return [value.strip() if isinstance(value, str) else "" for value in row]


def _header(sheet: Sheet) -> tuple[str, int]:
    """The message type and the row of the element names: the row that names most columns of one type."""
    best = ("", -1, 0)
    for n, row in enumerate(sheet.rows[:HEADER_ROWS]):
        keys = set(header_keys(row))
        for type in TYPES:
            known = len(keys & set(by_key(type)))
            # a column of the list settles it: orders and checklists share most head elements
            weight = known * 2 + sum(key.startswith(f"{MESSAGES[type].list}/") for key in keys)
            if known >= _ENOUGH and weight > best[2]:
                best = (type, n, weight)
    if best[1] < 0:
        raise DomainError(rules.NO_HEADER.at(f"{sheet.name}!A1", rows=HEADER_ROWS))
    return best[0], best[1]


def _layout(sheet: Sheet, type: str, header: int) -> tuple[Layout, list[Finding]]:
    """Where each column stands, with findings for those that are unknown, doubled or missing."""
    known, findings = by_key(type), []
    places: dict[str, int] = {}
    for n, key in enumerate(header_keys(sheet.rows[header])):
        at = f"{sheet.name}!{letters(n)}{header + 1}"
        if not key or key == MARK:
            continue
        if key not in known:
            findings.append(rules.UNKNOWN_COLUMN.at(at, type=type, column=cut(key)))
        elif key in places:
            first = letters(places[key])
            findings.append(rules.COLUMN_TWICE.at(at, column=key, first=first, second=letters(n)))
        else:
            places[key] = n
    missing = (one for one in columns(type) if one.required and one.key not in places)
    at = f"{sheet.name}!A{header + 1}"
    findings += [rules.COLUMN_MISSING.at(at, **one.named) for one in missing]
    return Layout(sheet.name, header, places), findings


def _documents(sheet: Sheet, type: str, layout: Layout) -> list[FileDocument]:
    spec, known = MESSAGES[type], by_key(type)
    placed = [(known[key], n) for key, n in layout.places.items()]
    wanted = tuple(element for element in spec.key if element in layout.places)
    documents: list[FileDocument] = []
    by_number: dict[tuple[str, ...], FileDocument] = {}
    for number, row in _filled_rows(sheet, layout):
        read = _Row(number, layout)
        read.take(row, placed)
        number_of_paper = tuple(read.head.get(element, "") for element in wanted)
        into = _same(read, number_of_paper, by_number, documents) if not spec.flat else None
        if into is None:
            into = FileDocument([])
            documents.append(into)
            if all(number_of_paper):
                by_number[number_of_paper] = into
        read.put(into, known, spec.min_lines > 0)
    for one in documents:
        _complete(one, type)
    return documents


def _filled_rows(sheet: Sheet, layout: Layout) -> Iterator[tuple[int, Sequence[Value]]]:
    """The rows below the header in which a known column is filled, with their numbers from 1."""
    places = tuple(layout.places.values())
    for n, row in enumerate(sheet.rows[layout.header + 1 :], layout.header + 2):
        if any(place < len(row) and not is_empty(row[place]) for place in places):
            yield n, row


def _same(
    read: _Row,
    key: tuple[str, ...],
    by_number: Mapping[tuple[str, ...], FileDocument],
    documents: Sequence[FileDocument],
) -> FileDocument | None:
    """The document that a row goes on with: the one of its number, or the one above where its head is empty."""
    if not any(read.head.values()):
        return documents[-1] if documents else None
    return by_number.get(key)


def _complete(one: FileDocument, type: str) -> None:
    """What the platform fills in: lines numbered from 1, a new paper, an export."""
    spec = MESSAGES[type]
    for element, value in FILLED_IN.items():
        if element in spec.head_by_name:
            one.head[element] = one.head.get(element) or value
    for n, line in enumerate(one.lines, 1):
        line["gnum"] = str(n)


class _Row:
    """One row while it is read."""

    def __init__(self, number: int, layout: Layout) -> None:
        self.number, self.layout = number, layout
        self.head: dict[str, str] = {}
        self.line: dict[str, str] = {}
        self.extras: dict[str, dict[str, str]] = {"document": {}, "receiver": {}, "weighed": {}}
        self.findings: list[Finding] = []

    def take(self, row: Sequence[Value], placed: Sequence[tuple[Column, int]]) -> None:
        """Read every known cell."""
        for column, place in placed:
            value = row[place] if place < len(row) else None
            text, found = read_cell(value, column, self.layout.cell(self.number, column.key)) if value else ("", ())
            self.findings += found
            into = {"head": self.head, "line": self.line}.get(column.part)
            into = self.extras[column.part] if into is None else into
            if text or column.part in ("head", "line"):
                into[column.element] = text

    def put(self, document: FileDocument, known: Mapping[str, Column], needs_line: bool) -> None:
        """Add the row to its document: a line, and head cells, which agree with the rows before.

        A row is a line even where its line cells are all empty, if the message needs lines.
        """
        document.findings += self.findings
        for element, text in self.head.items():
            before = document.head.get(element, "")
            if text and before and text != before:
                at = self.layout.cell(self.number, element)
                facts = {"first": document.rows[0], "expected": cut(before), "value": cut(text)}
                document.findings.append(rules.ROWS_DISAGREE.at(at, **facts, **known[element].named))
            document.head[element] = before or text
        document.rows.append(self.number)
        document.extras |= self.extras["document"]
        document.receiver |= self.extras["receiver"]
        if needs_line or any(self.line.values()):
            document.lines.append({element: text for element, text in self.line.items() if text})
        weighed = self.extras["weighed"].get("weighed_gross")
        if weighed:
            document.weighed[self.line.get("logisticsNo", "")] = weighed
