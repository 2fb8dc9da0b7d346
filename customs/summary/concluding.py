"""Concluding complete applications: merged into declarations, numbered (sumNo), told to both parties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from common.clock import china_day
from common.events import NewEvent
from common.law import law
from customs.rules.moves import State
from customs.summary import numbers
from customs.summary.listed import busy_declarants
from customs.summary.merging import Made, anything, merge
from customs.tables import SummaryApplication

SUBJECT, DECLARATION = "summary_application", "declaration"


def lock_name(consignor_id: int) -> str:
    """The advisory key under which a consignor's closed lines are put into, or freed from, declarations."""
    return f"summary:{consignor_id}"


@dataclass(frozen=True, slots=True)
class Concluded:
    """What concluding led to: the declarations made, and the events to be appended."""

    made: Sequence[Made]
    events: Sequence[NewEvent]


def anything_in(session: Session, row: SummaryApplication, at: datetime) -> bool:
    """Whether there is anything to be merged for an application; nothing is written."""
    return anything(session, row, _busy(session, row, at))


def conclude(session: Session, row: SummaryApplication, *, at: datetime, sum_no: str = "") -> Concluded:
    """Merge an application that is complete and give it its number; the caller appends the events.

    `sum_no` is the number that customs' own system gave; without one it is issued here. The caller holds the
    consignor's lock (`lock_name`). An application with nothing left stays as it is.
    """
    made = merge(session, row, _busy(session, row, at), law(), at=at)
    if not made:
        return Concluded((), ())
    row.sum_no = sum_no or numbers.sum_no(session, row.customs_code, at)
    row.status, row.concluded_at = State.CONCLUDED, at
    session.flush()
    return Concluded(made, _events(row, made, at))


def _busy(session: Session, row: SummaryApplication, at: datetime) -> Sequence[int]:
    return busy_declarants(session, row.consignor_id, row.declarant_id, china_day(at))


def _events(row: SummaryApplication, made: Sequence[Made], at: datetime) -> list[NewEvent]:
    stored = application_event(row, "summary.stored", at, state=State.STORED, say=_STORED)
    decl_seq_nos = [one.decl_seq_no for one in made[:100]]
    concluded = application_event(
        row,
        "summary.concluded",
        at,
        state=State.CONCLUDED,
        say={
            "zh": f"汇总审结，汇总申请编号{row.sum_no}，形成报关单{len(made)}份",
            "en": f"Summary concluded under {row.sum_no}; declarations drafted: {len(made)}",
        },
        data={"sum_no": row.sum_no, "declarations": len(made), "decl_seq_nos": decl_seq_nos},
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
