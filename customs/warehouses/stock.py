"""What lies in a warehouse as of a day: by checklist line, and summed by item with the age of what is left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from common.clock import CHINA, china_day
from customs.rules.moves import State
from customs.rules.warehouse_stock import Balance, Kind, layers
from customs.tables import Checklist, ChecklistLine, WarehouseEntry

Line = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sees:
    """Whose goods are shown: those of these consignors, or of these zones."""

    consignors: frozenset[int] = frozenset()
    zones: frozenset[str] = frozenset()

    def rows(self, table: Any) -> ColumnElement[bool]:
        """The condition on a table with `consignor_id` and `zone_code`."""
        found: ColumnElement[bool] = or_(
            table.consignor_id.in_(sorted(self.consignors)), table.zone_code.in_(sorted(self.zones))
        )
        return found


@dataclass(frozen=True, slots=True)
class LineStock:
    """One checklist line in a warehouse as of a day; quantities in its declared unit."""

    checklist_id: int
    invt_no: str
    gnum: int
    item_no: str
    name: str
    unit: str
    declared: Decimal
    consignor_id: int
    consignor: str
    closed_on: date
    balance: Balance

    @property
    def expected(self) -> Decimal:
        """What left China and has not arrived."""
        return self.declared - self.balance.arrived


@dataclass(slots=True)
class ItemStock:
    """One item of one consignor in a warehouse: sums over its lines, and the stock by age band."""

    consignor: str
    item_no: str
    name: str
    unit: str
    lines: int = 0
    expected: Decimal = Decimal(0)
    sums: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    ages: list[Decimal] = field(default_factory=list)
    oldest: date | None = None

    @property
    def balance(self) -> Balance:
        """The sums as a balance."""
        return Balance(**{kind: self.sums[kind] for kind in Kind})


def line_stocks(
    session: Session,
    warehouse_id: int,
    sees: Sees,
    on: date,
    *,
    after: Line = (0, 0),
    limit: int | None = None,
    unfinished: bool = False,
) -> list[LineStock]:
    """Lines that arrived in the warehouse, or left for it and are closed by that day, by checklist and line.

    `unfinished`: only those of which something lies there or has not arrived.
    """
    entry, head, line = WarehouseEntry, Checklist, ChecklistLine
    sums = (
        select(
            entry.checklist_id,
            entry.gnum,
            *(func.coalesce(func.sum(entry.qty).filter(entry.kind == kind), 0).label(kind.value) for kind in Kind),
        )
        .where(entry.warehouse_id == warehouse_id, entry.day <= on, sees.rows(entry))
        .group_by(entry.checklist_id, entry.gnum)
        .subquery()
    )
    coming = select(head.id).where(
        head.warehouse_id == warehouse_id,
        head.status == State.CLOSED,
        head.closed_at < datetime.combine(on + timedelta(days=1), time.min, CHINA),
        sees.rows(head),
    )
    wanted = coming.union(select(sums.c.checklist_id)).subquery()
    query = (
        select(
            *(line.checklist_id, head.invt_no, line.gnum, line.item_no, line.gname, line.unit, line.qty),
            *(head.consignor_id, head.ebc_name, head.closed_at),
            *(func.coalesce(sums.c[kind.value], 0).label(kind.value) for kind in Kind),
        )
        .join(wanted, wanted.c.id == line.checklist_id)
        .join(head, head.id == line.checklist_id)
        .outerjoin(sums, and_(sums.c.checklist_id == line.checklist_id, sums.c.gnum == line.gnum))
        .where(
            or_(sums.c.gnum.is_not(None), head.warehouse_id == warehouse_id),
            tuple_(line.checklist_id, line.gnum) > tuple_(*after),
        )
        .order_by(line.checklist_id, line.gnum)
    )
    if unfinished:
        arrived, *gone = (func.coalesce(sums.c[kind.value], 0) for kind in Kind)
        query = query.where(or_(arrived < line.qty, arrived > sum(gone[1:], gone[0])))
    return [_line(row) for row in session.execute(query.limit(limit) if limit else query)]


def one_line(
    session: Session, warehouse_id: int, sees: Sees, on: date, checklist_id: int, gnum: int
) -> LineStock | None:
    """One line in the warehouse or on its way there, as of the end of a day; None for any other."""
    found = line_stocks(session, warehouse_id, sees, on, after=(checklist_id, gnum - 1), limit=1)
    return next((one for one in found if (one.checklist_id, one.gnum) == (checklist_id, gnum)), None)


def _line(row: Any) -> LineStock:
    return LineStock(
        checklist_id=row.checklist_id,
        invt_no=row.invt_no or "—",
        gnum=row.gnum,
        item_no=row.item_no,
        name=row.gname,
        unit=row.unit,
        declared=row.qty,
        consignor_id=row.consignor_id,
        consignor=row.ebc_name,
        closed_on=china_day(row.closed_at),
        balance=Balance(**{kind: Decimal(getattr(row, kind.value)) for kind in Kind}),
    )


def by_item(session: Session, warehouse_id: int, sees: Sees, on: date, bands: Sequence[int]) -> list[ItemStock]:
    """Stock by consignor and item as of a day; `bands` are the days at which age is banded, rising.

    `ages` has one more band than there are bounds: up to the first, …, beyond the last.
    """
    rows = line_stocks(session, warehouse_id, sees, on)
    aged = _arrivals(session, warehouse_id, sees, on)
    items: dict[tuple[int, str, str], ItemStock] = {}
    for row in rows:
        key = (row.consignor_id, row.item_no, row.unit)
        one = items.setdefault(key, ItemStock(row.consignor, row.item_no, row.name, row.unit))
        if not one.ages:
            one.ages = [Decimal(0)] * (len(bands) + 1)
        one.lines += 1
        one.expected += row.expected
        for kind in Kind:
            one.sums[kind] += getattr(row.balance, kind.value)
        if row.balance.stock > 0:
            for day, qty in layers(aged[row.checklist_id, row.gnum], row.balance.stock):
                one.ages[_band(on - day, bands)] += qty
                one.oldest = min(one.oldest or day, day)
    return sorted(items.values(), key=lambda one: (one.consignor, one.item_no, one.unit))


def _arrivals(session: Session, warehouse_id: int, sees: Sees, on: date) -> Mapping[Line, list[tuple[date, Decimal]]]:
    entry = WarehouseEntry
    found: dict[Line, list[tuple[date, Decimal]]] = defaultdict(list)
    rows = session.execute(
        select(entry.checklist_id, entry.gnum, entry.day, entry.qty).where(
            entry.warehouse_id == warehouse_id,
            entry.kind == Kind.ARRIVED,
            entry.corrects.is_(None),
            entry.day <= on,
            sees.rows(entry),
        )
    )
    for row in rows:
        found[row.checklist_id, row.gnum].append((row.day, row.qty))
    return found


def _band(age: timedelta, bands: Sequence[int]) -> int:
    return sum(age.days > bound for bound in bands)
