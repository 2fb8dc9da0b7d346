"""The contents of a checklist as the standard's elements: to compare two versions, to show, and to send again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.findings import Text
from common.money import plain
from customs.intake.checklist_contents import HEAD, LINE
from customs.messages.fields import MESSAGES
from customs.rules.amendments import Change
from customs.tables import Checklist, ChecklistLine

_SPEC = MESSAGES["CEB603"]

GNUM = "gnum"
FIELDS: frozenset[str] = frozenset(HEAD.values()) | frozenset(LINE.values())
"""Elements that a change can be about."""

Texts = Mapping[str, str | None]


def head_of(row: Any) -> dict[str, str | None]:
    """A checklist's head by element, values as the message writes them; `row` is a row or a mapping of columns."""
    return {element: written(_of(row, column)) for column, element in HEAD.items()}


def lines_of(rows: Sequence[Any]) -> dict[int, dict[str, str | None]]:
    """The lines by number, each by element."""
    return {
        int(_of(row, GNUM)): {element: written(_of(row, column)) for column, element in LINE.items()} for row in rows
    }


def _of(row: Any, column: str) -> Any:
    return row[column] if isinstance(row, Mapping) else getattr(row, column)


def written(value: Any) -> str | None:
    """A column's value as the message writes it; None where it is empty."""
    if value is None or value == "":
        return None
    if isinstance(value, Decimal):
        return plain(value)
    return value.strftime("%Y%m%d") if isinstance(value, date) else str(value)


def names_of(fields: Iterable[str]) -> Text:
    """Elements by the names that people know them by."""
    found = [_name(one) for one in dict.fromkeys(fields)]
    return Text("、".join(one.zh for one in found), ", ".join(one.en for one in found))


def _name(element: str) -> Text:
    spec = _SPEC.list_by_name.get(element) or _SPEC.head_by_name.get(element)
    return spec.name if spec else Text(element, element)


def stored_lines(session: Session, checklist_id: int) -> Sequence[ChecklistLine]:
    """The lines of a checklist as they stand, in order."""
    return session.scalars(
        select(ChecklistLine)
        .where(ChecklistLine.checklist_id == checklist_id)
        .order_by(ChecklistLine.gnum)
        .execution_options(populate_existing=True)
    ).all()


def differences(
    head: Texts, lines: Mapping[int, Texts], new_head: Texts, new_lines: Mapping[int, Texts]
) -> list[Change]:
    """Every field that differs, head first, then by line; a line that comes or goes is a change of `gnum`.

    Lines are compared with those of the same goods, whatever number they have now, and named by the number they had.
    """
    found = [
        Change(one, None, head.get(one), new_head.get(one))
        for one in HEAD.values()
        if head.get(one) != new_head.get(one)
    ]
    pairs = _pairs(lines, new_lines)
    for number in sorted(lines):
        found += _line_differences(number, lines[number], new_lines.get(pairs.get(number, 0)))
    for number in sorted(set(new_lines) - set(pairs.values())):
        found += _line_differences(number, None, new_lines[number])
    return found


def _pairs(lines: Mapping[int, Texts], new_lines: Mapping[int, Texts]) -> dict[int, int]:
    """Which new line each line has become: the same goods, else the same goods number, else the same line number.

    Among lines of the same goods, those of the same number belong together first.
    """
    pairs: dict[int, int] = {}
    for same in _SAME:
        for keep_number in (True, False):
            taken = set(pairs.values())
            waiting = {n: new for n, new in new_lines.items() if n not in taken}
            for number in (n for n in sorted(lines) if n not in pairs):
                key = same(lines[number])
                fits = (n for n in sorted(waiting) if same(waiting[n]) == key and (n == number or not keep_number))
                found = next(fits, None) if key else None
                if found is not None:
                    pairs[number] = found
                    del waiting[found]
    return pairs


_SAME: Sequence[Callable[[Texts], Sequence[str | None]]] = (
    lambda line: (line["itemNo"], line["gcode"], line["gname"]),
    lambda line: (line["itemNo"],) if line["itemNo"] else (),
    lambda line: (line[GNUM],),
)
"""By what lines are held to be the same, the closest first; an empty key fits none."""


def _line_differences(number: int, before: Texts | None, after: Texts | None) -> list[Change]:
    if before is None or after is None:
        kept = before or after or {}
        goods = f"{kept.get('gname')} × {kept.get('qty')}"
        return [Change(GNUM, number, goods if before else None, goods if after else None)]
    return [Change(one, number, before[one], after[one]) for one in LINE.values() if before[one] != after[one]]


def packed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns as JSON keeps them: exact numbers and days as text."""
    return {name: _packed(value) for name, value in values.items()}


def _packed(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, date) else value


def unpacked(table: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """What `packed` kept, as values of the table's columns."""
    columns = table.__table__.c
    return {name: _unpacked(columns[name].type.python_type, value) for name, value in values.items()}


def _unpacked(kind: type, value: Any) -> Any:
    if value is None or kind not in (Decimal, date):
        return value
    return Decimal(value) if kind is Decimal else date.fromisoformat(value)


def document_of(row: Checklist, lines: Sequence[ChecklistLine]) -> dict[str, Any]:
    """The checklist as a document of the JSON form (`head`, `lines`), without what is issued for each sending."""
    head = {element: text for element, text in head_of(row).items() if text is not None}
    made = lines_of(lines)
    shown = [{element: text for element, text in made[n].items() if text is not None} for n in sorted(made)]
    beside = (("parent_order_no", row.parent_order_no), ("business", row.business), ("warehouse_id", row.warehouse_id))
    extras = {name: str(value) for name, value in beside if value is not None}
    return {"head": head | {"ieFlag": "E"}, "lines": shown, **extras}
