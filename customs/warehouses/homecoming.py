"""Goods that come home from a warehouse by a goods return: each piece stands on the ledger once, as `returned`.

A completed return is matched first with what its keeper recorded by hand as gone back to China; only the rest is
recorded from the return. Where the ledger cannot show it yet (the arrival is not recorded, or a sale was not taken
back), it waits, is shown as waiting, and is recorded with the entry that makes it possible. What a return has on the
ledger is kept by return, line and entry, so settling again changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, or_, select, text
from sqlalchemy.orm import Session

from common.events import NewEvent
from common.money import plain
from customs.rules.warehouse_stock import Kind, Posting, spare
from customs.rules.warehouses import for_warehouse
from customs.tables import Checklist, ReturnedLine, WarehouseBatch, WarehouseEntry, WarehouseReturn
from customs.warehouses.entries import BY_RETURN, Line, home_by_return, ledgers, taken_back
from customs.warehouses.register import SUBJECT


@dataclass(frozen=True, slots=True)
class Waiting:
    """Pieces of a line that came home by a completed return and are not on the ledger: `qty` in the declared unit.

    `number` is the return's own number here, `day` the one on which the site found the goods.
    """

    return_id: int
    number: str
    checklist_id: int
    invt_no: str
    gnum: int
    qty: Decimal
    day: date


_WAITING = text(
    "SELECT r.return_id, g.pre_no, r.checklist_id, r.invt_no, r.gnum, r.qty - w.qty AS qty, "
    "coalesce(g.found_on, r.returned_on) AS day, c.trade_mode, c.business "
    "FROM returned_line AS r JOIN goods_return AS g ON g.id = r.return_id JOIN checklist AS c ON c.id = r.checklist_id "
    "CROSS JOIN LATERAL (SELECT coalesce(sum(qty), 0) AS qty FROM warehouse_return "
    "WHERE return_id = r.return_id AND gnum = r.gnum) AS w "
    "WHERE r.checklist_id = ANY(CAST(:ids AS bigint[])) AND r.qty > w.qty ORDER BY day, r.return_id, r.gnum"
)
_HEADS = text(
    "SELECT c.id, c.invt_no, c.zone_code, c.consignor_id, l.gnum, l.item_no, l.unit "
    "FROM checklist AS c JOIN checklist_line AS l ON l.checklist_id = c.id WHERE c.id = ANY(CAST(:ids AS bigint[]))"
)


def waiting(session: Session, checklist_ids: Collection[int], gnum: int | None = None) -> list[Waiting]:
    """What came home of exports to warehouses (of one line, if said) and is not on their ledgers, earliest first."""
    rows = session.execute(_WAITING, {"ids": sorted(checklist_ids)})
    return [
        Waiting(row.return_id, row.pre_no, row.checklist_id, row.invt_no, row.gnum, row.qty, row.day)
        for row in rows
        if for_warehouse(row.trade_mode, row.business) and gnum in (None, row.gnum)
    ]


def waiting_at(session: Session, warehouse_id: int, whose: ColumnElement[bool]) -> list[Waiting]:
    """What waits of all goods that belong to a warehouse; `whose` is a condition on their checklists."""
    entry = WarehouseEntry
    lies = select(entry.id).where(entry.warehouse_id == warehouse_id, entry.checklist_id == Checklist.id).exists()
    query = select(Checklist.id).where(
        or_(Checklist.warehouse_id == warehouse_id, lies),
        Checklist.id.in_(select(ReturnedLine.checklist_id)),
        whose,
    )
    return waiting(session, session.scalars(query).all())


def settle(session: Session, checklist_ids: Collection[int], *, actor: str, at: datetime) -> list[NewEvent]:
    """Put on the ledgers what came home and can stand there, and give the events of it.

    The checklists' `customs.returns.lock_name` are held.
    """
    session.flush()
    wanted = waiting(session, checklist_ids)
    return _Settling(session, {one.checklist_id for one in wanted}, actor, at).settle(wanted) if wanted else []


class _Settling:
    """One call of `settle`: the ledgers of the checklists, and what is still free of their entries."""

    def __init__(self, session: Session, checklist_ids: Collection[int], actor: str, at: datetime) -> None:
        self.session, self.actor, self.at = session, actor, at
        self.lines: Mapping[Line, Any] = {
            (row.id, row.gnum): row for row in session.execute(_HEADS, {"ids": sorted(checklist_ids)})
        }
        self.held = ledgers(session, checklist_ids)
        entries = [one for held in self.held.values() for one in held]
        back, home = taken_back(entries), home_by_return(session, checklist_ids)
        self.free: dict[int, Decimal] = {
            one.id: one.qty - back.get(one.id, Decimal(0)) - (home[one.id].qty if one.id in home else Decimal(0))
            for one in entries
            if one.kind == Kind.RETURNED and one.corrects is None and not one.apart
        }

    def settle(self, wanted: Sequence[Waiting]) -> list[NewEvent]:
        """Match each with entries by hand, then record what the ledger can show of the rest; gives the events."""
        events = []
        for one in wanted:
            rest = one.qty - sum(self._matched(one), Decimal(0))
            made = self._recorded(one, rest)
            if made is not None:
                events.append(self._event(one, made))
        self.session.flush()
        return events

    def _matched(self, one: Waiting) -> Iterator[Decimal]:
        """Quantities of entries by hand, earliest first, that say the same as the return."""
        rest = one.qty
        for entry in sorted(self.held.get((one.checklist_id, one.gnum), ()), key=lambda each: (each.day, each.id)):
            part = min(rest, self.free.get(entry.id, Decimal(0)))
            if part > 0:
                rest -= part
                self.free[entry.id] -= part
                self._link(one, entry, part)
                yield part

    def _recorded(self, one: Waiting, rest: Decimal) -> WarehouseEntry | None:
        """The entry for as much of the rest as lies in the warehouse; None where there is nothing to write."""
        line = self.lines[one.checklist_id, one.gnum]
        held = self.held.setdefault((one.checklist_id, one.gnum), [])
        qty = min(rest, spare([Posting(each.kind, each.qty, each.day) for each in held], one.day))
        if qty <= 0:
            return None
        house = held[0].warehouse_id  # goods lie in one warehouse only
        batch = WarehouseBatch(
            warehouse_id=house,
            subject_id=line.consignor_id,
            origin=BY_RETURN,
            sha256=None,
            entries=1,
            recorded_by=one.number,
            recorded_at=self.at,
        )
        self.session.add(batch)
        self.session.flush()
        entry = WarehouseEntry(
            batch_id=batch.id,
            warehouse_id=house,
            zone_code=line.zone_code,
            consignor_id=line.consignor_id,
            checklist_id=one.checklist_id,
            gnum=one.gnum,
            kind=Kind.RETURNED,
            qty=qty,
            day=one.day,
            corrects=None,
            proof_id=None,
            reference=one.number,
            note=None,
            apart=False,
            recorded_by=one.number,
            recorded_at=self.at,
        )
        self.session.add(entry)
        self.session.flush()
        held.append(entry)
        self._link(one, entry, qty)
        return entry

    def _link(self, one: Waiting, entry: WarehouseEntry, qty: Decimal) -> None:
        self.session.add(WarehouseReturn(return_id=one.return_id, gnum=one.gnum, entry_id=entry.id, qty=qty))

    def _event(self, one: Waiting, entry: WarehouseEntry) -> NewEvent:
        line = self.lines[one.checklist_id, one.gnum]
        told = {
            "entry_id": entry.id,
            "gnum": entry.gnum,
            "item_no": line.item_no,
            "kind": entry.kind,
            "qty": plain(entry.qty),
            "unit": line.unit,
            "day": entry.day.isoformat(),
            "reference": entry.reference,
        }
        return NewEvent(
            at=self.at,
            kind=f"warehouse.{entry.kind}",
            subject_type=SUBJECT,
            subject_id=entry.warehouse_id,
            source="rule",
            actor=self.actor,
            zone_code=line.zone_code,
            consignor_id=line.consignor_id,
            data={
                "warehouse_id": entry.warehouse_id,
                "batch_id": entry.batch_id,
                "checklist_id": entry.checklist_id,
                "invt_no": line.invt_no,
                "goods_return_id": one.return_id,
                "lines": [told],
            },
        )
