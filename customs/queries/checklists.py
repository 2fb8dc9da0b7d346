"""Lists of checklists, and one checklist with its papers, match, findings and history.

An enterprise sees the checklists that name it as consignor, declarant, carrier or platform; an agency those of its
zones. A list comes newest first, each page read from an index of its own. What was deleted before anybody worked on it
is gone from every list; what was cancelled stays, marked by `withdrawn_at`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as day_time
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, null, or_, select, union, union_all
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from common.clock import CHINA
from common.db import month_floor
from common.events import Event
from common.partitions import next_month
from customs.queries.scope import Viewer
from customs.rules.moves import State
from customs.tables import Checklist, ChecklistLine, DeskQuestion, PaymentReceipt, SaleOrder, SaleOrderLine, Waybill

PAGE = 50
MOST = 200

PARTIES = (Checklist.consignor_id, Checklist.declarant_id, Checklist.carrier_id, Checklist.platform_id)
"""Columns that name the enterprises a checklist concerns."""

NUMBERS = (
    Checklist.order_no,
    Checklist.logistics_no,
    Checklist.cop_no,
    Checklist.invt_no,
    Checklist.pre_no,
    Checklist.parent_order_no,
)
"""Columns that hold the numbers a checklist is found by; each has an index of its own."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the list is wanted; None means not asked. Days are China-time days, both included.

    `number` is any number that a checklist bears: order, waybill, the firm's own, customs', preNo or parent order.
    `live` leaves out those that were cancelled or deleted after a rejection; they stand at 100 with `withdrawn_at`.
    """

    order_no: str | None = None
    cop_no: str | None = None
    invt_no: str | None = None
    logistics_no: str | None = None
    number: str | None = None
    status: str | None = None
    zone_code: str | None = None
    flag: str | None = None
    trade_mode: str | None = None
    received_from: date | None = None
    received_to: date | None = None
    closed_month: date | None = None
    live: bool = False


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
    conditions = _conditions(session, filters)
    if after is not None:
        conditions.append(Checklist.id < after)
    ids = _matching(viewer, conditions, size + 1)
    if ids is None:
        return Page([], None)
    query = select(Checklist).where(Checklist.id.in_(select(ids.subquery().c.id)))
    found = session.scalars(query.order_by(Checklist.id.desc()).limit(size + 1)).all()
    return Page(found[:size], found[size - 1].id if len(found) > size else None)


def _matching(viewer: Viewer, conditions: Sequence[ColumnElement[bool]], limit: int) -> CompoundSelect[int] | None:
    """The ids of the viewer's newest rows, `limit` of each index that may hold them; None for who sees nothing."""
    parts = [_part([*scope, *conditions], limit) for scope in _scopes(viewer)]
    return union(*(select(part.subquery().c.id) for part in parts)) if parts else None


def _scopes(viewer: Viewer) -> list[list[ColumnElement[bool]]]:
    """One condition per index that may hold the viewer's rows."""
    if viewer.enterprise_id is not None:
        return [[party == viewer.enterprise_id] for party in PARTIES]
    return [[Checklist.zone_code.in_(sorted(viewer.zones))]] if viewer.zones else []


def _part(conditions: Sequence[ColumnElement[bool]], limit: int) -> Select[int]:
    shown = or_(Checklist.withdrawn_at.is_(None), Checklist.status == State.REJECTED)
    return select(Checklist.id).where(shown, *conditions).order_by(Checklist.id.desc()).limit(limit)


def _conditions(session: Session, filters: Filters) -> list[ColumnElement[bool]]:
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
    if filters.live:
        found.append(Checklist.withdrawn_at.is_(None))
    if filters.number is not None:
        # looked up first, one index each: within the query the planner would rather read all rows of the viewer
        bearing = union_all(*(select(Checklist.id).where(column == filters.number) for column in NUMBERS))
        found.append(Checklist.id.in_(session.scalars(bearing).all()))
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
        events=told_to(viewer, row, history(session, row.id, officers=viewer.enterprise_id is None)),
    )


def sees(viewer: Viewer, row: Checklist) -> bool:
    """Whether the viewer may see a checklist at hand."""
    if viewer.enterprise_id is not None:
        return viewer.enterprise_id in (row.consignor_id, row.declarant_id, row.carrier_id, row.platform_id)
    return row.zone_code in viewer.zones


def answers_for(viewer: Viewer, row: Checklist) -> bool:
    """Whether customs' questions about a checklist and their answers are the viewer's to read."""
    if viewer.enterprise_id is None:
        return True
    return viewer.enterprise_id in (row.consignor_id, row.declarant_id, row.sender_id)


def told_to(viewer: Viewer, row: Checklist, events: Sequence[Event]) -> Sequence[Event]:
    """Events without what passes between customs and those who answer for the checklist, unless the viewer does."""
    if answers_for(viewer, row):
        return events
    return [event for event in events if event.kind not in _BETWEEN]


_BETWEEN = frozenset(
    {
        "checklist.asked",
        "checklist.answered",
        "checklist.amendment_requested",
        "checklist.amended",
        "correction.asked",
        "correction.done",
        "correction.withdrawn",
    }
)
"""Events between customs and those who answer for the checklist: contents and words that no carrier reads."""


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


def last_sentences(session: Session, ids: Collection[int]) -> Mapping[int, Mapping[str, str]]:
    """What the party was told last about each checklist, `{"zh", "en"}` by id; in one query."""
    found: Iterable[Any] = session.execute(
        select(Event.subject_id, Event.data["say"].label("say"))
        .ext(distinct_on(Event.subject_id))
        .where(Event.subject_id.in_(ids), Event.consignor_id.is_not(None), Event.data.has_key("say"))
        .order_by(Event.subject_id, Event.at.desc(), Event.id.desc())
    )
    return {row.subject_id: row.say for row in found}


def search(session: Session, viewer: Viewer, number: str, limit: int = 20) -> Sequence[Checklist]:
    """Checklists that bear a number, whichever it is; newest first."""
    wanted = number.strip()
    return list_checklists(session, viewer, Filters(number=wanted), limit=limit).rows if wanted else []


def counts(session: Session, viewer: Viewer, states: Collection[str], most: int) -> Mapping[str, int]:
    """How many of the viewer's checklists stand in each state; counting stops at `most`."""

    def count(state: str) -> int:
        ids = _matching(viewer, _conditions(session, Filters(status=state)), most)
        return session.scalar(select(func.count()).select_from(ids.subquery())) or 0 if ids is not None else 0

    return {state: min(count(state), most) for state in states}


def open_questions(session: Session, viewer: Viewer, limit: int) -> Sequence[tuple[DeskQuestion, Checklist]]:
    """Customs' open questions about checklists that the firm consigned, declared or sent, soonest due first."""
    if viewer.enterprise_id is None:
        return []
    own = (Checklist.consignor_id, Checklist.declarant_id, Checklist.sender_id)
    found = session.execute(
        select(DeskQuestion, Checklist)
        .join(Checklist, Checklist.id == DeskQuestion.checklist_id)
        .where(DeskQuestion.closed_at.is_(None), Checklist.withdrawn_at.is_(None))
        .where(or_(*(column == viewer.enterprise_id for column in own)))
        .order_by(DeskQuestion.due_at, DeskQuestion.id)
        .limit(limit)
    )
    return [(question, row) for question, row in found]


def not_left(session: Session, viewer: Viewer, limit: int) -> Sequence[Checklist]:
    """The firm's released checklists whose goods have not left the country, the longest released first.

    What the site holds is left out: `held_at_site` names it.
    """
    if viewer.enterprise_id is None:
        return []
    query = select(Checklist).where(
        Checklist.status == State.RELEASED,
        Checklist.left_at.is_(None),
        Checklist.site_hold.is_(null()),
        or_(*(party == viewer.enterprise_id for party in PARTIES)),
    )
    return session.scalars(query.order_by(Checklist.released_at, Checklist.id).limit(limit)).all()


def held_at_site(session: Session, viewer: Viewer, limit: int) -> Sequence[Checklist]:
    """The firm's checklists whose parcel the site holds for its weight, the longest arrived first."""
    if viewer.enterprise_id is None:
        return []
    query = select(Checklist).where(
        Checklist.site_hold.is_not(null()),
        Checklist.withdrawn_at.is_(None),
        or_(*(party == viewer.enterprise_id for party in PARTIES)),
    )
    return session.scalars(query.order_by(Checklist.arrived_at, Checklist.id).limit(limit)).all()


def waiting(session: Session, viewer: Viewer, limit: int) -> Sequence[Checklist]:
    """The firm's checklists at 申报中 (2) that wait for a paper or a rate, soonest to expire first."""
    if viewer.enterprise_id is None:
        return []
    query = select(Checklist).where(
        Checklist.status == State.DECLARED,
        Checklist.withdrawn_at.is_(None),
        Checklist.waits_for != [],
        or_(*(party == viewer.enterprise_id for party in PARTIES)),
    )
    return session.scalars(query.order_by(Checklist.expires_at, Checklist.id).limit(limit)).all()
