"""The form for one parcel: which fields it has, and how they become the order and the checklist of a JSON message.

A field is named after its element and goes to every message that has it; a field of a line carries the line's number
(`qty-0`). What both papers must say alike is asked once, and what follows from the rest is not asked at all: totals,
the type of the order, the currencies of freight and insurance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.web.forms import whole_number
from common.findings import Text
from common.money import plain
from customs.messages.fields import MESSAGES, FieldSpec
from customs.rules.match import BOOKING, ORDER_TYPES
from customs.rules.warehouses import BONDED_MODE, BULK, PARCEL

ORDER, CHECKLIST = "CEB303", "CEB603"
MOST_LINES = 100
TOTAL_PRICE = "3"
"""Mark of freight and insurance given as a sum, not as a rate (fFlag, iFlag)."""

_PLACES = Decimal("0.00001")
_AMOUNT = re.compile(r"[0-9]{1,14}(\.[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class FormField:
    """A field: its name (an element, or an addition), width in sixths, kind of input, and whether it may stay empty."""

    name: str
    width: str = "s3"
    kind: str = "text"
    optional: bool = False
    table: str | None = None
    hint: str | None = None

    @property
    def spec(self) -> FieldSpec | None:
        """The field's row in the field table; the checklist's where both have one."""
        return _spec(self.name)

    @property
    def label(self) -> Text:
        """The field's names."""
        return _ADDED.get(self.name) or _label(self.name)


_ADDED: Mapping[str, Text] = {
    "parent_order_no": Text("主订单编号", "Parent order number"),
    "receiver.name": Text("收件人姓名", "Receiver's name"),
    "receiver.telephone": Text("收件人电话", "Receiver's telephone"),
    "receiver.address": Text("收件人地址", "Receiver's address"),
    "warehouse_id": Text("海外仓", "Overseas warehouse"),
    "business": Text("1210业务", "Business under 1210"),
}
_OF_CHECKLIST = ("warehouse_id", "business")
"""Additions that go to the checklist."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form."""

    key: str
    fields: tuple[FormField, ...]
    folded: bool = False


HEAD: tuple[Section, ...] = (
    Section(
        "order",
        (
            FormField("orderNo"),
            FormField("currency", kind="code", table="currency"),
            FormField("ebpCode", hint="declare.hint.platform"),
            FormField("ebpName"),
            FormField("ebcCode"),
            FormField("ebcName"),
        ),
    ),
    Section(
        "more",
        (
            FormField("parent_order_no", optional=True, hint="declare.hint.parent"),
            FormField("receiver.name", optional=True),
            FormField("receiver.telephone", optional=True),
            FormField("receiver.address", optional=True),
        ),
        folded=True,
    ),
    Section(
        "transport",
        (
            FormField("logisticsCode", kind="carrier"),
            FormField("logisticsNo"),
            FormField("country", kind="code", table="country"),
            FormField("POD", optional=True, hint="declare.hint.port"),
            FormField("portCode", kind="code", table="customs_office"),
            FormField("trafMode", kind="code", table="transport_mode"),
            FormField("ieDate", kind="day"),
            FormField("loctNo", optional=True, hint="declare.hint.site"),
            FormField("grossWeight", "s2", "decimal"),
            FormField("netWeight", "s2", "decimal"),
            FormField("packNo", "s2", "whole"),
            FormField("wrapType", "s2", "code", table="wrap_type"),
            FormField("freight", "s2", "decimal"),
            FormField("insuredFee", "s2", "decimal"),
        ),
    ),
    Section(
        "declaration",
        (
            FormField("customsCode", kind="office"),
            FormField("tradeMode", kind="mode"),
            FormField("warehouse_id", kind="warehouse", optional=True, hint="declare.hint.warehouse"),
            FormField("copNo", hint="declare.hint.own_number"),
            FormField("agentCode"),
            FormField("agentName"),
            FormField("ownerCode", hint="declare.hint.producer"),
            FormField("ownerName"),
        ),
    ),
    Section(
        "bonded",
        (
            FormField("business", kind="business", optional=True, hint="declare.hint.business"),
            FormField("iacCode", optional=True),
            FormField("iacName", optional=True),
            FormField("emsNo", optional=True),
            FormField("licenseNo", optional=True),
        ),
        folded=True,
    ),
)
"""The head's fields, in the order of the page; lines stand after the first section."""

LINE: tuple[FormField, ...] = (
    FormField("itemName"),
    FormField("itemNo"),
    FormField("gcode", "s6", "hs", hint="declare.hint.code"),
    FormField("gname", "s6"),
    FormField("gmodel", "s6", hint="declare.hint.elements"),
    FormField("qty", "s2", "decimal"),
    FormField("unit", "s2", "code", table="unit"),
    FormField("price", "s2", "decimal"),
    FormField("qty1", "s2", "decimal"),
    FormField("unit1", "s2", "code", table="unit"),
    FormField("barCode", "s2", optional=True),
    FormField("qty2", "s2", "decimal", optional=True),
    FormField("unit2", "s2", "code", optional=True, table="unit"),
    FormField("itemRecordNo", "s2", optional=True),
)
"""The fields of one line of goods."""

CHOICES = ("A", "B")
"""Kinds of declaration (statisticsFlag), shown with their consequences."""

_HEAD_NAMES = (*(one.name for section in HEAD for one in section.fields), "statisticsFlag", "logisticsName")
_ELSEWHERE: Mapping[str, str] = {
    "goodsValue": "price-0",
    "orderType": "tradeMode",
    "fCurrency": "currency",
    "iCurrency": "currency",
    "fFlag": "freight",
    "iFlag": "insuredFee",
    "logisticsName": "logisticsCode",
    "totalPrice": "price",
    "gnum": "itemName",
}
"""Elements that the form does not ask for: the field that decides them."""

Values = dict[str, str]


def line_count(values: Mapping[str, str]) -> int:
    """How many lines the form holds; at least one."""
    return max(1, min(MOST_LINES, whole_number(values.get("lines", "1")) or 1))


def given(form: Mapping[str, str]) -> Values:
    """The fields of a sent form, without space at their ends; anything else is left out."""
    count = line_count(form)
    names = [*_HEAD_NAMES, *(f"{one.name}-{n}" for n in range(count) for one in LINE)]
    return {name: form.get(name, "").strip() for name in names} | {"lines": str(count)}


def order_of(values: Mapping[str, str]) -> dict[str, Any]:
    """The order as a document of the JSON form."""
    lines = [_line(values, n, ORDER) for n in range(line_count(values))]
    totals = [Decimal(line["totalPrice"]) for line in lines if line.get("totalPrice")]
    head = _head(values, ORDER)
    head |= {"orderType": _order_type(values)}
    if len(totals) == len(lines):
        head["goodsValue"] = plain(sum(totals, Decimal(0)))
    receiver = {
        name.partition(".")[2]: values[name] for name in _ADDED if name.startswith("receiver.") and values.get(name)
    }
    return {"head": head, "lines": lines, **_parent(values), **({"receiver": receiver} if receiver else {})}


def checklist_of(values: Mapping[str, str]) -> dict[str, Any]:
    """The checklist as a document of the JSON form."""
    head = _head(values, CHECKLIST)
    currency = values.get("currency", "")
    head |= {"ieFlag": "E", "fFlag": TOTAL_PRICE, "iFlag": TOTAL_PRICE, "fCurrency": currency, "iCurrency": currency}
    head.setdefault("POD", values.get("country", ""))
    head["ieDate"] = values.get("ieDate", "").replace("-", "")
    lines = [_line(values, n, CHECKLIST) | {"country": values.get("country", "")} for n in range(line_count(values))]
    for line in lines:
        line.setdefault("barCode", "无")
    extras = _filled({name: values.get(name, "") for name in _OF_CHECKLIST})
    return {"head": _filled(head), "lines": lines, **_parent(values), **extras}


def _order_type(values: Mapping[str, str]) -> str:
    """What the mode asks for; bulk goods under 1210, and those that name a warehouse, come with a booking."""
    mode = values.get("tradeMode", "")
    bulk = values.get("business") or (BULK if values.get("warehouse_id") else PARCEL)
    return BOOKING if mode == BONDED_MODE and bulk == BULK else ORDER_TYPES.get(mode, "E")


def values_of(order: Mapping[str, Any], checklist: Mapping[str, Any]) -> Values:
    """The form's fields from the documents made of it."""
    lines = checklist.get("lines", [])
    values: Values = {"lines": str(max(1, len(lines)))}
    both = {**order.get("head", {}), **checklist.get("head", {})}
    values |= {name: str(both[name]) for name in _HEAD_NAMES if name in both}
    values["ieDate"] = _dashed(values.get("ieDate", ""))
    values |= {f"receiver.{key}": str(text) for key, text in order.get("receiver", {}).items()}
    if "parent_order_no" in order:
        values["parent_order_no"] = str(order["parent_order_no"])
    values |= {name: str(checklist[name]) for name in _OF_CHECKLIST if name in checklist}
    for n, line in enumerate(lines):
        values |= {f"{one.name}-{n}": str(line[one.name]) for one in LINE if one.name in line}
    return values


def field_of(pointer: str) -> str:
    """The field that a finding of either message is about; empty where it is about the paper as a whole."""
    steps = pointer.strip("/").split("/")[2:]
    if not steps:
        return ""
    if steps[0] == "receiver":
        return ".".join(steps)
    element = steps[-1]
    if len(steps) > 1 and steps[1].isdigit():
        name = _ELSEWHERE.get(element, element)
        return f"{name}-{steps[1]}" if any(one.name == name for one in LINE) else name
    name = _ELSEWHERE.get(element, element)
    return name if name in _HEAD_NAMES or name in _ADDED or name == "price-0" else ""


def is_consequence(pointer: str, values: Mapping[str, str]) -> bool:
    """Whether a finding is about a sum that could not be formed because quantity or price has a fault of its own."""
    steps = pointer.strip("/").split("/")
    if steps[-1] == "goodsValue":
        return any(not total(values, n) for n in range(line_count(values)))
    return steps[-1] == "totalPrice" and not total(values, int(steps[-2]))


def total(values: Mapping[str, str], n: int) -> str:
    """Quantity times price with at most five decimals, empty where either is not yet a number."""
    qty, price = (values.get(f"{name}-{n}", "") for name in ("qty", "price"))
    if not (_AMOUNT.fullmatch(qty) and _AMOUNT.fullmatch(price)):
        return ""
    return plain((Decimal(qty) * Decimal(price)).quantize(_PLACES, ROUND_HALF_UP))


def _head(values: Mapping[str, str], type: str) -> Values:
    known = MESSAGES[type].head_by_name
    return _filled({name: values.get(name, "") for name in _HEAD_NAMES if name in known})


def _line(values: Mapping[str, str], n: int, type: str) -> Values:
    known = MESSAGES[type].list_by_name
    written = {one.name: values.get(f"{one.name}-{n}", "") for one in LINE if one.name in known}
    written |= {"gnum": str(n + 1), "currency": values.get("currency", ""), "totalPrice": total(values, n)}
    return _filled(written)


def _parent(values: Mapping[str, str]) -> Values:
    return _filled({"parent_order_no": values.get("parent_order_no", "")})


def _filled(values: Mapping[str, str]) -> Values:
    return {name: text for name, text in values.items() if text}


def _dashed(written: str) -> str:
    """A day of the standard as a date field shows it."""
    return f"{written[:4]}-{written[4:6]}-{written[6:]}" if re.fullmatch("[0-9]{8}", written) else written


def _label(name: str) -> Text:
    spec = _spec(name)
    return spec.name if spec else Text(name, name)


def _spec(name: str) -> FieldSpec | None:
    """The row of the field table, looked for where the form's parts stand: checklist head, its lines, the order."""
    checklist, order = MESSAGES[CHECKLIST], MESSAGES[ORDER]
    for table in (checklist.head_by_name, checklist.list_by_name, order.head_by_name):
        if name in table:
            return table[name]
    return None


def all_fields(values: Mapping[str, str]) -> Iterator[tuple[str, FormField]]:
    """Every field of the page with its name."""
    for section in HEAD:
        yield from ((one.name, one) for one in section.fields)
    for n in range(line_count(values)):
        yield from ((f"{one.name}-{n}", one) for one in LINE)


def without_line(values: Mapping[str, str], gone: int) -> Values:
    """The form with one line taken out and the later ones moved up."""
    count = line_count(values)
    kept: Sequence[int] = [n for n in range(count) if n != gone] or [0]
    changed = {name: text for name, text in values.items() if not re.fullmatch(r".+-[0-9]+", name)}
    for at, n in enumerate(kept):
        changed |= {f"{one.name}-{at}": values.get(f"{one.name}-{n}", "") for one in LINE}
    return changed | {"lines": str(len(kept))}
