"""Zones over the API: `/zones`, their parks, customs offices and supervised sites by day."""

from __future__ import annotations

from datetime import date
from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.access import Role, allow, allow_signed_in, person
from app.api.fields import Day, DayQuery
from app.session import unit_of_work
from common import clock
from credit import zones
from credit.subjects import office_rows, sites_on
from credit.tables import Park, Zone, ZoneOffice
from credit.zones import OfficeSetting

blueprint = Blueprint("api_zones", __name__, url_prefix="/api/v1", description="Zones, parks, offices, sites")

_OFFICE = ma.validate.Length(4, 4)


class OfficeBody(ma.Schema):
    """How an office handles the zone's declarations from a day on; `open` false ends it, perhaps with a successor."""

    valid_from = Day(required=True)
    mode = ma.fields.String(load_default="decide", validate=ma.validate.OneOf(zones.MODES))
    early_declaration = ma.fields.Boolean(load_default=False)
    open = ma.fields.Boolean(load_default=True)
    verified = ma.fields.Boolean(load_default=True)
    successor_code = ma.fields.String(load_default=None, allow_none=True, validate=_OFFICE)
    source = ma.fields.String(load_default="", validate=ma.validate.Length(max=200))


class ParkBody(ma.Schema):
    """A park recognised from a day on."""

    name_zh = ma.fields.String(required=True, validate=ma.validate.Length(1, 100))
    name_en = ma.fields.String(required=True, validate=ma.validate.Length(1, 100))
    core = ma.fields.Boolean(load_default=False)
    valid_from = Day(required=True)


class SiteBody(ma.Schema):
    """Who operates a supervised site from a day on; nobody closes it."""

    office_code = ma.fields.String(required=True, validate=_OFFICE)
    loct_no = ma.fields.String(required=True, validate=ma.validate.Length(1, 10))
    name = ma.fields.String(required=True, validate=ma.validate.Length(1, 100))
    operator_id = ma.fields.Integer(required=True, allow_none=True, validate=ma.validate.Range(1, 2**53))
    valid_from = Day(required=True)


@blueprint.get("/zones")
@allow_signed_in
@blueprint.arguments(DayQuery, location="query")
def list_zones(asked: dict[str, Any]) -> dict[str, Any]:
    """The pilot zones with what counts for them on a day."""
    on = asked["on"] or clock.today()
    with unit_of_work() as session:
        return {"on": on.isoformat(), "items": [zone_view(session, zone, on) for zone in zones.all_zones(session)]}


@blueprint.get("/zones/<zone_code>")
@allow_signed_in
@blueprint.arguments(DayQuery, location="query")
def show_zone(asked: dict[str, Any], zone_code: str) -> dict[str, Any]:
    """One pilot zone with what counts for it on a day."""
    with unit_of_work() as session:
        return zone_view(session, zones.require_zone(session, zone_code), asked["on"] or clock.today())


@blueprint.get("/zones/<zone_code>/offices/<office_code>")
@allow(Role.ADMINISTRATOR, Role.DATA_STEWARD, Role.ZONE_MANAGER, Role.AUDITOR)
def show_office(zone_code: str, office_code: str) -> dict[str, Any]:
    """Everything ever set for an office, newest first."""
    with unit_of_work() as session:
        rows = zones.office_history(session, office_code)
        return {"items": [office_view(row) for row in rows if row.zone_code == zone_code]}


@blueprint.put("/zones/<zone_code>/offices/<office_code>")
@allow(Role.ADMINISTRATOR)
@blueprint.arguments(OfficeBody)
def set_office(body: dict[str, Any], zone_code: str, office_code: str) -> dict[str, Any]:
    """Set an office from a day on; what was set before stays on record."""
    setting = OfficeSetting(zone_code=zone_code, office_code=office_code, **body)
    with unit_of_work() as session:
        return office_view(zones.set_office(session, setting, by=person().actor, at=clock.now()))


@blueprint.post("/zones/<zone_code>/parks")
@allow(Role.ADMINISTRATOR)
@blueprint.arguments(ParkBody)
def add_park(body: dict[str, Any], zone_code: str) -> tuple[dict[str, Any], int]:
    """Recognise a park of the zone."""
    on = body.pop("valid_from")
    with unit_of_work() as session:
        return park_view(zones.add_park(session, zone_code, on=on, **body)), 201


@blueprint.post("/sites")
@allow(Role.ADMINISTRATOR)
@blueprint.arguments(SiteBody)
def set_site(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Say who operates a supervised site from a day on."""
    with unit_of_work() as session:
        row = zones.set_site(session, by=person().actor, at=clock.now(), **body)
        return {"id": row.id, **{name: body[name] for name in ("office_code", "loct_no", "name", "operator_id")}}, 201


def zone_view(session: Session, zone: Zone, on: date) -> dict[str, Any]:
    """A zone on the wire, as it stands on the day."""
    offices = [row for row in office_rows(session, on) if row.zone_code == zone.code]
    codes = {row.office_code for row in offices if row.open}
    return {
        "code": zone.code,
        "name": {"zh": zone.name_zh, "en": zone.name_en},
        "approved_on": zone.approved_on.isoformat(),
        "parks": [park_view(park) for park in zones.parks_on(session, zone.code, on)],
        "offices": [office_view(row) for row in offices],
        "sites": [
            {"office_code": s.office_code, "loct_no": s.loct_no, "name": s.name, "operator_id": s.operator_id}
            for s in sites_on(session, on)
            if s.office_code in codes
        ],
    }


def park_view(park: Park) -> dict[str, Any]:
    """A park on the wire."""
    return {"id": park.id, "name": {"zh": park.name_zh, "en": park.name_en}, "core": park.core}


def office_view(row: ZoneOffice) -> dict[str, Any]:
    """A setting of an office on the wire."""
    return {
        "office_code": row.office_code,
        "zone_code": row.zone_code,
        "mode": row.mode,
        "early_declaration": row.early_declaration,
        "open": row.open,
        "verified": row.verified,
        "successor_code": row.successor_code,
        "source": row.source,
        "valid_from": row.valid_from.isoformat(),
        "set_by": row.set_by,
        "set_at": row.set_at.isoformat(),
    }
