"""Claiming and deciding: one officer at a time, every decision kept with who, when and why.

The row lock decides between two officers at the same moment: the second reads what the first did and is told so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.clock import CHINA, china_day
from common.events import NewEvent, append_events
from common.findings import ConflictError, DomainError, Finding
from common.law.zones import zone_parameter
from credit.subjects import zone_offices
from customs.desk.officers import Officer, locked
from customs.desk.questions import ask, withdraw_question
from customs.moves import Moving, Step, walk
from customs.rules import desk as rules
from customs.rules.desk import Decision, Situation
from customs.rules.moves import State, name
from customs.rules.release import ARRIVED, leg, on_arrival
from customs.tables import Checklist, DeskDecision

CLAIM, UNCLAIM = "claim", "unclaim"
_TIME = "%m-%d %H:%M"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision led to; `pending` while a release still wants its countersign."""

    id: int
    status: str
    decision: str
    pending: bool = False
    question_id: int | None = None


def claim(session: Session, officer: Officer, checklist_id: int, *, at: datetime) -> Checklist:
    """Take a checklist to work on. Claiming one's own again changes nothing; a supervisor may take another's.

    Raises `ConflictError` with who has it and since when, and `NotFoundError` outside the officer's zones.
    """
    row = locked(session, officer, checklist_id)
    if row.claimed_by == officer.account_id:
        return row
    if row.claimed_by is not None and not officer.supervisor:
        raise ConflictError(_claimed(session, row))
    now = situation(session, row, officer, at)
    if not rules.possible(now):
        raise ConflictError(_too_late(session, row, Decision.RELEASE, now))
    row.claimed_by, row.claimed_at = officer.account_id, at
    _keep(session, row, officer, CLAIM, "", "", row.status, at)
    session.flush()
    return row


def release_claim(session: Session, officer: Officer, checklist_id: int, *, at: datetime) -> Checklist:
    """Give a checklist back to the queue; only who holds it, or a supervisor."""
    row = locked(session, officer, checklist_id)
    if row.claimed_by is None:
        return row
    if row.claimed_by != officer.account_id and not officer.supervisor:
        raise ConflictError(_claimed(session, row))
    row.claimed_by = row.claimed_at = None
    _keep(session, row, officer, UNCLAIM, "", "", row.status, at)
    session.flush()
    return row


def decide(
    session: Session,
    officer: Officer,
    checklist_id: int,
    decision: str,
    *,
    at: datetime,
    reason: str | None = None,
    text: str | None = None,
    state: str | None = None,
) -> Outcome:
    """Decide a checklist; `state` names the detention (501, 502, 503, 599) where that is recorded.

    Raises `DomainError` for a decision, reason or text that is not usable, `NotFoundError` outside the officer's zones,
    and `ConflictError` where it is claimed by somebody else, decided already, or its state does not allow it.
    """
    chosen = _read(decision, reason, text, state)
    row = locked(session, officer, checklist_id)
    if row.claimed_by not in (None, officer.account_id):
        raise ConflictError(_claimed(session, row))
    now = situation(session, row, officer, at)
    refused = rules.refusal(chosen, now)
    if refused:
        raise ConflictError(_too_late(session, row, chosen, now) if refused.rule == "CU5002" else refused)
    code, note = rules.reason_of(chosen, reason, text)
    if chosen is Decision.ASK:
        question = ask(session, row, officer, code, note, at)
        _keep(session, row, officer, chosen, code, note, row.status, at)
        return Outcome(row.id, row.status, chosen, question_id=question.id)
    if chosen is Decision.RELEASE and _wants_countersign(session, row, officer, at):
        return _pending(session, row, officer, code, note, at)
    moves = rules.steps(chosen, now, officer.actor, code, note, state or "")
    return _carry_out(session, row, officer, chosen, moves, code, note, at)


def _read(decision: str, reason: str | None, text: str | None, state: str | None) -> Decision:
    if decision not in list(Decision):
        raise DomainError(rules.CU5005.at("/decision", decision=decision[:40], known=", ".join(Decision)))
    chosen = Decision(decision)
    refused = rules.text_refusal(chosen, reason, text)
    if refused:
        raise DomainError(refused)
    if chosen is Decision.DETAIN and state not in rules.DETENTIONS:
        raise DomainError(rules.CU5014.at("/state", state=(state or "")[:40], known=", ".join(rules.DETENTIONS)))
    return chosen


def situation(session: Session, row: Checklist, officer: Officer, at: datetime) -> Situation:
    """The facts of a checklist that the desk's rules ask for."""
    office = zone_offices(session, china_day(at)).get(row.customs_code)
    return Situation(
        status=row.status,
        decides=row.decides,
        early_declaration=office is not None and office.early_declaration,
        arrived=row.arrived_at is not None,
        held=row.held_at is not None,
        left=row.left_at is not None,
        supervisor=officer.supervisor,
        waits_for=tuple(row.waits_for),
    )


def _carry_out(
    session: Session,
    row: Checklist,
    officer: Officer,
    chosen: Decision,
    moves: list[Step],
    code: str,
    note: str,
    at: datetime,
) -> Outcome:
    before = row.status
    if chosen is Decision.HOLD:
        row.held_at = at
        _tell(session, row, officer, "checklist.held", at)
    elif chosen is Decision.UNHOLD:
        row.held_at = None
        _tell(session, row, officer, "checklist.unheld", at)
        if row.arrived_at is not None and row.site_hold is None:
            moves = [leg(State.RELEASED, ARRIVED)] if on_arrival(row.status, held=False) else []
    elif chosen in rules.FINAL:
        row.claimed_by = row.claimed_at = row.held_at = None
        withdraw_question(session, row, at)
    session.flush()
    if moves:
        walk(session, [(_moving(row), moves)], at=at)
        session.refresh(row)
    _keep(session, row, officer, chosen, code, note, before, at)
    session.flush()
    return Outcome(row.id, row.status, chosen)


def _moving(row: Checklist) -> Moving:
    return Moving(
        id=row.id,
        status=row.status,
        zone_code=row.zone_code,
        customs_code=row.customs_code,
        consignor_id=row.consignor_id,
        declarant_id=row.declarant_id,
        sender_id=row.sender_id,
        invt_no=row.invt_no,
    )


def _tell(session: Session, row: Checklist, officer: Officer, kind: str, at: datetime, **data: Any) -> None:
    """An event of the desk that is not a move, kept for officers: no party is named, so no party's feed shows it."""
    append_events(
        session,
        [
            NewEvent(
                at=at,
                kind=kind,
                subject_type="checklist",
                subject_id=row.id,
                source="officer",
                actor=officer.actor,
                zone_code=row.zone_code,
                data=data,
            )
        ],
    )


def _keep(
    session: Session,
    row: Checklist,
    officer: Officer,
    decision: str,
    code: str,
    note: str,
    before: str,
    at: datetime,
    *,
    pending: bool = False,
) -> None:
    session.add(
        DeskDecision(
            checklist_id=row.id,
            zone_code=row.zone_code,
            decision=decision,
            reason=code,
            note=note,
            status_before=before,
            status_after=row.status,
            pending=pending,
            officer_id=officer.account_id,
            officer_name=officer.name,
            at=at,
        )
    )
    session.flush()


def _wants_countersign(session: Session, row: Checklist, officer: Officer, at: datetime) -> bool:
    """Whether this release waits for a second person; refuses one who is the first person, or no supervisor.

    Off unless the zone turns it on; then for the high tier and from a value on.
    """
    day = china_day(at)
    if not zone_parameter(session, row.zone_code, "customs.desk.countersign", day).boolean:
        return False
    most = zone_parameter(session, row.zone_code, "customs.desk.countersign_value", day).decimal
    if row.tier != "high" and (row.value_cny is None or row.value_cny < most):
        return False
    first = pending_release(session, row)
    if first is None:
        return True
    if first.officer_id == officer.account_id or not officer.supervisor:
        raise ConflictError(rules.CU5012.at("/decision", who=first.officer_name))
    return False


def pending_release(session: Session, row: Checklist) -> DeskDecision | None:
    """The release that waits for its countersign, if nothing was decided after it."""
    last = _last(session, row.id)
    return last if last is not None and last.pending and last.status_after == row.status else None


def _last(session: Session, checklist_id: int) -> DeskDecision | None:
    return session.scalars(
        select(DeskDecision)
        .where(DeskDecision.checklist_id == checklist_id, DeskDecision.decision.not_in((CLAIM, UNCLAIM)))
        .order_by(DeskDecision.id.desc())
        .limit(1)
    ).one_or_none()


def _pending(session: Session, row: Checklist, officer: Officer, code: str, note: str, at: datetime) -> Outcome:
    row.claimed_by = row.claimed_at = None
    _tell(session, row, officer, "checklist.countersign_wanted", at)
    _keep(session, row, officer, Decision.RELEASE, code, note, row.status, at, pending=True)
    return Outcome(row.id, row.status, Decision.RELEASE, pending=True)


def claimer(session: Session, row: Checklist) -> str:
    """The name of who holds the claim; the account number where it is not known."""
    found = session.scalars(
        select(DeskDecision.officer_name)
        .where(DeskDecision.checklist_id == row.id, DeskDecision.officer_id == row.claimed_by)
        .order_by(DeskDecision.id.desc())
        .limit(1)
    ).one_or_none()
    return found or f"#{row.claimed_by}"


def _claimed(session: Session, row: Checklist) -> Finding:
    since = row.claimed_at.astimezone(CHINA).strftime(_TIME) if row.claimed_at else "—"
    return rules.CU5003.at("", who=claimer(session, row), since=since)


def _too_late(session: Session, row: Checklist, chosen: Decision, now: Situation) -> Finding:
    """Who was first, where somebody decided; else why the state does not allow it."""
    last = _last(session, row.id)
    if last is not None and last.status_after == row.status and last.decision in rules.FINAL and not last.pending:
        state = name(row.status)
        return rules.CU5011.at(
            "/decision",
            who=last.officer_name,
            since=last.at.astimezone(CHINA).strftime(_TIME),
            decision=rules.DECISION_NAMES[last.decision],
            state=row.status,
            state_zh=state.zh,
            state_en=state.en,
        )
    refused = rules.refusal(chosen, now)
    return refused or rules.CU5004.at("/decision")
