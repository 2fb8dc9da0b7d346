"""Requests to cancel a checklist (撤销申请, CEB605): what may be asked for, and the officer's decision.

A checklist that is only stored is cancelled at once; from document review on an officer decides. Cancelling rejects the
checklist (100) for good: its order and its waybill are free again, and a new declaration starts afresh.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, select, text
from sqlalchemy.orm import Session

from common.clock import china_day
from common.db import lock_keys
from common.events import NewEvent, append_events, whose
from common.findings import ConflictError, DomainError, Finding, NotFoundError, Text
from common.law import law
from customs.amendments import proofs, shut_outs
from customs.desk.officers import Officer
from customs.moves import Moving, Step, lock, walk
from customs.rules import cancellation as cancel_rules
from customs.rules import movement as rules
from customs.rules.amendments import Action, allows, approval_faults, needs_request
from customs.rules.cancellation import OUTCOMES, cancel_refusal
from customs.rules.moves import Cause, State
from customs.tables import Cancellation

APPROVE, REFUSE = "approve", "refuse"
PENDING, APPROVED, REFUSED, WITHDRAWN = "pending", "approved", "refused", "withdrawn"

_FACTS = (
    "SELECT id, invt_no, customs_code, zone_code, declarant_id, consignor_id, carrier_id, logistics_no, order_no, "
    "platform_id, ebp_code, decides, held_at, site_hold, left_at, revision, app_time FROM checklist "
)
_BY_NUMBER = text(_FACTS + "WHERE invt_no = ANY(CAST(:numbers AS text[])) AND withdrawn_at IS NULL")
_BY_ID = text(_FACTS + "WHERE id = ANY(CAST(:ids AS bigint[])) AND withdrawn_at IS NULL")
_SALE = text("SELECT platform, order_no FROM sale WHERE checklist_id = ANY(CAST(:ids AS bigint[]))")
_FREE = (
    text("UPDATE sale SET checklist_id = NULL WHERE checklist_id = ANY(CAST(:ids AS bigint[]))"),
    text("UPDATE parcel SET checklist_id = NULL WHERE checklist_id = ANY(CAST(:ids AS bigint[]))"),
    text(
        "UPDATE desk_question SET closed_at = :at WHERE checklist_id = ANY(CAST(:ids AS bigint[])) "
        "AND closed_at IS NULL"
    ),
    text(
        "UPDATE checklist SET withdrawn_at = :at, claimed_by = NULL, claimed_at = NULL, held_at = NULL, "
        "question = NULL, site_hold = NULL, waits_for = '{}' WHERE id = ANY(CAST(:ids AS bigint[]))"
    ),
)
_SAID = Text("清单已按撤销申请撤销：{reason}", "The checklist is cancelled as asked: {reason}")
_APPROVED = Text("撤销申请审核通过，清单{number}已成功撤单", "Cancellation approved: checklist {number} is cancelled")
_REFUSED = Text("撤销申请未获批准：{answer}", "Cancellation refused: {answer}")


@dataclass(frozen=True, slots=True)
class Target:
    """The checklist that a request names, with its row locked."""

    moving: Moving
    facts: RowMapping

    @property
    def id(self) -> int:
        """The checklist's id."""
        return self.moving.id

    @property
    def status(self) -> str:
        """The checklist's state."""
        return self.moving.status or ""

    @property
    def held(self) -> bool:
        """Whether an officer or the site holds it."""
        return self.facts["held_at"] is not None or self.facts["site_hold"] is not None

    @property
    def left(self) -> bool:
        """Whether the goods have left."""
        return self.facts["left_at"] is not None

    @property
    def here(self) -> bool:
        """Whether its state is decided on this platform."""
        return bool(self.facts["decides"] == "here")


def by_numbers(session: Session, numbers: Collection[str], *, also: Collection[str] = ()) -> dict[str, Target]:
    """The checklists with these customs numbers, their business keys and rows locked; `also`: further keys to lock."""
    found = session.execute(_BY_NUMBER, {"numbers": sorted(numbers)}).mappings().all() if numbers else []
    return {target.facts["invt_no"]: target for target in _locked(session, found, also).values()}


def by_id(session: Session, checklist_id: int, *, also: Collection[str] = ()) -> Target | None:
    """One checklist, its business keys and row locked; None where it is withdrawn. `also`: further keys to lock."""
    found = session.execute(_BY_ID, {"ids": [checklist_id]}).mappings().all()
    return _locked(session, found, also).get(checklist_id)


def _locked(session: Session, found: Sequence[RowMapping], also: Collection[str] = ()) -> dict[int, Target]:
    """Lock order and waybill, then the rows, then read again: what stood there before may have changed."""
    ids = [row["id"] for row in found]
    sales = session.execute(_SALE, {"ids": ids}).all() if ids else []
    keys = [*also, *(f"parcel:{row['carrier_id']}:{row['logistics_no']}" for row in found)]
    lock_keys(session, keys + [f"sale:{row.platform}:{row.order_no}" for row in sales])
    if not ids:
        return {}
    moving = lock(session, ids)
    rows = session.execute(_BY_ID, {"ids": ids}).mappings()
    return {row["id"]: Target(moving[row["id"]], row) for row in rows}


def cancelling_step(cause: Cause, rule: str, reason: str, actor: str = "platform") -> Step:
    """The move that cancels: to 退单 (100), with the reason that was given."""
    say = _SAID.format(reason=reason)
    return Step(State.REJECTED, cause, actor=actor, rule=rule, say=say.as_dict(), data={"cancelled": True})


def free_papers(session: Session, checklist_ids: Sequence[int], *, at: datetime) -> None:
    """Let go of order and waybill, claims, holds and questions of cancelled checklists, for good."""
    if checklist_ids:
        for statement in _FREE:
            session.execute(statement, {"ids": list(checklist_ids), "at": at})


def decide_cancellation(
    session: Session, officer: Officer, cancellation_id: int, decision: str, *, at: datetime, text: str | None = None
) -> Cancellation:
    """An officer approves or refuses a request; refusing needs words, which the party reads.

    Raises `DomainError` for an unknown decision or missing words, `NotFoundError` outside the officer's zones, and
    `ConflictError` where it is decided already, decided elsewhere, or the checklist may no longer be cancelled.
    """
    words = (text or "").strip()
    if decision not in (APPROVE, REFUSE):
        raise DomainError(rules.UNKNOWN_WORD.at("/decision", value=decision[:40], known=f"{APPROVE}, {REFUSE}"))
    if (words or decision == REFUSE) and not rules.usable(words):
        raise DomainError(rules.TEXT_NEEDED.at("/text", most=rules.MAX_TEXT))
    checklist_id = _of(session, officer, cancellation_id).checklist_id
    target = by_id(session, checklist_id)
    row = _of(session, officer, cancellation_id, for_update=True)
    if row.outcome != PENDING:
        raise ConflictError(_decided(row))
    if target is not None and not target.here:
        raise ConflictError(cancel_rules.CANCEL_RELAYED.at(""))
    if decision == APPROVE:
        _approve(session, officer, row, target, at)
    row.outcome = APPROVED if decision == APPROVE else REFUSED
    row.status = State.CONCLUDED if decision == APPROVE else State.REJECTED
    row.decided_at, row.decided_by, row.decided_name, row.answer = at, officer.account_id, officer.name, words or None
    session.flush()
    append_events(session, [decided_event(row, actor=officer.actor, source="officer", at=at)])
    shut_outs.decided(session, row, actor=officer.actor, source="officer", at=at)
    return row


def waits_for_customs(row: Cancellation) -> bool:
    """Whether a pending request has gone to customs' own system, which alone answers it."""
    return row.outcome == PENDING and row.status == State.DECLARED


def decided_by_customs(
    session: Session, cancellation_id: int, *, approved: bool, words: str, actor: str, at: datetime
) -> Cancellation | None:
    """Customs' own system answered a request of a relayed office: the checklist and its papers follow.

    `words` is what customs wrote. None where the request is not pending any more; a checklist that customs rejected by
    a response of its own is only freed. Raises `ConflictError` where the table of moves does not allow the move.
    """
    checklist_id = session.scalar(select(Cancellation.checklist_id).where(Cancellation.id == cancellation_id))
    target = by_id(session, checklist_id) if checklist_id is not None else None
    row = session.scalars(
        select(Cancellation)
        .where(Cancellation.id == cancellation_id, Cancellation.outcome == PENDING)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    if approved and target is not None:
        if target.status != State.REJECTED:
            step = cancelling_step(Cause.CUSTOMS, cancel_rules.CANCEL_APPROVED, row.reason, actor)
            walk(session, [(target.moving, [step])], at=at)
        free_papers(session, [target.id], at=at)
    row.outcome = APPROVED if approved else REFUSED
    row.status = State.CONCLUDED if approved else State.REJECTED
    row.decided_at, row.answer = at, words.strip() or None
    session.flush()
    append_events(session, [decided_event(row, actor=actor, source=Cause.CUSTOMS.value, at=at)])
    shut_outs.decided(session, row, actor=actor, source=Cause.CUSTOMS.value, at=at)
    return row


def _of(session: Session, officer: Officer, cancellation_id: int, *, for_update: bool = False) -> Cancellation:
    query = (
        select(Cancellation)
        .where(Cancellation.id == cancellation_id, Cancellation.zone_code.in_(sorted(officer.zones)))
        .where(Cancellation.status != State.DRAFT)
        .execution_options(populate_existing=True)
    )
    row = session.scalars(query.with_for_update() if for_update else query).one_or_none()
    if row is None:
        raise NotFoundError(cancel_rules.CANCEL_NOT_FOUND.at(""))
    return row


def _decided(row: Cancellation) -> Finding:
    outcome = OUTCOMES[row.outcome]
    return cancel_rules.CANCEL_DECIDED.at("", outcome_zh=outcome.zh, outcome_en=outcome.en)


def refusal_of(number: str, target: Target, at: datetime, pointer: str = "") -> Finding | None:
    """Why a checklist cannot be cancelled now, by the dated table of states; None where it can."""
    cancellable = allows(target.status, Action.CANCELLATION, law(), china_day(at))
    return cancel_refusal(number, target.status, cancellable=cancellable, left=target.left, pointer=pointer)


def _approve(session: Session, officer: Officer, row: Cancellation, target: Target | None, at: datetime) -> None:
    if target is None:
        raise ConflictError(cancel_rules.NO_SUCH_CHECKLIST.at("", number=row.invt_no))
    refused = refusal_of(row.invt_no, target, at)
    if refused is not None:
        raise ConflictError(refused)
    if needs_request(target.status, law(), china_day(at)):
        files = proofs.count(session, "cancellation", row.id)
        lacking = approval_faults(row.ground, files, law(), china_day(at))
        if lacking:
            raise DomainError(*lacking)
    step = cancelling_step(Cause.OFFICER, cancel_rules.CANCEL_APPROVED, row.reason, officer.actor)
    walk(session, [(target.moving, [step])], at=at)
    free_papers(session, [target.id], at=at)


def decided_event(row: Cancellation, *, actor: str, source: str, at: datetime) -> NewEvent:
    """The event that answers a request: 审结 (399) where it is carried out, 退单 (100) where it is not."""
    if row.outcome == APPROVED:
        say, rule = _APPROVED.format(number=row.invt_no), cancel_rules.CANCEL_APPROVED
    else:
        say, rule = _REFUSED.format(answer=row.answer or ""), cancel_rules.CANCEL_REFUSED
    return NewEvent(
        at=at,
        kind="cancellation.decided",
        subject_type="cancellation",
        subject_id=row.id,
        source=source,
        actor=actor,
        state=row.status,
        rule=rule,
        **whose(row),
        data={"say": say.as_dict(), "checklist_id": row.checklist_id},
    )


def cancellations(
    session: Session, visible: ColumnElement[bool], *, outcome: str | None, after: int, limit: int
) -> Sequence[Cancellation]:
    """A page of the requests that `visible` allows, oldest first; drafts are nobody's business but the filer's."""
    query = select(Cancellation).where(visible, Cancellation.id > after, Cancellation.status != State.DRAFT)
    if outcome is not None:
        query = query.where(Cancellation.outcome == outcome)
    return session.scalars(query.order_by(Cancellation.id).limit(limit)).all()
