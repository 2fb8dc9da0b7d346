"""Reading returns: lists, one return with everything known of it, and who may see which."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session, defer

from common.events import Event
from common.findings import NotFoundError
from customs.rules.return_findings import RETURN_NOT_FOUND
from customs.rules.returns import OPEN, RELAY, ReturnState
from customs.tables import (
    Checklist,
    ChecklistLine,
    GoodsReturn,
    GoodsReturnFile,
    GoodsReturnLine,
    ReturnedLine,
    ReturnTally,
)

PAGE = 50
MOST = 200

PARTIES = (GoodsReturn.consignor_id, GoodsReturn.declarant_id, GoodsReturn.sender_id)
"""Columns that name the firms a return belongs to."""

Visible = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class ReturnFilters:
    """What of the list is wanted; None means not asked.

    `stage`: `to_decide` (an officer has something to do), `to_tally` (the site has), `open` (neither over nor
    rejected), `completed`. `number` is any of the return's: its own here or the firm's, its waybill, its checklist.
    """

    status: str | None = None
    stage: str | None = None
    invt_no: str | None = None
    logistics_no: str | None = None
    checklist_id: int | None = None
    number: str | None = None


STAGES = ("open", "to_decide", "to_tally", "completed")


@dataclass(slots=True)
class ReturnDetail:
    """A return with its lines, proof (without contents), tally, what came back, and its events, oldest first."""

    row: GoodsReturn
    lines: Sequence[GoodsReturnLine] = ()
    origin: dict[int, ChecklistLine] = field(default_factory=dict)
    files: Sequence[GoodsReturnFile] = ()
    tally: ReturnTally | None = None
    returned: Sequence[ReturnedLine] = ()
    events: Sequence[Event] = ()


def at_sites(sites: Collection[tuple[str, str]]) -> Visible:
    """The returns that come to these sites (office, site); one that names no site comes to any of its office's."""
    conditions = [
        and_(GoodsReturn.customs_code == office, or_(GoodsReturn.loct_no.is_(None), GoodsReturn.loct_no == site))
        for office, site in sorted(sites)
    ]
    return and_(or_(false(), *conditions), GoodsReturn.status != ReturnState.DRAFT)


def for_officers(zones: Collection[str]) -> Visible:
    """The returns of zones; drafts are nobody's business but the filer's."""
    return and_(GoodsReturn.zone_code.in_(sorted(zones)), GoodsReturn.status != ReturnState.DRAFT)


def list_returns(
    session: Session, visible: Visible, filters: ReturnFilters, *, after: int | None = None, limit: int = PAGE
) -> Sequence[GoodsReturn]:
    """A page of what `visible` allows, newest first; `after` is the last id of the page before."""
    query = select(GoodsReturn).where(visible, GoodsReturn.withdrawn_at.is_(None), *_conditions(filters))
    if after is not None:
        query = query.where(GoodsReturn.id < after)
    return session.scalars(query.order_by(GoodsReturn.id.desc()).limit(max(1, min(limit, MOST)))).all()


def _conditions(filters: ReturnFilters) -> list[ColumnElement[bool]]:
    equal = {
        GoodsReturn.status: filters.status,
        GoodsReturn.invt_no: filters.invt_no,
        GoodsReturn.logistics_no: filters.logistics_no,
        GoodsReturn.checklist_id: filters.checklist_id,
    }
    found: list[ColumnElement[bool]] = [column == value for column, value in equal.items() if value is not None]
    if filters.number is not None:
        numbers = (GoodsReturn.invt_no, GoodsReturn.logistics_no, GoodsReturn.pre_no, GoodsReturn.co_el_no)
        found.append(or_(*(column == filters.number for column in numbers)))
    match filters.stage:
        case "to_decide":
            found += [GoodsReturn.status.in_(OPEN), GoodsReturn.decides != RELAY]
        case "to_tally":
            found += [GoodsReturn.tally_id.is_(None), GoodsReturn.status.in_((*OPEN, ReturnState.RELEASED))]
        case "open":
            found += [GoodsReturn.completed_at.is_(None), GoodsReturn.status != ReturnState.REJECTED]
        case "completed":
            found.append(GoodsReturn.completed_at.is_not(None))
    return found


def one_return(session: Session, visible: Visible, return_id: int, *, lock: bool = False) -> GoodsReturn:
    """One return that `visible` allows; raises `NotFoundError` for any other."""
    query = select(GoodsReturn).where(GoodsReturn.id == return_id, visible)
    query = query.execution_options(populate_existing=True)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFoundError(RETURN_NOT_FOUND.at(""))
    return row


def detail(session: Session, visible: Visible, return_id: int) -> ReturnDetail:
    """One return with everything known of it; raises `NotFoundError` for one that is not visible."""
    row = one_return(session, visible, return_id)
    lines = select(GoodsReturnLine).where(GoodsReturnLine.return_id == row.id).order_by(GoodsReturnLine.gnum)
    origin = select(ChecklistLine).where(ChecklistLine.checklist_id == row.checklist_id)
    files = select(GoodsReturnFile).where(GoodsReturnFile.return_id == row.id).order_by(GoodsReturnFile.id)
    events = select(Event).where(Event.subject_id == row.id, Event.subject_type == "goods_return").order_by(Event.id)
    back = select(ReturnedLine).where(ReturnedLine.return_id == row.id).order_by(ReturnedLine.gnum)
    return ReturnDetail(
        row,
        session.scalars(lines).all(),
        {line.gnum: line for line in session.scalars(origin)},
        session.scalars(files.options(defer(GoodsReturnFile.content))).all(),
        session.get(ReturnTally, row.tally_id) if row.tally_id else None,
        session.scalars(back).all(),
        session.scalars(events).all(),
    )


def waiting_for_firm(session: Session, firm: int, limit: int) -> Sequence[tuple[GoodsReturn, Checklist]]:
    """The firm's returns that it has to do something about: grounds missing, words from customs, or rejected."""
    lacking = and_(GoodsReturn.status == ReturnState.REVIEW, GoodsReturn.proof_kind.is_(None))
    told = and_(GoodsReturn.status == ReturnState.SUSPENDED, GoodsReturn.answer.is_not(None))
    query = (
        select(GoodsReturn, Checklist)
        .join(Checklist, Checklist.id == GoodsReturn.checklist_id)
        .where(or_(*(party == firm for party in PARTIES)), GoodsReturn.withdrawn_at.is_(None))
        .where(or_(lacking, told, GoodsReturn.status == ReturnState.REJECTED))
        .order_by(GoodsReturn.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def of_checklist(session: Session, checklist_id: int) -> Sequence[GoodsReturn]:
    """The live returns of one checklist that were filed, oldest first."""
    query = select(GoodsReturn).where(
        GoodsReturn.checklist_id == checklist_id,
        GoodsReturn.withdrawn_at.is_(None),
        GoodsReturn.status != ReturnState.DRAFT,
    )
    return session.scalars(query.order_by(GoodsReturn.id)).all()
