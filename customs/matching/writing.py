"""Writing what settling found: in bulk, one statement per kind of change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import text
from sqlalchemy.orm import Session

from common.events import NewEvent, append_events
from customs.risk import Assessment
from customs.rules.moves import State
from customs.rules.settling import MATCHED

if TYPE_CHECKING:
    from customs.matching.settling import Settled

# Rows travel as one JSON text: an array of texts costs the driver far more than the database.
_PAPERS = "order_id = n.order_id, waybill_id = n.waybill_id, payment_id = n.payment_id, match = n.match"
_WAITING = text(
    f"UPDATE checklist AS c SET waits_for = string_to_array(n.waits, ','), {_PAPERS} "  # noqa: S608 - our own columns
    "FROM jsonb_to_recordset(CAST(:rows AS jsonb)) "
    "AS n(id bigint, order_id bigint, waybill_id bigint, payment_id bigint, match jsonb, waits text) WHERE c.id = n.id"
)
_MATCH = text(
    f"UPDATE checklist AS c SET waits_for = '{{}}', {_PAPERS}, value_cny = n.value, "  # noqa: S608 - our own columns
    "arrived_at = coalesce(c.arrived_at, n.arrived), findings = c.findings || n.findings "
    "FROM jsonb_to_recordset(CAST(:rows AS jsonb)) "
    "AS n(id bigint, order_id bigint, waybill_id bigint, payment_id bigint, match jsonb, value numeric, "
    "arrived timestamptz, findings jsonb) WHERE c.id = n.id"
)
_TIERS = text(
    "UPDATE checklist AS c SET tier = n.tier, tier_trace = n.trace, reason_class = n.reason "
    "FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n(id bigint, tier text, trace jsonb, reason text) "
    "WHERE c.id = n.id"
)

_HOLDS = text(
    "UPDATE checklist AS c SET site_hold = n.hold FROM jsonb_to_recordset(CAST(:rows AS jsonb)) "
    "AS n(id bigint, hold jsonb) WHERE c.id = n.id"
)


def write_waiting(session: Session, settled: Sequence[Settled]) -> None:
    """What each checklist waits for, and what is known of the papers that are there."""
    if settled:
        rows = [_papers(one) | {"waits": ",".join(one.waits_for)} for one in settled]
        session.execute(_WAITING, {"rows": _json(rows)})


def write_match(session: Session, settled: Sequence[Settled]) -> None:
    """The comparison, the papers and the value of checklists that wait no longer."""
    if settled:
        rows = [
            _papers(one) | {"value": one.value_cny, "arrived": one.one.arrived_at, "findings": one.refused}
            for one in settled
        ]
        session.execute(_MATCH, {"rows": _json(rows)})


def _papers(one: Settled) -> dict[str, Any]:
    return {
        "id": one.one.id,
        "match": one.match.fields,
        "order_id": one.one.row["order_id"],
        "waybill_id": one.one.row["waybill_id"],
        "payment_id": one.one.payment.id if one.one.payment is not None else None,
    }


def write_tiers(session: Session, tiered: Sequence[tuple[Settled, Assessment]]) -> None:
    """Tier, trace and reason class."""
    rows = [
        {"id": one.one.id, "tier": tier.tier, "trace": tier.trace, "reason": tier.reason_class} for one, tier in tiered
    ]
    session.execute(_TIERS, {"rows": _json(rows)})


def write_holds(session: Session, held: Sequence[Settled], at: datetime) -> None:
    """Parcels that the site weighed before their checklist came, and that weigh too much or too little."""
    rows = [
        {"id": one.one.id, "hold": one.hold.as_dict(at), "say": one.hold.say().as_dict()} for one in held if one.hold
    ]
    if not rows:
        return
    session.execute(_HOLDS, {"rows": _json(rows)})
    append_events(session, [_held_event(one, row, at) for one, row in zip(held, rows, strict=True)])


def _held_event(one: Settled, row: dict[str, Any], at: datetime) -> NewEvent:
    known = one.one.row
    return NewEvent(
        at=at,
        kind="checklist.site_held",
        subject_type="checklist",
        subject_id=one.one.id,
        source="rule",
        rule=row["hold"]["rule"],
        zone_code=known["zone_code"],
        consignor_id=known["consignor_id"],
        declarant_id=known["declarant_id"],
        sender_id=known["sender_id"],
        data={"say": row["say"], "hold": row["hold"]},
    )


_KINDS = (
    ("sale_order", "order", State.STORED, "order_id", "order_zone", "order_sender"),
    ("waybill", "waybill", State.CONCLUDED, "waybill_id", "waybill_zone", "waybill_sender"),
)


def bring_papers_along(session: Session, settled: Sequence[Settled], at: datetime) -> None:
    """Orders, waybills and payment receipts are stored together with their checklist; each gets its response."""
    events = [
        _event(subject, state, one.one.row[id], one.one.row[zone], one.one.row[sender], one, at)
        for _, subject, state, id, zone, sender in _KINDS
        for one in settled
        if one.one.row[id] is not None
    ]
    for table, _, state, id, _, _ in _KINDS:
        _set_state(session, table, state, [one.one.row[id] for one in settled if one.one.row[id] is not None])
    paid = [one for one in settled if one.one.payment is not None]
    _set_state(session, "payment_receipt", State.STORED, [one.one.payment.id for one in paid if one.one.payment])
    for one in paid:
        payment = one.one.payment
        assert payment is not None
        events.append(
            _event("payment_receipt", State.STORED, payment.id, payment.zone_code, payment.sender_id, one, at)
        )
    append_events(session, events)


def _set_state(session: Session, table: str, state: str, ids: Sequence[int]) -> None:
    if ids:
        session.execute(
            text(f"UPDATE {table} SET status = :state WHERE id = ANY(CAST(:ids AS bigint[]))"),  # noqa: S608 - our own names
            {"state": state, "ids": list(ids)},
        )


def _event(subject: str, state: str, id: int, zone: str, sender: int, one: Settled, at: datetime) -> NewEvent:
    return NewEvent(
        at=at,
        kind=f"{subject}.stored",
        subject_type=subject,
        subject_id=id,
        source="rule",
        state=state,
        rule=MATCHED,
        zone_code=zone,
        consignor_id=one.one.row["consignor_id"],
        sender_id=sender,
        data={
            "say": {"zh": "逻辑校验通过，与清单比对一致", "en": "Checked; equal to its checklist"},
            "checklist_id": one.one.id,
        },
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
