"""Requests under way: naming the ground, adding proof, taking back, and an officer's decision on an amendment.

Whoever acts locks the checklist's keys and row first and then the request, so that of two persons at the same moment
one wins and the other is told who, when and how.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from common.clock import CHINA, china_day
from common.events import NewEvent, append_events, whose
from common.findings import ConflictError, DomainError, Finding, NotAllowedError, NotFoundError, Text
from common.law import law
from customs import returns, summary
from customs.amendments import applying, contents, proofs, shut_outs
from customs.amendments.filing import less_of
from customs.amendments.proofs import Request, subject_of
from customs.amendments.situation import situation_of
from customs.desk.officers import Officer, Party
from customs.movement.cancelling import Target, by_id
from customs.rules import amendment_findings as told
from customs.rules import amendments as rules
from customs.rules import movement as words_of
from customs.rules.amendments import OUTCOMES
from customs.rules.cancellation import OUTCOMES as CANCELLATION_OUTCOMES
from customs.rules.files import NewFile
from customs.rules.moves import State, name
from customs.tables import Amendment, Cancellation, Checklist, ProofFile

APPROVE, REFUSE = "approve", "refuse"
PENDING, APPROVED, REFUSED, WITHDRAWN = "pending", "approved", "refused", "withdrawn"
_TIME = "%Y-%m-%d %H:%M"
_APPROVED = Text("修改申请审核通过，清单已修改", "Amendment approved; the checklist is amended")
_REFUSED = Text("修改申请未获批准：{answer}", "Amendment refused: {answer}")
_WITHDRAWN = Text("修改申请已撤回", "The request for an amendment is withdrawn")
_GROUND = Text("申请的理由：{ground}", "The ground of the request: {ground}")


def decide(
    session: Session, officer: Officer, amendment_id: int, decision: str, *, at: datetime, text: str | None = None
) -> Amendment:
    """An officer approves or refuses an amendment; refusing needs words, which the party reads.

    Raises `DomainError` for an unknown decision, missing words, or a request that lacks ground or proof;
    `NotFoundError` outside the officer's zones; `NotAllowedError` where a supervisor decides; `ConflictError` where it
    is decided already, or the checklist may no longer be changed.
    """
    words = (text or "").strip()
    if decision not in (APPROVE, REFUSE):
        raise DomainError(words_of.UNKNOWN_WORD.at("/decision", value=decision[:40], known=f"{APPROVE}, {REFUSE}"))
    if (words or decision == REFUSE) and not words_of.usable(words):
        raise DomainError(words_of.TEXT_NEEDED.at("/text", most=words_of.MAX_TEXT))
    visible = Amendment.zone_code.in_(sorted(officer.zones))
    row, target = _locked(session, Amendment, visible, amendment_id, changes=True)
    assert isinstance(row, Amendment)
    _refuse_outsiders(target.status if target is not None else row.checklist_status, officer, at)
    if decision == APPROVE:
        _may_approve(session, row, target, at)
        assert target is not None
        applying.apply(session, officer, row, target, at=at)
        row = session.scalars(select(Amendment).where(Amendment.id == amendment_id)).one()
    row.outcome = APPROVED if decision == APPROVE else REFUSED
    row.status = State.CONCLUDED if decision == APPROVE else State.REJECTED
    row.decided_at, row.decided_by, row.decided_name, row.answer = at, officer.account_id, officer.name, words or None
    session.flush()
    said = _APPROVED if decision == APPROVE else _REFUSED.format(answer=words)
    rule = told.AMENDED if decision == APPROVE else told.REFUSED
    append_events(session, [_event(row, "amendment.decided", "officer", officer.actor, at, said, row.status, rule)])
    shut_outs.decided(session, row, actor=officer.actor, source="officer", at=at)
    return row


def _refuse_outsiders(status: str, officer: Officer, at: datetime) -> None:
    """A request about a closed checklist is a supervisor's, also where it was closed after the request."""
    if rules.wants_supervisor(status, law(), china_day(at)) and not officer.supervisor:
        state = name(status)
        raise NotAllowedError(told.SUPERVISOR.at("", state=status, state_zh=state.zh, state_en=state.en))


def _may_approve(session: Session, row: Amendment, target: Target | None, at: datetime) -> None:
    """Ask again: since the request the checklist may have moved, left, or gone into a declaration, or goods come back.

    Raises `ConflictError` and `DomainError`.
    """
    today = china_day(at)
    if target is None:
        raise ConflictError(told.NO_CHECKLIST.at(""))
    checklist = session.get_one(Checklist, row.checklist_id, populate_existing=True)
    now = replace(situation_of(session, checklist), pending=None)  # the pending request is this one
    stopped = rules.blocked(now, law(), today)
    if not stopped and not rules.needs_request(target.status, law(), today):
        stopped = [moved_on(row, target)]
    if target.facts["revision"] != row.checklist_revision:
        stopped.append(moved_on(row, target))
    stopped += rules.returned_faults(_changes(row), row.ground, now, pointer="")
    stopped += rules.arrived_faults(_changes(row), row.ground, now, pointer="")
    if stopped:
        raise ConflictError(*stopped)
    wrong = rules.ground_fault(row.ground, target.status, law(), today)
    lacking = rules.approval_faults(row.ground, proofs.count(session, "amendment", row.id), law(), today)
    faults = [wrong] if wrong else lacking
    if faults:
        raise DomainError(*faults)


def moved_on(row: Amendment, target: Target) -> Finding:
    """The finding that the checklist is not what the request was made for."""
    return told.MOVED_ON.at("", now=target.facts["revision"], then=row.checklist_revision)


# --- what the party does


def request_of(session: Session, subject: str, visible: ColumnElement[bool], request_id: int) -> Request:
    """A request that `visible` allows; drafts are nobody's business. Raises `NotFoundError`."""
    table = proofs.SUBJECTS[subject]
    query: Select[Any] = select(table).where(table.id == request_id, visible, table.status != State.DRAFT)
    row: Request | None = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFoundError(told.NOT_FOUND.at(""))
    return row


def _locked(
    session: Session, table: type[Request], visible: ColumnElement[bool], request_id: int, *, changes: bool = False
) -> tuple[Request, Target | None]:
    """A pending request with its checklist, both locked, keys first; raises `NotFoundError` and `ConflictError`.

    Who `changes` the checklist also keeps others from summarising its closed lines and from returning its goods.
    """
    subject = "amendment" if table is Amendment else "cancellation"
    asked = request_of(session, subject, visible, request_id)
    also = (summary.lock_name(asked.consignor_id), returns.lock_name(asked.checklist_id)) if changes else ()
    target = by_id(session, asked.checklist_id, also=also)
    query: Select[Any] = select(table).where(table.id == request_id).with_for_update()
    row: Request = session.scalars(query.execution_options(populate_existing=True)).one()
    if row.outcome != PENDING:
        raise ConflictError(decided_fault(row))
    return row, target


def decided_fault(row: Request) -> Finding:
    """Who ended a request, when and how."""
    words = (OUTCOMES if isinstance(row, Amendment) else CANCELLATION_OUTCOMES)[row.outcome]
    ended = row.decided_at or row.withdrawn_at
    when = ended.astimezone(CHINA).strftime(_TIME) if ended else "—"
    who = row.decided_name or "—"
    return told.DECIDED.at("", who=who, when=when, outcome_zh=words.zh, outcome_en=words.en)


def _own(table: type[Request], party: Party) -> ColumnElement[bool]:
    """Requests that the party's firm may work on: as declaring unit, consignor or sender."""
    found: ColumnElement[bool] = (
        (table.declarant_id == party.subject_id)
        | (table.consignor_id == party.subject_id)
        | (table.sender_id == party.subject_id)
    )
    return found


def withdraw(session: Session, party: Party, amendment_id: int, *, at: datetime) -> Amendment:
    """Take a pending amendment back. Raises `NotFoundError` for somebody else's, `ConflictError` once decided."""
    row, _ = _locked(session, Amendment, _own(Amendment, party), amendment_id)
    assert isinstance(row, Amendment)
    row.outcome, row.withdrawn_at, row.status = WITHDRAWN, at, State.REJECTED
    session.flush()
    actor = f"account:{party.account_id}"
    append_events(session, [_event(row, "amendment.withdrawn", "party", actor, at, _WITHDRAWN, row.status, None)])
    shut_outs.decided(session, row, actor=actor, source="party", at=at)
    return row


def add_proof(
    session: Session, party: Party, subject: str, request_id: int, new: NewFile, *, at: datetime
) -> ProofFile:
    """Add a proof file to one's own pending request; raises as `proofs.add_file`, and `NotFoundError`."""
    table = proofs.SUBJECTS[subject]
    row, _ = _locked(session, table, _own(table, party), request_id)
    file = proofs.add_file(session, row, party, new, at=at)
    append_events(session, [proofs.file_event(row, file, party, at)])
    return file


def name_ground(
    session: Session, who: Party | Officer, subject: str, request_id: int, ground: str, *, at: datetime
) -> Request:
    """Name the ground of a pending request that has none (a message without it), by the party or by the officer.

    Raises `NotFoundError` for somebody else's request, `ConflictError` once decided, `DomainError` for a ground that
    does not count in the checklist's state.
    """
    table = proofs.SUBJECTS[subject]
    officer = isinstance(who, Officer)
    visible = table.zone_code.in_(sorted(who.zones)) if isinstance(who, Officer) else _own(table, who)
    row, target = _locked(session, table, visible, request_id)
    today = china_day(at)
    status = target.status if target is not None else row.checklist_status
    wrong = rules.ground_fault(ground, status, law(), today, cancelling=subject == "cancellation")
    faults = [wrong] if wrong else _of_contents(row, ground, status, at)
    if faults:
        raise DomainError(*faults)
    row.ground = ground
    row.known_on = row.known_on or china_day(row.app_time)
    session.flush()
    source, actor = "officer" if officer else "party", f"account:{who.account_id}"
    said = _GROUND.format(ground=rules.GROUND_NAMES[ground])
    append_events(session, [_event(row, f"{subject}.ground_named", source, actor, at, said, None, None)])
    shut_outs.dropped(session, row, at=at)
    shut_outs.request(session, row, _goods(session, row), at=at)
    return row


def _of_contents(row: Request, ground: str, status: str, at: datetime) -> list[Finding]:
    """What an amendment says must fit the ground that is named for it."""
    if not isinstance(row, Amendment):
        return []
    return rules.content_faults(
        _changes(row), ground, status, row.invt_no or row.pre_no, law(), china_day(at), pointer="/ground"
    )


def _changes(row: Amendment) -> list[rules.Change]:
    return [rules.Change(**one) for one in row.changes]


def _goods(session: Session, row: Request) -> str:
    if isinstance(row, Cancellation):
        return shut_outs.goods_of(session, row.checklist_id)
    return less_of(_changes(row), contents.lines_of(contents.stored_lines(session, row.checklist_id)))


def lacking(session: Session, firm_id: int, limit: int, *, on: date) -> list[tuple[str, Request, Checklist]]:
    """A firm's pending requests that cannot be approved yet, oldest first: without a ground, or without its proof.

    Requests about a checklist whose state needs no officer for a change (in review) need neither.
    """
    states, proved = rules.request_states(law(), on), law().value("customs.amendment.proof_needed", on).codes
    found: list[tuple[str, Request, Checklist]] = []
    for subject, table in proofs.SUBJECTS.items():
        proven = exists().where(ProofFile.subject_type == subject, ProofFile.subject_id == table.id)
        query: Select[Any, Checklist] = (
            select(table, Checklist)
            .join(Checklist, Checklist.id == table.checklist_id)
            .where(table.outcome == PENDING, table.checklist_status.in_(states))
            .where((table.consignor_id == firm_id) | (table.declarant_id == firm_id) | (table.sender_id == firm_id))
            .where(table.ground.is_(None) | (table.ground.in_(proved) & ~proven))
            .order_by(table.id)
            .limit(limit)
        )
        found += [(subject, row[0], row[1]) for row in session.execute(query)]
    return found


def amendments(
    session: Session, visible: ColumnElement[bool], *, outcome: str | None, after: int, limit: int
) -> Sequence[Amendment]:
    """A page of the amendments that `visible` allows, oldest first."""
    query = select(Amendment).where(visible, Amendment.id > after)
    if outcome is not None:
        query = query.where(Amendment.outcome == outcome)
    return session.scalars(query.order_by(Amendment.id).limit(limit)).all()


def _event(
    row: Request, kind: str, source: str, actor: str, at: datetime, said: Text, state: str | None, rule: str | None
) -> NewEvent:
    subject = subject_of(row)
    return NewEvent(
        at=at,
        kind=kind,
        subject_type=subject,
        subject_id=row.id,
        source=source,
        actor=actor,
        state=state,
        rule=rule,
        **whose(row),
        data={"say": said.as_dict(), "checklist_id": row.checklist_id, "ground": row.ground},
    )
