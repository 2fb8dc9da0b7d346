"""Reading summaries: lists of applications with what became of them, one with its declarations, lines and sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, text
from sqlalchemy.orm import Session

from common.clock import CHINA, day_written
from common.events import Event
from common.findings import DomainError, NotFoundError
from common.partitions import next_month
from customs.rules.summary import BAD_PERIOD, NO_APPLICATION, NO_DECLARATION
from customs.summary.merging import IN_NO_DECLARATION, STILL_COUNTS
from customs.tables import Declaration, DeclarationLine, SummaryApplication

Scope = ColumnElement[bool]
"""Which applications the asking person may see: a condition on `SummaryApplication`."""

PAGE = 100


@dataclass(frozen=True, slots=True)
class Listed:
    """An application with what was made of it: live and cancelled declarations, checklists in the live ones."""

    row: SummaryApplication
    declarations: int
    cancelled: int
    checklists: int
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """One application with its declarations, their lines, and the events of both, oldest first."""

    row: SummaryApplication
    declarations: Sequence[Declaration]
    lines: dict[int, list[DeclarationLine]]
    events: Sequence[Event]
    named: int
    """Checklists named by its parts; 0 for a range."""


@dataclass(frozen=True, slots=True)
class Source:
    """One checklist line in a declaration line."""

    line_no: int
    checklist_id: int
    invt_no: str | None
    logistics_no: str
    gnum: int
    live: bool


def month_span(month: str) -> tuple[date, date]:
    """First day of a month written `YYYY-MM`, and of the next; raises `DomainError` for anything else."""
    try:
        first = day_written(f"{month}-01")
    except ValueError:
        raise DomainError(BAD_PERIOD.at("/month", value=month[:20])) from None
    return first, next_month(first)


def list_applications(
    session: Session, scope: Scope, *, month: str | None = None, before: int | None = None, limit: int = PAGE
) -> list[Listed]:
    """Applications, newest first; of a month: those with lines closed in it, or filed in it while nothing is made yet.

    Withdrawn ones are left out. `before` is the id of the last one of the page before.
    """
    query = select(SummaryApplication).where(scope, SummaryApplication.withdrawn_at.is_(None))
    if month:
        query = query.where(_of_month(month))
    if before:
        query = query.where(SummaryApplication.id < before)
    rows = session.scalars(query.order_by(SummaryApplication.id.desc()).limit(limit)).all()
    made = _made(session, [row.id for row in rows])
    return [Listed(row, *made.get(row.id, (0, 0, 0, ()))) for row in rows]


def _of_month(month: str) -> ColumnElement[bool]:
    first, following = month_span(month)
    inside = exists().where(
        Declaration.application_id == SummaryApplication.id,
        Declaration.closed_from < following,
        Declaration.closed_to >= first,
    )
    start, end = (datetime.combine(day, time(), CHINA) for day in (first, following))
    waiting = and_(
        SummaryApplication.concluded_at.is_(None),
        SummaryApplication.period.is_(None),
        SummaryApplication.received_at >= start,
        SummaryApplication.received_at < end,
    )
    drafted = and_(SummaryApplication.concluded_at.is_(None), SummaryApplication.period == month)
    return or_(inside, waiting, drafted)


_Made = tuple[int, int, int, tuple[str, ...]]


def _made(session: Session, ids: Sequence[int]) -> dict[int, _Made]:
    cancelled = Declaration.cancelled_at.is_not(None)
    query = (
        select(
            Declaration.application_id,
            func.count().filter(~cancelled),
            func.count().filter(cancelled),
            func.coalesce(func.sum(Declaration.checklists).filter(~cancelled), 0),
            func.array_agg(func.distinct(Declaration.dec_state)).filter(~cancelled),
        )
        .where(Declaration.application_id.in_(ids))
        .group_by(Declaration.application_id)
    )
    return {
        id: (live, dead, int(checklists), tuple(one for one in states or () if one))
        for id, live, dead, checklists, states in session.execute(query)
    }


def detail(session: Session, scope: Scope, application_id: int) -> Detail:
    """One application within the scope; raises `NotFoundError` for any other."""
    row = session.scalars(
        select(SummaryApplication).where(SummaryApplication.id == application_id, scope)
    ).one_or_none()
    if row is None:
        raise NotFoundError(NO_APPLICATION.at(""))
    declarations = session.scalars(
        select(Declaration).where(Declaration.application_id == row.id).order_by(Declaration.id)
    ).all()
    ids = [one.id for one in declarations]
    lines: dict[int, list[DeclarationLine]] = {id: [] for id in ids}
    query = select(DeclarationLine).where(DeclarationLine.declaration_id.in_(ids))
    for line in session.scalars(query.order_by(DeclarationLine.declaration_id, DeclarationLine.line_no)):
        lines[line.declaration_id].append(line)
    events = session.scalars(
        select(Event)
        .where(Event.subject_id.in_([row.id, *ids]), Event.subject_type.in_(["summary_application", "declaration"]))
        .order_by(Event.id)
    ).all()
    named = session.scalar(
        text("SELECT coalesce(sum(cardinality(invt_nos)), 0) FROM summary_application_part WHERE application_id = :id"),
        {"id": row.id},
    )
    return Detail(row, declarations, lines, events, int(named or 0))


def declaration_of(
    session: Session, scope: Scope, declaration_id: int
) -> tuple[Declaration, SummaryApplication, Sequence[DeclarationLine]]:
    """A declaration of an application within the scope, with its lines; raises `NotFoundError` for any other."""
    found = session.execute(
        select(Declaration, SummaryApplication)
        .join(SummaryApplication, SummaryApplication.id == Declaration.application_id)
        .where(Declaration.id == declaration_id, scope)
    ).one_or_none()
    if found is None:
        raise NotFoundError(NO_DECLARATION.at(""))
    one, row = found
    query = select(DeclarationLine).where(DeclarationLine.declaration_id == one.id).order_by(DeclarationLine.line_no)
    return one, row, session.scalars(query).all()


_SOURCES = text(
    "SELECT s.line_no, s.checklist_id, c.invt_no, c.logistics_no, s.gnum, s.live FROM declaration_source AS s "
    "JOIN checklist AS c ON c.id = s.checklist_id WHERE s.declaration_id = :id "
    "AND (s.checklist_id, s.gnum) > (:after, :gnum) ORDER BY s.checklist_id, s.gnum LIMIT :limit"
)


def sources(
    session: Session, declaration_id: int, *, after: tuple[int, int] = (0, 0), limit: int = PAGE
) -> list[Source]:
    """Which checklist lines a declaration was made of, in their order; `after` is the last of the page before."""
    found = session.execute(_SOURCES, {"id": declaration_id, "after": after[0], "gnum": after[1], "limit": limit})
    return [Source(**row._mapping) for row in found]


@dataclass(frozen=True, slots=True)
class Open:
    """Closed flag-B checklists that nobody has applied for: of one consignor, declarant and office."""

    zone_code: str
    customs_code: str
    consignor_id: int
    declarant_id: int
    checklists: int
    first_on: date
    last_on: date


_OPEN = text(
    "SELECT l.zone_code, l.customs_code, l.consignor_id, l.declarant_id, "  # noqa: S608 - our own text
    "count(DISTINCT l.checklist_id) AS checklists, "
    "min(l.closed_on) AS first_on, max(l.closed_on) AS last_on FROM closed_line AS l "
    "WHERE l.flag = 'B' AND l.closed_on BETWEEN :first AND :last "
    f"AND {STILL_COUNTS} AND {IN_NO_DECLARATION} "
    "GROUP BY l.zone_code, l.customs_code, l.consignor_id, l.declarant_id "
    "ORDER BY l.zone_code, l.customs_code, l.consignor_id, l.declarant_id"
)


def unfiled(session: Session, first: date, last: date) -> list[Open]:
    """What was closed from `first` to `last` (both inclusive) and is in no live declaration: by consignor, declarant
    and office.
    """
    rows = session.execute(_OPEN, {"first": first, "last": last})
    return [Open(**row._mapping) for row in rows]


_READY = text(
    "SELECT c.id, c.invt_no, c.order_no, c.customs_code, c.closed_at, c.agent_code, c.agent_name, c.declarant_id, "  # noqa: S608 - our own text
    "c.total_price, c.currency, k.gname FROM checklist AS c CROSS JOIN LATERAL "
    "(SELECT min(l.gname) AS gname, count(*) AS lines FROM closed_line AS l WHERE l.checklist_id = c.id "
    f"AND l.flag = 'B' AND {STILL_COUNTS} AND {IN_NO_DECLARATION}) AS k "
    "WHERE c.consignor_id = :consignor AND c.status = '899' AND c.flag = 'B' AND k.lines > 0 "
    "AND NOT c.declarant_id = ANY(CAST(:busy AS bigint[])) AND c.customs_code = :office "
    "AND c.statistics_on BETWEEN :first AND :last "
    "ORDER BY c.id DESC LIMIT :limit"
)


def ready(
    session: Session,
    consignor_id: int,
    busy: Sequence[int],
    *,
    office: str,
    first: date = date.min,
    last: date = date.max,
    limit: int = PAGE,
) -> Any:
    """Closed flag-B checklists of a consignor at an office that are in no live declaration, newest first.

    Those of `busy` declarants are left out; `first` and `last` are days of closing, both inclusive.
    """
    asked = {"consignor": consignor_id, "busy": list(busy), "office": office, "first": first, "last": last}
    return session.execute(_READY, asked | {"limit": limit}).all()
