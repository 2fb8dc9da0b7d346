"""Checklists that wait: rejected when their papers do not come in time, tried again when a missing rate is loaded."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.clock import china_day
from common.law.zones import zone_parameter
from customs.matching.settling import RATE, settle
from customs.moves import lock, walk
from customs.rules.moves import Cause, State, Step
from customs.rules.settling import NEVER_COMPLETE, expired_say
from customs.tables import Checklist

BATCH = 500


def expire_waiting(session: Session, at: datetime, limit: int = BATCH) -> int:
    """Reject checklists whose papers did not come in time; how many. Call again until 0.

    One that waits for a rate only is nobody's fault and goes on waiting.
    """
    query = (
        select(Checklist.id)
        .where(Checklist.status == "2", Checklist.withdrawn_at.is_(None), Checklist.expires_at <= at)
        .where(Checklist.waits_for.overlap(["order", "waybill", "payment_receipt"]))
        .order_by(Checklist.expires_at)
        .limit(limit)
    )
    locked = lock(session, session.scalars(query).all())
    rows = session.execute(
        select(Checklist.id, Checklist.zone_code, Checklist.waits_for, Checklist.waiting_since).where(
            Checklist.id.in_(locked), Checklist.status == "2", Checklist.waits_for != []
        )
    ).all()
    walks = []
    for id, zone, waits, since in rows:
        hours = zone_parameter(session, zone, "customs.match.waiting_hours", china_day(since or at)).integer
        say = expired_say(waits, hours).as_dict()
        walks.append((locked[id], [Step(State.REJECTED, Cause.RULE, rule=NEVER_COMPLETE, say=say)]))
    walk(session, walks, at=at)
    return len(walks)


def retry_undetermined(session: Session, at: datetime, limit: int = BATCH) -> int:
    """Settle again what waits for a customs rate; how many were tried. The rates may have come since."""
    query = (
        select(Checklist.id)
        .where(Checklist.status == "2", Checklist.withdrawn_at.is_(None))
        .where(Checklist.value_cny.is_(None), Checklist.waiting_since <= at)
        .order_by(Checklist.id)
        .limit(limit)
    )
    rows = session.execute(select(Checklist.id, Checklist.waits_for).where(Checklist.id.in_(query))).all()
    ids = [id for id, waits in rows if any(word.startswith(RATE) for word in waits)]
    settle(session, ids, at)
    return len(ids)
