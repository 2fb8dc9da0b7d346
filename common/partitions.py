"""Monthly partitions of the large tables.

Every table listed here is range-partitioned on an id that carries its month (see `common.db`); a partition holds one
month of receipt. A job makes the coming months ahead of time; intake calls `ensure_month` for the rare first hit.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.db import ID_STRIDE, month_floor

PARTITIONED = (
    "event",
    "message",
    "sale_order",
    "sale_order_line",
    "payment_receipt",
    "waybill",
    "checklist",
    "checklist_line",
    "arrival",
    "arrival_line",
    "departure",
    "departure_line",
    "master_list",
    "master_list_line",
    "closed_line",
)

_known: set[int] = set()


def ensure_month(session: Session, day: date) -> None:
    """Make the partitions of the month of `day` if they are missing; cheap when this process has seen them.

    The newest table stands last in the list: where its partition is there, those of all others are.
    """
    floor = month_floor(day)
    if floor in _known:
        return
    if session.execute(text("SELECT to_regclass(:name)"), {"name": f"{PARTITIONED[-1]}_{day:%Y%m}"}).scalar():
        _known.add(floor)
        return
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('ensure_month'))"))
    for table in PARTITIONED:
        session.execute(
            text(
                f"CREATE TABLE IF NOT EXISTS {table}_{day:%Y%m} PARTITION OF {table} "
                f"FOR VALUES FROM ({floor}) TO ({floor + ID_STRIDE})"
            )
        )


def next_month(day: date) -> date:
    """The first day of the month after `day`."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def ensure_ahead(session: Session, day: date, months: int = 2) -> None:
    """Make this month's partitions and those of the `months` that follow."""
    for _ in range(months + 1):
        ensure_month(session, day)
        day = next_month(day)
