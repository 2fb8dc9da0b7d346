"""Checklists declared early (提前申报) whose goods never come."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from common.clock import china_day
from common.law.zones import zone_parameter
from customs.moves import lock, walk
from customs.rules.moves import State
from customs.rules.release import EXPIRED, leg
from customs.tables import Checklist

AWAITING = (State.CONCLUDED, State.RELEASED, State.INSPECTION)
"""States in which a checklist may wait for its goods."""

BATCH = 1000


def expire_early(session: Session, at: datetime, limit: int = BATCH) -> int:
    """Reject checklists whose goods did not arrive within their zone's days since storing (入库); how many.

    Held ones and those decided in customs' own system stay. Works on at most `limit` per call; call again until 0.
    """
    done = 0
    day = china_day(at)
    zones = session.scalars(select(Checklist.zone_code).where(*_waiting()).distinct()).all()
    for zone in zones:
        days = zone_parameter(session, zone, "customs.early.arrival_days", day).integer
        ids = session.scalars(
            select(Checklist.id)
            .where(*_waiting(), Checklist.zone_code == zone, Checklist.stored_at < at - timedelta(days=days))
            .order_by(Checklist.id)
            .limit(limit - done)
        ).all()
        held = lock(session, ids)
        # asked again behind the lock: goods may have arrived in between
        still = session.scalars(select(Checklist.id).where(*_waiting(), Checklist.id.in_(held)).order_by(Checklist.id))
        waiting = [held[id] for id in still]
        walk(session, [(one, [leg(State.REJECTED, EXPIRED, days=days)]) for one in waiting], at=at)
        done += len(waiting)
    return done


def _waiting() -> list[ColumnElement[bool]]:
    return [
        Checklist.status.in_(AWAITING),
        Checklist.arrived_at.is_(None),
        Checklist.left_at.is_(None),
        Checklist.held_at.is_(None),
        Checklist.withdrawn_at.is_(None),
        Checklist.decides == "here",
    ]
