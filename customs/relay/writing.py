"""Stored papers written again as documents of the standard, for customs' own system.

What was declared goes out as it stands in our tables; numbers that this platform issued (preNo) stay here, because
customs' exchange issues its own. The connector signs: a signature does not survive being written again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from common.clock import CHINA
from common.money import plain
from customs.messages.fields import MESSAGES, FieldSpec
from customs.messages.writing import NewDocument

_NAMES: Mapping[str, str] = {"statisticsFlag": "flag", "POD": "pod"}
"""Elements whose column has another name than the element's own."""


def document(type: str, row: Any, lines: Iterable[Any] = (), *, app_type: str) -> NewDocument:
    """One stored paper as a document of `type`; `app_type` 1 new, 2 change. It is always declared (appStatus 2)."""
    spec = MESSAGES[type]
    head = _texts(spec.head_fields, row) | {"appType": app_type, "appStatus": "2"}
    if "ieFlag" in spec.head_by_name:
        head["ieFlag"] = spec.head_by_name["ieFlag"].values[0]  # E for what leaves, I for what comes back
    head.pop("preNo", None)
    return NewDocument(head, [_texts(spec.list_fields, line) for line in lines])


def _texts(fields: Iterable[FieldSpec], row: Any) -> dict[str, str]:
    found = {}
    for field in fields:
        value = getattr(row, column(field.element), None)
        if value is not None:
            found[field.element] = _text(value, field)
    return found


def column(element: str) -> str:
    """The column that holds an element: `customsCode` → `customs_code`."""
    if element in _NAMES:
        return _NAMES[element]
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in element)


def _text(value: object, field: FieldSpec) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.astimezone(CHINA).strftime("%Y%m%d%H%M%S")
    if isinstance(value, date):
        return value.strftime("%Y%m%d")
    return str(value)
