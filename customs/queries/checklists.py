"""Lists of checklists, and one checklist with its papers, match, findings and history.

An enterprise sees the checklists that name it as consignor, declarant, carrier or platform; an agency those of its
zones. A list comes newest first, each page read from an index of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as day_time
from typing import Any

from sqlalchemy import ColumnElement, Select, select, union
from sqlalchemy.orm import Session

from common.clock import CHINA
from common.db import month_floor
from common.events import Event
from common.partitions import next_month
from customs.queries.scope import Viewer
from customs.tables import Checklist, ChecklistLine, PaymentReceipt, SaleOrder, SaleOrderLine, Waybill

PAGE = 50
MOST = 200

PARTIES = (Checklist.consignor_id, Checklist.declarant_id, Checklist.carrier_id, Checklist.platform_id)
"""Columns that name the enterprises a checklist concerns."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the list is wanted; None means not asked. Days are China-time days, both included."""

    order_no: str | None = None
    cop_no: str | None = None
    invt_no: str | None = None
    logistics_no: str | None = None
    status: str | None = None
    zone_code: str | None = None
    flag: str | None = None
    trade_mode: str | None = None
    received_from: date | None = None
    received_to: date | None = None
    closed_month: date | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page, newest first; `next` is the cursor of the following one, None at the end."""

    rows: Sequence[Checklist]
    next: int | None


def list_checklists(
    session: Session, viewer: Viewer, filters: Filters, *, after: int | None = None, limit: int = PAGE
) -> Page:
    """A page of what the viewer may see; `after` is the cursor of the page before."""
    size = max(1, min(limit, MOST))
    conditions = _conditions(filters)
    if after is not None:
        conditions.append(Checklist.id < after)
    parts = [_part([*scope, *conditions], size + 1) for scope in _scopes(viewer)]
    if not parts:
        return Page([], None)
    ids = union(*(select(part.subquery().c.id) for part in parts)).subquery()
    query = select(Checklist).where(Checklist.id.in_(select(ids.c.id))).order_by(Checklist.id.desc()).limit(size + 1)
    found = session.scalars(query).all()
    return Page(found[:size], found[size - 1].id if len(found) > size else None)


def _scopes(viewer: Viewer) -> list[list[ColumnElement[bool]]]:
    """One condition per index that may hold the viewer's rows."""
    if viewer.enterprise_id is not None:
        return [[party == viewer.enterprise_id] for party in PARTIES]
    return [[Checklist.zone_code.in_(sorted(viewer.zones))]] if viewer.zones else []


def _part(conditions: Sequence[ColumnElement[bool]], limit: int) -> Select[int]:
    live = Checklist.withdrawn_at.is_(None)
    return select(Checklist.id).where(live, *conditions).order_by(Checklist.id.desc()).limit(limit)


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    equal = {
        Checklist.order_no: filters.order_no,
        Checklist.cop_no: filters.cop_no,
        Checklist.invt_no: filters.invt_no,
        Checklist.logistics_no: filters.logistics_no,
        Checklist.status: filters.status,
        Checklist.zone_code: filters.zone_code,
        Checklist.flag: filters.flag,
        Checklist.trade_mode: filters.trade_mode,
    }
    found: list[ColumnElement[bool]] = [column == value for column, value in equal.items() if value is not None]
    if filters.received_from is not None:
        found += [
            Checklist.id >= month_floor(filters.received_from),
            Checklist.received_at >= _start(filters.received_from),
        ]
    if filters.received_to is not None:
        end = filters.received_to + timedelta(days=1)
        found += [Checklist.id < month_floor(next_month(filters.received_to)), Checklist.received_at < _start(end)]
    if filters.closed_month is not None:
        month = filters.closed_month
        found += [Checklist.closed_at >= _start(month), Checklist.closed_at < _start(next_month(month))]
    return found


def _start(day: date) -> datetime:
    return datetime.combine(day, day_time(), CHINA)


@dataclass(slots=True)
class Detail:
    """A checklist with everything known of it."""

    checklist: Checklist
    lines: Sequence[ChecklistLine]
    order: SaleOrder | None
    order_lines: Sequence[SaleOrderLine]
    waybill: Waybill | None
    payment: PaymentReceipt | None
    events: Sequence[Event] = field(default_factory=list)


def detail(session: Session, viewer: Viewer, checklist_id: int) -> Detail | None:
    """One checklist as the viewer may see it; None for one that is not there or not the viewer's."""
    row = session.scalars(select(Checklist).where(Checklist.id == checklist_id)).one_or_none()
    if row is None or not sees(viewer, row):
        return None
    order = _one(session, SaleOrder, row.order_id)
    return Detail(
        checklist=row,
        lines=session.scalars(
            select(ChecklistLine).where(ChecklistLine.checklist_id == row.id).order_by(ChecklistLine.gnum)
        ).all(),
        order=order,
        order_lines=_order_lines(session, row.order_id),
        waybill=_one(session, Waybill, row.waybill_id),
        payment=_one(session, PaymentReceipt, row.payment_id),
        events=history(session, row.id, officers=viewer.enterprise_id is None),
    )


def sees(viewer: Viewer, row: Checklist) -> bool:
    """Whether the viewer may see a checklist at hand."""
    if viewer.enterprise_id is not None:
        return viewer.enterprise_id in (row.consignor_id, row.declarant_id, row.carrier_id, row.platform_id)
    return row.zone_code in viewer.zones


def _one(session: Session, table: Any, id: int | None) -> Any:
    return session.scalars(select(table).where(table.id == id)).one_or_none() if id is not None else None


def _order_lines(session: Session, order_id: int | None) -> Sequence[SaleOrderLine]:
    if order_id is None:
        return []
    query = select(SaleOrderLine).where(SaleOrderLine.order_id == order_id).order_by(SaleOrderLine.gnum)
    return session.scalars(query).all()


def history(session: Session, subject_id: int, *, officers: bool) -> Sequence[Event]:
    """The events of a record, oldest first; those that name no party are for officers only."""
    query = select(Event).where(Event.subject_id == subject_id)
    if not officers:
        query = query.where(Event.consignor_id.is_not(None))
    return session.scalars(query.order_by(Event.at, Event.id)).all()


def search(session: Session, viewer: Viewer, number: str, limit: int = 20) -> Sequence[Checklist]:
    """Checklists that bear a number: order, waybill, the firm's own, customs', or preNo; newest first."""
    wanted = number.strip()
    if not wanted:
        return []
    columns = (
        Checklist.order_no,
        Checklist.logistics_no,
        Checklist.cop_no,
        Checklist.invt_no,
        Checklist.pre_no,
        Checklist.parent_order_no,
    )
    parts = [select(Checklist.id).where(column == wanted).limit(limit * 5) for column in columns]
    ids = union(*(select(part.subquery().c.id) for part in parts)).subquery()
    query = select(Checklist).where(Checklist.id.in_(select(ids.c.id)), Checklist.withdrawn_at.is_(None))
    found = session.scalars(query.order_by(Checklist.id.desc())).all()
    return [row for row in found if sees(viewer, row)][:limit]


def counts(session: Session, viewer: Viewer, states: Collection[str], most: int) -> Mapping[str, int]:
    """How many of the viewer's checklists stand in each state; counting stops at `most`."""
    found = {}
    for state in states:
        page = list_checklists(session, viewer, Filters(status=state), limit=min(most, MOST))
        found[state] = len(page.rows)
    return found
