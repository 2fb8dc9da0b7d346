"""Matching (三单比对): the checklist against its order, its waybill and, where the date asks, its payment receipt.

Pure. By the standard's keys the papers were found already; here each field is compared, line by line, and every
comparison is kept, so that a person can see what was equal, what differs and by how much (message standard §9).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from common.findings import Finding, FindingRule, Text, rule
from common.money import plain
from customs.rules.warehouses import BONDED_MODE, BULK

_BASIS = "跨境电子商务出口统一版系统企业对接报文规范，订单、运单与清单的对应关系"

EQUAL, WITHIN, DIFFERS = "equal", "within", "differs"
ORDER, WAYBILL, PAYMENT = "order", "waybill", "payment"
SHORT_ITEM_NO = 20
"""A checklist holds 20 characters of the firm's item number, an order 30 (message standard §7)."""

ORDER_TYPES: Mapping[str, str] = {"9610": "E", "1210": "E", "9710": "B", "9810": "W"}
"""Type of order (orderType) that goes with each supervision mode; 1210 in bulk takes a booking (W)."""

BOOKING = "W"


def _differs(id: str, zh: str, en: str, do_zh: str, do_en: str) -> FindingRule:
    return rule(
        id,
        title=(f"{zh}不一致", f"{en} differs"),
        say=(
            f"{zh}不一致：清单为{{own}}，{{paper}}为{{other}}。{do_zh}",
            f"{en} differs: {{own}} on the checklist, {{other}} on the {{paper}}. {do_en}",
        ),
        basis=_BASIS,
    )


_CHANGE = ("请核对后变更有误的一份。", "Check both and change the one that is wrong.")
CONSIGNOR = _differs("CU2301", "收发货人", "The consignor", *_CHANGE)
ORDER_TYPE = _differs(
    "CU2302",
    "订单类型",
    "The type of order",
    "9610和1210包裹用E，9710用B，9810和1210批量出口海外仓用W。",
    "9610 and parcels under 1210 take E, 9710 takes B, 9810 and bulk exports under 1210 take W.",
)
LINES = _differs(
    "CU2303",
    "商品项数",
    "The number of lines",
    "清单与订单须逐项对应。",
    "Checklist and order correspond line by line.",
)
ITEM = _differs("CU2304", "企业商品货号", "The item number", *_CHANGE)
UNIT = _differs("CU2305", "计量单位", "The unit", *_CHANGE)
QTY = _differs("CU2306", "数量", "The quantity", *_CHANGE)
PRICE = _differs("CU2307", "单价", "The unit price", *_CHANGE)
LINE_TOTAL = _differs("CU2308", "总价", "The line's total", *_CHANGE)
CURRENCY = _differs("CU2309", "币制", "The currency", *_CHANGE)
TOTAL = _differs("CU2310", "按币制合计的金额", "The total per currency", *_CHANGE)
WEIGHT = rule(
    "CU2311",
    title=("毛重不一致", "Gross weight differs"),
    say=(
        "毛重不一致：清单为{own}千克，运单为{other}千克，相差{gap}千克，超出允许的{allowed}千克。请核对后变更有误的一份。",
        "Gross weight differs: {own} kg on the checklist, {other} kg on the waybill, {gap} kg apart, over the "
        "{allowed} kg allowed. Check both and change the one that is wrong.",
    ),
    basis=_BASIS,
)
PACKAGES = _differs("CU2312", "件数", "The number of packages", *_CHANGE)
CHARGE = _differs(
    "CU2313",
    "收款金额",
    "The amount received",
    "收款金额须等于订单商品金额加运杂费。",
    "It must equal the order's goods value plus freight.",
)
PARENT = _differs("CU2314", "主订单编号", "The parent order", *_CHANGE)

PAPERS: Mapping[str, Text] = {
    ORDER: Text("订单", "order"),
    WAYBILL: Text("运单", "waybill"),
    PAYMENT: Text("收款单", "payment receipt"),
}


@dataclass(frozen=True, slots=True)
class MatchLine:
    """One goods line as matching sees it; amounts in `currency`."""

    gnum: int
    item_no: str
    unit: str
    qty: Decimal
    price: Decimal
    total: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class MatchChecklist:
    """The checklist's side; weight in kg. `business` of a 1210 checklist: parcel or bulk, None where nobody said."""

    trade_mode: str
    consignor_id: int
    gross_weight: Decimal
    pack_no: int
    lines: Sequence[MatchLine]
    parent_order_no: str | None = None
    business: str | None = None


@dataclass(frozen=True, slots=True)
class MatchOrder:
    """The order's side; `goods_value` and `freight` in `currency`."""

    order_type: str
    consignor_id: int
    goods_value: Decimal
    freight: Decimal
    currency: str
    lines: Sequence[MatchLine]
    parent_order_no: str | None = None


@dataclass(frozen=True, slots=True)
class MatchWaybill:
    """The waybill's side; weight in kg, `consignor_id` None where it names none."""

    gross_weight: Decimal
    pack_no: int
    consignor_id: int | None = None


@dataclass(frozen=True, slots=True)
class MatchPayment:
    """The payment receipt's side; `charge` in `currency`."""

    charge: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Tolerances:
    """How far weights may differ: a share of the waybill's, and kilograms that are always allowed."""

    weight_share: Decimal
    weight_floor: Decimal


@dataclass(slots=True)
class MatchResult:
    """Every comparison made, and a finding for each difference that stops the checklist."""

    fields: list[dict[str, Any]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def compare(
        self, paper: str, name: Text, own: Any, other: Any, differs: FindingRule, *, line: int | None = None
    ) -> None:
        """Record one comparison of equal or not; a difference becomes the rule's finding."""
        equal = own == other
        self._record(paper, name, own, other, EQUAL if equal else DIFFERS, line=line)
        if not equal:
            pointer = f"/InventoryList/{line - 1}" if line is not None else ""
            shown = {"own": _shown(own), "other": _shown(other), "paper": PAPERS[paper]}
            self.findings.append(differs.at(pointer, **shown))

    def _record(
        self, paper: str, name: Text, own: Any, other: Any, result: str, *, line: int | None = None, **more: str
    ) -> None:
        row: dict[str, Any] = {
            "paper": paper,
            "field": name.en,
            "name": name.as_dict(),
            "checklist": _shown(own),
            "other": _shown(other),
            "result": result,
        }
        if line is not None:
            row["line"] = line
        self.fields.append(row | more)

    def weigh(self, own: Decimal, other: Decimal, tolerances: Tolerances) -> None:
        """Compare gross weights with the tolerance, limits included."""
        allowed = max(other * tolerances.weight_share, tolerances.weight_floor)
        gap = abs(own - other)
        result = EQUAL if gap == 0 else WITHIN if gap <= allowed else DIFFERS
        self._record(WAYBILL, Text("毛重（千克）", "Gross weight (kg)"), own, other, result, tolerance=plain(allowed))
        if result == DIFFERS:
            said = {"own": plain(own), "other": plain(other), "gap": plain(gap), "allowed": plain(allowed)}
            self.findings.append(WEIGHT.at("/InventoryHead/grossWeight", **said))


def _shown(value: Any) -> str:
    return plain(value) if isinstance(value, Decimal) else "—" if value is None else str(value)


def match_papers(
    checklist: MatchChecklist,
    order: MatchOrder | None,
    waybill: MatchWaybill | None,
    payment: MatchPayment | None,
    tolerances: Tolerances,
) -> MatchResult:
    """Compare the checklist with the papers that are there."""
    result = MatchResult()
    if order is not None:
        _match_order(result, checklist, order)
    if waybill is not None:
        _match_waybill(result, checklist, waybill, tolerances)
    if payment is not None and order is not None:
        result.compare(PAYMENT, Text("收款币制", "Currency received"), order.currency, payment.currency, CURRENCY)
        due = order.goods_value + order.freight
        result.compare(PAYMENT, Text("收款金额", "Amount received"), due, payment.charge, CHARGE)
    return result


def _match_order(result: MatchResult, checklist: MatchChecklist, order: MatchOrder) -> None:
    result.compare(ORDER, Text("收发货人", "Consignor"), checklist.consignor_id, order.consignor_id, CONSIGNOR)
    if checklist.consignor_id == order.consignor_id:
        # equal ids are no news to anybody: the comparison is shown without our own numbers
        result.fields[-1] |= {"checklist": "✓", "other": "✓"}
    expected = _order_type(checklist, order.order_type)
    result.compare(ORDER, Text("订单类型", "Type of order"), expected, order.order_type, ORDER_TYPE)
    if checklist.parent_order_no and order.parent_order_no:
        own, other = checklist.parent_order_no, order.parent_order_no
        result.compare(ORDER, Text("主订单编号", "Parent order"), own, other, PARENT)
    result.compare(ORDER, Text("商品项数", "Lines"), len(checklist.lines), len(order.lines), LINES)
    by_number = {line.gnum: line for line in order.lines}
    for line in checklist.lines:
        other_line = by_number.get(line.gnum)
        if other_line is not None:
            _match_line(result, line, other_line)
    for currency, own_total, other_total in _totals(checklist.lines, order.lines):
        name = Text(f"合计（{currency}）", f"Total ({currency})")
        result.compare(ORDER, name, own_total, other_total, TOTAL)


def _order_type(checklist: MatchChecklist, found: str) -> str:
    """The type that belongs to mode and business; a 1210 export of which no business is known may have either."""
    bonded = checklist.trade_mode == BONDED_MODE
    if bonded and (checklist.business == BULK or (checklist.business is None and found == BOOKING)):
        return BOOKING
    return ORDER_TYPES.get(checklist.trade_mode, "")


def _match_line(result: MatchResult, own: MatchLine, other: MatchLine) -> None:
    n = own.gnum
    result.compare(ORDER, Text("企业商品货号", "Item number"), own.item_no, other.item_no[:SHORT_ITEM_NO], ITEM, line=n)
    result.compare(ORDER, Text("计量单位", "Unit"), own.unit, other.unit, UNIT, line=n)
    result.compare(ORDER, Text("数量", "Quantity"), own.qty, other.qty, QTY, line=n)
    result.compare(ORDER, Text("币制", "Currency"), own.currency, other.currency, CURRENCY, line=n)
    result.compare(ORDER, Text("单价", "Unit price"), own.price, other.price, PRICE, line=n)
    result.compare(ORDER, Text("总价", "Line total"), own.total, other.total, LINE_TOTAL, line=n)


def _totals(own: Sequence[MatchLine], other: Sequence[MatchLine]) -> Iterator[tuple[str, Decimal, Decimal]]:
    """The totals of both sides for each currency that either uses."""
    for currency in sorted({line.currency for line in (*own, *other)}):
        yield (
            currency,
            sum((line.total for line in own if line.currency == currency), Decimal(0)),
            sum((line.total for line in other if line.currency == currency), Decimal(0)),
        )


def _match_waybill(
    result: MatchResult, checklist: MatchChecklist, waybill: MatchWaybill, tolerances: Tolerances
) -> None:
    if waybill.consignor_id is not None:
        own, other = checklist.consignor_id, waybill.consignor_id
        result.compare(WAYBILL, Text("收发货人", "Consignor"), own, other, CONSIGNOR)
        if own == other:
            result.fields[-1] |= {"checklist": "✓", "other": "✓"}
    result.compare(WAYBILL, Text("件数", "Packages"), checklist.pack_no, waybill.pack_no, PACKAGES)
    result.weigh(checklist.gross_weight, waybill.gross_weight, tolerances)
