"""One cell to the text of an element, and what a spreadsheet may have done to it.

Codes and numbers of records must be text cells: a spreadsheet drops their leading zeros and rounds them at fifteen
digits. Amounts, quantities and weights may be number cells; they are taken with the fifteen digits that a spreadsheet
keeps, which is what it shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal

from app.files import rules
from app.files.columns import Column
from app.files.sheets import Value
from common.findings import Finding
from common.money import plain

DIGITS_KEPT = 15
"""Significant digits that spreadsheets keep of a number."""

ESCAPED = re.compile(r"'(?=[=+\-@\t\r])")
_FAILED = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]{1,3}", re.IGNORECASE)
_CODES = ("hs_code",)
_SHORTENED = frozenset({4, 6, 8})


def read_cell(value: Value | None, column: Column, pointer: str) -> tuple[str, list[Finding]]:
    """The element's text, and the findings where the cell does not hold it as text."""
    if value is None:
        return "", []
    if isinstance(value, str):
        text = value.strip(" \t\r\n\u00a0\u3000")
        text = ESCAPED.sub("", text, count=1) if text.startswith("'") else text
        return text, list(_text_faults(text, column, pointer))
    if isinstance(value, bool):
        return str(value).upper(), [rules.TRUTH_CELL.at(pointer, value=str(value).upper(), **column.named)]
    if isinstance(value, int | float):
        return _number(value, column, pointer)
    suggested = _date_text(value)
    return suggested, [rules.DATE_CELL.at(pointer, suggested=suggested, **column.named)]


def _text_faults(text: str, column: Column, pointer: str) -> Iterator[Finding]:
    if _FAILED.fullmatch(text):
        yield rules.ERROR_CELL.at(pointer, value=text, **column.named)
    elif _is_text(column) and _SCIENTIFIC.fullmatch(text):
        yield rules.SCIENTIFIC.at(pointer, value=text, **column.named)
    elif text.isascii() and text.isdigit() and len(text) < _length(column):
        length, suggested = _length(column), _suggested(text, column)
        yield rules.LOST_ZEROS.at(
            pointer, length=length, value=text, found=len(text), suggested=suggested, **column.named
        )


def _number(value: float, column: Column, pointer: str) -> tuple[str, list[Finding]]:
    """A number cell: taken where a number belongs, a finding where a text does."""
    text = number_text(value)
    if not _is_text(column):
        return text, []
    if len(text.lstrip("-").replace(".", "")) > DIGITS_KEPT:
        return text, [rules.DIGITS_LOST.at(pointer, value=text, **column.named)]
    suggested = _suggested(text, column)
    return text, [rules.NUMBER_CELL.at(pointer, value=text, suggested=suggested, **column.named)]


def number_text(value: float) -> str:
    """A spreadsheet's number as it shows it: fifteen significant digits, no exponent."""
    return plain(Decimal(format(value, f".{DIGITS_KEPT}g")))


def _is_text(column: Column) -> bool:
    """Whether the column holds texts; the weighed gross is the only addition that is a number."""
    return column.spec.kind == "text" if column.spec else column.part != "weighed"


def _length(column: Column) -> int:
    """How many digits a code of this column has; 0 where it is no code of one length."""
    spec = column.spec
    if spec is None or spec.kind != "text" or spec.shape.least != spec.shape.most or spec.most == 1:
        return 0
    return spec.most if spec.codes or spec.holds in _CODES else 0


def _suggested(text: str, column: Column) -> str:
    """What was probably meant: zeros in front, or, for a heading or subheading alone, behind."""
    length = _length(column)
    if column.spec is not None and column.spec.holds == "hs_code" and len(text) in _SHORTENED:
        return text.ljust(length, "0")
    return text.zfill(length) if text.isdigit() else text


def _date_text(value: object) -> str:
    """A date as the standard writes it; an instant too where it has a time of day."""
    if isinstance(value, datetime) and value.time() != time.min:
        return value.strftime("%Y%m%d%H%M%S")
    return value.strftime("%Y%m%d") if isinstance(value, date) else str(value)
