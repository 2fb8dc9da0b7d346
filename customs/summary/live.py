"""Which live declarations hold the lines of a checklist: what amendments, goods returns and the proof ask."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class DeclarationRef:
    """A live declaration that holds lines of a checklist.

    `lines` pairs the checklist's line number (gnum) with the declaration's line number. `entry_id` and `dec_state` are
    customs' own, None until its later answer came. Its checklists may be corrected once it is amended (`amended_at`).
    """

    id: int
    application_id: int
    decl_seq_no: str
    sum_no: str | None
    entry_id: str | None
    dec_state: str | None
    amended_at: datetime | None
    lines: tuple[tuple[int, int], ...]


_LIVE = text(
    "SELECT s.checklist_id, d.id, d.application_id, d.decl_seq_no, a.sum_no, d.entry_id, d.dec_state, d.amended_at, "
    "array_agg(s.gnum ORDER BY s.gnum) AS gnums, array_agg(s.line_no ORDER BY s.gnum) AS line_nos "
    "FROM declaration_source AS s JOIN declaration AS d ON d.id = s.declaration_id "
    "JOIN summary_application AS a ON a.id = d.application_id "
    "WHERE s.live AND s.checklist_id = ANY(CAST(:ids AS bigint[])) "
    "GROUP BY s.checklist_id, d.id, a.sum_no ORDER BY s.checklist_id, d.id"
)


def live_declaration_of(session: Session, checklist_ids: Collection[int]) -> dict[int, list[DeclarationRef]]:
    """The live declarations of checklists, by checklist; checklists whose lines are in none are absent."""
    found: dict[int, list[DeclarationRef]] = {}
    for row in session.execute(_LIVE, {"ids": sorted(set(checklist_ids))}):
        lines = tuple(zip(row.gnums, row.line_nos, strict=True))
        ref = DeclarationRef(
            row.id,
            row.application_id,
            row.decl_seq_no,
            row.sum_no,
            row.entry_id,
            row.dec_state,
            row.amended_at,
            lines,
        )
        found.setdefault(row.checklist_id, []).append(ref)
    return found
