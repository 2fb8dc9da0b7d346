"""Reading movement: arrival notices, master lists and departure notices with how far they have come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, select, text
from sqlalchemy.orm import Session

from common.clock import china_day
from common.findings import NotFoundError
from customs.rules import movement as rules
from customs.tables import Arrival, Departure, MasterList

Paper = Arrival | Departure | MasterList

MODELS: Mapping[str, Any] = {"arrival": Arrival, "departure": Departure, "master_list": MasterList}
OWNERS: Mapping[str, str] = {"arrival": "operator_id", "departure": "carrier_id", "master_list": "declarant_id"}

_OUTCOMES = {
    kind: text(
        f"SELECT {kind}_id AS id, outcome, count(*) AS waybills FROM {kind}_line "  # noqa: S608 - our own names
        f"WHERE {kind}_id = ANY(CAST(:ids AS bigint[])) GROUP BY 1, 2"
    )
    for kind in MODELS
}
_RECEIVED = text(
    "SELECT k.owner_id, k.cop_no, array_agg(k.msg_seq_no ORDER BY k.msg_seq_no) AS received FROM "
    "(SELECT DISTINCT * FROM unnest(CAST(:owners AS bigint[]), CAST(:numbers AS text[])) AS u(owner_id, cop_no)) AS w "
    "JOIN movement_key AS k ON k.kind = :kind AND k.owner_id = w.owner_id AND k.cop_no = w.cop_no GROUP BY 1, 2"
)
_PROGRESS = text(
    "SELECT m.id, count(p.carrier_id) AS parcels, count(p.left_at) AS left_count, "
    "min(c.released_at) FILTER (WHERE p.left_at IS NULL) AS oldest_release "
    "FROM master_list AS m JOIN master_list_line AS l ON l.master_list_id = m.id "
    "JOIN parcel AS p ON p.carrier_id = m.carrier_id AND p.logistics_no = l.logistics_no AND p.master_list_id = m.id "
    "LEFT JOIN checklist AS c ON c.id = p.checklist_id "
    "WHERE m.id = ANY(CAST(:ids AS bigint[])) GROUP BY m.id"
)
_LINES = {
    kind: text(
        "SELECT l.gnum, l.logistics_no, l.total_package_no, l.outcome, l.rule, p.checklist_id, c.invt_no, "  # noqa: S608 - our own names
        "c.status, c.site_hold IS NOT NULL AS held, p.arrived_at, p.weighed_gross, p.left_at, c.released_at "
        f"FROM {kind} AS m JOIN {kind}_line AS l ON l.{kind}_id = m.id "
        "LEFT JOIN parcel AS p ON p.carrier_id = m.carrier_id AND p.logistics_no = l.logistics_no "
        "LEFT JOIN checklist AS c ON c.id = p.checklist_id AND c.withdrawn_at IS NULL "
        "WHERE m.id = :id AND l.gnum > :after ORDER BY l.gnum LIMIT :limit"
    )
    for kind in MODELS
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a master list has come: parcels tied to it, those that left, since when the oldest of the rest waits.

    `age_days`: China-time days since the list was received, while parcels remain; None once all have left.
    `oldest_release`: when the first released of those that remain was released.
    """

    parcels: int
    left: int
    age_days: int | None
    oldest_release: datetime | None

    @property
    def remaining(self) -> int:
        """How many are still here."""
        return self.parcels - self.left


@dataclass(frozen=True, slots=True)
class PaperView:
    """A movement paper in a list; `progress` of master lists only.

    `missing`: the numbers of the parts that have not come; `outcomes`: how many waybills came to what.
    """

    paper: Any
    missing: Sequence[int]
    outcomes: Mapping[str, int]
    progress: Progress | None = None


def papers(
    session: Session, kind: str, visible: ColumnElement[bool], *, after: int, limit: int, at: datetime
) -> list[PaperView]:
    """A page of the papers of a kind that `visible` allows, newest first; `after` is the last id of the page before."""
    model = MODELS[kind]
    query = select(model).where(visible, model.withdrawn_at.is_(None))
    if after:
        query = query.where(model.id < after)
    return _views(session, kind, session.scalars(query.order_by(model.id.desc()).limit(limit)).all(), at)


def paper(session: Session, kind: str, visible: ColumnElement[bool], paper_id: int, *, at: datetime) -> PaperView:
    """One paper; raises `NotFoundError` for any that `visible` does not allow."""
    model = MODELS[kind]
    row = session.scalars(select(model).where(model.id == paper_id, visible)).one_or_none()
    if row is None:
        raise NotFoundError(rules.NOT_ON_RECORD.at(""))
    return _views(session, kind, [row], at)[0]


def lines(session: Session, kind: str, paper_id: int, *, after: int, limit: int) -> Sequence[RowMapping]:
    """The waybills of a paper in its order, each with where its parcel stands now; `after` is the last gnum before."""
    return session.execute(_LINES[kind], {"id": paper_id, "after": after, "limit": limit}).mappings().all()


def _views(session: Session, kind: str, rows: Sequence[Any], at: datetime) -> list[PaperView]:
    if not rows:
        return []
    ids = [row.id for row in rows]
    outcomes: dict[int, dict[str, int]] = {}
    for one in session.execute(_OUTCOMES[kind], {"ids": ids}):
        outcomes.setdefault(one.id, {})[one.outcome] = one.waybills
    received = _received(session, kind, rows)
    progress = _progress(session, rows, at) if kind == "master_list" else {}
    return [
        PaperView(
            row,
            rules.missing_parts(row.msg_count, received.get((getattr(row, OWNERS[kind]), row.cop_no), ())),
            outcomes.get(row.id, {}),
            progress.get(row.id, Progress(0, 0, None, None)) if kind == "master_list" else None,
        )
        for row in rows
    ]


def _received(session: Session, kind: str, rows: Sequence[Any]) -> dict[tuple[int, str], Sequence[int]]:
    owners = [getattr(row, OWNERS[kind]) for row in rows]
    asked = {"kind": kind, "owners": owners, "numbers": [row.cop_no for row in rows]}
    return {(one.owner_id, one.cop_no): one.received for one in session.execute(_RECEIVED, asked)}


def _progress(session: Session, rows: Sequence[Any], at: datetime) -> dict[int, Progress]:
    received = {row.id: row.received_at for row in rows}
    found = {}
    for one in session.execute(_PROGRESS, {"ids": list(received)}):
        waits = one.parcels > one.left_count
        age = (china_day(at) - china_day(received[one.id])).days if waits else None
        found[one.id] = Progress(one.parcels, one.left_count, age, one.oldest_release)
    return found
