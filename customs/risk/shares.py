"""Actual against expected shares of the tiers, per zone and day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.clock import CHINA
from common.law.zones import zone_parameter
from customs.rules.release import Tier
from customs.tables import RiskTally


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One tier of one zone on one day: tierings, those raised by the draw alone, actual and expected share.

    `share` is None on a day without tierings; `random_share` is the smallest share that is drawn, None for low.
    """

    zone_code: str
    day: date
    tier: str
    count: int
    drawn: int
    share: Decimal | None
    expected_share: Decimal
    random_share: Decimal | None


def shares(session: Session, zones: Collection[str], day: date) -> list[ShareRow]:
    """The three tiers of each zone on a China-time day, in zone and tier order."""
    start = datetime.combine(day, time(), CHINA)
    rows = session.execute(
        select(RiskTally.kind, RiskTally.zone_code, RiskTally.key, func.sum(RiskTally.count))
        .where(RiskTally.kind.in_(("tier", "drawn")), RiskTally.zone_code.in_(sorted(zones)))
        .where(RiskTally.at >= start, RiskTally.at < start + timedelta(days=1))
        .group_by(RiskTally.kind, RiskTally.zone_code, RiskTally.key)
    )
    counts = {(kind, zone, tier): int(n) for kind, zone, tier, n in rows}
    found = []
    for zone in sorted(zones):
        total = sum(counts.get(("tier", zone, tier), 0) for tier in Tier)
        found += [_row(session, zone, day, tier, counts, total) for tier in Tier]
    return found


def _row(
    session: Session, zone: str, day: date, tier: Tier, counts: dict[tuple[str, str, str], int], total: int
) -> ShareRow:
    count = counts.get(("tier", zone, tier), 0)
    random_share = (
        None if tier is Tier.LOW else zone_parameter(session, zone, f"customs.risk.random_share.{tier}", day).decimal
    )
    return ShareRow(
        zone_code=zone,
        day=day,
        tier=tier.value,
        count=count,
        drawn=counts.get(("drawn", zone, tier), 0),
        share=round(Decimal(count) / total, 4) if total else None,
        expected_share=zone_parameter(session, zone, f"customs.risk.expected_share.{tier}", day).decimal,
        random_share=random_share,
    )
