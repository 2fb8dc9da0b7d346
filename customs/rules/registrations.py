"""Exports declared elsewhere and registered here (出口登记): what must be right before one is taken in. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from common.findings import Finding, Text, rule
from customs.rules.moves import State
from customs.rules.relay import NUMBER

_BASIS = (
    "财税〔2018〕103号第一条第（二）项（在综试区线上综合服务平台登记出口日期、货物名称、计量单位、数量、单价、金额）"
)
_OWN = "平台接口约定"
SOURCE = "elsewhere"
"""How a registration names where it comes from: declared elsewhere (别处申报)."""

EXPORTED = (State.CONCLUDED, State.INSPECTION, State.RELEASED, State.CLOSED)
"""States in which customs has concluded a checklist and given it its number."""

CU8101 = rule(
    "CU8101",
    title=("本区海关的清单须在此申报", "Declared at this zone's own office"),
    say=(
        "海关{office}属于收发货人所在综试区。出口登记只用于在别处申报的清单；本区的清单请直接申报。",
        "Office {office} serves the consignor's own pilot zone. Only exports declared elsewhere are registered; "
        "declare this one here as a checklist.",
    ),
    basis=_OWN,
)
CU8102 = rule(
    "CU8102",
    title=("清单编号与申报地海关不符", "Number and office do not fit"),
    say=(
        "清单编号“{number}”应为4位关区（{office}）、4位年份、E和9至11位流水号。请照海关回执填写。",
        "Checklist number “{number}” must be the office ({office}), four digits of the year, E and a serial of 9 to "
        "11. Copy it from customs' response.",
    ),
    basis="跨境电子商务出口统一版系统企业对接报文规范（202205版）§7",
    kind="format",
)
CU8103 = rule(
    "CU8103",
    title=("海关尚未审结", "Customs has not concluded it"),
    say=(
        "海关回执状态为“{status}”；已审结、查验、放行或结关（{allowed}）的清单才能登记。请取得最新回执后再登记。",
        "Customs' response says “{status}”; what is concluded, inspected, released or closed ({allowed}) is "
        "registered. Register it once that response is there.",
    ),
    basis=_OWN,
)
CU8104 = rule(
    "CU8104",
    title=("回执时间不可用", "Response time not usable"),
    say=(
        "回执时间“{time}”应为17位（年月日时分秒毫秒），不晚于现在，不早于申报时间。请照海关回执填写。",
        "Response time “{time}” must have 17 digits (down to milliseconds), not lie ahead of now, nor before the "
        "declaration. Copy it from customs' response.",
    ),
    basis="跨境电子商务出口统一版系统企业对接报文规范（202205版）§4",
    kind="format",
)
CU8105 = rule(
    "CU8105",
    title=("登记人不是收发货人或其代理", "Neither the consignor nor its agent"),
    say=(
        "只有收发货人{consignor}，或{on}持有其有效委托（清单CEB603）的企业可以登记。请由其登记，或先办理委托。",
        "Only the consignor {consignor}, or a firm with its mandate for checklists (CEB603) on {on}, may register "
        "this. Let one of them register it, or obtain the mandate first.",
    ),
    basis=_OWN,
)
CU8106 = rule(
    "CU8106",
    title=("收发货人未在平台登记", "The consignor is not registered here"),
    say=(
        "收发货人代码“{code}”当日未在平台登记，或不属于任何综试区。请核对代码，或先办理主体登记。",
        "Consignor “{code}” is not registered on the platform that day, or belongs to no pilot zone. "
        "Check the code, or register the firm first.",
    ),
    basis=_BASIS,
)
CU8107 = rule(
    "CU8107",
    title=("该清单在本平台申报", "Declared at this platform"),
    say=(
        "清单{number}是在本平台申报的，不须登记。请在包裹清单中查看。",
        "Checklist {number} was declared at this platform and needs no registration. Look it up among the parcels.",
    ),
    basis=_OWN,
    kind="processing",
)
CU8108 = rule(
    "CU8108",
    title=("已按另一内容登记", "Registered with other content"),
    say=(
        "清单{number}已经登记，以下内容与原登记不同：{fields}。同一出口只登记一次；原登记有误的，请联系综试区管理部门。",
        "Checklist {number} is registered already and differs in: {fields}. One export is registered once; "
        "if the first registration is wrong, contact the zone's administration.",
    ),
    basis=_OWN,
    kind="processing",
)
CU8109 = rule(
    "CU8109",
    title=("回执与清单不符", "The response is not this checklist's"),
    say=(
        "海关回执的{element}为“{found}”，清单或登记内容为“{expected}”。请上传同一份清单的回执。",
        "In customs' response {element} is “{found}”, on the checklist or in the registration “{expected}”. "
        "Give the response to this very checklist.",
    ),
    basis=_OWN,
)
CU8110 = rule(
    "CU8110",
    title=("该编号已被登记", "The number is registered"),
    say=(
        "清单{number}已由其他企业登记。请核对编号；编号无误的，请联系综试区管理部门。",
        "Checklist {number} is registered by another firm. Check the number; if it is right, contact the zone's "
        "administration.",
    ),
    basis=_OWN,
    kind="processing",
)
CU8111 = rule(
    "CU8111",
    title=("没有这份出口登记", "No such registration"),
    say=(
        "没有这份出口登记，或不属于您的企业。请从登记清单中选择。",
        "There is no such registration, or it is not your firm's. Choose one from your list.",
    ),
    basis=_OWN,
)
CU8112 = rule(
    "CU8112",
    title=("登记要素不完整", "A registered fact is missing"),
    say=(
        "{name}（{element}）不能为空或为零：出口日期、货物名称、计量单位、数量、单价、金额须登记完整。请补充。",
        "{name} ({element}) may not be empty or zero: export date, name of goods, unit, quantity, unit price and "
        "amount are registered in full. Add it.",
    ),
    basis=_BASIS,
)
CU8113 = rule(
    "CU8113",
    title=("文件中须有一份单证", "One document per file"),
    say=(
        "文件应是含一份单证的{type}报文，现为{found}。请选择正确的文件。",
        "The file must be a {type} message with one document and is {found}. Choose the right file.",
    ),
    basis=_OWN,
    kind="format",
)

_FACTS: Mapping[str, tuple[bool, Text]] = {
    "ieDate": (False, Text("出口日期", "Export date")),
    "gname": (True, Text("商品名称", "Name of goods")),
    "unit": (True, Text("申报计量单位", "Unit")),
    "qty": (True, Text("申报数量", "Quantity")),
    "price": (True, Text("单价", "Unit price")),
    "totalPrice": (True, Text("总价", "Amount")),
}
"""The facts that the tax rule wants registered, and whether they stand in the line."""

_NUMERIC = frozenset({"qty", "price", "totalPrice"})
_AMOUNTS = _NUMERIC | {"qty1", "qty2", "freight", "insuredFee", "grossWeight", "netWeight"}
_NOT_CONTENT = frozenset({"guid", "appType", "appTime", "appStatus", "preNo", "invtNo"})
"""What may differ between two tellings of the same export."""


def incomplete(head: Mapping[str, str], lines: Sequence[Mapping[str, str]], said: frozenset[str]) -> Iterator[Finding]:
    """The six registered facts that are empty or zero; places in `said` were told already."""
    for element, (in_line, name) in _FACTS.items():
        rows = lines if in_line else [head]
        for n, row in enumerate(rows):
            at = f"/Inventory/0/InventoryList/{n}/{element}" if in_line else f"/Inventory/0/InventoryHead/{element}"
            if at not in said and _absent(row.get(element, ""), element):
                yield CU8112.at(at, name=name, element=element)


def _absent(value: str, element: str) -> bool:
    if element not in _NUMERIC:
        return not value.strip()
    try:
        return not Decimal(value) > 0
    except InvalidOperation:
        return True


def number_fits(number: str, office: str) -> bool:
    """Whether a customs number has its form and begins with the office."""
    return NUMBER.fullmatch(number) is not None and number.startswith(office)


def content(head: Mapping[str, str], lines: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """The declared content by which two tellings are compared: head first, then lines; empty elements left out."""
    return [_said(head), *(_said(line) for line in lines)]


def _said(values: Mapping[str, str]) -> dict[str, str]:
    return {
        name: _plain(value) if name in _AMOUNTS else value
        for name, value in sorted(values.items())
        if value and name not in _NOT_CONTENT
    }


def _plain(written: str) -> str:
    """An amount in its shortest form: 5.00 and 5 say the same."""
    try:
        return format(Decimal(written).normalize(), "f")
    except InvalidOperation:
        return written


def digest(told: Sequence[Mapping[str, str]]) -> bytes:
    """The fingerprint of declared content."""
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).digest()


def differing(first: Sequence[Mapping[str, str]], second: Sequence[Mapping[str, str]]) -> list[str]:
    """The places where two tellings differ: `grossWeight`, `2/qty` for a line, or `lines` where their number does."""
    places = [] if len(first) == len(second) else ["InventoryList"]
    for n, (one, other) in enumerate(zip(first, second, strict=False)):
        prefix = f"{n}/" if n else ""
        places += [f"{prefix}{name}" for name in sorted({*one, *other}) if one.get(name) != other.get(name)]
    return places
