"""Exports declared elsewhere, registered here (出口登记): handing one in, the list, one of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import marshmallow as ma
from flask import Response, current_app, jsonify, make_response
from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Role, allow, person
from app.access.reads import saw
from app.access.scope import visible_to
from app.api.fields import Day, own_enterprise
from app.session import unit_of_work
from app.uploads import SY0150, TooLargeError
from common import clock
from common.findings import NotFoundError
from common.money import plain
from customs.registrations import from_json, line_texts, lines_of, register
from customs.registrations.matching import missing
from customs.rules.registrations import CU8111
from customs.tables import ExportRegistration

blueprint = Blueprint(
    "api_registrations", __name__, url_prefix="/api/v1", description="Exports declared elsewhere, registered here"
)

REGISTRANTS = (Role.SELLER, Role.AGENT, Role.PLATFORM)
READERS = (
    *REGISTRANTS,
    Role.CUSTOMS_OFFICER,
    Role.CUSTOMS_SUPERVISOR,
    Role.TAX_OFFICER,
    Role.FOREX_OFFICER,
    Role.ZONE_MANAGER,
    Role.AUDITOR,
)
NUMBER_LENGTH = 40


class AnswerSchema(ma.Schema):
    """Customs' response: its state, its time (17 digits) and text, or the CEB604 itself, which then gives them."""

    status = ma.fields.String(load_default="", validate=ma.validate.Length(max=10))
    time = ma.fields.String(load_default="", validate=ma.validate.Length(max=17))
    info = ma.fields.String(load_default="", validate=ma.validate.Length(max=1000))
    xml = ma.fields.String(load_default=None, allow_none=True)


class RegistrationBody(ma.Schema):
    """`document` is the declared checklist in the JSON form of messages: `{"head", "lines"}` of CEB603."""

    invt_no = ma.fields.String(load_default="", validate=ma.validate.Length(max=NUMBER_LENGTH))
    document = ma.fields.Raw(required=True)
    response = ma.fields.Nested(AnswerSchema, required=True)


class RegistrationsQuery(ma.Schema):
    """A page of the list; `after` is the `next` of the page before."""

    invt_no = ma.fields.String(load_default=None, validate=ma.validate.Length(max=NUMBER_LENGTH))
    order_no = ma.fields.String(load_default=None, validate=ma.validate.Length(max=60))
    zone_code = ma.fields.String(load_default=None, validate=ma.validate.Length(max=6))
    exported_from = Day(load_default=None)
    exported_to = Day(load_default=None)
    after = ma.fields.Integer(load_default=0, validate=ma.validate.Range(0, 2**53))
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 500))


@blueprint.post("/export-registrations")
@allow(*REGISTRANTS)
@blueprint.arguments(RegistrationBody)
def register_export(body: dict[str, Any]) -> Response:
    """Register an export declared elsewhere: 201, or 200 with the first one where it is here already."""
    answer, at = body["response"], clock.now()
    raw = answer["xml"].encode() if answer["xml"] else None
    limit = current_app.config["MAX_BODY_BYTES"]
    if raw is not None and len(raw) > limit:
        raise TooLargeError(SY0150.at("/response/xml", limit=limit))
    told = from_json(
        body["document"],
        body["invt_no"],
        status=answer["status"],
        time=answer["time"],
        info=answer["info"],
        response=raw,
        at=at,
    )
    with unit_of_work() as session:
        done = register(session, told, sender_id=own_enterprise(person()), actor=person().actor, at=at)
        shown = one_view(session, done.row) | {"created": done.created}
    return make_response(jsonify(shown), 201 if done.created else 200)


@blueprint.get("/export-registrations")
@allow(*READERS)
@blueprint.arguments(RegistrationsQuery, location="query")
def list_registrations(asked: dict[str, Any]) -> dict[str, Any]:
    """Registrations of one's own firm, or of one's zones, in order of registration."""
    with unit_of_work() as session:
        rows = visible_rows(session, **asked)
        for row in rows:
            shown_to_asker(row)
    items = [row_view(row) for row in rows]
    return {"items": items, "next": items[-1]["id"] if len(items) == asked["limit"] else None}


@blueprint.get("/export-registrations/<int(max=9007199254740991):registration_id>")
@allow(*READERS)
def read_registration(registration_id: int) -> dict[str, Any]:
    """One registration with its lines, customs' answer and the comparison with papers that are here."""
    with unit_of_work() as session:
        return one_view(session, visible_one(session, registration_id))


def visible_rows(
    session: Session,
    *,
    invt_no: str | None = None,
    order_no: str | None = None,
    zone_code: str | None = None,
    exported_from: date | None = None,
    exported_to: date | None = None,
    after: int = 0,
    limit: int = 100,
    newest_first: bool = False,
) -> list[ExportRegistration]:
    """The registrations that the asking person may see, by what is asked."""
    table = ExportRegistration
    parties = (table.consignor_id, table.declarant_id, table.sender_id)
    conditions = [visible_to(person()).rows(table.zone_code, *parties), table.id > after]
    equal = {table.invt_no: invt_no, table.order_no: order_no, table.zone_code: zone_code}
    conditions += [column == value for column, value in equal.items() if value]
    if exported_from:
        conditions.append(table.export_on >= exported_from)
    if exported_to:
        conditions.append(table.export_on <= exported_to)
    order = table.id.desc() if newest_first else table.id
    return list(session.scalars(select(table).where(*conditions).order_by(order).limit(limit)))


def visible_one(session: Session, registration_id: int) -> ExportRegistration:
    """One registration; raises `NotFoundError` where there is none or it is not the asker's to see."""
    row = session.get(ExportRegistration, registration_id)
    if row is None or not visible_to(person()).covers(row.zone_code, *owners(row)):
        raise NotFoundError(CU8111.at("/id"))
    shown_to_asker(row)
    return row


def owners(row: ExportRegistration) -> tuple[int | None, ...]:
    """The firms that a registration names as its own."""
    return row.consignor_id, row.declarant_id, row.sender_id


def shown_to_asker(row: ExportRegistration) -> None:
    """Leave the audit entry of a look at somebody else's registration."""
    saw("export_registration", row.id, zone_code=row.zone_code, owners=owners(row))


def row_view(row: ExportRegistration) -> dict[str, Any]:
    """A line of the list."""
    return {
        "id": row.id,
        "invt_no": row.invt_no,
        "source": row.source,
        "zone_code": row.zone_code,
        "customs_code": row.customs_code,
        "order_no": row.order_no,
        "cop_no": row.cop_no,
        "logistics_no": row.logistics_no,
        "trade_mode": row.trade_mode,
        "flag": row.flag,
        "country": row.country,
        "export_on": row.export_on.isoformat(),
        "currency": row.currency,
        "total_price": plain(row.total_price),
        "status": row.state,
        "waits_for": missing(row),
        "differs": bool(row.findings),
        "registered_at": row.registered_at.isoformat(),
    }


def one_view(session: Session, row: ExportRegistration) -> dict[str, Any]:
    """A registration in full."""
    return row_view(row) | {
        "document": {"head": row.head, "lines": [line_texts(line) for line in lines_of(session, row.id)]},
        "response": {"status": row.state, "time": row.return_time.isoformat(), "info": row.return_info},
        "match": row.match,
        "findings": row.findings,
        "changed_at": row.changed_at.isoformat(),
    }
