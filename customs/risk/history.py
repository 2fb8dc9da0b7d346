"""History that the factors compare with: read for a batch in three queries, counted on, refreshed every night."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import delete, select, text, tuple_
from sqlalchemy.orm import Session

from common.clock import CHINA, china_day
from common.db import copy_rows, month_floor
from common.law.zones import zone_parameter
from customs.rules.risk.facts import GoodsHistory, Others, Range, SubjectHistory
from customs.tables import RiskGoods, RiskSubject, RiskTally

_COLUMNS = ("kind", "zone_code", "subject_id", "key", "at", "count", "value_cny", "checklist_id")


@dataclass(frozen=True, slots=True)
class Tally:
    """One count to be kept; see `RiskTally` for the kinds."""

    kind: str
    zone_code: str
    subject_id: int
    key: str
    count: int
    value_cny: Decimal = Decimal(0)
    checklist_id: int | None = None


GoodsKey = tuple[str, str, str]
"""(zone, heading, statutory unit)."""

TallyKey = tuple[str, int, str]
"""(kind, subject, key)."""


def goods_history(session: Session, keys: Collection[GoodsKey]) -> dict[GoodsKey, GoodsHistory]:
    """What the zones have seen of headings; a key without history is absent."""
    if not keys:
        return {}
    rows = session.scalars(
        select(RiskGoods).where(tuple_(RiskGoods.zone_code, RiskGoods.heading, RiskGoods.unit1).in_(sorted(keys)))
    )
    return {
        (row.zone_code, row.heading, row.unit1): GoodsHistory(
            unit_value=_range(row.unit_n, row.unit_low, row.unit_high),
            piece_weight=_range(row.piece_n, row.piece_low, row.piece_high),
            value_weight=_range(row.piece_n, row.value_low, row.value_high),
        )
        for row in rows
    }


def _range(observations: int, low: Decimal | None, high: Decimal | None) -> Range | None:
    return Range(observations, low, high) if low is not None and high is not None else None


def subject_history(session: Session, ids: Collection[int]) -> dict[int, SubjectHistory]:
    """What the platform has seen of subjects; one without history is absent."""
    rows = session.scalars(select(RiskSubject).where(RiskSubject.subject_id.in_(sorted(ids))))
    return {
        row.subject_id: SubjectHistory(
            closed=row.closed,
            filed=row.filed,
            rejected=row.rejected,
            active_days=row.active_days,
            usual_per_hour=row.usual_per_hour,
            consignors=row.consignors,
        )
        for row in rows
    }


def tallies(
    session: Session, since: Mapping[TallyKey, datetime], until: datetime, besides: Collection[int]
) -> dict[TallyKey, Others]:
    """Counts and sums by key from each key's own instant on, the checklists `besides` left out; one query."""
    if not since:
        return {}
    rows = session.execute(
        text(
            "SELECT w.kind, w.subject_id, w.key, sum(t.count) AS tickets, "
            "sum(t.value_cny) AS together FROM unnest("
            "CAST(:kinds AS text[]), CAST(:subjects AS bigint[]), CAST(:keys AS text[]), CAST(:since AS timestamptz[]))"
            " AS w(kind, subject_id, key, since) JOIN risk_tally t ON t.subject_id = w.subject_id AND t.kind = w.kind "
            "AND t.key = w.key AND t.at >= w.since AND t.at <= :until "
            "AND (t.checklist_id IS NULL OR t.checklist_id <> ALL(CAST(:besides AS bigint[]))) GROUP BY 1, 2, 3"
        ),
        {
            "kinds": [kind for kind, _, _ in since],
            "subjects": [subject for _, subject, _ in since],
            "keys": [key for _, _, key in since],
            "since": list(since.values()),
            "until": until,
            "besides": sorted(besides),
        },
    )
    return {(row.kind, row.subject_id, row.key): Others(row.tickets, row.together) for row in rows}


def count_on(session: Session, rows: Iterable[Tally], at: datetime) -> None:
    """Append counts; one COPY."""
    copy_rows(
        session,
        "risk_tally",
        _COLUMNS,
        ((t.kind, t.zone_code, t.subject_id, t.key, at, t.count, t.value_cny, t.checklist_id) for t in rows),
    )


def refresh_history(session: Session, at: datetime) -> None:
    """Work out goods and subject history anew from the window's checklists, and drop counts no longer looked at.

    Meant for the night: reads the window once. Bounds are the 5th and 95th percentile of released checklists' figures.
    """
    today = china_day(at)
    days = zone_parameter(session, None, "customs.risk.history.days", today).integer
    start = today - timedelta(days=days)
    given = {
        "floor": month_floor(start),
        "since": _midnight(start),
        "today": _midnight(today),
        "at": at,
    }
    session.execute(delete(RiskGoods))
    session.execute(text(_GOODS), given)
    session.execute(delete(RiskSubject))
    session.execute(text(_SUBJECTS), given)
    split_days = zone_parameter(session, None, "customs.risk.split.days", today).integer
    keep_from = _midnight(today - timedelta(days=max(split_days, 2)))
    session.execute(
        delete(RiskTally).where(RiskTally.kind.in_(("seller", "receiver", "goods")), RiskTally.at < keep_from)
    )
    session.execute(text(_MERGE), {"before": _midnight(today), "offset": "Asia/Shanghai"})


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


_GOODS = """
INSERT INTO risk_goods (zone_code, heading, unit1, unit_n, unit_low, unit_high,
                        piece_n, piece_low, piece_high, value_low, value_high, refreshed_at)
WITH seen AS (
    SELECT c.id, c.zone_code, c.gross_weight, c.value_cny, left(l.gcode, 4) AS heading, l.unit1, l.qty1,
           l.total_price * c.value_cny / c.total_price AS line_cny,
           count(*) OVER (PARTITION BY c.id) AS lines
    FROM checklist c JOIN checklist_line l ON l.checklist_id = c.id
    WHERE c.id >= :floor AND l.checklist_id >= :floor AND c.received_at >= :since AND c.status IN ('800', '899')
      AND c.withdrawn_at IS NULL AND c.value_cny > 0 AND c.total_price > 0 AND l.qty1 > 0
)
SELECT zone_code, heading, unit1,
       count(*),
       round(percentile_disc(0.05) WITHIN GROUP (ORDER BY line_cny / qty1), 5),
       round(percentile_disc(0.95) WITHIN GROUP (ORDER BY line_cny / qty1), 5),
       count(*) FILTER (WHERE lines = 1),
       round(percentile_disc(0.05) WITHIN GROUP (ORDER BY gross_weight / qty1) FILTER (WHERE lines = 1), 5),
       round(percentile_disc(0.95) WITHIN GROUP (ORDER BY gross_weight / qty1) FILTER (WHERE lines = 1), 5),
       round(percentile_disc(0.05) WITHIN GROUP (ORDER BY gross_weight * 1000 / value_cny)
             FILTER (WHERE lines = 1), 5),
       round(percentile_disc(0.95) WITHIN GROUP (ORDER BY gross_weight * 1000 / value_cny)
             FILTER (WHERE lines = 1), 5),
       :at
FROM seen GROUP BY zone_code, heading, unit1
"""

_SUBJECTS = """
INSERT INTO risk_subject (subject_id, closed, filed, rejected, active_days, usual_per_hour, consignors, refreshed_at)
WITH seen AS (
    SELECT consignor_id, declarant_id, status, received_at FROM checklist
    WHERE id >= :floor AND received_at >= :since AND withdrawn_at IS NULL
), hours AS (
    SELECT consignor_id, date_trunc('day', received_at) AS day, count(*) AS n FROM seen
    WHERE received_at < :today GROUP BY 1, 2, date_trunc('hour', received_at)
), busiest AS (
    SELECT consignor_id, day, max(n) AS n FROM hours GROUP BY 1, 2
), usual AS (
    SELECT consignor_id AS id, count(*) AS days, avg(n) AS per_hour FROM busiest GROUP BY 1
), sold AS (
    SELECT consignor_id AS id, count(*) AS filed, count(*) FILTER (WHERE status = '899') AS closed,
           count(*) FILTER (WHERE status = '100') AS rejected FROM seen GROUP BY 1
), declared AS (
    SELECT declarant_id AS id, count(DISTINCT consignor_id) AS consignors FROM seen GROUP BY 1
)
SELECT id, coalesce(closed, 0), coalesce(filed, 0), coalesce(rejected, 0), coalesce(days, 0), round(per_hour, 5),
       coalesce(consignors, 0), :at
FROM sold FULL JOIN declared USING (id) LEFT JOIN usual USING (id)
"""

_MERGE = """
WITH old AS (
    DELETE FROM risk_tally WHERE kind IN ('tier', 'drawn') AND at < :before
    RETURNING kind, zone_code, key, date_trunc('day', at, :offset) AS day, count
)
INSERT INTO risk_tally (kind, zone_code, subject_id, key, at, count, value_cny)
SELECT kind, zone_code, 0, key, day, sum(count), 0 FROM old GROUP BY kind, zone_code, key, day
"""
