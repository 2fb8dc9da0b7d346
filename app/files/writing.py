"""Spreadsheets out: the empty template of a message type, and an uploaded file marked with what is wrong.

Every cell is written as text in a text column. A text that a spreadsheet could take for a formula gets an apostrophe
in front, which the reader takes away again.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import xlsxwriter

from app.files.cells import number_text
from app.files.columns import MARK, Column, columns
from app.files.reading import Layout
from app.files.sheets import Sheet, Value
from customs.codes import Codes
from customs.codes.specs import SPECS
from customs.messages.fields import MESSAGES

_FORMULA = re.compile(r"[=+\-@\t\r]")
_PLAIN_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?")
_PLACE = re.compile(r"!([A-Z]+)([0-9]+)$")
_WIDTH = 18
_MARK_WIDTH = 70
_CODES_SHEET = "代码 Codes"
_PORTS = "port"
_INK = {"font_color": "#A3221C", "bg_color": "#FCEEEC"}
_HEAD = {"bold": True, "bg_color": "#E7F0F4", "text_wrap": True, "valign": "top", "num_format": "@"}


def escaped(text: str) -> str:
    """`text` so that no spreadsheet computes it."""
    return f"'{text}" if _FORMULA.match(text) and not _PLAIN_NUMBER.fullmatch(text) else text


def template(type: str, codes: Codes, on: date) -> bytes:
    """The empty workbook of a message type: names, forms and elements above text columns, the codes valid `on` behind.

    The row with the elements is the one the reader looks for; rows are filled in below it.
    """
    shown = columns(type)
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": f"{type} {MESSAGES[type].name.zh}", "created": datetime(on.year, on.month, on.day)})  # noqa: DTZ001 - a day only
    sheet = book.add_worksheet(type)
    head = book.add_format(_HEAD)
    sheet.set_column(0, len(shown) - 1, _WIDTH, book.add_format({"num_format": "@"}))
    for n, column in enumerate(shown):
        star = " *" if column.required else ""
        for row, said in enumerate((column.name.zh + star, column.name.en + star, _form(column), column.key)):
            sheet.write_string(row, n, said, head)
    sheet.freeze_panes(4, 1)
    _code_sheet(book, shown, codes, on)
    book.close()
    return content.getvalue()


def _form(column: Column) -> str:
    """What goes into a column, in both languages."""
    spec = column.spec
    if column.element == "appType":
        return "1 新增 new · 2 变更 change · 3 删除 delete（空 = 1）"
    if spec is None:
        return "选填 optional"
    if spec.values:
        return " / ".join(spec.values)
    if spec.codes and spec.codes in SPECS:
        return f"{SPECS[spec.codes].title.zh} {SPECS[spec.codes].title.en}"
    if spec.kind == "decimal":
        return f"数字 number, ≤ {spec.shape.places} 位小数 decimals"
    if spec.kind == "integer":
        return f"整数 whole number, ≤ {spec.most} 位 digits"
    return {"day": "YYYYMMDD", "hs_code": "10 位数字 digits"}.get(spec.holds or "", f"≤ {spec.most} 个字 characters")


def _code_sheet(book: Any, shown: Sequence[Column], codes: Codes, on: date) -> None:
    """The code tables that the columns refer to, with the codes of the day."""
    wanted = dict.fromkeys(one.spec.codes for one in shown if one.spec and one.spec.codes)
    if any(one.spec and one.spec.holds == _PORTS for one in shown):
        wanted[_PORTS] = None
    if not wanted:
        return
    sheet = book.add_worksheet(_CODES_SHEET)
    head, text = book.add_format(_HEAD), book.add_format({"num_format": "@"})
    sheet.set_column(0, 3, 28, text)
    for n, said in enumerate(("代码表 Table", "代码 Code", "中文名称", "English name")):
        sheet.write_string(0, n, said, head)
    row = 1
    for table in wanted:
        for entry in codes.entries(str(table)):
            if not entry.holds(on):
                continue
            title = SPECS[str(table)].title
            for n, said in enumerate((f"{title.zh} {title.en}", entry.code, entry.name_zh, entry.name_en)):
                sheet.write_string(row, n, escaped(said), text)
            row += 1
    sheet.freeze_panes(1, 0)


@dataclass(frozen=True, slots=True)
class Mark:
    """What is wrong in one row: the sentence, and the cells it is about (`Sheet1!C7`)."""

    said: str
    pointer: str


def marked(sheet: Sheet, layout: Layout, rows: Iterable[int], marks: Mapping[int, Sequence[Mark]], said: str) -> bytes:
    """The uploaded rows (numbers from 1) under their old header, columns as they were, with one column of faults more.

    `said` heads that column in the reader's language. Cells that a finding points at are coloured.
    """
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    out = book.add_worksheet(_sheet_name(layout.sheet))
    text, head = book.add_format({"num_format": "@"}), book.add_format(_HEAD)
    wrong = book.add_format({"num_format": "@", **_INK})
    old = _old_mark(sheet, layout)
    width = max((len(row) for row in sheet.rows), default=0) if old is None else old
    out.set_column(0, max(width - 1, 0), _WIDTH, text)
    out.set_column(width, width, _MARK_WIDTH, text)
    for n, row in enumerate(sheet.rows[: layout.header + 1]):
        _put(out, n, row[:width], {}, head, head)
        mark = {layout.header: MARK, layout.header - 1: said}.get(n)
        if mark:
            out.write_string(n, width, mark, head)
    at = layout.header + 1
    for number in rows:
        found = marks.get(number, ())
        places = {_place(one.pointer): None for one in found}
        _put(out, at, sheet.rows[number - 1][:width], places, text, wrong)
        if found:
            out.write_string(at, width, escaped("\n".join(dict.fromkeys(_told(one) for one in found))), wrong)
        at += 1
    out.freeze_panes(layout.header + 1, 1)
    book.close()
    return content.getvalue()


def _old_mark(sheet: Sheet, layout: Layout) -> int | None:
    """Where a file that was marked before has its column of faults; what follows it is ours."""
    header = list(sheet.rows[layout.header])
    return header.index(MARK) if MARK in header else None


def _put(out: Any, at: int, row: Sequence[Value], wrong: Mapping[int, None], usual: Any, coloured: Any) -> None:
    for n, value in enumerate(row):
        written = escaped(_written(value))
        if written or n in wrong:
            out.write_string(at, n, written, coloured if n in wrong else usual)


def _written(value: Value) -> str:
    """A cell's value as text: what the reader would have read."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, datetime):
        return value.strftime("%Y%m%d%H%M%S" if value.time() != time.min else "%Y%m%d")
    return value.strftime("%Y%m%d") if isinstance(value, date) else str(value)


def _place(pointer: str) -> int:
    """The column of a cell, from 0."""
    found = _PLACE.search(pointer)
    if not found:
        return -1
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _told(one: Mark) -> str:
    found = _PLACE.search(one.pointer)
    return f"{found[1]}：{one.said}" if found else one.said


def _sheet_name(name: str) -> str:
    """A sheet's name as workbooks allow it."""
    return re.sub(r"[\[\]:*?/\\]", "_", name)[:31].strip("'") or "Sheet1"
