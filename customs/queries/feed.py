"""The feed of events: my records, in order, re-readable, and never skipping a transaction that commits late.

The cursor is (transaction, id). A page ends before the oldest transaction that is still open, so an event that becomes
visible later always lies behind the cursor, never before it (design §8).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common.events import Event
from customs.queries.scope import Viewer

PAGE = 100
MOST = 1000
_CURSOR = re.compile(r"([0-9]{1,19})-([0-9]{1,19})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the feed."""

    xid: int
    id: int

    @classmethod
    def parse(cls, written: str) -> Cursor | None:
        """The place that `written` names; None for anything that is not a cursor."""
        found = _CURSOR.fullmatch(written)
        return cls(int(found[1]), int(found[2])) if found else None

    def __str__(self) -> str:
        return f"{self.xid}-{self.id}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One event with its place."""

    cursor: Cursor
    event: Event


_PART = (
    "(SELECT xid, id FROM event WHERE {condition} AND xid < pg_snapshot_xmin(pg_current_snapshot()) {after} "
    "ORDER BY xid, id LIMIT :limit)"
)
_AFTER = "AND (xid, id) > (CAST(CAST(:after_xid AS text) AS xid8), CAST(:after_id AS bigint))"


def feed(session: Session, viewer: Viewer, after: Cursor | None, limit: int = PAGE) -> Sequence[Entry]:
    """The next events of the viewer behind `after`, of finished transactions only."""
    conditions, facts = _scopes(viewer)
    if not conditions:
        return []
    facts |= {"limit": max(1, min(limit, MOST))}
    if after is not None:
        facts |= {"after_xid": str(after.xid), "after_id": after.id}
    parts = (_PART.format(condition=one, after=_AFTER if after else "") for one in conditions)
    places: Sequence[Any] = session.execute(
        text(
            f"SELECT CAST(CAST(xid AS text) AS bigint) AS xid, id FROM ({' UNION '.join(parts)}) AS n "  # noqa: S608 - our own conditions
            "ORDER BY n.xid, n.id LIMIT :limit"
        ),
        facts,
    ).all()
    found = {one.id: one for one in session.scalars(select(Event).where(Event.id.in_([id for _, id in places])))}
    return [Entry(Cursor(xid, id), found[id]) for xid, id in places]


def _scopes(viewer: Viewer) -> tuple[list[str], dict[str, Any]]:
    """One condition per index that may hold the viewer's events, and the values it names."""
    if viewer.enterprise_id is not None:
        columns = ("consignor_id", "declarant_id", "sender_id")
        return [f"{column} = :enterprise" for column in columns], {"enterprise": viewer.enterprise_id}
    zones = {f"zone_{n}": zone for n, zone in enumerate(sorted(viewer.zones))}
    return [f"zone_code = :{name}" for name in zones], dict(zones)
