"""Everything matching needs of a set of checklists: read in a fixed number of queries, whatever their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.clock import china_day
from customs.matching.keys import PLATFORM_OF
from customs.rules.match import MatchChecklist, MatchLine, MatchOrder, MatchPayment, MatchWaybill

_CHECKLISTS = text(
    (
        "SELECT c.id, c.zone_code, c.customs_code, c.trade_mode, c.flag, c.decides, c.consignor_id, c.declarant_id, "
        "c.sender_id, c.app_time, c.received_at, c.gross_weight, c.net_weight, c.pack_no, c.country, c.cop_no, "
        "c.owner_code, c.parent_order_no, c.business, c.value_cny, c.findings, c.waits_for, c.invt_no, "
        "o.id AS order_id, o.order_type, o.consignor_id AS order_consignor, o.goods_value, o.freight AS order_freight, "
        "o.currency AS order_currency, o.parent_order_no AS order_parent, o.receiver_key, o.zone_code AS order_zone, "
        "o.sender_id AS order_sender, "
        "w.id AS waybill_id, w.gross_weight AS waybill_gross, w.pack_no AS waybill_packs, "
        "w.consignor_id AS waybill_consignor, w.zone_code AS waybill_zone, w.sender_id AS waybill_sender, "
        # goods at a site of another office have not arrived where they were declared
        "CASE WHEN a.customs_code IS NULL OR a.customs_code = c.customs_code THEN p.arrived_at END AS arrived_at, "
        "p.weighed_gross, p.site_operator_id "
        "FROM checklist AS c "
        "LEFT JOIN sale AS s ON s.platform = @platform AND s.order_no = c.order_no "
        "AND s.checklist_id = c.id "
        "LEFT JOIN sale_order AS o ON o.id = s.order_id AND o.status <> '1' AND o.withdrawn_at IS NULL "
        "LEFT JOIN parcel AS p ON p.carrier_id = c.carrier_id AND p.logistics_no = c.logistics_no "
        "LEFT JOIN arrival AS a ON a.id = p.arrival_id "
        "LEFT JOIN waybill AS w ON w.id = p.waybill_id AND w.status <> '1' AND w.withdrawn_at IS NULL "
        "WHERE c.id = ANY(CAST(:ids AS bigint[])) AND (c.status = '2' OR :whatever) AND c.withdrawn_at IS NULL "
        "ORDER BY c.id"
    ).replace("@platform", PLATFORM_OF.format(c="c"))
)
_LINES = text(
    "SELECT checklist_id, gnum, item_no, gcode, unit, qty, qty1, unit1, price, total_price, currency "
    "FROM checklist_line WHERE checklist_id = ANY(CAST(:ids AS bigint[])) ORDER BY checklist_id, gnum"
)
_ORDER_LINES = text(
    "SELECT order_id, gnum, item_no, unit, qty, price, total_price, currency "
    "FROM sale_order_line WHERE order_id = ANY(CAST(:ids AS bigint[])) ORDER BY order_id, gnum"
)
_PAYMENTS = text(
    "SELECT c.id AS checklist_id, p.id, p.charge, p.currency, p.zone_code, p.sender_id FROM checklist AS c "
    "JOIN payment_key AS k ON k.consignor_id = c.consignor_id AND k.order_no = c.order_no "
    "JOIN payment_receipt AS p ON p.id = k.payment_id AND p.status <> '1' AND p.withdrawn_at IS NULL "
    "WHERE c.id = ANY(CAST(:ids AS bigint[])) ORDER BY c.id, p.id"
)


@dataclass(slots=True)
class Waiting:
    """One checklist at 申报中 (2) with the papers that are there."""

    row: Mapping[str, Any]
    lines: Sequence[Any]
    order_lines: Sequence[Any]
    payment: Any | None

    @property
    def id(self) -> int:
        """The checklist's id."""
        found: int = self.row["id"]
        return found

    @property
    def on(self) -> date:
        """The China-time day of appTime."""
        return china_day(self.row["app_time"])

    @property
    def arrived_at(self) -> datetime | None:
        """When the goods reached the site, if they did."""
        found: datetime | None = self.row["arrived_at"]
        return found

    def checklist(self) -> MatchChecklist:
        """The checklist's side of the comparison."""
        row = self.row
        return MatchChecklist(
            row["trade_mode"],
            row["consignor_id"],
            row["gross_weight"],
            row["pack_no"],
            [_line(line) for line in self.lines],
            row["parent_order_no"],
            row["business"],
        )

    def order(self) -> MatchOrder | None:
        """The order's side, if it is there."""
        row = self.row
        if row["order_id"] is None:
            return None
        return MatchOrder(
            row["order_type"],
            row["order_consignor"],
            row["goods_value"],
            row["order_freight"],
            row["order_currency"],
            [_line(line) for line in self.order_lines],
            row["order_parent"],
        )

    def waybill(self) -> MatchWaybill | None:
        """The waybill's side, if it is there."""
        row = self.row
        if row["waybill_id"] is None:
            return None
        return MatchWaybill(row["waybill_gross"], row["waybill_packs"], row["waybill_consignor"])

    def payment_side(self) -> MatchPayment | None:
        """The payment receipt's side, if it is there."""
        return MatchPayment(self.payment.charge, self.payment.currency) if self.payment is not None else None

    def has(self, paper: str) -> bool:
        """Whether a required paper is there."""
        if paper in ("order", "booking"):
            return self.row["order_id"] is not None
        return self.row["waybill_id"] is not None if paper == "waybill" else self.payment is not None


def _line(row: Any) -> MatchLine:
    return MatchLine(row.gnum, row.item_no, row.unit, row.qty, row.price, row.total_price, row.currency)


def waiting_checklists(session: Session, ids: Sequence[int], *, whatever_state: bool = False) -> list[Waiting]:
    """The checklists among `ids` that stand at 申报中 (2), or all, with their papers; the rows must be locked."""
    rows = session.execute(_CHECKLISTS, {"ids": list(ids), "whatever": whatever_state}).mappings().all()
    if not rows:
        return []
    found = [row["id"] for row in rows]
    lines = _grouped(session.execute(_LINES, {"ids": found}).all(), "checklist_id")
    orders = [row["order_id"] for row in rows if row["order_id"] is not None]
    order_lines = _grouped(session.execute(_ORDER_LINES, {"ids": orders}).all(), "order_id") if orders else {}
    payments = {row.checklist_id: row for row in session.execute(_PAYMENTS, {"ids": found})}
    return [
        Waiting(dict(row), lines.get(row["id"], []), order_lines.get(row["order_id"], []), payments.get(row["id"]))
        for row in rows
    ]


def _grouped(rows: Sequence[Any], key: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, key), []).append(row)
    return found
