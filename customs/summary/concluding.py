"""Concluding complete applications: merged into declarations, numbered (sumNo), told to both parties."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.clock import china_day
from common.events import NewEvent
from common.law import law
from customs.rules.moves import State
from customs.summary.listed import busy_for
from customs.summary.merging import Made, Wanted, anything, merge
from customs.summary.numbers import sum_nos
from customs.tables import SummaryApplication

SUBJECT, DECLARATION = "summary_application", "declaration"


def lock_name(consignor_id: int) -> str:
    """The advisory key under which a consignor's closed lines are put into, or freed from, declarations."""
    return f"summary:{consignor_id}"


def _wanted(session: Session, rows: Sequence[SummaryApplication], at: datetime) -> list[Wanted]:
    """What merging must know of applications."""
    busy = busy_for(session, {(row.consignor_id, row.declarant_id) for row in rows}, china_day(at))
    return [
        Wanted(row.id, row.start_time, row.end_time, row.loct_no, busy[row.consignor_id, row.declarant_id])
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Concluded:
    """What concluding led to: the declarations made, and the events to be appended."""

    made: Sequence[Made]
    events: Sequence[NewEvent]


def anything_in(session: Session, row: SummaryApplication, at: datetime) -> bool:
    """Whether there is anything to be merged for an application; nothing is written."""
    return anything(session, _wanted(session, [row], at)[0])


def conclude(
    session: Session, application_ids: Collection[int], *, at: datetime, given: Mapping[int, str] | None = None
) -> Concluded:
    """Merge applications that are complete and give them their numbers; the caller appends the events.

    `given` are numbers that customs' own system gave, by application. The caller holds the lock of each consignor
    (`lock_name`). An application with nothing left stays as it is.
    """
    rows = session.scalars(
        select(SummaryApplication)
        .where(SummaryApplication.id.in_(sorted(application_ids)))
        .order_by(SummaryApplication.id)
    ).all()
    made = merge(session, _wanted(session, rows, at), law(), at=at)
    of_each: dict[int, list[Made]] = {}
    for one in made:
        of_each.setdefault(one.application_id, []).append(one)
    done = [row for row in rows if row.id in of_each]
    events: list[NewEvent] = []
    for row, number in zip(done, sum_nos(session, [row.customs_code for row in done], at), strict=True):
        row.sum_no = (given or {}).get(row.id) or number
        row.status, row.concluded_at = State.CONCLUDED, at
        events += _events(row, of_each[row.id], at)
    session.flush()
    return Concluded(made, events)


def _events(row: SummaryApplication, made: Sequence[Made], at: datetime) -> list[NewEvent]:
    stored = application_event(row, "summary.stored", at, state=State.STORED, say=_STORED)
    numbers = [one.decl_seq_no for one in made]
    concluded = application_event(
        row,
        "summary.concluded",
        at,
        state=State.CONCLUDED,
        say={
            "zh": f"汇总审结，汇总申请编号{row.sum_no}，形成报关单{len(made)}份",
            "en": f"Summary concluded under {row.sum_no}; declarations drafted: {len(made)}",
        },
        data={"sum_no": row.sum_no, "declarations": len(made), "decl_seq_nos": numbers[:100]},
    )
    return [
        stored,
        concluded,
        *(
            declaration_event(row, one.id, "declaration.made", at, data={"decl_seq_no": one.decl_seq_no})
            for one in made
        ),
    ]


_STORED = {"zh": "逻辑校验通过，正在归并", "en": "Checked; being merged"}


def application_event(
    row: SummaryApplication,
    kind: str,
    at: datetime,
    *,
    state: str | None = None,
    say: dict[str, str] | None = None,
    data: dict[str, object] | None = None,
    source: str = "rule",
    actor: str = "platform",
    rule: str | None = None,
) -> NewEvent:
    """An event of an application, for the feeds of its parties."""
    return NewEvent(
        at=at,
        kind=kind,
        subject_type=SUBJECT,
        subject_id=row.id,
        source=source,
        actor=actor,
        state=state,
        rule=rule,
        zone_code=row.zone_code,
        consignor_id=row.consignor_id,
        declarant_id=row.declarant_id,
        sender_id=row.sender_id,
        data={**(data or {}), **({"say": say} if say else {})},
    )


def declaration_event(
    row: SummaryApplication,
    declaration_id: int,
    kind: str,
    at: datetime,
    *,
    data: dict[str, object] | None = None,
    say: dict[str, str] | None = None,
    source: str = "rule",
    actor: str = "platform",
) -> NewEvent:
    """An event of a declaration made from an application."""
    return NewEvent(
        at=at,
        kind=kind,
        subject_type=DECLARATION,
        subject_id=declaration_id,
        source=source,
        actor=actor,
        zone_code=row.zone_code,
        consignor_id=row.consignor_id,
        declarant_id=row.declarant_id,
        sender_id=row.sender_id,
        data={"application_id": row.id, "sum_no": row.sum_no, **(data or {}), **({"say": say} if say else {})},
    )
