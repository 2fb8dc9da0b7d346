"""What nobody applied for: drafted ahead of the deadline, reported on the due day, filed under a standing mandate.

A draft is an application of state 暂存 (1) over a month of closing; it holds no lines. Firm or agent takes it over by
filing an application; until then nothing is declared in anybody's name. What is left when everything was applied for
by other ways is taken back. Every step may be run again: it does nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, select, text
from sqlalchemy.orm import Session

from common.clock import CHINA, china_day
from common.db import month_floor, new_ids
from common.events import Event, NewEvent, append_events
from common.findings import DomainError, FindingRule, NotAllowedError, NotFoundError
from common.law import law
from common.law.zones import zone_parameter
from common.workdays import WorkCalendar
from common.workdays_loading import work_calendar
from credit.mandates import ALL, STANDING_SUMMARY
from credit.subjects import SubjectFacts, agents_of, subjects_by_ids, zone_offices
from customs.rules import summary as rules
from customs.rules.decisions.summary_due import SummaryDueFacts, summary_due
from customs.rules.moves import State
from customs.summary.concluding import application_event
from customs.summary.listed import acting_agents
from customs.summary.merging import IN_NO_DECLARATION, STILL_COUNTS
from customs.summary.reading import Open, month_span, unfiled
from customs.tables import SummaryApplication, SummaryExtension

DRAFT, MANDATE = "draft", "mandate"
MONTHS_BACK = 3
"""How many past months of closing are looked at: what is older stands in the proof as not yet summarised."""
MOST_DOCUMENT = 200
"""Signs that the number or title of a notice may have."""
MOST_NOTICES = 200
"""Older notices are not listed."""
_MAY_FILE = frozenset({"CEB701", ALL})
"""A standing mandate says when; the right to file applications at all is given beside it."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when a month's closed checklists of an office must be declared, and what it rests on.

    `document` is customs' extension notice, None for the lawful day; `provisional` as `customs.summary-due` has it.
    """

    period: str
    due_on: date
    document: str | None
    provisional: bool


def deadline(session: Session, customs_code: str, period: str) -> Deadline:
    """The deadline of a month of closing (`YYYY-MM`) at an office: customs' newest notice goes before the law."""
    first, _ = month_span(period)
    outcome = summary_due(SummaryDueFacts(work_calendar(session)), law(), first).outcome
    lawful = date.fromisoformat(str(outcome["due_on"]))
    notice = session.scalars(
        select(SummaryExtension)
        .where(SummaryExtension.customs_code == customs_code, SummaryExtension.period == period)
        .order_by(SummaryExtension.id.desc())
        .limit(1)
    ).first()
    if notice is not None:
        return Deadline(period, notice.due_on, notice.document, provisional=False)
    return Deadline(period, lawful, None, bool(outcome["provisional"]))


def extend(
    session: Session,
    zones: frozenset[str] | None,
    customs_code: str,
    period: str,
    due_on: date,
    document: str,
    *,
    by: str,
    at: datetime,
) -> SummaryExtension:
    """Record customs' notice that a month is due later at an office of `zones` (None: any); the newest one holds.

    Raises `DomainError` for a day that is not later than the lawful one, `NotAllowedError` for another zone's office.
    """
    first, _ = month_span(period)
    office = zone_offices(session, china_day(at)).get(customs_code)
    if office is None or (zones is not None and office.zone_code not in zones):
        raise NotAllowedError(rules.NOT_YOUR_OFFICE.at("/customs_code", office=customs_code[:10]))
    if not 0 < len(document.strip()) <= MOST_DOCUMENT:
        raise DomainError(rules.NO_NOTICE.at("/document", most=MOST_DOCUMENT))
    outcome = summary_due(SummaryDueFacts(work_calendar(session)), law(), first).outcome
    if due_on <= date.fromisoformat(str(outcome["due_on"])):
        raise DomainError(rules.NOT_LATER.at("/due_on", due=due_on.isoformat(), plain=outcome["due_on"]))
    row = SummaryExtension(
        customs_code=customs_code, period=period, due_on=due_on, document=document.strip(), set_by=by, set_at=at
    )
    session.add(row)
    session.flush()
    return row


def extensions(session: Session, offices: Sequence[str] | None = None) -> Sequence[SummaryExtension]:
    """The notices on record, newest first; of some offices or of all."""
    query = select(SummaryExtension).order_by(SummaryExtension.id.desc()).limit(MOST_NOTICES)
    if offices is not None:
        query = query.where(SummaryExtension.customs_code.in_(offices))
    return session.scalars(query).all()


# --- drafts


def draft_unfiled(session: Session, at: datetime) -> int:
    """Draft what nobody has applied for of past months, where the zone's working day has come; how many drafts.

    One per consignor, declarant and office. Checklists of a declarant whose mandate ended pass on to the consignor.
    """
    today, calendar = china_day(at), work_calendar(session)
    events: list[NewEvent] = []
    count = 0
    for period in _past_months(today):
        first, following = month_span(period)
        wanted = _by_filer(session, unfiled(session, first, following - timedelta(days=1)), today)
        wanted = {key: one for key, one in wanted.items() if _draft_day(session, key.zone_code, today, calendar)}
        drafted = _drafted(session, period)
        fresh = {key: n for key, n in wanted.items() if key not in drafted}
        firms = subjects_by_ids(session, {id for key in fresh for id in (key.consignor_id, key.declarant_id)}, today)
        for id, (key, checklists) in zip(new_ids(session, len(fresh), today), sorted(fresh.items()), strict=True):
            row = _draft(id, key, period, firms, at)
            session.add(row)
            due = deadline(session, key.customs_code, period)
            events.append(_notice(row, "summary.drafted", rules.DRAFTED, at, due, checklists))
            count += 1
    session.flush()
    append_events(session, events)
    return count


def _past_months(today: date) -> Iterator[str]:
    first = today.replace(day=1)
    for _ in range(MONTHS_BACK):
        first = (first - timedelta(days=1)).replace(day=1)
        yield f"{first:%Y-%m}"


@dataclass(frozen=True, slots=True, order=True)
class _Filer:
    """Who files a draft for whom, and where."""

    zone_code: str
    customs_code: str
    consignor_id: int
    declarant_id: int


def _by_filer(session: Session, found: Sequence[Open], on: date) -> dict[_Filer, int]:
    """Unfiled checklists by who may file them today."""
    acting = acting_agents(session, {one.consignor_id for one in found}, on)
    counted: dict[_Filer, int] = {}
    for one in found:
        still = one.declarant_id == one.consignor_id or (one.consignor_id, one.declarant_id) in acting
        key = _Filer(one.zone_code, one.customs_code, one.consignor_id, one.declarant_id if still else one.consignor_id)
        counted[key] = counted.get(key, 0) + one.checklists
    return counted


def _draft_day(session: Session, zone_code: str, today: date, calendar: WorkCalendar) -> bool:
    """Whether this month's working day for drafting has come in the zone."""
    wanted = zone_parameter(session, zone_code, "customs.summary.draft_working_day", today).integer
    return working_days_until(today, calendar) >= wanted


def working_days_until(today: date, calendar: WorkCalendar) -> int:
    """Working days of the month up to and with `today`; Monday to Friday where the official calendar is not known."""
    days = (today.replace(day=n) for n in range(1, today.day + 1))
    known = ((one, calendar.works(one)) for one in days)
    return sum(one.weekday() < 5 if works is None else works for one, works in known)


def _drafted(session: Session, period: str) -> set[_Filer]:
    rows = session.scalars(_live_drafts().where(SummaryApplication.period == period))
    return {_Filer(row.zone_code, row.customs_code, row.consignor_id, row.declarant_id) for row in rows}


def _live_drafts() -> Select[SummaryApplication]:
    return select(SummaryApplication).where(
        SummaryApplication.origin == DRAFT,
        SummaryApplication.status == State.DRAFT,
        SummaryApplication.withdrawn_at.is_(None),
    )


def _draft(id: int, key: _Filer, period: str, firms: dict[int, SubjectFacts], at: datetime) -> SummaryApplication:
    first, following = month_span(period)
    consignor, declarant = firms[key.consignor_id], firms[key.declarant_id]
    code = declarant.customs_code or declarant.uscc or ""
    return SummaryApplication(
        id=id,
        message_id=0,
        guid="",
        zone_code=key.zone_code,
        sender_id=declarant.id,
        received_at=at,
        app_time=at,
        status=State.DRAFT,
        pre_no="",
        revision=1,
        customs_code=key.customs_code,
        cop_no=f"D{period.replace('-', '')}{key.customs_code}{id - month_floor(china_day(at))}",
        declarant_id=declarant.id,
        agent_code=code,
        agent_name=declarant.name,
        consignor_id=consignor.id,
        ebc_code=consignor.customs_code or consignor.uscc or "",
        ebc_name=consignor.name,
        decl_agent_id=declarant.id,
        decl_agent_code=code,
        decl_agent_name=declarant.name,
        start_time=datetime.combine(first, time(), CHINA),
        end_time=datetime.combine(following, time(), CHINA) - timedelta(seconds=1),
        summary_flag="1",
        item_name_flag=" ",
        msg_count=1,
        origin=DRAFT,
        period=period,
    )


def _notice(
    row: SummaryApplication,
    kind: str,
    rule: FindingRule,
    at: datetime,
    due: Deadline,
    checklists: int,
    **more: object,
) -> NewEvent:
    facts = {"period": due.period, "due": due.due_on.isoformat(), "count": checklists, **more}
    data: dict[str, object] = {"period": due.period, "due_on": due.due_on.isoformat(), "checklists": checklists}
    return application_event(row, kind, at, rule=rule.id, say=rule.at("", **facts).message.as_dict(), data=data)


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft with its deadline and the checklists that are still in it."""

    row: SummaryApplication
    due: Deadline
    checklists: int


def drafts(session: Session, scope: ColumnElement[bool], on: date, *, limit: int = 50) -> list[DraftView]:
    """Drafts to be taken over, the earliest deadline first; those with nothing left are not shown."""
    rows = session.scalars(_live_drafts().where(scope).order_by(SummaryApplication.period).limit(limit)).all()
    views = [
        DraftView(row, deadline(session, row.customs_code, row.period or ""), left_in(session, row, on)) for row in rows
    ]
    return sorted((one for one in views if one.checklists), key=lambda one: (one.due.due_on, one.row.id))


_LEFT = text(
    "SELECT count(DISTINCT checklist_id) FROM (SELECT l.checklist_id FROM closed_line AS l "  # noqa: S608 - our own text
    "WHERE l.flag = 'B' AND l.consignor_id = :consignor AND l.closed_on BETWEEN :first AND :last "
    "AND l.customs_code = :office AND (l.declarant_id = :declarant "
    "OR (:declarant = :consignor AND NOT l.declarant_id = ANY(CAST(:acting AS bigint[])))) "
    f"AND {STILL_COUNTS} AND {IN_NO_DECLARATION} LIMIT :cap) AS held"
)
COUNTED = 20_000
"""The most lines that are looked at to say how many checklists a draft holds; a page need not know it to the last."""


def left_in(session: Session, row: SummaryApplication, on: date) -> int:
    """How many checklists a draft still holds: its declarant's own and, for the consignor, those passed on to it."""
    first, following = month_span(row.period or "")
    acting = [agent for _, agent in acting_agents(session, [row.consignor_id], on)]
    asked = {
        "consignor": row.consignor_id,
        "declarant": row.declarant_id,
        "office": row.customs_code,
        "first": first,
        "last": following - timedelta(days=1),
        "acting": acting,
        "cap": COUNTED,
    }
    return int(session.scalar(_LEFT, asked) or 0)


def draft(session: Session, scope: ColumnElement[bool], application_id: int) -> SummaryApplication:
    """A draft within the scope; raises `NotFoundError` where it is none any longer."""
    row = session.scalars(_live_drafts().where(SummaryApplication.id == application_id, scope)).one_or_none()
    if row is None:
        raise NotFoundError(rules.NO_DRAFT.at(""))
    return row


def close_empty(session: Session, at: datetime) -> int:
    """Take back drafts in which nothing is left; how many."""
    done = 0
    events = []
    for row in session.scalars(_live_drafts()).all():
        if left_in(session, row, china_day(at)) == 0:
            row.withdrawn_at = at
            events.append(application_event(row, "summary.draft_closed", at))
            done += 1
    session.flush()
    append_events(session, events)
    return done


# --- the due day


@dataclass(frozen=True, slots=True)
class Overdue:
    """A draft on or after its due day; `agent_id` may file it under a standing mandate (None: nobody may)."""

    row: SummaryApplication
    due: Deadline
    checklists: int
    agent_id: int | None


def overdue(session: Session, at: datetime) -> list[Overdue]:
    """Drafts that are due today or before and were not reported yet, with who may file them."""
    today = china_day(at)
    found = []
    for row in session.scalars(_live_drafts().order_by(SummaryApplication.id)).all():
        due = deadline(session, row.customs_code, row.period or "")
        checklists = left_in(session, row, today) if due.due_on <= today else 0
        if checklists:
            found.append(Overdue(row, due, checklists, _standing(session, row, today)))
    reported = _reported(session, [one.row.id for one in found])
    return [one for one in found if one.agent_id is not None or one.row.id not in reported]


def _standing(session: Session, row: SummaryApplication, on: date) -> int | None:
    """The agent that the consignor gave a standing mandate: the draft's own declarant before any other."""
    held = agents_of(session, [row.consignor_id], on)
    agents = sorted(agent for (_, agent), types in held.items() if STANDING_SUMMARY in types and types & _MAY_FILE)
    return row.declarant_id if row.declarant_id in agents else next(iter(agents), None)


def _reported(session: Session, ids: Sequence[int]) -> set[int]:
    query = select(Event.subject_id).where(Event.subject_id.in_(ids), Event.kind == "summary.unfiled")
    return set(session.scalars(query))


def report(session: Session, one: Overdue, at: datetime) -> None:
    """Tell both parties that a draft is due and unfiled."""
    append_events(session, [_notice(one.row, "summary.unfiled", rules.UNFILED, at, one.due, one.checklists)])


def filed_by_mandate(session: Session, filed: SummaryApplication, one: Overdue, at: datetime) -> None:
    """Note that an application was filed under a standing mandate, and whose."""
    filed.origin, filed.period = MANDATE, one.row.period
    agent = filed.agent_name
    session.flush()
    append_events(
        session, [_notice(filed, "summary.by_mandate", rules.BY_MANDATE, at, one.due, one.checklists, agent=agent)]
    )
