"""Which columns the spreadsheet of a message type has: the field table without what the platform fills in itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from common.findings import Text
from customs.intake.handlers import HANDLERS
from customs.messages.fields import MESSAGES, FieldSpec

TYPES: tuple[str, ...] = tuple(HANDLERS)
"""Message types that can be handed in as a file: all that are taken in."""

FILLED_IN: Mapping[str, str] = {"appType": "1", "ieFlag": "E", "msgCount": "1", "msgSeqNo": "1"}
"""What the platform writes where the file says nothing: a new paper, an export, a message that is not split."""

MARK = "zone:errors"
"""The column that a marked file has and the reader passes over."""

_ISSUED = frozenset({"guid", "appTime", "appStatus", "gnum", "preNo", "ieFlag", "msgCount", "msgSeqNo"})
_RECEIVER = Text("收件人", "Receiver")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `key` is what its header says, `part` is head, line, document (extras) or receiver.

    `spec` is the row of the field table, None for additions of this platform that the standard has no field for.
    """

    key: str
    element: str
    part: str
    name: Text
    required: bool
    spec: FieldSpec | None = None

    @property
    def named(self) -> dict[str, str]:
        """The names as sentences use them."""
        return {"name_zh": self.name.zh, "name_en": self.name.en, "column": self.key}


@lru_cache(maxsize=16)
def columns(type: str) -> tuple[Column, ...]:
    """The columns of a message type in the template's order; line elements carry their list's name: `OrderList/qty`."""
    spec = MESSAGES[type]
    left_out = _ISSUED | ({"invtNo"} if type == "CEB603" else frozenset())
    key = [_head(f) for f in spec.head_fields if f.element in spec.key and f.element not in left_out]
    rest = [_head(f) for f in spec.head_fields if f.element not in spec.key and f.element not in left_out | {"appType"}]
    lines = [
        Column(f"{spec.list}/{f.element}", f.element, "line", f.name, f.required, f)
        for f in spec.list_fields
        if f.element not in left_out
    ]
    app_type = [Column("appType", "appType", "head", spec.head_by_name["appType"].name, False, None)]
    return (*key, *rest, *lines, *_additions(type), *app_type)


@lru_cache(maxsize=16)
def by_key(type: str) -> Mapping[str, Column]:
    """The columns of a message type by their header."""
    return {one.key: one for one in columns(type)}


def _head(field: FieldSpec) -> Column:
    return Column(field.element, field.element, "head", field.name, field.required, field)


def _additions(type: str) -> tuple[Column, ...]:
    """Optional columns beyond the standard (interfaces.md §2)."""
    if type == "CEB507":
        name = Text("称重毛重（公斤）", "Weighed gross (kg)")
        return (Column("weighed_gross", "weighed_gross", "weighed", name, False),)
    if type not in ("CEB303", "CEB603"):
        return ()
    parent = Column("parent_order_no", "parent_order_no", "document", Text("主订单编号", "Parent order number"), False)
    if type == "CEB603":
        words = {
            "business": Text("1210业务（parcel或bulk）", "Business under 1210 (parcel or bulk)"),
            "warehouse_id": Text("海外仓登记编号", "Overseas warehouse's number"),
        }
        return (parent, *(Column(key, key, "document", name, False) for key, name in words.items()))
    parts = {"name": ("姓名", "name"), "telephone": ("电话", "telephone"), "address": ("地址", "address")}
    receiver = [
        Column(f"receiver.{word}", word, "receiver", Text(_RECEIVER.zh + zh, f"{_RECEIVER.en} {en}"), False)
        for word, (zh, en) in parts.items()
    ]
    return (parent, *receiver)
