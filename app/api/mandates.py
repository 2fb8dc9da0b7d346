"""Mandates over the API: `/mandates`, `/mandates/{id}/revoke`. Only the principal or an administrator changes them."""

from __future__ import annotations

from datetime import date
from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.access import ENTERPRISE, Role, allow, person
from app.api.fields import Day, PageQuery, administrator, page_view
from app.session import unit_of_work
from common import clock
from common.findings import DomainError, NotAllowedError
from credit import mandates
from credit.refusals import CR0008, CR0025
from credit.subjects import subjects_by_codes
from credit.tables import Mandate

blueprint = Blueprint("api_mandates", __name__, url_prefix="/api/v1", description="Who may file what for whom")

_CODE = ma.validate.Length(10, 18)
READERS = (*ENTERPRISE, Role.ADMINISTRATOR, Role.AUDITOR, Role.CUSTOMS_OFFICER, Role.CUSTOMS_SUPERVISOR)


class MandateBody(ma.Schema):
    """A new mandate; firms are named by customs code or 统一社会信用代码, the own firm may be left out."""

    principal = ma.fields.String(load_default=None, allow_none=True, validate=_CODE)
    agent = ma.fields.String(required=True, validate=_CODE)
    message_types = ma.fields.List(ma.fields.String(validate=ma.validate.Length(1, 6)), required=True)
    valid_from = Day(load_default=None, allow_none=True)
    valid_to = Day(load_default=None, allow_none=True)


@blueprint.get("/mandates")
@allow(*READERS)
@blueprint.arguments(PageQuery, location="query")
def list_mandates(asked: dict[str, Any]) -> dict[str, Any]:
    """Mandates the own firm gave or holds; all of them for agencies."""
    with unit_of_work() as session:
        rows = mandates.list_mandates(session, person().enterprise_id, after=asked["after"], limit=asked["limit"])
        return page_view([mandate_view(row) for row in rows], asked["limit"])


@blueprint.get("/mandates/<int(max=9007199254740991):mandate_id>")
@allow(*READERS)
def show_mandate(mandate_id: int) -> dict[str, Any]:
    """One mandate, for its parties and agencies."""
    with unit_of_work() as session:
        return mandate_view(mandates.mandate_of(session, mandate_id, person().enterprise_id))


@blueprint.post("/mandates")
@allow(*ENTERPRISE, Role.ADMINISTRATOR)
@blueprint.arguments(MandateBody)
def grant_mandate(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Let an agent file message types for the principal, from a day to a day, both included."""
    today = clock.today()
    with unit_of_work() as session:
        principal = _principal(session, body["principal"], today)
        new = mandates.NewMandate(
            principal_id=principal,
            agent_id=_firm(session, body["agent"], "/agent", today),
            message_types=tuple(body["message_types"]),
            valid_from=body["valid_from"] or today,
            valid_to=body["valid_to"],
        )
        return mandate_view(mandates.grant(session, new, by=person().actor, at=clock.now())), 201


@blueprint.post("/mandates/<int(max=9007199254740991):mandate_id>/revoke")
@allow(*ENTERPRISE, Role.ADMINISTRATOR)
def revoke_mandate(mandate_id: int) -> dict[str, Any]:
    """Revoke a mandate: it covers nothing from today on."""
    with unit_of_work() as session:
        row = mandates.mandate_of(session, mandate_id, person().enterprise_id)
        if not administrator() and row.principal_id != person().enterprise_id:
            raise NotAllowedError(CR0025.at(""))
        return mandate_view(mandates.revoke(session, mandate_id, by=person().actor, at=clock.now()))


def _principal(session: Session, code: str | None, on: date) -> int:
    own = person().enterprise_id
    principal = own if code is None and own is not None else _firm(session, code or "", "/principal", on)
    if not administrator() and principal != own:
        raise NotAllowedError(CR0025.at("/principal"))
    return principal


def _firm(session: Session, code: str, pointer: str, on: date) -> int:
    found = subjects_by_codes(session, [code], on).get(code)
    if found is None:
        raise DomainError(CR0008.at(pointer))
    return found.id


def mandate_view(row: Mandate) -> dict[str, Any]:
    """A mandate on the wire."""
    return {
        "id": row.id,
        "principal_id": row.principal_id,
        "agent_id": row.agent_id,
        "message_types": list(row.message_types),
        "valid_from": row.valid_from.isoformat(),
        "valid_to": row.valid_to.isoformat() if row.valid_to else None,
        "granted_at": row.granted_at.isoformat(),
        "revoked_on": row.revoked_on.isoformat() if row.revoked_on else None,
    }
