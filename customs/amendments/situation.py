"""What stands behind a checklist that somebody wants to change: where it is, its declarations, requests about it."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from customs.returns import returnable
from customs.returns.reading import of_checklist
from customs.rules.amendments import Situation
from customs.rules.returns import Amounts, ReturnState
from customs.rules.warehouse_stock import Posting, balance
from customs.summary import live_declaration_of
from customs.tables import Amendment, Cancellation, Checklist, ClosedLine
from customs.warehouses.entries import ledgers

PENDING = "pending"


def situation_of(session: Session, row: Checklist) -> Situation:
    """The facts that the rules of amendments ask for."""
    return Situation(
        number=row.invt_no or row.pre_no,
        status=row.status,
        left=row.left_at is not None,
        here=row.decides == "here",
        declarations=_standing_declarations(session, row.id),
        pending=pending_requests(session, [row.id]).get(row.id),
        returns=tuple(one.pre_no for one in of_checklist(session, row.id) if one.status != ReturnState.REJECTED),
        returned=_returned(session, row.id),
        arrived=_arrived(session, row.id),
    )


def _standing_declarations(session: Session, checklist_id: int) -> tuple[str, ...]:
    """Live declarations made from a checklist, by customs' entry number, else the one issued here.

    One that customs has amended since the checklist's lines were last written for it is out of the way.
    """
    found = live_declaration_of(session, [checklist_id]).get(checklist_id, [])
    written = session.scalar(select(func.max(ClosedLine.recorded_at)).where(ClosedLine.checklist_id == checklist_id))
    return tuple(
        one.entry_id or one.decl_seq_no
        for one in found
        if one.amended_at is None or (written is not None and one.amended_at <= written)
    )


def _returned(session: Session, checklist_id: int) -> dict[int, Amounts]:
    """What came back of each line or is asked for; lines of which nothing did are absent."""
    sums = {one.line.gnum: one.pending.plus(one.returned) for one in returnable(session, [checklist_id]).values()}
    return {gnum: together for gnum, together in sums.items() if together.positive}


def _arrived(session: Session, checklist_id: int) -> dict[int, Decimal]:
    """How much of each line is recorded as arrived in overseas warehouses; lines without any are absent."""
    found = {
        gnum: balance(Posting(one.kind, one.qty, one.day) for one in entries).arrived
        for (_, gnum), entries in ledgers(session, [checklist_id]).items()
    }
    return {gnum: arrived for gnum, arrived in found.items() if arrived > 0}


def pending_requests(session: Session, checklist_ids: Collection[int]) -> dict[int, str]:
    """The preNo of the amendment or cancellation that is being decided, by checklist."""
    return _pending(session, Cancellation, checklist_ids) | amending(session, checklist_ids)


def amending(session: Session, checklist_ids: Collection[int]) -> dict[int, str]:
    """The preNo of the amendment that is being decided, by checklist."""
    return _pending(session, Amendment, checklist_ids)


def pending_of(session: Session, checklist_id: int) -> tuple[str, int] | None:
    """Kind and id of the request about a checklist that is being decided, None without one."""
    for subject, table in (("amendment", Amendment), ("cancellation", Cancellation)):
        query = select(table.id).where(table.checklist_id == checklist_id, table.outcome == PENDING)
        found = session.scalars(query.limit(1)).first()
        if found is not None:
            return subject, found
    return None


def _pending(
    session: Session, table: type[Amendment] | type[Cancellation], checklist_ids: Collection[int]
) -> dict[int, str]:
    query = select(table.checklist_id, table.pre_no).where(
        table.checklist_id.in_(list(checklist_ids)), table.outcome == PENDING
    )
    return {row.checklist_id: row.pre_no for row in session.execute(query)}
