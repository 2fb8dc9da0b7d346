"""The board of the whole chain: where checklists stand after release, since when, and who must act.

released → arrived → left → closed → summarised → declared. Each open step counts what waits there; the last counts what
arrived at its end lately. Counting goes over partial indexes of what is open; months that the nightly proof found
summarised to the last line are not counted again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from common.clock import CHINA, china_day
from customs.proof.figures import Month
from customs.queries.scope import Viewer
from customs.tables import ProofCheck

STEPS = ("released", "arrived", "left", "closed", "summarised", "declared")
"""What waits at each: for arrival, for leaving, for closing, for a summary, for customs' entry; the last has it."""

_SELECT = (
    "SELECT c.zone_code, c.consignor_id, width_bucket(:at - {since}, CAST(:bounds AS interval[])) AS band, "
    "count(*) AS waiting, min({since}) AS oldest FROM {table} AS c "
    "WHERE {scope} AND {waits} GROUP BY c.zone_code, c.consignor_id, band"
)
_WAITS: Mapping[str, tuple[str, str, str]] = {
    "released": ("checklist", "c.released_at", "c.status = '800' AND c.arrived_at IS NULL AND c.left_at IS NULL"),
    "arrived": ("checklist", "c.arrived_at", "c.status = '800' AND c.arrived_at IS NOT NULL AND c.left_at IS NULL"),
    "left": ("checklist", "c.left_at", "c.status = '800' AND c.left_at IS NOT NULL"),
    "closed": (
        "checklist",
        "c.closed_at",
        "c.status = '899' AND c.flag = 'B' AND c.closed_at >= :oldest_open AND NOT EXISTS "
        "(SELECT FROM declaration_source AS s WHERE s.live AND s.checklist_id = c.id)",
    ),
    "summarised": ("declaration", "c.made_at", "c.cancelled_at IS NULL AND c.entry_id IS NULL"),
    "declared": (
        "declaration",
        "coalesce(c.state_at, c.made_at)",
        "c.cancelled_at IS NULL AND c.entry_id IS NOT NULL AND c.made_at >= :lately",
    ),
}
"""Table, since when, and what makes a record wait at a step."""


@dataclass(slots=True)
class Step:
    """One step: how many wait there (declarations at the last two, else checklists), since when, by band of age."""

    name: str
    bands: list[int]
    count: int = 0
    oldest: datetime | None = None

    def add(self, row: Row[Any]) -> None:
        """Count a band of a consignor's share in."""
        self.count += row.waiting
        if row.oldest is not None and (self.oldest is None or row.oldest < self.oldest):
            self.oldest = row.oldest
        if row.band is not None:
            self.bands[row.band] += row.waiting


@dataclass(slots=True)
class Lane:
    """The steps of one zone, or of one consignor within it (`consignor_id`)."""

    zone_code: str
    consignor_id: int | None
    steps: dict[str, Step]

    @property
    def waiting(self) -> int:
        """What waits anywhere on the chain."""
        return sum(step.count for name, step in self.steps.items() if name != STEPS[-1])


@dataclass(frozen=True, slots=True)
class Board:
    """The board as of an instant: a lane for each zone, and the consignors with the most that waits.

    Ages are banded at `ages`, a number of days each; the last step looks back `lately` days.
    """

    at: datetime
    ages: Sequence[int]
    lately: int
    zones: Sequence[Lane]
    consignors: Sequence[Lane]


def board(session: Session, viewer: Viewer, at: datetime, *, ages: Sequence[int], lately: int, most: int = 50) -> Board:
    """Count the viewer's chain, with ages banded at `ages` days (rising) and the last step over `lately` days.

    At most `most` consignors are listed, those with the most waiting first.
    """

    def lane(zone_code: str, consignor_id: int | None) -> Lane:
        return Lane(zone_code, consignor_id, {name: Step(name, [0] * (len(ages) + 1)) for name in STEPS})

    zones: dict[str, Lane] = {}
    consignors: dict[tuple[str, int], Lane] = {}
    facts = {
        "at": at,
        "bounds": [timedelta(days=days) for days in ages],
        "zones": sorted(viewer.zones),
        "party": viewer.enterprise_id,
        "lately": at - timedelta(days=lately),
        "oldest_open": _oldest_open(session, viewer, at),
    }
    for name, row in _counts(session, viewer, facts):
        key = (row.zone_code, row.consignor_id)
        zones.setdefault(row.zone_code, lane(row.zone_code, None)).steps[name].add(row)
        consignors.setdefault(key, lane(*key)).steps[name].add(row)
    ordered = sorted(consignors.values(), key=lambda one: (-one.waiting, one.zone_code, one.consignor_id or 0))
    return Board(at, ages, lately, [zones[zone] for zone in sorted(zones)], ordered[:most])


def _counts(session: Session, viewer: Viewer, facts: Mapping[str, Any]) -> Iterator[tuple[str, Row[Any]]]:
    scope = "c.zone_code = ANY(CAST(:zones AS text[]))"
    if viewer.enterprise_id is not None:
        scope = "(c.consignor_id = :party OR c.declarant_id = :party)"
    for name, (table, since, waits) in _WAITS.items():
        query = _SELECT.format(table=table, since=since, waits=waits, scope=scope)
        rows: Iterable[Row[Any]] = session.execute(text(query), dict(facts))
        for row in rows:
            yield name, row


def _oldest_open(session: Session, viewer: Viewer, at: datetime) -> datetime:
    """From when closed checklists are counted: the oldest month that the nightly proof found open, else last month.

    Where nothing has been proven yet, from the beginning.
    """
    of_zones = () if viewer.enterprise_id is not None else (ProofCheck.zone_code.in_(sorted(viewer.zones)),)
    proven, oldest = session.execute(
        select(func.count(), func.min(ProofCheck.period).filter(ProofCheck.open_lines > 0)).where(*of_zones)
    ).one()
    before = Month.of(china_day(at)).before
    found = (Month.parse(oldest) if oldest else before) if proven else Month(2000, 1)
    first = min(found.first, before.first) if found is not None else before.first
    return datetime.combine(first, time(), CHINA)
