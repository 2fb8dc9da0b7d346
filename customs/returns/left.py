"""What of an export can still come back: exported, minus what came back, minus what is asked for and pending."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from customs.rules.returns import HOLDING, Amounts
from customs.tables import ChecklistLine

LineKey = tuple[int, int]
"""(checklist's id, gnum)."""

_PENDING = text(
    "SELECT l.checklist_id, l.gnum, sum(l.qty) AS qty, sum(l.qty1) AS qty1, sum(coalesce(l.qty2, 0)) AS qty2 "
    "FROM goods_return_line AS l JOIN goods_return AS r ON r.id = l.return_id "
    "WHERE l.checklist_id = ANY(CAST(:ids AS bigint[])) AND r.withdrawn_at IS NULL AND r.completed_at IS NULL "
    "AND r.status = ANY(CAST(:holding AS text[])) GROUP BY 1, 2"
)
_RETURNED = text(
    "SELECT checklist_id, gnum, sum(qty) AS qty, sum(qty1) AS qty1, sum(coalesce(qty2, 0)) AS qty2 "
    "FROM returned_line WHERE checklist_id = ANY(CAST(:ids AS bigint[])) GROUP BY 1, 2"
)
_NOTHING = Amounts(Decimal(0), Decimal(0), Decimal(0))


@dataclass(frozen=True, slots=True)
class Returnable:
    """One line of an export: what was exported, is asked for (`pending`), came back (`returned`) and is `left`."""

    line: ChecklistLine
    exported: Amounts
    pending: Amounts
    returned: Amounts

    @property
    def left(self) -> Amounts:
        """What can still come back."""
        return self.exported.minus(self.pending).minus(self.returned)


def lock_name(checklist_id: int) -> str:
    """The advisory key that guards what of a checklist can still come back."""
    return f"returnable:{checklist_id}"


def returnable(session: Session, checklist_ids: Collection[int]) -> dict[LineKey, Returnable]:
    """Every line of these checklists, by checklist and gnum. Who goes on to file holds the checklists' `lock_name`."""
    ids = sorted(set(checklist_ids))
    if not ids:
        return {}
    query = select(ChecklistLine).where(ChecklistLine.checklist_id.in_(ids))
    pending = _sums(session, ids, pending=True)
    returned = _sums(session, ids, pending=False)
    lines = session.scalars(query.order_by(ChecklistLine.checklist_id, ChecklistLine.gnum)).all()
    return {
        key: Returnable(line, Amounts(line.qty, line.qty1, line.qty2), *_of(key, pending, returned))
        for line in lines
        for key in [(line.checklist_id, line.gnum)]
    }


def _of(key: LineKey, *sums: Mapping[LineKey, Amounts]) -> tuple[Amounts, Amounts]:
    first, second = (one.get(key, _NOTHING) for one in sums)
    return first, second


def _sums(session: Session, ids: Collection[int], *, pending: bool) -> dict[LineKey, Amounts]:
    facts: dict[str, object] = {"ids": list(ids)} | ({"holding": [str(one) for one in HOLDING]} if pending else {})
    rows = session.execute(_PENDING if pending else _RETURNED, facts)
    return {(row.checklist_id, row.gnum): Amounts(row.qty, row.qty1, row.qty2) for row in rows}
