"""Carrying out an approved amendment: a new revision of the checklist with its event, and everything that follows.

Nothing is overwritten silently: the event keeps each field before and after, and facts that were made from the old
contents (statistics rows) are corrected by entries of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, text, update
from sqlalchemy.orm import Session

from common.events import NewEvent, append_events, whose
from common.findings import Text
from customs import closing
from customs.amendments import contents, corrections
from customs.desk.officers import Officer
from customs.intake.papers import change_row
from customs.matching.again import reassess
from customs.movement.cancelling import Target
from customs.moves import walk
from customs.rules import amendment_findings as told
from customs.rules.amendments import Effect, Ground
from customs.rules.moves import Cause, State, Step
from customs.rules.release import Tier
from customs.tables import Amendment, Checklist, ChecklistLine

_SAID = Text("清单已按批准的申请修改：{fields}", "The checklist is amended as approved: {fields}")
_REOPENED = Text(
    "结关被证明有误，已撤回；货物仍在境内", "The closing was proven wrong and is taken back; the goods are still here"
)
_INSPECT = Text("修改后的内容须查验", "The amended contents have to be inspected")

# what the closing rested on is taken back, so that the goods can leave, or be shut out, afterwards
_STILL_HERE = (
    text("UPDATE checklist SET left_at = NULL, closed_at = NULL, statistics_on = NULL WHERE id = :id"),
    text(
        "UPDATE parcel SET left_at = NULL, departure_id = NULL "
        "WHERE carrier_id = :carrier AND logistics_no = :number AND checklist_id = :id"
    ),
)
_RELEASED_AT = text("SELECT released_at FROM checklist WHERE id = :id")


def apply(session: Session, officer: Officer, row: Amendment, target: Target, *, at: datetime) -> None:
    """Do what the amendment says. The checklist's keys and row are locked, and the rules have been asked.

    Raises `ConflictError` where the table of moves does not allow what follows.
    """
    if row.ground == Ground.NEVER_LEFT:
        _reopen(session, officer, row, target, at)
        return
    lines_before = list(contents.lines_of(contents.stored_lines(session, row.checklist_id)).values())
    changed = _write(session, row)
    append_events(session, [_amended(row, target, officer, changed, lines_before, at)])
    corrections.done(session, row.checklist_id, fields={one["field"] for one in row.changes}, at=at)
    if target.status == State.CLOSED:
        closing.correct_lines(session, row.checklist_id, ref=row.id, at=at)
        return
    assessment = reassess(session, row.checklist_id, at=at)
    wanted = assessment is not None and assessment.tier == Tier.HIGH
    if wanted and Effect.RELEASE in row.effects:
        step = Step(
            State.INSPECTION,
            Cause.OFFICER,
            actor=officer.actor,
            rule=told.INSPECT_AGAIN,
            say=_INSPECT.as_dict(),
            data={"amendment_id": row.id},
        )
        walk(session, [(target.moving, [step])], at=at)


def _write(session: Session, row: Amendment) -> Mapping[str, Mapping[str, Any]]:
    """The new head and lines; gives what changed in the head, by column."""
    head = contents.unpacked(Checklist, row.proposed["head"])
    changed = change_row(session, Checklist, row.checklist_id, head)
    session.execute(delete(ChecklistLine).where(ChecklistLine.checklist_id == row.checklist_id))
    lines = [contents.unpacked(ChecklistLine, line) for line in row.proposed["lines"]]
    session.execute(insert(ChecklistLine), lines)
    session.expire_all()
    return changed


def _amended(
    row: Amendment,
    target: Target,
    officer: Officer,
    changed: Mapping[str, Any],
    lines_before: Sequence[Mapping[str, Any]],
    at: datetime,
) -> NewEvent:
    """The event of the new revision; `decide_again` names who has to decide on the new contents."""
    fields = contents.names_of(one["field"] for one in row.changes)
    again = [one for one in (Effect.TAX, Effect.FOREX) if one in row.effects]
    return NewEvent(
        at=at,
        kind="checklist.amended",
        subject_type="checklist",
        subject_id=row.checklist_id,
        source=Cause.OFFICER.value,
        actor=officer.actor,
        rule=told.AMENDED,
        **whose(target.moving),
        data={
            "say": _SAID.format(fields=fields).as_dict(),
            "amendment_id": row.id,
            "ground": row.ground,
            "changes": row.changes,
            "changed": dict(changed),
            "lines_before": list(lines_before),
            "effects": row.effects,
            "decide_again": [one.value for one in again],
        },
    )


def _reopen(session: Session, officer: Officer, row: Amendment, target: Target, at: datetime) -> None:
    """Take back a closing that was proven wrong: statistics reversed, the checklist released again."""
    facts = target.facts
    asked = {"id": row.checklist_id, "carrier": facts["carrier_id"], "number": facts["logistics_no"]}
    for statement in _STILL_HERE:
        session.execute(statement, asked)
    closing.reverse_lines(session, row.checklist_id, ref=row.id, at=at)
    step = Step(
        State.RELEASED,
        Cause.OFFICER,
        actor=officer.actor,
        rule=told.CLOSING_REVERSED,
        say=_REOPENED.as_dict(),
        data={"amendment_id": row.id},
    )
    released = session.scalar(_RELEASED_AT, {"id": row.checklist_id})
    walk(session, [(target.moving, [step])], at=at)
    session.execute(update(Checklist).where(Checklist.id == row.checklist_id).values(released_at=released))
    session.expire_all()
