"""Questions to the seller and their answers; the desk's clock stands still while one is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from common.clock import china_day
from common.events import NewEvent, append_events
from common.findings import ConflictError, DomainError, NotFoundError, Text
from common.law.zones import zone_parameter
from customs.desk.officers import Officer, Party
from customs.rules.desk import CU5009, CU5010, CU5013, MAX_TEXT, REASONS, storable
from customs.tables import Checklist, DeskQuestion


def ask(session: Session, row: Checklist, officer: Officer, reason: str, text: str, at: datetime) -> DeskQuestion:
    """Put a question to the seller; the checklist must be locked. An open question is replaced by the new one."""
    withdraw_question(session, row, at)
    hours = zone_parameter(session, row.zone_code, "customs.desk.answer_hours", china_day(at)).integer
    question = DeskQuestion(
        checklist_id=row.id,
        zone_code=row.zone_code,
        reason=reason,
        question=text,
        officer_id=officer.account_id,
        officer_name=officer.name,
        asked_at=at,
        due_at=at + timedelta(hours=hours),
    )
    session.add(question)
    session.flush()
    row.question = {
        "id": question.id,
        "reason": reason,
        "text": text,
        "asked_at": at.isoformat(),
        "due_at": question.due_at.isoformat(),
        "answered_at": None,
    }
    say = Text(f"海关询问：{text}", f"Customs asks: {text}")
    _event(session, row, "checklist.asked", "officer", officer.actor, say, at, question, REASONS[reason])
    return question


def withdraw_question(session: Session, row: Checklist, at: datetime) -> None:
    """Close an open question without an answer, because the checklist was decided or asked about anew."""
    for question in _open(session, row.id):
        question.closed_at = at
    row.question = None
    session.flush()


def answer(session: Session, party: Party, checklist_id: int, text: str, *, at: datetime) -> DeskQuestion:
    """Answer the open question; for the consignor, the declarant and the sender of the checklist.

    Raises `NotFoundError` for somebody else's checklist, `ConflictError` where nothing is asked and `DomainError` for
    an empty or too long text. An answer after its due time is taken; the officer sees when it came.
    """
    own = _own(party, checklist_id).with_for_update().execution_options(populate_existing=True)
    row = session.scalars(own).one_or_none()
    if row is None:
        raise NotFoundError(CU5009.at(""))
    written = text.strip()
    if not written or not storable(written):
        raise DomainError(CU5013.at("/text", most=MAX_TEXT))
    question = next(iter(_open(session, row.id)), None)
    if question is None:
        raise ConflictError(CU5010.at(""))
    question.answer, question.answered_by, question.answered_name = written, party.account_id, party.name
    question.closed_at = at
    row.question = {**(row.question or {}), "answered_at": at.isoformat()}
    session.flush()
    say = Text("已答复海关的询问", "Customs' question is answered")
    _event(session, row, "checklist.answered", "party", f"account:{party.account_id}", say, at, question, None)
    return question


def _own(party: Party, checklist_id: int) -> Select[Checklist]:
    parties = (Checklist.consignor_id, Checklist.declarant_id, Checklist.sender_id)
    return (
        select(Checklist)
        .where(Checklist.id == checklist_id, Checklist.withdrawn_at.is_(None))
        .where(or_(*(column == party.subject_id for column in parties)))
    )


def questions_for(session: Session, party: Party, checklist_id: int) -> Sequence[DeskQuestion]:
    """The thread of one's own checklist; raises `NotFoundError` for somebody else's."""
    row = session.scalars(_own(party, checklist_id)).one_or_none()
    if row is None:
        raise NotFoundError(CU5009.at(""))
    return questions_of(session, row.id)


def questions_of(session: Session, checklist_id: int) -> Sequence[DeskQuestion]:
    """The thread of a checklist, oldest first."""
    return session.scalars(
        select(DeskQuestion).where(DeskQuestion.checklist_id == checklist_id).order_by(DeskQuestion.id)
    ).all()


def _open(session: Session, checklist_id: int) -> Sequence[DeskQuestion]:
    return session.scalars(
        select(DeskQuestion).where(DeskQuestion.checklist_id == checklist_id, DeskQuestion.closed_at.is_(None))
    ).all()


def _event(
    session: Session,
    row: Checklist,
    kind: str,
    source: str,
    actor: str,
    say: Text,
    at: datetime,
    question: DeskQuestion,
    reason: Text | None,
) -> None:
    data = {"say": say.as_dict(), "question_id": question.id, "due_at": question.due_at.isoformat()}
    if reason:
        data["reason"] = reason.as_dict()
    append_events(
        session,
        [
            NewEvent(
                at=at,
                kind=kind,
                subject_type="checklist",
                subject_id=row.id,
                source=source,
                actor=actor,
                zone_code=row.zone_code,
                consignor_id=row.consignor_id,
                declarant_id=row.declarant_id,
                sender_id=row.sender_id,
                data=data,
            )
        ],
    )
