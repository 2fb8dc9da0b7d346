"""Moving checklists: the only place where a checklist's state changes.

Every move is checked against the table of moves, appended as an event with its source, and written in bulk: moving one
checklist and moving ten thousand take the same road.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, select, text
from sqlalchemy.orm import Session

from common.clock import china_day
from common.events import NewEvent, append_events
from common.findings import ConflictError, Finding
from common.law import law
from customs.closing import write_closed_lines
from customs.rules.moves import CU2101, State, allowed, name
from customs.rules.moves import Step as Step
from customs.tables import Checklist

_DAY_COLUMNS: Mapping[str, str] = {
    State.STORED: "stored_at",
    State.CONCLUDED: "concluded_at",
    State.RELEASED: "released_at",
    State.CLOSED: "closed_at",
}
"""Which of the days kept apart a state fills in."""


@dataclass(frozen=True, slots=True)
class Moving:
    """The few facts of a checklist that moving it needs."""

    id: int
    status: str | None
    zone_code: str
    customs_code: str
    consignor_id: int
    declarant_id: int
    sender_id: int
    invt_no: str | None = None


_MOVING = (
    Checklist.id,
    Checklist.status,
    Checklist.zone_code,
    Checklist.customs_code,
    Checklist.consignor_id,
    Checklist.declarant_id,
    Checklist.sender_id,
    Checklist.invt_no,
)


def refusal(status: str | None, step: Step) -> Finding | None:
    """The finding that refuses a move, or None where it is allowed."""
    if allowed(status, step.state, step.cause):
        return None
    start, end = name(status or ""), name(step.state)
    return CU2101.at(
        "",
        start=status or "—",
        start_zh=start.zh,
        start_en=start.en,
        end=step.state,
        end_zh=end.zh,
        end_en=end.en,
    )


def event_of(moving: Moving, step: Step, at: datetime) -> NewEvent:
    """The event that records one move."""
    data: dict[str, Any] = dict(step.data)
    if step.say:
        data["say"] = dict(step.say)
    return NewEvent(
        at=at,
        kind="checklist.moved",
        subject_type="checklist",
        subject_id=moving.id,
        source=step.cause.value,
        actor=step.actor,
        state=step.state,
        rule=step.rule,
        zone_code=moving.zone_code,
        consignor_id=moving.consignor_id,
        declarant_id=moving.declarant_id,
        sender_id=moving.sender_id,
        data=data,
    )


def lock(session: Session, ids: Iterable[int]) -> dict[int, Moving]:
    """Lock checklists for moving, in id order (one order for everybody), and give their facts."""
    wanted = sorted(set(ids))
    rows: Sequence[RowMapping] = (
        session.execute(select(*_MOVING).where(Checklist.id.in_(wanted)).order_by(Checklist.id).with_for_update())
        .mappings()
        .all()
    )
    return {row["id"]: Moving(**row) for row in rows}


def days_of(steps: Sequence[Step], at: datetime) -> dict[str, Any]:
    """The day columns that a walk through `steps` at one instant fills in."""
    values: dict[str, Any] = {_DAY_COLUMNS[step.state]: at for step in steps if step.state in _DAY_COLUMNS}
    if _closes(steps):
        values["statistics_on"] = china_day(at)
    return values


def walk(session: Session, walks: Sequence[tuple[Moving, Sequence[Step]]], *, at: datetime) -> None:
    """Take stored checklists through their steps; all allowed or none is written.

    Raises `ConflictError` with the refusing finding for the first step that the table of moves does not allow.
    The rows must have been locked with `lock`. A customs number is issued at 审结 (399) where there is none.
    """
    numbers = issue_invt_nos(
        session,
        [m for m, steps in walks if m.invt_no is None and any(s.state == State.CONCLUDED for s in steps)],
        at,
    )
    events: list[NewEvent] = []
    ends: dict[tuple[str, ...], list[tuple[int, str]]] = {}
    for moving, steps in walks:
        events += _events(moving, steps, numbers.get(moving.id), at)
        filled = tuple(sorted(days_of(steps, at)))
        status = steps[-1].state if steps else moving.status
        ends.setdefault(filled, []).append((moving.id, status or ""))
    for columns, rows in ends.items():
        _update(session, columns, rows, numbers, at)
    write_closed_lines(session, [m.id for m, steps in walks if _closes(steps)], at)
    append_events(session, events)


def _closes(steps: Sequence[Step]) -> bool:
    return any(step.state == State.CLOSED for step in steps)


def _events(moving: Moving, steps: Sequence[Step], issued: str | None, at: datetime) -> list[NewEvent]:
    """The events of a walk, each naming the customs number from 审结 on; raises `ConflictError`."""
    events = []
    status, number = moving.status, moving.invt_no
    for step in steps:
        refused = refusal(status, step)
        if refused:
            raise ConflictError(refused)
        status = step.state
        number = issued if number is None and status == State.CONCLUDED else number
        event = event_of(moving, step, at)
        if number is not None:
            event.data["invt_no"] = number
        events.append(event)
    return events


def _update(
    session: Session, columns: tuple[str, ...], rows: list[tuple[int, str]], numbers: Mapping[int, str], at: datetime
) -> None:
    sets = ["status = n.status", "return_time = :at", "invt_no = coalesce(c.invt_no, n.invt_no)"]
    sets += [f"{column} = :day" if column == "statistics_on" else f"{column} = :at" for column in columns]
    session.execute(
        text(
            f"UPDATE checklist c SET {', '.join(sets)} FROM "  # noqa: S608 - column names are this module's own
            "unnest(CAST(:ids AS bigint[]), CAST(:states AS text[]), CAST(:numbers AS text[])) "
            "AS n(id, status, invt_no) WHERE c.id = n.id"
        ),
        {
            "ids": [row[0] for row in rows],
            "states": [row[1] for row in rows],
            "numbers": [numbers.get(row[0]) for row in rows],
            "at": at,
            "day": china_day(at),
        },
    )


def issue_invt_nos(session: Session, checklists: Sequence[Moving], at: datetime) -> dict[int, str]:
    """Customs numbers (清单编号) by checklist id: office, year, E, serial; its digits are the day's."""
    serials: Iterable[int] = session.execute(
        text("SELECT nextval('invt_no_serial') FROM generate_series(1, :n)"), {"n": len(checklists)}
    ).scalars()
    day = china_day(at)
    digits = law().value("customs.checklist.number_serial_digits", day).integer
    return {
        m.id: f"{m.customs_code}{day.year}E{serial:0{digits}d}" for m, serial in zip(checklists, serials, strict=True)
    }


def move(session: Session, checklist_id: int, *steps: Step, at: datetime) -> Moving:
    """Lock one checklist and take it through `steps`; returns its facts before the move.

    Raises `LookupError` where there is no such checklist and `ConflictError` where the table does not allow a step.
    """
    moving = lock(session, [checklist_id])[checklist_id]
    walk(session, [(moving, steps)], at=at)
    return moving
