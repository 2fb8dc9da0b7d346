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

_WAITING = text(
    "UPDATE checklist AS c SET waits_for = string_to_array(n.waits, ','), match = CAST(n.match AS jsonb), "
    "order_id = n.order_id, waybill_id = n.waybill_id, payment_id = n.payment_id FROM "
    "unnest(CAST(:ids AS bigint[]), CAST(:waits AS text[]), CAST(:matches AS text[]), CAST(:orders AS bigint[]), "
    "CAST(:waybills AS bigint[]), CAST(:payments AS bigint[])) "
    "AS n(id, waits, match, order_id, waybill_id, payment_id) WHERE c.id = n.id"
)
_MATCH = text(
    "UPDATE checklist AS c SET waits_for = '{}', match = CAST(n.match AS jsonb), value_cny = n.value, "
    "order_id = n.order_id, waybill_id = n.waybill_id, payment_id = n.payment_id, "
    "arrived_at = coalesce(c.arrived_at, n.arrived), findings = c.findings || CAST(n.findings AS jsonb) FROM "
    "unnest(CAST(:ids AS bigint[]), CAST(:matches AS text[]), CAST(:values AS numeric[]), CAST(:orders AS bigint[]), "
    "CAST(:waybills AS bigint[]), CAST(:payments AS bigint[]), CAST(:arrivals AS timestamptz[]), "
    "CAST(:findings AS text[])) "
    "AS n(id, match, value, order_id, waybill_id, payment_id, arrived, findings) WHERE c.id = n.id"
)
_TIERS = text(
    "UPDATE checklist AS c SET tier = n.tier, tier_trace = CAST(n.trace AS jsonb), reason_class = n.reason FROM "
    "unnest(CAST(:ids AS bigint[]), CAST(:tiers AS text[]), CAST(:traces AS text[]), CAST(:reasons AS text[])) "
    "AS n(id, tier, trace, reason) WHERE c.id = n.id"
)


def write_waiting(session: Session, settled: Sequence[Settled]) -> None:
    """What each checklist waits for, and what is known of the papers that are there."""
    if settled:
        waits = {"waits": [",".join(one.waits_for) for one in settled]}
        session.execute(_WAITING, _papers(settled) | waits)


def write_match(session: Session, settled: Sequence[Settled], at: datetime) -> None:
    """The comparison, the papers and the value of checklists that wait no longer."""
    if not settled:
        return
    more = {
        "values": [one.value_cny for one in settled],
        "arrivals": [one.one.arrived_at for one in settled],
        "findings": [_json(one.refused) for one in settled],
    }
    session.execute(_MATCH, _papers(settled) | more)


def _papers(settled: Sequence[Settled]) -> dict[str, list[Any]]:
    return {
        "ids": [one.one.id for one in settled],
        "matches": [_json(one.match.fields) for one in settled],
        "orders": [one.one.row["order_id"] for one in settled],
        "waybills": [one.one.row["waybill_id"] for one in settled],
        "payments": [one.one.payment.id if one.one.payment is not None else None for one in settled],
    }


def write_tiers(session: Session, tiered: Sequence[tuple[Settled, Assessment]]) -> None:
    """Tier, trace and reason class."""
    session.execute(
        _TIERS,
        {
            "ids": [one.one.id for one, _ in tiered],
            "tiers": [tier.tier for _, tier in tiered],
            "traces": [_json(tier.trace) for _, tier in tiered],
            "reasons": [tier.reason_class for _, tier in tiered],
        },
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
