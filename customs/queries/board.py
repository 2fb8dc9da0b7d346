"""The board of the whole chain: where checklists stand after release, since when, and who must act.

released → arrived → left → closed → summarised → declared. Each open step counts what waits there; the last counts what
arrived at its end lately. Counting goes over partial indexes of what is open; months that the nightly proof found
summarised to the last line are not counted again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from common.clock import CHINA, china_day
from customs.proof.figures import Month
from customs.queries.scope import Viewer
from customs.tables import ProofCheck

AGE_DAYS = (1, 3, 7, 30)
"""Upper bounds, in days, of the bands of age; the last band has none."""

LATELY = timedelta(days=30)
"""How far back the last step looks."""

STEPS = ("released", "arrived", "left", "closed", "summarised", "declared")
"""What waits at each: for arrival, for leaving, for closing, for a summary, for customs' entry; the last has it."""

_BANDS = ", ".join(
    [
        *(
            f"count(*) FILTER (WHERE {{since}} > :at - interval '{days} days'"
            + (f" AND {{since}} <= :at - interval '{before} days'" if before else "")
            + f") AS band{n}"
            for n, (before, days) in enumerate(zip((0, *AGE_DAYS), AGE_DAYS, strict=False))
        ),
        f"count(*) FILTER (WHERE {{since}} <= :at - interval '{AGE_DAYS[-1]} days') AS band{len(AGE_DAYS)}",
    ]
)
_SELECT = (
    "SELECT c.zone_code, c.consignor_id, count(*) AS waiting, min({since}) AS oldest, {bands} FROM {table} AS c "
    "WHERE {scope} AND {waits} GROUP BY c.zone_code, c.consignor_id"
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
    count: int = 0
    oldest: datetime | None = None
    bands: list[int] = field(default_factory=lambda: [0] * (len(AGE_DAYS) + 1))

    def add(self, row: Row[Any]) -> None:
        """Count a consignor's share in."""
        self.count += row.waiting
        if row.oldest is not None and (self.oldest is None or row.oldest < self.oldest):
            self.oldest = row.oldest
        for n in range(len(self.bands)):
            self.bands[n] += getattr(row, f"band{n}")


@dataclass(slots=True)
class Lane:
    """The steps of one zone, or of one consignor within it (`consignor_id`)."""

    zone_code: str
    consignor_id: int | None
    steps: dict[str, Step] = field(default_factory=lambda: {name: Step(name) for name in STEPS})

    @property
    def waiting(self) -> int:
        """What waits anywhere on the chain."""
        return sum(step.count for name, step in self.steps.items() if name != STEPS[-1])


@dataclass(frozen=True, slots=True)
class Board:
    """The board as of an instant: a lane for each zone, and the consignors with the most that waits."""

    at: datetime
    zones: Sequence[Lane]
    consignors: Sequence[Lane]


def board(session: Session, viewer: Viewer, at: datetime, *, most: int = 50) -> Board:
    """Count the viewer's chain; at most `most` consignors are listed, those with the most waiting first."""
    zones: dict[str, Lane] = {}
    consignors: dict[tuple[str, int], Lane] = {}
    for name, row in _counts(session, viewer, at):
        zones.setdefault(row.zone_code, Lane(row.zone_code, None)).steps[name].add(row)
        key = (row.zone_code, row.consignor_id)
        consignors.setdefault(key, Lane(*key)).steps[name].add(row)
    ordered = sorted(consignors.values(), key=lambda one: (-one.waiting, one.zone_code, one.consignor_id or 0))
    return Board(at, [zones[zone] for zone in sorted(zones)], ordered[:most])


def _counts(session: Session, viewer: Viewer, at: datetime) -> Iterator[tuple[str, Row[Any]]]:
    facts = {
        "at": at,
        "zones": sorted(viewer.zones),
        "party": viewer.enterprise_id,
        "lately": at - LATELY,
        "oldest_open": _oldest_open(session, viewer, at),
    }
    scope = "c.zone_code = ANY(CAST(:zones AS text[]))"
    if viewer.enterprise_id is not None:
        scope = "(c.consignor_id = :party OR c.declarant_id = :party)"
    for name, (table, since, waits) in _WAITS.items():
        bands = _BANDS.format(since=since)
        query = _SELECT.format(table=table, since=since, bands=bands, waits=waits, scope=scope)
        rows: Iterable[Row[Any]] = session.execute(text(query), facts)
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
