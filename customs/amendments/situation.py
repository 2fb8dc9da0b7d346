"""What stands behind a checklist that somebody wants to change: where it is, its declarations, requests about it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from customs.returns.reading import of_checklist
from customs.rules.amendments import Situation
from customs.rules.returns import ReturnState
from customs.summary import live_declaration_of
from customs.tables import Amendment, Cancellation, Checklist

PENDING = "pending"


def situation_of(session: Session, row: Checklist) -> Situation:
    """The facts that the rules of amendments ask for."""
    return Situation(
        number=row.invt_no or row.pre_no,
        status=row.status,
        left=row.left_at is not None,
        here=row.decides == "here",
        declarations=live_declarations(session, row.id),
        pending=pending_requests(session, [row.id]).get(row.id),
        returns=live_returns(session, row.id),
    )


def live_declarations(session: Session, checklist_id: int) -> tuple[str, ...]:
    """Numbers of the live declarations made from a checklist: customs' entry number, else the one issued here."""
    found = live_declaration_of(session, [checklist_id]).get(checklist_id, [])
    return tuple(one.entry_id or one.decl_seq_no for one in found)


def live_returns(session: Session, checklist_id: int) -> tuple[str, ...]:
    """The preNos of the goods returns of a checklist that are open or completed."""
    return tuple(one.pre_no for one in of_checklist(session, checklist_id) if one.status != ReturnState.REJECTED)


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
