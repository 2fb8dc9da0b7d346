"""Shut-outs (退关): requested with a cancellation or an amendment, approved with it, then let out by the site operator.

The papers go first: nothing is let out before customs has approved, and what was let out is recorded once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.orm import Session

from common.clock import CHINA
from common.db import lock_keys
from common.events import NewEvent, append_events, whose
from common.findings import ConflictError, DomainError, NotFoundError, Text
from customs.movement.parcels import locks
from customs.movement.sites import Operator
from customs.rules import amendment_findings as told
from customs.rules.amendments import SHUT_OUT, SHUT_OUT_STATES, Ground
from customs.rules.movement import MAX_TEXT, TEXT_NEEDED, usable
from customs.tables import Amendment, Cancellation, Checklist, ChecklistLine, Parcel, ShutOut

REQUESTED, APPROVED, REFUSED, WITHDRAWN = "requested", "approved", "refused", "withdrawn"
LET_OUT, NOT_HERE = "let_out", "not_here"
_OPEN = (REQUESTED, APPROVED)
_TIME = "%Y-%m-%d %H:%M"

# a parcel that was let out is no longer at the site; a whole one may come again under a new declaration
_OUT = text(
    "UPDATE parcel SET site_operator_id = NULL, arrived_at = NULL, arrival_id = NULL, weighed_gross = NULL "
    "WHERE carrier_id = :carrier AND logistics_no = :number AND left_at IS NULL "
    "AND (checklist_id IS NULL OR checklist_id = :checklist)"
)


def request(session: Session, row: Amendment | Cancellation, goods: str, *, at: datetime) -> ShutOut | None:
    """Open the shut-out that a request with such a ground asks for; None for any other ground."""
    if row.ground not in SHUT_OUT:
        return None
    found = _of(session, row)
    if found is not None:
        return _again(session, found, at)
    checklist = session.scalars(select(Checklist).where(Checklist.id == row.checklist_id)).one()
    made = ShutOut(
        checklist_id=row.checklist_id,
        cancellation_id=row.id if isinstance(row, Cancellation) else None,
        amendment_id=row.id if isinstance(row, Amendment) else None,
        zone_code=checklist.zone_code,
        customs_code=checklist.customs_code,
        carrier_id=checklist.carrier_id,
        logistics_name=checklist.logistics_name,
        logistics_no=checklist.logistics_no,
        operator_id=_operator(session, checklist),
        declarant_id=checklist.declarant_id,
        consignor_id=checklist.consignor_id,
        sender_id=row.sender_id,
        ebc_name=checklist.ebc_name,
        whole=row.ground == Ground.SHUT_OUT_WHOLE,
        goods=goods,
        state=REQUESTED,
        requested_at=at,
    )
    session.add(made)
    session.flush()
    append_events(session, [_event(made, "shut_out.requested", "party", f"subject:{row.sender_id}", at)])
    return made


def _again(session: Session, found: ShutOut, at: datetime) -> ShutOut:
    """The shut-out of a request that is still open; one that another ground had ended is asked for anew."""
    if found.state == WITHDRAWN:
        found.state = REQUESTED
        session.flush()
        append_events(session, [_event(found, "shut_out.requested", "party", f"subject:{found.sender_id}", at)])
    return found


def goods_of(session: Session, checklist_id: int) -> str:
    """What a whole shut-out is about, for people: the first line's goods and how many lines there are."""
    lines = session.scalars(
        select(ChecklistLine).where(ChecklistLine.checklist_id == checklist_id).order_by(ChecklistLine.gnum)
    ).all()
    return "；".join(f"{one.gname} × {format(one.qty.normalize(), 'f')}" for one in lines)[:500]


def _operator(session: Session, checklist: Checklist) -> int | None:
    parcel = session.get(Parcel, (checklist.carrier_id, checklist.logistics_no), populate_existing=True)
    return parcel.site_operator_id if parcel is not None and parcel.arrived_at is not None else None


def _of(session: Session, row: Amendment | Cancellation) -> ShutOut | None:
    column = ShutOut.amendment_id if isinstance(row, Amendment) else ShutOut.cancellation_id
    return session.scalars(select(ShutOut).where(column == row.id).with_for_update()).one_or_none()


def decided(session: Session, row: Amendment | Cancellation, *, actor: str, source: str, at: datetime) -> None:
    """Let the shut-out of a request follow what became of it: approved, refused or withdrawn."""
    found = _of(session, row)
    if found is None or found.state != REQUESTED:
        return
    if row.outcome == APPROVED:
        checklist = session.scalars(select(Checklist).where(Checklist.id == row.checklist_id)).one()
        found.operator_id = _operator(session, checklist)  # the goods may have come, or moved, since the request
        found.state = APPROVED if found.operator_id is not None else NOT_HERE
    else:
        found.state = row.outcome
    found.decided_at = at
    session.flush()
    append_events(session, [_event(found, f"shut_out.{found.state}", source, actor, at)])


def dropped(session: Session, row: Amendment | Cancellation, *, at: datetime) -> None:
    """End the open shut-out of a request whose ground became another one."""
    found = _of(session, row)
    if found is not None and found.state == REQUESTED and row.ground not in SHUT_OUT:
        found.state = WITHDRAWN
        session.flush()
        append_events(session, [_event(found, "shut_out.withdrawn", "party", f"subject:{found.sender_id}", at)])


def let_out(session: Session, operator: Operator, shut_out_id: int, note: str, *, at: datetime) -> ShutOut:
    """Record that the site has let the goods out; only after customs approved, and only once.

    Raises `NotFoundError` for goods that are not at the operator's site, `DomainError` without words, and
    `ConflictError` before the approval or for a second time.
    """
    mine = select(ShutOut).where(ShutOut.id == shut_out_id, ShutOut.operator_id == operator.subject_id)
    row = session.scalars(mine).one_or_none()
    if row is None:
        raise NotFoundError(told.NO_SHUT_OUT.at(""))
    lock_keys(session, locks([(row.carrier_id, row.logistics_no)]))
    session.refresh(row, with_for_update=True)
    if row.state == LET_OUT and row.let_out_at is not None:
        when = row.let_out_at.astimezone(CHINA).strftime(_TIME)
        raise ConflictError(told.LET_OUT_ALREADY.at("", number=row.logistics_no, when=when))
    if row.state != APPROVED:
        state = SHUT_OUT_STATES[row.state]
        raise ConflictError(told.NOT_APPROVED.at("", number=row.logistics_no, state_zh=state.zh, state_en=state.en))
    if not usable(note):
        raise DomainError(TEXT_NEEDED.at("/note", most=MAX_TEXT))
    row.state, row.let_out_at, row.let_out_note = LET_OUT, at, note.strip()
    row.let_out_by, row.let_out_name = operator.account_id, operator.name
    if row.whole:
        asked = {"carrier": row.carrier_id, "number": row.logistics_no, "checklist": row.checklist_id}
        session.execute(_OUT, asked)
    session.flush()
    append_events(session, [_event(row, "shut_out.let_out", "party", f"account:{operator.account_id}", at)])
    return row


def shut_outs(
    session: Session, visible: ColumnElement[bool], *, open_only: bool, after: int, limit: int
) -> Sequence[ShutOut]:
    """A page of the shut-outs that `visible` allows, oldest first; open: requested or waiting to be let out."""
    query = select(ShutOut).where(visible, ShutOut.id > after)
    if open_only:
        query = query.where(ShutOut.state.in_(_OPEN))
    return session.scalars(query.order_by(ShutOut.id).limit(limit)).all()


def open_of(session: Session, checklist_ids: Collection[int]) -> dict[int, Text]:
    """How the shut-outs of these checklists stand that have not ended; the others are absent."""
    query = select(ShutOut.checklist_id, ShutOut.state).where(
        ShutOut.checklist_id.in_(sorted(checklist_ids)), ShutOut.state.in_(_OPEN)
    )
    return {row.checklist_id: SHUT_OUT_STATES[row.state] for row in session.execute(query)}


_SAID = {
    "requested": Text("已申请退关：{goods}", "A shut-out is requested: {goods}"),
    "approved": Text("退关已批准，可以从监管场所放出：{goods}", "Shut-out approved; the site may let out: {goods}"),
    "not_here": Text("退关已批准，货物没有到过监管场所：{goods}", "The shut-out is approved; never at a site: {goods}"),
    "refused": Text("退关未获批准：{goods}", "The shut-out is refused: {goods}"),
    "withdrawn": Text("退关申请已撤回：{goods}", "The request for a shut-out is withdrawn: {goods}"),
    "let_out": Text("退关货物已从监管场所放出：{goods}", "The site has let out: {goods}"),
}


def _event(row: ShutOut, kind: str, source: str, actor: str, at: datetime) -> NewEvent:
    """The event of a shut-out, told under its checklist so that its history shows it."""
    data: dict[str, Any] = {"say": _SAID[row.state].format(goods=row.goods).as_dict(), "shut_out_id": row.id}
    return NewEvent(
        at=at,
        kind=kind,
        subject_type="checklist",
        subject_id=row.checklist_id,
        source=source,
        actor=actor,
        rule=told.SHUT_OUT_STEP,
        **whose(row),
        data=data | {"whole": row.whole},
    )
