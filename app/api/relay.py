"""Relay mode over the API: the connector's outbox and customs' responses; differences for those who supervise.

The zone's connector is a program with an account of role `data_steward`: it looks after what is loaded from outside,
files nothing and decides nothing, and sees only the zones of its account.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import marshmallow as ma
from flask import current_app
from flask_smorest import Blueprint

from app.access import Role, allow, person
from app.access.reads import saw
from app.access.rules import SY0003
from app.api.fields import Day
from app.session import unit_of_work
from app.uploads import read_body
from common import clock
from common.findings import NotAllowedError
from common.outbox import OutboxMessage
from customs import relay
from customs.relay.differences import PAGE, Differing
from customs.relay.recorded import OUTCOMES, TROUBLE
from customs.relay.sending import checklist_of
from customs.rules.relay import ACT_NAMES, VERDICT_NAMES
from customs.tables import CustomsResponse

blueprint = Blueprint("api_relay", __name__, url_prefix="/api/v1", description="Relaying to customs' own system")

CONNECTOR = (Role.DATA_STEWARD,)
OVERSEERS = (Role.CUSTOMS_SUPERVISOR, Role.ZONE_MANAGER, Role.DATA_STEWARD, Role.AUDITOR)
SPAN = timedelta(days=30)
"""How far back differences are counted when no days are named."""


class OutboxQuery(ma.Schema):
    """Messages to fetch: of one zone or of all one's zones; `after` goes on within one pass."""

    zone_code = ma.fields.String(load_default=None, validate=ma.validate.Length(max=6))
    after = ma.fields.Integer(load_default=0, validate=ma.validate.Range(0, 2**53))
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 500))


class SentBody(ma.Schema):
    """`failure` says why sending failed; without it the message went out."""

    failure = ma.fields.String(load_default=None, allow_none=True)


class DifferencesQuery(ma.Schema):
    """Zone and days (both inclusive) of receipt; the last 30 days without them."""

    zone_code = ma.fields.String(load_default=None, validate=ma.validate.Length(max=6))
    start = Day(load_default=None, data_key="from")
    end = Day(load_default=None, data_key="to")
    after = ma.fields.Integer(load_default=0, validate=ma.validate.Range(0, 2**53))
    limit = ma.fields.Integer(load_default=PAGE, validate=ma.validate.Range(1, 500))


class ResponsesQuery(ma.Schema):
    """Kept responses by outcome (those that need looking after without it), newest first."""

    outcome = ma.fields.String(load_default=None, validate=ma.validate.OneOf(OUTCOMES))
    before = ma.fields.Integer(load_default=None, validate=ma.validate.Range(1, 2**53))
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 500))


def asked_zones(zone_code: str | None) -> frozenset[str]:
    """The zone named, or all zones of the asking person; raises `NotAllowedError` for a zone of somebody else's."""
    zones = person().zones
    if zone_code is None:
        return zones
    if zone_code not in zones:
        raise NotAllowedError(SY0003.at("/zone_code"))
    return frozenset({zone_code})


def asked_span(start: date | None, end: date | None) -> tuple[date, date]:
    """The days asked for, filled in to the last 30."""
    last = end or clock.today()
    return start or last - SPAN, last


@blueprint.get("/outbox")
@allow(*CONNECTOR)
@blueprint.arguments(OutboxQuery, location="query")
def fetch_outbox(asked: dict[str, Any]) -> dict[str, Any]:
    """Lease messages for sending, oldest first; one not reported sent comes again when its lease ends.

    Start each pass without `after`. A message never handed out comes whatever `after` says.
    """
    zones = asked_zones(asked["zone_code"])
    with unit_of_work() as session:
        rows = relay.fetch(session, zones, at=clock.now(), after=asked["after"], limit=asked["limit"])
        for row in rows:
            saw(row.subject_type, row.subject_id, zone_code=row.zone_code, owners=())
        items = [_message_view(row) | {"payload": row.payload.decode()} for row in rows]
    return {"items": items, "next": items[-1]["id"] if items else None}


@blueprint.post("/outbox/<int(max=9007199254740991):message_id>/sent")
@allow(*CONNECTOR)
@blueprint.arguments(SentBody)
def report_outbox(body: dict[str, Any], message_id: int) -> dict[str, Any]:
    """Report a message sent, or with `failure` why it was not; the checklist goes to 3 or 4, other parties are told."""
    with unit_of_work() as session:
        row = relay.report_sent(
            session, person().zones, message_id, failure=body["failure"], actor=person().actor, at=clock.now()
        )
        return _message_view(row)


@blueprint.get("/relay/outbox")
@allow(*OVERSEERS)
def read_outbox() -> dict[str, Any]:
    """What waits for the connectors, with its age, without contents; nothing is leased."""
    now = clock.now()
    with unit_of_work() as session:
        state = relay.outbox_state(session, person().zones)
    return {
        "zones": [
            {
                "zone_code": one.zone_code,
                "waiting": one.waiting,
                "failed": one.failed,
                "oldest_at": one.oldest_at.isoformat(),
                "oldest_age_seconds": int((now - one.oldest_at).total_seconds()),
            }
            for one in state.backlog
        ],
        "items": [_message_view(row) for row in state.waiting],
    }


@blueprint.post("/customs-responses")
@allow(*CONNECTOR)
def take_responses() -> dict[str, Any]:
    """Take in one CEB message of answers (CEB214 … 792) as customs sends it, raw `application/xml`; repeatable."""
    raw = read_body(current_app.config["MAX_BODY_BYTES"])
    with unit_of_work() as session:
        found = relay.receive(session, person().zones, raw, actor=person().actor, at=clock.now())
        return {
            "id": found.message_id,
            "type": found.type,
            "repeated": found.repeated,
            "counts": found.counts,
            "responses": [_response_view(row) for row in found.responses],
        }


@blueprint.get("/relay/responses")
@allow(*OVERSEERS)
@blueprint.arguments(ResponsesQuery, location="query")
def read_responses(asked: dict[str, Any]) -> dict[str, Any]:
    """Responses kept from customs; those about no paper of ours are shown to the data steward only."""
    outcomes = (asked["outcome"],) if asked["outcome"] else TROUBLE
    with unit_of_work() as session:
        rows = relay.recorded(
            session,
            person().zones,
            outcomes=outcomes,
            unmatched=person().role == Role.DATA_STEWARD,
            before=asked["before"],
            limit=asked["limit"],
        )
        items = [_response_view(row) for row in rows]
        for row in rows:
            if row.subject_type and row.subject_id:
                saw(row.subject_type, row.subject_id, zone_code=row.zone_code, owners=())
    return {"items": items, "next": items[-1]["id"] if len(items) == asked["limit"] else None}


@blueprint.get("/relay/differences")
@allow(*OVERSEERS)
@blueprint.arguments(DifferencesQuery, location="query")
def read_differences(asked: dict[str, Any]) -> dict[str, Any]:
    """How customs treated relayed checklists compared with our tiering: counts, and those that differ."""
    zones = asked_zones(asked["zone_code"])
    zone = relay.covered(zones, asked["zone_code"]) or ""
    start, end = asked_span(asked["start"], asked["end"])
    with unit_of_work() as session:
        found = relay.differences(session, zone, start, end)
        rows, following = relay.differing(session, zone, start, end, after=asked["after"], limit=asked["limit"])
    for row in rows:
        saw("checklist", row.id, zone_code=zone, owners=row.owners)
    return {
        "zone_code": zone,
        "from": start.isoformat(),
        "to": end.isoformat(),
        "verdicts": found.verdicts,
        "counts": [
            {"tier": one.tier, "expected": one.expected, "done": one.done, "verdict": one.verdict, "count": one.count}
            for one in found.cells
        ],
        "words": {
            "acts": {str(code): text.as_dict() for code, text in ACT_NAMES.items()},
            "verdicts": {str(code): text.as_dict() for code, text in VERDICT_NAMES.items()},
        },
        "items": [_differing_view(row) for row in rows],
        "next": following,
    }


def _message_view(row: OutboxMessage) -> dict[str, Any]:
    return {
        "id": row.id,
        "zone_code": row.zone_code,
        "office": row.office,
        "type": row.kind,
        "subject": {"type": row.subject_type, "id": row.subject_id},
        "checklist_id": checklist_of(row),
        "created_at": row.created_at.isoformat(),
        "attempts": row.attempts,
        "leased_until": row.leased_until.isoformat() if row.leased_until else None,
        "sent_at": row.sent_at.isoformat() if row.sent_at else None,
        "failed_at": row.failed_at.isoformat() if row.failed_at else None,
        "failure": row.failure,
        "answered_at": row.answered_at.isoformat() if row.answered_at else None,
    }


def _response_view(row: CustomsResponse) -> dict[str, Any]:
    known = row.subject_type is not None
    return {
        "id": row.id,
        "type": row.type,
        "subject": {"type": row.subject_type, "id": row.subject_id} if known else None,
        "keys": {name: value for name, value in row.head.items() if name.endswith(("No", "Code"))},
        "status": row.return_status,
        "time": row.return_time.isoformat() if row.return_time else None,
        "info": row.return_info,
        "outcome": row.outcome,
        "findings": row.findings,
        "received_at": row.received_at.isoformat(),
    }


def _differing_view(row: Differing) -> dict[str, Any]:
    return {
        "id": row.id,
        "cop_no": row.cop_no,
        "invt_no": row.invt_no,
        "order_no": row.order_no,
        "office": row.office,
        "status": row.status,
        "tier": row.tier,
        "expected": row.expected,
        "done": row.done,
        "verdict": row.verdict,
        "received_at": row.received_at.isoformat(),
    }
