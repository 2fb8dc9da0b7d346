"""Where a finding points, in words: `/Inventory/0/InventoryList/2/gcode` is "line 3, HS code"."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

from flask import Flask

from app.i18n import said, t
from customs.messages.fields import MESSAGES, FieldSpec


@cache
def _lists() -> frozenset[str]:
    """The elements that stand once per line."""
    return frozenset(spec.list for spec in MESSAGES.values() if spec.list)


@cache
def _fields() -> dict[str, dict[str, FieldSpec]]:
    """Elements by the part they stand in (document, head or list), and by name alone under an empty part."""
    known: dict[str, dict[str, FieldSpec]] = {"": {}}
    for spec in MESSAGES.values():
        for part, table in (
            (spec.element, spec.head_by_name),
            (spec.head, spec.head_by_name),
            (spec.list, spec.list_by_name),
        ):
            if part:
                known.setdefault(part, {}).update(table)
            for element, field in table.items():
                known[""].setdefault(element, field)
    return known


def in_words(pointer: str) -> str:
    """The line and the element that `pointer` names; the pointer itself where it names no element of a message."""
    steps = pointer.strip("/").split("/")
    parts = [step for step in steps if not step.isdigit()]
    line = next((int(after) for step, after in pairwise(steps) if _is_line(step, after)), None)
    field = _field(parts)
    words = [t("pointer.line", n=line + 1)] if line is not None else []
    words += [said(field.name)] if field else []
    return t("pointer.and").join(words) if words else pointer


def _is_line(step: str, after: str) -> bool:
    return step in _lists() and after.isdigit()


def _field(parts: list[str]) -> FieldSpec | None:
    element = parts[-1] if parts else ""
    part = parts[-2] if len(parts) > 1 else ""
    return _fields().get(part, {}).get(element) or _fields()[""].get(element)


def install(app: Flask) -> None:
    """Make the words available to templates."""
    app.jinja_env.filters["pointer"] = in_words
