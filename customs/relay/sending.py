"""The connector's side of the outbox: fetch under a lease, report what went out; 2 → 3 sent, → 4 failed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import outbox
from common.clock import CHINA
from common.events import append_events
from common.findings import ConflictError, DomainError, NotFoundError
from common.outbox import Backlog, OutboxMessage
from customs.moves import Moving, lock, walk
from customs.relay import bundles
from customs.relay.alone import KINDS
from customs.relay.finding import CHECKLIST, TABLES
from customs.relay.papers import paper_event
from customs.rules.moves import Cause, State, Step, allowed
from customs.rules.relay import CU8010, CU8011, CU8012
from customs.summary.concluding import SUBJECT as SUMMARY
from customs.summary.states import apply_sent
from customs.tables import Checklist

MOST_SHOWN = 100
MOST_FAILURE = 500


@dataclass(frozen=True, slots=True)
class OutboxState:
    """What waits in a zone: the count and age behind `backlog`, and the oldest messages themselves."""

    backlog: Sequence[Backlog]
    waiting: Sequence[OutboxMessage]


def fetch(
    session: Session, zone_codes: Collection[str], *, at: datetime, after: int = 0, limit: int = 100
) -> Sequence[OutboxMessage]:
    """Lease messages of the zones; see `common.outbox.lease` for the promise that goes with it.

    What was withdrawn or changed since it was handed over is taken back here instead of being handed out.
    """
    rows = outbox.lease(session, zone_codes, at=at, after=after, limit=limit)
    current = bundles.current(session, {row.bundle for row in rows})
    for row in rows:
        if row.bundle not in current:
            row.superseded_at = at
    session.flush()
    return [row for row in rows if row.superseded_at is None]


def checklist_of(row: OutboxMessage) -> int | None:
    """The checklist that a message's bundle belongs to; None for a paper that goes out by itself."""
    subject_type, id = bundles.subject_of(row.bundle)
    return id if subject_type == CHECKLIST else None


def outbox_state(session: Session, zone_codes: Collection[str]) -> OutboxState:
    """What waits, oldest first, so that a connector that is away is seen by the age of what it left."""
    shown = [one for zone in sorted(zone_codes) for one in outbox.waiting(session, zone, MOST_SHOWN)]
    return OutboxState(outbox.backlog(session, zone_codes), shown)


def report_sent(
    session: Session,
    zone_codes: Collection[str],
    message_id: int,
    *,
    failure: str | None,
    actor: str,
    at: datetime,
) -> OutboxMessage:
    """Record that a message went out (`failure` None) or why it did not, and move its checklist or tell its paper.

    3 once every message of the bundle went out; 4 when one failed. A report repeated changes nothing. Raises
    `NotFoundError` outside the zones and `ConflictError` for a message that changed content replaced.
    """
    if failure is not None and not 0 < len(failure.strip()) <= MOST_FAILURE:
        raise DomainError(CU8012.at("/failure", most=MOST_FAILURE))
    row = session.scalars(
        select(OutboxMessage).where(OutboxMessage.id == message_id, OutboxMessage.zone_code.in_(sorted(zone_codes)))
    ).one_or_none()
    if row is None:
        raise NotFoundError(CU8010.at("/id"))
    checklist_id = checklist_of(row)
    locked = lock(session, [checklist_id] if checklist_id is not None else [])
    session.refresh(row)
    if row.sent_at is not None:
        return row
    if row.superseded_at is not None:
        when = row.superseded_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
        raise ConflictError(CU8011.at("/id", at=when))
    outbox.report(session, row, failure=failure, at=at)
    if checklist_id is not None:
        _move(session, row, locked[checklist_id], failure, actor, at)
    else:
        _tell(session, row, failure, actor, at)
    return row


def _move(session: Session, row: OutboxMessage, moving: Moving, failure: str | None, actor: str, at: datetime) -> None:
    """Move the checklist as its bundle went out, or did not."""
    checklist_id = moving.id
    if row.bundle == bundles.name(CHECKLIST, checklist_id, _revision(session, checklist_id)):
        step = _step(session, row, failure, actor)
        if step is not None and allowed(moving.status, step.state, step.cause):
            walk(session, [(moving, [step])], at=at)


def _tell(session: Session, row: OutboxMessage, failure: str | None, actor: str, at: datetime) -> None:
    """Tell the parties of a paper that goes out by itself.

    A summary application moves as a checklist does; the state of any other waits for customs' answer.
    """
    step = _step(session, row, failure, actor)
    paper = session.get(TABLES[row.subject_type], row.subject_id)
    if step is None or paper is None:
        return
    if row.subject_type == SUMMARY:
        apply_sent(session, row.subject_id, step.state)
    word, name = "sent" if failure is None else "not_sent", KINDS[row.subject_type].event
    event = paper_event(row.subject_type, paper, word, at=at, actor=actor, state=step.state, name=name)
    event.data |= {"say": step.say, **step.data}
    append_events(session, [event])


def _revision(session: Session, checklist_id: int) -> int:
    return session.scalars(select(Checklist.revision).where(Checklist.id == checklist_id)).one()


def _step(session: Session, row: OutboxMessage, failure: str | None, actor: str) -> Step | None:
    if failure is not None:
        say = {"zh": f"发送海关失败：{failure}", "en": f"Sending to customs failed: {failure}"}
        return Step(State.SEND_FAILED, Cause.CUSTOMS, actor=actor, say=say, data={"outbox": row.id})
    if any(one.open for one in outbox.bundle_of(session, row.bundle)):
        return None
    say = {"zh": "已发送海关系统，等待海关回执", "en": "Sent to customs' system; waiting for its response"}
    return Step(State.SENT, Cause.CUSTOMS, actor=actor, say=say, data={"outbox": row.id})
