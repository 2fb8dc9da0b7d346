"""Taking in an amendment: a CEB603 with appType 2 for a checklist that customs has concluded, released or closed.

The checklist stays as it is; the request waits for an officer (`customs.amendments.deciding`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from common.clock import china_day, day_written
from common.events import NewEvent
from common.findings import Finding, Text
from common.law import law
from customs.amendments import contents, shut_outs
from customs.amendments.situation import situation_of
from customs.intake.batch import Batch, Filed
from customs.intake.checklist_contents import HEAD
from customs.intake.papers import common
from customs.matching.again import compared
from customs.moves import lock
from customs.rules import amendments as rules
from customs.rules.amendment_findings import KNOWN_DAY
from customs.rules.amendments import Change
from customs.rules.moves import State
from customs.tables import Amendment, Checklist

_ASKED = Text("已申请修改，等海关决定", "An amendment is requested; customs decides")

_KEPT = frozenset({"decides", "findings", "parent_order_no", "business", "warehouse_id"})
"""Columns that a request does not touch: who decides, findings of the time, and what the standard has no field for."""


_OF_DECLARANT = frozenset({"declarant_id", "agent_code", "agent_name", "cop_no"})
"""What stays besides where somebody else asks than who declared: a consignor after the mandate has ended."""


def request(
    batch: Batch, one: Filed, checklist_id: int, head: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]
) -> None:
    """File the request that a checked document is, or add findings why it cannot be one.

    `head` and `lines` are the columns that the document would fill; the business keys are locked.
    """
    lock(batch.session, [checklist_id])
    row = batch.session.scalars(
        select(Checklist).where(Checklist.id == checklist_id).execution_options(populate_existing=True)
    ).one()
    kept = _KEPT if head["declarant_id"] == row.declarant_id else _KEPT | _OF_DECLARANT
    new_head = {name: value for name, value in head.items() if name not in kept}
    old_lines = contents.lines_of(contents.stored_lines(batch.session, row.id))
    changes = contents.differences(
        contents.head_of(row), old_lines, contents.head_of(_whole(row, new_head)), contents.lines_of(lines)
    )
    ground, known_on = ground_of(one), known_day(batch, one)
    one.findings += _faults(batch, one, row, changes, ground, known_on)
    if not one.ok:
        return
    (one.id,) = batch.ids(1)
    fields = {change.field for change in changes}
    values = {
        **common(batch, one, row.zone_code),
        "status": State.STORED,
        "checklist_id": row.id,
        "checklist_status": row.status,
        "checklist_revision": row.revision,
        "customs_code": row.customs_code,
        "cop_no": row.cop_no,
        "invt_no": row.invt_no,
        "declarant_id": head["declarant_id"],
        "agent_code": head["agent_code"],
        "agent_name": head["agent_name"],
        "consignor_id": row.consignor_id,
        "ebc_code": row.ebc_code,
        "ebc_name": row.ebc_name,
        "ground": ground,
        "known_on": known_on,
        "proposed": {"head": contents.packed(new_head), "lines": [contents.packed(line) for line in lines]},
        "changes": [change.as_dict() for change in changes],
        "effects": _effects(batch, row, fields),
        "compared": compared(batch.session, row.id, new_head, lines, at=batch.at),
        "outcome": "pending",
        "decided_at": None,
        "decided_by": None,
        "decided_name": None,
        "answer": None,
    }
    amendment = Amendment(**values)
    batch.session.add(amendment)
    batch.session.flush()
    one.zone_code = row.zone_code
    batch.accept(
        one,
        kind="amendment.accepted",
        subject_type="amendment",
        state=State.STORED,
        checklist_id=row.id,
        ground=ground,
        fields=sorted(fields),
    )
    batch.events.append(_told(batch, row, amendment, changes))
    shut_outs.request(batch.session, amendment, less_of(changes, old_lines), at=batch.at)


def _whole(row: Checklist, head: Mapping[str, Any]) -> dict[str, Any]:
    """The head as it would be: the request's columns over the checklist's own."""
    return {name: head.get(name, getattr(row, name)) for name in HEAD}


def _effects(batch: Batch, row: Checklist, fields: set[str]) -> list[str]:
    day = china_day(batch.at)
    return [one.value for one in rules.effects_of(fields, row.status, row.flag, law(), day)]


def ground_of(one: Filed) -> str | None:
    """The ground of a request, which the JSON form may carry."""
    found: str | None = one.doc.extras.get("ground") or None
    return found


def known_day(batch: Batch, one: Filed) -> date | None:
    """The day on which the reason became known: as said, else the day of declaring; a bad one is a finding."""
    said = one.doc.extras.get("known_on")
    if not said:
        return china_day(one.app_time)
    try:
        return day_written(said)
    except ValueError:
        one.findings.append(KNOWN_DAY.at(f"/{one.spec.element}/{one.doc.index}/known_on", value=str(said)[:20]))
        return None


def _faults(
    batch: Batch, one: Filed, row: Checklist, changes: Sequence[Change], ground: str | None, known_on: date | None
) -> list[Finding]:
    """Everything that stands against the request, all at once; what blocks it altogether comes alone."""
    on, where = china_day(batch.at), f"/{one.spec.element}/{one.doc.index}"
    now = situation_of(batch.session, row)
    stopped = rules.blocked(now, law(), on, one.at_head("copNo"))
    if stopped:
        return stopped
    wrong = rules.ground_fault(ground, row.status, law(), on, pointer=f"{where}/ground")
    found = [wrong] if wrong else []
    found += rules.known_day_faults(ground, known_on, china_day(row.app_time), on, law(), pointer=f"{where}/known_on")
    found += rules.returned_faults(changes, ground, now, pointer=where)
    found += rules.arrived_faults(changes, ground, now, pointer=where)
    return found + rules.content_faults(changes, ground, row.status, now.number, law(), on, pointer=where)


def less_of(changes: Sequence[Change], lines: Mapping[int, Mapping[str, str | None]]) -> str:
    """What a shut-out in part takes away, for people; `lines` are those that the changes name, as they were."""
    parts = []
    for change in changes:
        goods = lines.get(change.line or 0, {}).get("gname") or ""
        if change.field == "qty":
            parts.append(f"{goods} {change.before} → {change.after}")
        elif change.field == contents.GNUM and change.after is None:
            parts.append(f"{change.before} → 0")
    return "；".join(parts)[:500] or "—"


def _told(batch: Batch, row: Checklist, amendment: Amendment, changes: Sequence[Change]) -> NewEvent:
    """The event in the checklist's own history."""
    return NewEvent(
        at=batch.at,
        kind="checklist.amendment_requested",
        subject_type="checklist",
        subject_id=row.id,
        source="party",
        actor=f"subject:{batch.sender.id}",
        zone_code=row.zone_code,
        consignor_id=row.consignor_id,
        declarant_id=row.declarant_id,
        sender_id=batch.sender.id,
        data={
            "say": _ASKED.as_dict(),
            "amendment_id": amendment.id,
            "ground": amendment.ground,
            "fields": sorted({change.field for change in changes}),
        },
    )
