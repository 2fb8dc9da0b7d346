"""How far customs' own decisions agree with what our tiering would have done, zone by zone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.clock import CHINA
from common.db import ID_STRIDE, month_floor
from common.findings import DomainError
from customs.rules.relay import CU8013, EXPECTED, Act, Verdict, act_of, expected_act, verdict

PAGE = 100

_ROWS = """
SELECT c.id, c.cop_no, c.invt_no, c.order_no, c.customs_code, c.status, c.tier, c.received_at, c.consignor_id,
       c.declarant_id, c.sender_id,
       array_remove(array_agg(DISTINCT r.return_status) FILTER (WHERE x.id IS NULL OR r.return_status <> '100'), NULL)
       AS states
FROM checklist AS c
LEFT JOIN cancellation AS x ON x.checklist_id = c.id AND x.outcome = 'approved'
LEFT JOIN customs_response AS r ON r.subject_type = 'checklist' AND r.subject_id = c.id AND r.outcome = 'applied'
WHERE c.decides = 'relay' AND c.zone_code = :zone AND c.received_at >= :start AND c.received_at < :end
  AND c.id >= :first AND c.id < :last AND (c.withdrawn_at IS NULL OR x.id IS NOT NULL) AND c.status <> '1'
  AND (c.tier IS NOT NULL OR EXISTS (SELECT 1 FROM outbox_message AS o
                                     WHERE o.subject_type = 'checklist' AND o.subject_id = c.id))
GROUP BY c.id
"""

_COUNTS = text(f"SELECT tier, states, count(*) AS n FROM ({_ROWS}) AS one GROUP BY tier, states")  # noqa: S608 - our text
_LIST = text(f"SELECT * FROM ({_ROWS}) AS one WHERE id > :after ORDER BY id LIMIT :limit")  # noqa: S608 - our text


@dataclass(frozen=True, slots=True)
class Cell:
    """How many checklists of a tier customs treated in one way."""

    tier: str | None
    expected: Act
    done: Act
    verdict: Verdict
    count: int


@dataclass(frozen=True, slots=True)
class Differences:
    """The counts of a zone and span: by tier and act, and by verdict."""

    zone_code: str
    start: date
    end: date
    cells: Sequence[Cell]
    verdicts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Differing:
    """One checklist with both treatments."""

    id: int
    cop_no: str
    invt_no: str | None
    order_no: str
    office: str
    status: str
    tier: str | None
    received_at: datetime
    expected: Act
    done: Act
    verdict: Verdict
    owners: tuple[int, ...]


def differences(session: Session, zone_code: str, start: date, end: date) -> Differences:
    """Count relayed checklists received from `start` to `end` (inclusive) by tier and by what customs did.

    A checklist without tier was handed over although our matching refused it: we would have rejected it. One that was
    cancelled on request counts as it was treated before; the rejection that carried its cancellation out does not.
    """
    found: dict[tuple[str | None, Act], int] = {}
    for row in session.execute(_COUNTS, _span(zone_code, start, end)):
        key = (row.tier, act_of(row.states or ()))
        found[key] = found.get(key, 0) + row.n
    cells = [
        Cell(tier, expected_act(tier), done, verdict(tier, done), count)
        for (tier, done), count in sorted(found.items(), key=lambda one: (_ORDER.get(one[0][0], 9), one[0][1].value))
    ]
    totals = {one.value: sum(cell.count for cell in cells if cell.verdict is one) for one in Verdict}
    return Differences(zone_code, start, end, cells, totals)


_ORDER: dict[str | None, int] = {tier: n for n, tier in enumerate(EXPECTED)}


def differing(
    session: Session, zone_code: str, start: date, end: date, *, after: int = 0, limit: int = PAGE
) -> tuple[list[Differing], int | None]:
    """Checklists that customs treated otherwise than our tiering, oldest first, and the cursor of the next page."""
    shown: list[Differing] = []
    cursor: int | None = after
    while cursor is not None and len(shown) < limit:
        rows = session.execute(_LIST, _span(zone_code, start, end) | {"after": cursor, "limit": limit}).all()
        for row in rows:
            one = _differing(row)
            if one.verdict in (Verdict.STRICTER, Verdict.MILDER):
                shown.append(one)
            cursor = row.id
            if len(shown) == limit:
                return shown, cursor
        if len(rows) < limit:
            cursor = None
    return shown, cursor


def _differing(row: Any) -> Differing:
    done = act_of(row.states or ())
    return Differing(
        id=row.id,
        cop_no=row.cop_no,
        invt_no=row.invt_no,
        order_no=row.order_no,
        office=row.customs_code,
        status=row.status,
        tier=row.tier,
        received_at=row.received_at,
        expected=expected_act(row.tier),
        done=done,
        verdict=verdict(row.tier, done),
        owners=(row.consignor_id, row.declarant_id, row.sender_id),
    )


def _span(zone_code: str, start: date, end: date) -> dict[str, Any]:
    if start > end:
        raise DomainError(CU8013.at("/from", start=start.isoformat(), end=end.isoformat()))
    following = end + timedelta(days=1)
    return {
        "zone": zone_code,
        "start": datetime(start.year, start.month, start.day, tzinfo=CHINA),
        "end": datetime(following.year, following.month, following.day, tzinfo=CHINA),
        "first": month_floor(start),
        "last": month_floor(end) + ID_STRIDE,
    }


def covered(zones: Collection[str], zone_code: str | None) -> str | None:
    """The zone that is asked about: the one named if it is among `zones`, the first of them when none is named."""
    if zone_code is not None:
        return zone_code if zone_code in zones else None
    return min(zones, default=None)
