"""Reading the desk: the queue, its counts, and one case.

The queue comes oldest first, in pages read straight from the index of open checklists, so that a page costs the same
at two hundred and at two hundred thousand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select, union_all
from sqlalchemy.orm import Session

from common.clock import china_day
from common.findings import NotFoundError
from common.law.zones import zone_parameter
from customs.desk.deciding import pending_release, situation
from customs.desk.officers import Officer
from customs.desk.questions import questions_of
from customs.risk import full_trace
from customs.rules.desk import CU5009, Decision, possible
from customs.rules.moves import NAMES, State
from customs.rules.release import Tier
from customs.tables import Checklist, ChecklistLine, DeskDecision, DeskQuestion

PAGE = 25
MOST = 200
COUNT_CAP = 1000
DESK_STATES = (State.REVIEW, State.INSPECTION)
"""States of the queue unless another is asked for."""


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """What of the queue is wanted; None and False mean not asked.

    `mine`: my claims; `unclaimed`: nobody's; `asked`: waiting for the seller; `answered`: the seller has answered.
    """

    status: str | None = None
    tier: str | None = None
    zone_code: str | None = None
    mine: bool = False
    unclaimed: bool = False
    asked: bool = False
    answered: bool = False
    held: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """The time limit of a case: `due_at` and `left` are None while the clock has not begun (goods not arrived).

    `paused`: an open question stops it; then `left` is what remains from the moment of the answer.
    """

    started_at: datetime | None
    due_at: datetime | None
    left: timedelta | None
    paused: bool


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One checklist in the queue; money in CNY, weights in kg."""

    id: int
    invt_no: str | None
    pre_no: str
    cop_no: str
    order_no: str
    zone_code: str
    customs_code: str
    status: str
    tier: str | None
    reason_class: str | None
    flag: str
    trade_mode: str
    seller: str
    country: str
    value_cny: Decimal | None
    gross_weight: Decimal
    received_at: datetime
    claimed_by: int | None
    claimed_name: str | None
    claimed_at: datetime | None
    held: bool
    goods_arrived: bool
    asked: bool
    answered: bool
    clock: Clock


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `next` is the cursor of the following one, None at the end."""

    rows: Sequence[QueueRow]
    next: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many stand behind each tab; `COUNT_CAP` means that many or more."""

    review: int
    inspection: int
    mine: int
    asked: int


@dataclass(frozen=True, slots=True)
class Case:
    """Everything the desk adds to a checklist; its papers and events come from `customs.queries`.

    `trace` is for officers only; `pending` the release that waits for a countersign.
    """

    checklist: Checklist
    lines: Sequence[ChecklistLine]
    trace: Sequence[Mapping[str, Any]]
    possible: Sequence[Decision]
    decisions: Sequence[DeskDecision]
    questions: Sequence[DeskQuestion]
    pending: DeskDecision | None
    claimed_name: str | None
    clock: Clock = field(default=Clock(None, None, None, False))


def queue(
    session: Session,
    officer: Officer,
    filters: QueueFilters,
    *,
    at: datetime,
    after: int | None = None,
    limit: int = PAGE,
) -> Page:
    """A page of the officer's queue, oldest first; `after` is the cursor of the page before."""
    size = max(1, min(limit, MOST))
    zones = [z for z in sorted(officer.zones) if filters.zone_code in (None, z)]
    states = [one for one in ([filters.status] if filters.status else DESK_STATES) if one in NAMES]
    parts = [_part(zone, state, officer, filters, after, size + 1) for zone in zones for state in states]
    if not parts:
        return Page([], None)
    ids = union_all(*(part.subquery().select() for part in parts)).subquery()
    found = session.scalars(
        select(Checklist).where(Checklist.id.in_(select(ids.c.id))).order_by(Checklist.id).limit(size + 1)
    ).all()
    rows = found[:size]
    return Page(_rows(session, rows, at), rows[-1].id if len(found) > size else None)


def _part(zone: str, state: str, officer: Officer, filters: QueueFilters, after: int | None, limit: int) -> Select[int]:
    query = select(Checklist.id).where(_in_state(state), Checklist.zone_code == zone, *_wanted(officer, filters))
    if after is not None:
        query = query.where(Checklist.id > after)
    return query.order_by(Checklist.id).limit(limit)


def _in_state(state: str) -> ColumnElement[bool]:
    return Checklist.status == _constant(state, State)


def _constant(value: str | None, known: type[StrEnum]) -> ColumnElement[str]:
    """One of our own words as a constant: a bound value would keep the planner from the partial indexes."""
    return literal_column(f"'{value}'" if value in list(known) else "NULL")


def _wanted(officer: Officer, filters: QueueFilters) -> list[ColumnElement[bool]]:
    answered = Checklist.question["answered_at"].astext
    asked: list[tuple[bool, ColumnElement[bool]]] = [
        (True, Checklist.withdrawn_at.is_(None)),
        (True, Checklist.decides == "here"),
        (filters.tier is not None, Checklist.tier == _constant(filters.tier, Tier)),
        (filters.mine, Checklist.claimed_by == officer.account_id),
        (filters.unclaimed, Checklist.claimed_by.is_(None)),
        (filters.asked, Checklist.question.is_not(None) & answered.is_(None)),
        (filters.answered, answered.is_not(None)),
        (filters.held, Checklist.held_at.is_not(None)),
    ]
    return [condition for wanted, condition in asked if wanted]


def counts(session: Session, officer: Officer) -> Counts:
    """The numbers on the tabs; each stops counting at `COUNT_CAP`."""

    def count(state: str, wanted: QueueFilters) -> int:
        parts = [
            select(Checklist.id).where(_in_state(state), Checklist.zone_code == zone, *_wanted(officer, wanted))
            for zone in sorted(officer.zones)
        ]
        if not parts:
            return 0
        capped = union_all(*parts).limit(COUNT_CAP).subquery()
        return session.scalar(select(func.count()).select_from(capped)) or 0

    review, inspection = (count(state, QueueFilters()) for state in DESK_STATES)
    return Counts(
        review=review,
        inspection=inspection,
        mine=sum(count(state, QueueFilters(mine=True)) for state in DESK_STATES),
        asked=sum(count(state, QueueFilters(asked=True)) for state in DESK_STATES),
    )


def case(session: Session, officer: Officer, checklist_id: int, *, at: datetime) -> Case:
    """One case of the officer's zones; raises `NotFoundError` for any other."""
    row = session.scalars(
        select(Checklist).where(Checklist.id == checklist_id, Checklist.zone_code.in_(sorted(officer.zones)))
    ).one_or_none()
    if row is None:
        raise NotFoundError(CU5009.at(""))
    questions = questions_of(session, row.id)
    names = _claimers(session, [row])
    return Case(
        checklist=row,
        lines=session.scalars(
            select(ChecklistLine).where(ChecklistLine.checklist_id == row.id).order_by(ChecklistLine.gnum)
        ).all(),
        trace=full_trace(session, row.tier_trace),
        possible=possible(situation(session, row, officer, at)),
        decisions=session.scalars(
            select(DeskDecision).where(DeskDecision.checklist_id == row.id).order_by(DeskDecision.id)
        ).all(),
        questions=questions,
        pending=pending_release(session, row),
        claimed_name=names.get(row.id),
        clock=clock_of(session, row, questions, at),
    )


def clock_of(session: Session, row: Checklist, questions: Sequence[DeskQuestion], at: datetime) -> Clock:
    """The time limit of a case: begins at storing, of an inspection at arrival; stands still during a question."""
    started = row.stored_at if row.status == State.REVIEW else row.arrived_at
    if row.status not in DESK_STATES or started is None:
        return Clock(None, None, None, False)
    kind = "medium" if row.status == State.REVIEW else "high"
    hours = zone_parameter(session, row.zone_code, f"customs.desk.service_hours.{kind}", china_day(started)).integer
    stood = sum(((q.closed_at or at) - q.asked_at for q in questions), timedelta())
    due = started + timedelta(hours=hours) + stood
    return Clock(started, due, due - at, any(q.closed_at is None for q in questions))


def _rows(session: Session, rows: Sequence[Checklist], at: datetime) -> list[QueueRow]:
    names = _claimers(session, rows)
    threads: dict[int, list[DeskQuestion]] = {}
    asked = [row.id for row in rows]
    for question in session.scalars(select(DeskQuestion).where(DeskQuestion.checklist_id.in_(asked))):
        threads.setdefault(question.checklist_id, []).append(question)
    return [_row(row, names.get(row.id), clock_of(session, row, threads.get(row.id, []), at)) for row in rows]


def _row(row: Checklist, claimed_name: str | None, clock: Clock) -> QueueRow:
    question = row.question or {}
    return QueueRow(
        id=row.id,
        invt_no=row.invt_no,
        pre_no=row.pre_no,
        cop_no=row.cop_no,
        order_no=row.order_no,
        zone_code=row.zone_code,
        customs_code=row.customs_code,
        status=row.status,
        tier=row.tier,
        reason_class=row.reason_class,
        flag=row.flag,
        trade_mode=row.trade_mode,
        seller=row.ebc_name,
        country=row.country,
        value_cny=row.value_cny,
        gross_weight=row.gross_weight,
        received_at=row.received_at,
        claimed_by=row.claimed_by,
        claimed_name=claimed_name,
        claimed_at=row.claimed_at,
        held=row.held_at is not None,
        goods_arrived=row.arrived_at is not None,
        asked=bool(question) and question.get("answered_at") is None,
        answered=question.get("answered_at") is not None,
        clock=clock,
    )


def _claimers(session: Session, rows: Sequence[Checklist]) -> dict[int, str]:
    """Names of who holds claims, by checklist; one query."""
    held = {row.id: row.claimed_by for row in rows if row.claimed_by is not None}
    if not held:
        return {}
    found = session.execute(
        select(DeskDecision.checklist_id, DeskDecision.officer_id, DeskDecision.officer_name)
        .where(DeskDecision.checklist_id.in_(held))
        .order_by(DeskDecision.id)
    )
    return {id: name for id, officer, name in found if held[id] == officer}
