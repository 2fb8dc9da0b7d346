"""Corrections that the office asks for: named fields of a checklist, in the party's list of things to do until done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from common.clock import china_day
from common.events import NewEvent, append_events, whose
from common.findings import ConflictError, DomainError, Finding, NotFoundError, Text
from common.law import law
from customs.amendments import contents
from customs.amendments.situation import situation_of
from customs.desk.officers import Officer, locked
from customs.rules import amendment_findings as told
from customs.rules import amendments as rules
from customs.rules.movement import MAX_TEXT, TEXT_NEEDED, usable
from customs.tables import Checklist, Correction

_ASKED = Text("海关要求改正：{fields}。{words}", "Customs asks for a correction of {fields}. {words}")
_DONE = Text("海关要求改正的栏目已改好：{fields}", "What customs asked to be corrected is corrected: {fields}")
_DROPPED = Text("海关撤回了改正要求：{fields}", "Customs takes back what it asked to be corrected: {fields}")


def ask(
    session: Session, officer: Officer, checklist_id: int, fields: Sequence[str], words: str, *, at: datetime
) -> Correction:
    """Ask the party to change the named fields (elements) of a checklist.

    Raises `NotFoundError` outside the officer's zones, `DomainError` for fields that do not exist or cannot be changed
    now and for words that cannot be kept, and `ConflictError` where nothing may be changed in this state.
    """
    row = locked(session, officer, checklist_id)
    now, today = situation_of(session, row), china_day(at)
    stopped = [one for one in rules.blocked(now, law(), today) if one.rule != told.REQUEST_PENDING.id]
    if stopped:
        raise ConflictError(*stopped)
    wrong = _faults(row, fields, words, at)
    if wrong:
        raise DomainError(*wrong)
    days = law().value("customs.amendment.confirm_days", today).integer
    made = Correction(
        checklist_id=row.id,
        zone_code=row.zone_code,
        consignor_id=row.consignor_id,
        declarant_id=row.declarant_id,
        sender_id=row.sender_id,
        fields=list(dict.fromkeys(fields)),
        words=words.strip(),
        officer_id=officer.account_id,
        officer_name=officer.name,
        asked_at=at,
        due_on=today + timedelta(days=days),
    )
    session.add(made)
    session.flush()
    say = _ASKED.format(fields=contents.names_of(made.fields), words=made.words)
    append_events(session, [_event(made, "correction.asked", "officer", officer.actor, say, at)])
    return made


def _faults(row: Checklist, fields: Sequence[str], words: str, at: datetime) -> list[Finding]:
    fixed = rules.fixed_fields(row.status, law(), china_day(at))
    found = [] if fields else [told.FIELDS_NEEDED.at("/fields")]
    found += [
        told.UNKNOWN_FIELD.at("/fields", name=str(one)[:40])
        for one in fields
        if one not in contents.FIELDS or one in fixed
    ]
    return found + ([] if usable(words) else [TEXT_NEEDED.at("/text", most=MAX_TEXT)])


def withdraw(session: Session, officer: Officer, correction_id: int, *, at: datetime) -> Correction:
    """Take a correction back that is not done yet; raises `NotFoundError` for any other."""
    row = session.scalars(
        select(Correction)
        .where(Correction.id == correction_id, Correction.zone_code.in_(sorted(officer.zones)))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None or row.done_at is not None or row.withdrawn_at is not None:
        raise NotFoundError(told.NO_CORRECTION.at(""))
    row.withdrawn_at = at
    session.flush()
    say = _DROPPED.format(fields=contents.names_of(row.fields))
    append_events(session, [_event(row, "correction.withdrawn", "officer", officer.actor, say, at)])
    return row


def done(session: Session, checklist_id: int, *, fields: Collection[str], at: datetime) -> None:
    """Close the open corrections of a checklist all of whose fields have been changed since they were asked for.

    A correction may take several changes: what is changed is struck off, and the last one closes it.
    """
    open_ones = session.scalars(
        select(Correction)
        .where(Correction.checklist_id == checklist_id, Correction.done_at.is_(None))
        .where(Correction.withdrawn_at.is_(None))
        .with_for_update()
    ).all()
    for row in open_ones:
        still = [one for one in row.fields if one not in fields]
        if still == row.fields:
            continue
        if still:
            row.fields = still
            continue
        row.done_at = at
        say = _DONE.format(fields=contents.names_of(row.fields))
        append_events(session, [_event(row, "correction.done", "party", "platform", say, at)])
    session.flush()


def corrections(
    session: Session, visible: ColumnElement[bool], *, open_only: bool, after: int = 0, limit: int = 100
) -> Sequence[Correction]:
    """A page of the corrections that `visible` allows, oldest first."""
    query = select(Correction).where(visible, Correction.id > after)
    if open_only:
        query = query.where(Correction.done_at.is_(None), Correction.withdrawn_at.is_(None))
    return session.scalars(query.order_by(Correction.id).limit(limit)).all()


def open_of(session: Session, checklist_id: int) -> Sequence[Correction]:
    """The open corrections of a checklist."""
    return corrections(session, Correction.checklist_id == checklist_id, open_only=True)


def open_for(session: Session, firm_id: int, limit: int) -> Sequence[tuple[Correction, Checklist]]:
    """Open corrections that a firm has to see to, those due first, each with its checklist."""
    found = session.execute(
        select(Correction, Checklist)
        .join(Checklist, Checklist.id == Correction.checklist_id)
        .where(Correction.done_at.is_(None), Correction.withdrawn_at.is_(None), Checklist.withdrawn_at.is_(None))
        .where(
            (Correction.consignor_id == firm_id)
            | (Correction.declarant_id == firm_id)
            | (Correction.sender_id == firm_id)
        )
        .order_by(Correction.due_on, Correction.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in found]


def _event(row: Correction, kind: str, source: str, actor: str, say: Text, at: datetime) -> NewEvent:
    data: dict[str, Any] = {
        "say": say.as_dict(),
        "correction_id": row.id,
        "fields": list(row.fields),
        "due_on": row.due_on.isoformat(),
    }
    return NewEvent(
        at=at,
        kind=kind,
        subject_type="checklist",
        subject_id=row.checklist_id,
        source=source,
        actor=actor,
        rule=told.CORRECTION_STEP,
        **whose(row),
        data=data,
    )
