"""Customs' responses as they were kept, for those who must look after the ones that moved nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from customs.tables import CustomsResponse

OUTCOMES = ("applied", "noted", "stale", "unmatched", "refused")
TROUBLE = ("unmatched", "refused")
"""Outcomes that somebody has to look after."""


def newest_applied(session: Session, subject_type: str, id: int) -> datetime | None:
    """The newest response time that was applied for a paper."""
    found: datetime | None = session.scalar(
        select(func.max(CustomsResponse.return_time)).where(
            CustomsResponse.subject_type == subject_type,
            CustomsResponse.subject_id == id,
            CustomsResponse.outcome == "applied",
        )
    )
    return found


def recorded(
    session: Session,
    zones: Collection[str],
    *,
    outcomes: Collection[str] = TROUBLE,
    unmatched: bool = False,
    before: int | None = None,
    limit: int = 100,
) -> Sequence[CustomsResponse]:
    """Responses about papers of the zones, newest first; `unmatched` adds those about no paper of ours."""
    place = CustomsResponse.zone_code.in_(sorted(zones))
    query = (
        select(CustomsResponse)
        .where(or_(place, CustomsResponse.zone_code.is_(None)) if unmatched else place)
        .where(CustomsResponse.outcome.in_(sorted(outcomes)))
        .order_by(CustomsResponse.id.desc())
        .limit(limit)
    )
    return session.scalars(query if before is None else query.where(CustomsResponse.id < before)).all()
