"""Subjects over the API. An enterprise reads itself; agencies read all; the keepers register and change."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.access import AGENCY, Role, allow, allow_signed_in, person
from app.access.keys import identity_keys
from app.access.reads import saw
from app.api.fields import Day, DayQuery, PageQuery, page_view
from app.session import unit_of_work
from common import clock
from common.findings import NotFoundError
from credit import registering
from credit.listing import SubjectFilters, find_subjects, history
from credit.refusals import CR0008
from credit.registering import KINDS, ROLES, TRAITS, NewSubject
from credit.subjects import SubjectFacts, subjects_by_ids

blueprint = Blueprint("api_subjects", __name__, url_prefix="/api/v1", description="Who is registered")

KEEPERS = (Role.ADMINISTRATOR, Role.DATA_STEWARD)
CHANGES = ("name", "uscc", "customs_code", *TRAITS, "role", "end_role", "home_zone", "zone", "leave_zone")


class SubjectsQuery(PageQuery):
    """Which subjects."""

    zone_code = ma.fields.String(load_default="", validate=ma.validate.Length(max=6))
    role = ma.fields.String(load_default="", validate=ma.validate.OneOf(["", *ROLES]))
    kind = ma.fields.String(load_default="", validate=ma.validate.OneOf(["", *KINDS]))
    text = ma.fields.String(load_default="", validate=ma.validate.Length(max=100))


class SubjectBody(ma.Schema):
    """A subject to register from a day on (today without one)."""

    kind = ma.fields.String(required=True, validate=ma.validate.Length(max=20))
    name = ma.fields.String(required=True, validate=ma.validate.Length(1, 100))
    uscc = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=18))
    customs_code = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=10))
    id_number = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=18))
    roles = ma.fields.List(ma.fields.String(validate=ma.validate.Length(max=20)), load_default=list)
    filing = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=24))
    trade_kind = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=24))
    taxpayer_kind = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=24))
    customs_grade = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=24))
    zone_code = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=6))
    park_id = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(1, 2**53))
    dxp_id = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=30))
    on = Day(load_default=None, allow_none=True)


class ChangeBody(ma.Schema):
    """One dated change; `value` null ends a trait."""

    what = ma.fields.String(required=True, validate=ma.validate.OneOf(CHANGES))
    value = ma.fields.String(required=True, allow_none=True, validate=ma.validate.Length(max=100))
    on = Day(required=True)
    park_id = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(1, 2**53))


@blueprint.get("/subjects")
@allow(*AGENCY)
@blueprint.arguments(SubjectsQuery, location="query")
def list_subjects(asked: dict[str, Any]) -> dict[str, Any]:
    """Subjects by zone, role, kind, part of a name or whole code."""
    after, limit = asked.pop("after"), asked.pop("limit")
    with unit_of_work() as session:
        rows = find_subjects(session, SubjectFilters(**asked), clock.today(), after=after, limit=limit)
        for row in rows:
            saw("subject", row.id, zone_code=row.zone_code, owners=[row.id])
        return page_view([subject_view(row) for row in rows], limit)


@blueprint.get("/subjects/<int(max=9007199254740991):subject_id>")
@allow_signed_in
@blueprint.arguments(DayQuery, location="query")
def show_subject(asked: dict[str, Any], subject_id: int) -> dict[str, Any]:
    """A subject as it is on a day, with its history; an enterprise reads itself only."""
    with unit_of_work() as session:
        return read_subject(session, subject_id, asked["on"] or clock.today())


@blueprint.post("/subjects")
@allow(*KEEPERS)
@blueprint.arguments(SubjectBody)
def register_subject(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Register a subject; everything that is wrong is said at once."""
    on = body.pop("on") or clock.today()
    body["roles"] = tuple(body["roles"])
    with unit_of_work() as session:
        subject = registering.register_subject(session, NewSubject(**body), on=on, keys=identity_keys())
        return read_subject(session, subject.id, on), 201


@blueprint.post("/subjects/<int(max=9007199254740991):subject_id>/changes")
@allow(*KEEPERS)
@blueprint.arguments(ChangeBody)
def change_subject(body: dict[str, Any], subject_id: int) -> dict[str, Any]:
    """Change one dated thing about a subject from a day on; what took effect before is not rewritten."""
    with unit_of_work() as session:
        registering.require_subject(session, subject_id)
        apply_change(session, subject_id, **body)
        return read_subject(session, subject_id, body["on"])


def apply_change(session: Session, subject_id: int, *, what: str, value: str | None, on: Any, park_id: Any) -> None:
    """Carry out one of `CHANGES`."""
    if what in TRAITS:
        registering.set_trait(session, subject_id, what, value or None, on=on)
    elif what == "name":
        registering.rename(session, subject_id, value or "", on=on)
    elif what in ("uscc", "customs_code"):
        registering.replace_code(session, subject_id, what.removesuffix("_code"), value or "", on=on)
    elif what in ("role", "end_role"):
        do = registering.add_role if what == "role" else registering.end_role
        do(session, subject_id, value or "", on=on)
    elif what == "leave_zone":
        registering.leave_zone(session, subject_id, value or "", on=on)
    else:
        registering.join_zone(session, subject_id, value or "", on=on, park_id=park_id, home=what == "home_zone")


def read_subject(session: Session, subject_id: int, on: Any) -> dict[str, Any]:
    """A subject with its history; raises `NotFoundError` for one that is not the asker's to see."""
    who = person()
    facts = subjects_by_ids(session, [subject_id], on).get(subject_id)
    if facts is None or (who.enterprise_id is not None and who.enterprise_id != subject_id):
        raise NotFoundError(CR0008.at(""))
    saw("subject", facts.id, zone_code=facts.zone_code, owners=[facts.id])
    row = registering.require_subject(session, subject_id)
    past = [
        {**one, "from": one["from"].isoformat(), "to": one["to"].isoformat() if one["to"] else None}
        for one in history(session, subject_id)
    ]
    return {**subject_view(facts), "id_number": row.id_number_mask, "history": past}


def subject_view(one: SubjectFacts) -> dict[str, Any]:
    """A subject on the wire."""
    return {
        "id": one.id,
        "kind": one.kind,
        "name": one.name,
        "uscc": one.uscc,
        "customs_code": one.customs_code,
        "dxp_id": one.dxp_id,
        "filing": one.filing,
        "roles": sorted(one.roles),
        "zone_code": one.zone_code,
        "member_of": sorted(one.member_of),
        "park_id": one.park_id,
        "trade_kind": one.trade_kind,
        "taxpayer_kind": one.taxpayer_kind,
        "customs_grade": one.customs_grade,
        "registered_on": one.registered_on.isoformat(),
    }
