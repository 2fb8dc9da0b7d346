"""Comparing a registered export with the order and waybill that are here; it claims neither and stops nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from common.clock import china_day
from common.law.zones import zone_parameter
from customs.rules.match import MatchChecklist, MatchLine, MatchOrder, MatchWaybill, Tolerances, match_papers
from customs.tables import (
    ExportRegistration,
    ExportRegistrationLine,
    Parcel,
    Sale,
    SaleOrder,
    SaleOrderLine,
    Waybill,
)

DRAFT = "1"
_NO_CODE = "无"


def match_open(session: Session, at: datetime, limit: int = 500) -> int:
    """Try again to match registrations whose order or waybill was missing, newest first; how many were tried."""
    rows = session.scalars(
        select(ExportRegistration)
        .where(or_(ExportRegistration.order_id.is_(None), ExportRegistration.waybill_id.is_(None)))
        .order_by(ExportRegistration.id.desc())
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        match_one(session, row, at)
    return len(rows)


def match_one(session: Session, row: ExportRegistration, at: datetime) -> None:
    """Write down which papers of the consignor's are here and how each field compares; differences are kept."""
    order, waybill = _order(session, row), _waybill(session, row)
    row.order_id = order.id if order else None
    row.waybill_id = waybill.id if waybill else None
    if order is None and waybill is None:
        row.match, row.findings = None, []
        session.flush()
        return
    result = match_papers(
        _own(session, row), _order_side(session, order), _waybill_side(waybill), None, _far(session, row, at)
    )
    row.match = result.fields
    row.findings = [finding.as_dict() | {"severity": "warning"} for finding in result.findings]
    session.flush()


def missing(row: ExportRegistration) -> list[str]:
    """The papers that are not here: `order`, `waybill`."""
    return [name for name, id in (("order", row.order_id), ("waybill", row.waybill_id)) if id is None]


def _order(session: Session, row: ExportRegistration) -> SaleOrder | None:
    """The order of the number, if it is this consignor's: what another firm ordered is nobody's to compare."""
    code = f"none:{row.consignor_id}" if row.ebp_code == _NO_CODE else f"code:{row.ebp_code}"
    key = str(row.platform_id) if row.platform_id is not None else code
    return session.scalars(
        select(SaleOrder)
        .join(Sale, Sale.order_id == SaleOrder.id)
        .where(Sale.platform == key, Sale.order_no == row.order_no, SaleOrder.consignor_id == row.consignor_id)
        .where(SaleOrder.status != DRAFT, SaleOrder.withdrawn_at.is_(None))
    ).first()


def _waybill(session: Session, row: ExportRegistration) -> Waybill | None:
    if row.carrier_id is None:
        return None
    return session.scalars(
        select(Waybill)
        .join(Parcel, Parcel.waybill_id == Waybill.id)
        .where(Parcel.carrier_id == row.carrier_id, Parcel.logistics_no == row.logistics_no)
        .where(or_(Waybill.consignor_id.is_(None), Waybill.consignor_id == row.consignor_id))
        .where(Waybill.status != DRAFT, Waybill.withdrawn_at.is_(None))
    ).first()


def _own(session: Session, row: ExportRegistration) -> MatchChecklist:
    table = ExportRegistrationLine
    lines = session.scalars(select(table).where(table.registration_id == row.id).order_by(table.gnum)).all()
    return MatchChecklist(row.trade_mode, row.consignor_id, row.gross_weight, row.pack_no, _lines(lines))


def _order_side(session: Session, order: SaleOrder | None) -> MatchOrder | None:
    if order is None:
        return None
    table = SaleOrderLine
    lines = session.scalars(select(table).where(table.order_id == order.id).order_by(table.gnum)).all()
    return MatchOrder(
        order.order_type, order.consignor_id, order.goods_value, order.freight, order.currency, _lines(lines)
    )


def _waybill_side(waybill: Waybill | None) -> MatchWaybill | None:
    return MatchWaybill(waybill.gross_weight, waybill.pack_no, waybill.consignor_id) if waybill else None


def _lines(rows: Sequence[Any]) -> list[MatchLine]:
    return [MatchLine(r.gnum, r.item_no, r.unit, r.qty, r.price, r.total_price, r.currency) for r in rows]


def _far(session: Session, row: ExportRegistration, at: datetime) -> Tolerances:
    day = china_day(at)
    return Tolerances(
        zone_parameter(session, row.zone_code, "customs.match.weight_share", day).decimal,
        zone_parameter(session, row.zone_code, "customs.match.weight_floor", day).decimal,
    )
