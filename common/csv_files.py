"""Reading a CSV file that a person made: every fault by row and column, and what spreadsheets do to codes.

Pointers name the cell as a spreadsheet does (`C7`: third column, seventh row; the header is row 1).
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from common.findings import DomainError, Finding, Text, rule

_BASIS = "平台文件导入约定"
MAX_ROWS = 60_000
MAX_CELL = 600
MAX_SOURCE = 200
MAX_FINDINGS = 300

CU0601 = rule(
    "CU0601",
    title=("文件无法读取", "The file cannot be read"),
    say=(
        "文件不是UTF-8编码的CSV（{reason}）。请在表格软件中另存为“CSV UTF-8”后重新上传。",
        "The file is not CSV in UTF-8 ({reason}). Save it as “CSV UTF-8” in the spreadsheet program and load it again.",
    ),
    basis=_BASIS,
    kind="format",
)
CU0602 = rule(
    "CU0602",
    title=("表头不符", "The header does not fit"),
    say=(
        "第1行表头：{problem}。可用的列：{columns}。",
        "Row 1, header: {problem}. Columns that may stand there: {columns}.",
    ),
    basis=_BASIS,
    kind="format",
)
CU0603 = rule(
    "CU0603",
    title=("列数不符", "Wrong number of cells"),
    say=(
        "第{row}行有{found}列，表头有{expected}列。请补齐，含逗号的内容加英文双引号。",
        "Row {row} has {found} cells, the header has {expected}. Fill the row up, and quote text that contains commas.",
    ),
    basis=_BASIS,
    kind="format",
)
CU0604 = rule(
    "CU0604",
    title=("文件没有内容或过大", "Nothing to load, or too much"),
    say=(
        "文件有{rows}行内容，应为1至{limit}行。请检查文件或分次上传。",
        "The file has {rows} rows; 1 to {limit} can be loaded at once. Check the file or split it.",
    ),
    basis=_BASIS,
    kind="format",
)
CU0605 = rule(
    "CU0605",
    title=("单元格内容不符", "A cell does not fit"),
    say=(
        "第{row}行“{column}”列：“{value}”不符合要求，应为{form}。",
        "Row {row}, column “{column}”: “{value}” does not fit. Enter {form}.",
    ),
    basis=_BASIS,
    kind="format",
)
CU0606 = rule(
    "CU0606",
    title=("代码被表格软件改成了数字", "The spreadsheet turned a code into a number"),
    say=(
        "第{row}行“{column}”列：“{value}”已被表格软件改成数字，原代码无法还原。请把该列设为文本格式，重新填写{form}。",
        "Row {row}, column “{column}”: the spreadsheet turned the code into the number “{value}”. "
        "Format the column as text and enter {form} again.",
    ),
    basis=_BASIS,
    kind="format",
)
CU0607 = rule(
    "CU0607",
    title=("代码前面的0可能丢失", "Leading zeros seem to be lost"),
    say=(
        "第{row}行“{column}”列：“{value}”位数不足，应为{form}，前面的0可能丢失。请把该列设为文本格式后补齐。",
        "Row {row}, column “{column}”: “{value}” is too short for {form}; leading zeros seem to be lost. "
        "Format the column as text and complete the code.",
    ),
    basis=_BASIS,
    kind="format",
)
CU0608 = rule(
    "CU0608",
    title=("日期不符", "A day does not fit"),
    say=(
        "第{row}行“{column}”列：“{value}”不是有效日期。请按年-月-日填写，例如2026-01-01。",
        "Row {row}, column “{column}”: “{value}” is not a day. Write it as 2026-01-01.",
    ),
    basis=_BASIS,
    kind="format",
)
CU0609 = rule(
    "CU0609",
    title=("还有更多问题", "There are more faults"),
    say=(
        "另有{more}处问题未列出。请先更正以上内容，再重新上传。",
        "{more} more faults are not listed. Correct these first, then load the file again.",
    ),
    basis=_BASIS,
    kind="format",
)
CU0610 = rule(
    "CU0610",
    title=("缺少来源", "The source is missing"),
    say=(
        "第{row}行没有来源。请填写“source”列，或在上传时注明来源文件。",
        "Row {row} names no source. Fill the column “source”, or name the source document when loading.",
    ),
    basis=_BASIS,
)

CU0611 = rule(
    "CU0611",
    title=("来源说明过长", "The source is too long"),
    say=(
        "来源说明有{length}字，最多{limit}字。请写明文件名称、文号和日期即可。",
        "The source has {length} characters; at most {limit} fit. Name the document, its number and its day.",
    ),
    basis=_BASIS,
)

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+|(\.[0-9]+)?[eE][+-]?[0-9]+)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header: its number as a spreadsheet shows it, its cells by column, without outer blanks."""

    number: int
    cells: Mapping[str, str]
    columns: Mapping[str, int]

    def get(self, column: str) -> str:
        """The cell's text; empty where the file has no such column."""
        return self.cells.get(column, "")

    def at(self, column: str) -> str:
        """The pointer of a cell of this row."""
        return cell(self.columns.get(column, 0), self.number)

    def day(self, column: str, findings: list[Finding]) -> date | None:
        """The day in a cell; None for an empty cell, and for a wrong one after adding its finding."""
        written = self.get(column)
        if not written:
            return None
        try:
            if _DAY.fullmatch(written):
                return date.fromisoformat(written)
        except ValueError:
            pass
        findings.append(CU0608.at(self.at(column), row=self.number, column=column, value=written[:40]))
        return None


def digest(raw: bytes) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(raw).hexdigest()


def check_source(source: str) -> None:
    """Raise `DomainError` for a source that does not fit its column."""
    if len(source) > MAX_SOURCE:
        raise DomainError(CU0611.at("/source", length=len(source), limit=MAX_SOURCE))


def cell(column: int, row: int) -> str:
    """The name of a cell: column counted from 0, row from 1."""
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


def is_number(written: str) -> bool:
    """Whether a cell that should hold a code shows that a spreadsheet made a number of it (`8.21E+09`, `101.0`)."""
    return _NUMBER.fullmatch(written) is not None


def refuse(findings: Sequence[Finding]) -> None:
    """Raise `DomainError` if there are findings; beyond a few hundred, only their number is told."""
    if not findings:
        return
    shown = list(findings[:MAX_FINDINGS])
    if len(findings) > MAX_FINDINGS:
        shown.append(CU0609.at("", more=len(findings) - MAX_FINDINGS))
    raise DomainError(*shown)


def read_rows(raw: bytes, required: Iterable[str], optional: Iterable[str] = ()) -> tuple[list[Row], list[Finding]]:
    """All rows of a CSV file, and what is wrong with their shape.

    Raises `DomainError` where nothing can be read at all: encoding, quoting, header, no rows or too many.
    """
    needed, allowed = list(required), [*required, *optional]
    records = _records(raw)
    if not records:
        raise DomainError(CU0604.at("", rows=0, limit=MAX_ROWS))
    header = [one.strip() for one in records[0][1]]
    _check_header(header, needed, allowed)
    if not 1 < len(records) <= MAX_ROWS + 1:
        raise DomainError(CU0604.at("", rows=max(len(records) - 1, 0), limit=MAX_ROWS))
    columns = {name: place for place, name in enumerate(header)}
    rows: list[Row] = []
    findings: list[Finding] = []
    for number, cells in records[1:]:
        if len(cells) != len(header):
            pointer = cell(0, number)
            findings.append(CU0603.at(pointer, row=number, found=len(cells), expected=len(header)))
            continue
        row = Row(number, dict(zip(header, (one.strip() for one in cells), strict=True)), columns)
        findings += _check_text(row)
        rows.append(row)
    return rows, findings


def _records(raw: bytes) -> list[tuple[int, list[str]]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DomainError(CU0601.at("", reason=f"byte {error.start}")) from error
    if "\0" in text:
        raise DomainError(CU0601.at("", reason="NUL"))
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        return [(number, one) for number, one in enumerate(reader, start=1) if any(part.strip() for part in one)]
    except csv.Error as error:
        raise DomainError(CU0601.at("", reason=str(error))) from error


def _check_header(header: Sequence[str], needed: Sequence[str], allowed: Sequence[str]) -> None:
    missing = [one for one in needed if one not in header]
    unknown = [one for one in header if one not in allowed]
    doubled = sorted({one for one in header if header.count(one) > 1})
    for names, zh, en in (
        (missing, "缺少{0}", "{0} missing"),
        (unknown, "不认识{0}", "{0} unknown"),
        (doubled, "{0}重复", "{0} given twice"),
    ):
        if names:
            listed = ", ".join(f"“{one[:40]}”" for one in names[:20])
            problem = Text(zh.replace("{0}", listed), en.replace("{0}", listed))
            raise DomainError(CU0602.at("A1", problem=problem, columns=", ".join(allowed)))


def _check_text(row: Row) -> list[Finding]:
    findings = []
    for column, value in row.cells.items():
        limit = MAX_SOURCE if column == "source" else MAX_CELL
        if len(value) > limit or _CONTROL.search(value):
            form = Text(f"不超过{limit}字的普通文字", f"plain text of at most {limit} characters")
            shown = _CONTROL.sub("?", value[:40])
            findings.append(CU0605.at(row.at(column), row=row.number, column=column, value=shown, form=form))
    return findings
