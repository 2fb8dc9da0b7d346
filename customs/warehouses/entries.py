"""Reading the ledgers of warehouses: entries by line, what was taken back of them, what came home by returns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from customs.tables import WarehouseBatch, WarehouseEntry, WarehouseReturn

Line = tuple[int, int]
"""A checklist line: checklist id and gnum."""

BY_RETURN = "return"
"""The origin of batches that a completed goods return made."""


@dataclass(frozen=True, slots=True)
class Home:
    """How much of an entry completed goods returns brought home, which returns, and whether one of them made it."""

    qty: Decimal
    returns: tuple[int, ...]
    made: bool


def entries_of(session: Session, warehouse_id: int, checklist_id: int, gnum: int) -> Sequence[WarehouseEntry]:
    """The ledger of one line in one warehouse, in the order in which it was written."""
    entry = WarehouseEntry
    return session.scalars(
        select(entry)
        .where(entry.warehouse_id == warehouse_id, entry.checklist_id == checklist_id, entry.gnum == gnum)
        .order_by(entry.id)
    ).all()


def ledgers(session: Session, checklist_ids: Collection[int]) -> dict[Line, list[WarehouseEntry]]:
    """The ledgers of all lines of these checklists that have entries, each in the order in which it was written."""
    found: dict[Line, list[WarehouseEntry]] = {}
    query = select(WarehouseEntry).where(WarehouseEntry.checklist_id.in_(sorted(checklist_ids)))
    for one in session.scalars(query.order_by(WarehouseEntry.id)):
        found.setdefault((one.checklist_id, one.gnum), []).append(one)
    return found


def taken_back(entries: Iterable[WarehouseEntry]) -> Mapping[int, Decimal]:
    """How much of each entry was taken back by corrections."""
    found: dict[int, Decimal] = defaultdict(Decimal)
    for one in entries:
        if one.corrects is not None:
            found[one.corrects] -= one.qty
    return found


def home_by_return(session: Session, checklist_ids: Collection[int]) -> dict[int, Home]:
    """What of the entries of these checklists came home by completed returns, by the entry's id."""
    entry, link, batch = WarehouseEntry, WarehouseReturn, WarehouseBatch
    query = (
        select(link.entry_id, link.return_id, link.qty, batch.origin)
        .join(entry, entry.id == link.entry_id)
        .join(batch, batch.id == entry.batch_id)
        .where(entry.checklist_id.in_(sorted(checklist_ids)))
        .order_by(link.return_id)
    )
    found: dict[int, Home] = {}
    for row in session.execute(query):
        before = found.get(row.entry_id, Home(Decimal(0), (), made=row.origin == BY_RETURN))
        found[row.entry_id] = Home(before.qty + row.qty, (*before.returns, row.return_id), before.made)
    return found
