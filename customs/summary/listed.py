"""What is known of the checklists that an application names, and whose checklists it may take."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit.mandates import ALL
from credit.subjects import agents_of
from customs.rules.summary import Listed
from customs.summary.merging import STILL_COUNTS

_ACTING = frozenset({"CEB603", "CEB701", ALL})
"""Mandates under which a declarant still looks after its checklists itself."""

_LISTED = text(
    "SELECT DISTINCT ON (n.invt_no) n.invt_no, c.id, c.status, c.flag, c.consignor_id, c.declarant_id, c.ebc_name, "  # noqa: S608 - our own text
    "c.agent_name, c.customs_code, k.counts, k.free, k.declaration, k.sum_no "
    "FROM unnest(CAST(:numbers AS text[])) AS n(invt_no) JOIN checklist AS c ON c.invt_no = n.invt_no "
    "CROSS JOIN LATERAL (SELECT count(*) AS counts, count(*) FILTER (WHERE d.id IS NULL) AS free, "
    "min(d.decl_seq_no) AS declaration, min(a.sum_no) AS sum_no FROM closed_line AS l "
    "LEFT JOIN declaration_source AS s ON s.live AND s.checklist_id = l.checklist_id AND s.gnum = l.gnum "
    "LEFT JOIN declaration AS d ON d.id = s.declaration_id "
    "LEFT JOIN summary_application AS a ON a.id = d.application_id "
    f"WHERE l.checklist_id = c.id AND {STILL_COUNTS}) AS k "
    "ORDER BY n.invt_no, c.id DESC"
)


def listed(session: Session, numbers: Sequence[str]) -> dict[str, Listed]:
    """The checklists behind customs numbers; numbers without one are absent."""
    rows = session.execute(_LISTED, {"numbers": sorted(set(numbers))})
    return {
        row.invt_no: Listed(
            id=row.id,
            status=row.status,
            flag=row.flag,
            consignor_id=row.consignor_id,
            declarant_id=row.declarant_id,
            owner=row.ebc_name,
            declarant=row.agent_name,
            customs_code=row.customs_code,
            counts=row.counts,
            free=row.free,
            declaration=row.declaration or "",
            sum_no=row.sum_no or "",
        )
        for row in rows
    }


def busy_declarants(session: Session, consignor_id: int, declarant_id: int, on: date) -> tuple[int, ...]:
    """Declarants whose checklists of the consignor stay theirs to summarise when `declarant_id` applies on `on`.

    Those are its other agents under a mandate in force. The consignor itself may summarise all its checklists, and an
    agent those that the consignor, or an agent without a mandate any longer, declared.
    """
    if consignor_id == declarant_id:
        return ()
    acting = acting_agents(session, {consignor_id}, on)
    return tuple(agent for _, agent in sorted(acting) if agent != declarant_id)


def acting_agents(session: Session, consignor_ids: Collection[int], on: date) -> set[tuple[int, int]]:
    """(consignor, agent) of the agents who look after what they declared for these consignors themselves on a day."""
    return {pair for pair, types in agents_of(session, consignor_ids, on).items() if types & _ACTING}
