"""Changing what customs has accepted, over the API: what is possible, requests, proof, shut-outs, corrections.

A request is filed as the message that it is (CEB603 with appType 2, CEB605); the routes here make that message.
"""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response
from flask_smorest import Blueprint
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.access import Role, allow, person
from app.access.reads import saw
from app.access.scope import visible_to
from app.api.desk import OFFICERS, PARTIES, officer, party
from app.api.fields import PageQuery, page_view
from app.api.movement import operator
from app.api.request_papers import changed_document, file_cancellation, file_change, filer_of, own_checklist
from app.api.viewing import viewer
from app.proof_files import read_proof
from app.session import unit_of_work
from common import clock
from customs.amendments import contents, corrections, deciding, proofs, shut_outs
from customs.amendments.preview import Preview, preview
from customs.amendments.proofs import Request
from customs.intake.answers import links
from customs.proof_files import proof_limits
from customs.rules.amendments import ACTION_NAMES, EFFECT_NAMES, GROUND_NAMES, OUTCOMES, SHUT_OUT_STATES, WHY
from customs.rules.files import FORMATS
from customs.rules.moves import State, name
from customs.tables import Amendment, Cancellation, Correction, ProofFile, ShutOut

blueprint = Blueprint("api_amendments", __name__, url_prefix="/api/v1", description="Amending before cancelling")

READERS = (*PARTIES, *OFFICERS, Role.AUDITOR)
SITE_READERS = (Role.OPERATOR, *READERS)
_ID = "<int(max=9007199254740991):request_id>"
_CHECKLIST = "<int(max=9007199254740991):checklist_id>"
_FILE = "<int(max=9007199254740991):file_id>"
_TEXTS = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(allow_none=False))
_MOST_FIELDS = 100
MEDIA_TYPES = {one.word: one.media_type for one in FORMATS}


class ChangesQuery(ma.Schema):
    """Whose change is asked about: element names by comma; all without it."""

    named = ma.fields.String(data_key="fields", load_default="", validate=ma.validate.Length(max=2000))


class AmendmentBody(ma.Schema):
    """What is to be changed: elements of the head, lines by `gnum`, numbers of lines that go; with the ground."""

    ground = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=40))
    known_on = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=10))
    head = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), load_default=dict)
    lines = ma.fields.List(_TEXTS, load_default=list, validate=ma.validate.Length(max=_MOST_FIELDS))
    without = ma.fields.List(ma.fields.Integer(strict=True), load_default=list)


class CancellationBody(ma.Schema):
    """Why a checklist is to be cancelled; `cop_no` is the firm's own number of the request."""

    cop_no = ma.fields.String(required=True, validate=ma.validate.Length(1, 30))
    reason = ma.fields.String(required=True, validate=ma.validate.Length(1, 1000))
    ground = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=40))
    known_on = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=10))


class OutcomeQuery(PageQuery):
    """Which requests: `pending` unless another outcome, or `all`, is asked for."""

    outcome = ma.fields.String(load_default="pending", validate=ma.validate.OneOf(["all", *OUTCOMES]))


class OpenOnlyQuery(PageQuery):
    """A page; only open ones unless `all` is asked for."""

    all = ma.fields.Boolean(load_default=False)


class AmendmentDecision(ma.Schema):
    """`approve` or `refuse`; refusing needs words, which the party reads."""

    decision = ma.fields.String(required=True, validate=ma.validate.Length(max=20))
    text = ma.fields.String(load_default=None, allow_none=True)


class GroundBody(ma.Schema):
    """The ground of a request that was filed without one."""

    ground = ma.fields.String(required=True, validate=ma.validate.Length(max=40))


class LettingOutBody(ma.Schema):
    """What was let out, in words."""

    note = ma.fields.String(required=True)


class CorrectionBody(ma.Schema):
    """Which fields (elements) have to be corrected, and why."""

    named = ma.fields.List(
        ma.fields.String(), data_key="fields", required=True, validate=ma.validate.Length(max=_MOST_FIELDS)
    )
    text = ma.fields.String(required=True)


# --- what is possible, and asking for it


@blueprint.get(f"/checklists/{_CHECKLIST}/changes")
@allow(*READERS)
@blueprint.arguments(ChangesQuery, location="query")
def read_changes(asked: dict[str, Any], checklist_id: int) -> dict[str, Any]:
    """What may be done with a checklist now, what stands against it, and what changing each field would cause."""
    fields = [one.strip() for one in asked["named"].split(",") if one.strip()]
    with unit_of_work() as session:
        row = own_checklist(session, viewer(), checklist_id)
        saw("checklist", row.id, zone_code=row.zone_code, owners=(row.consignor_id, row.declarant_id, row.sender_id))
        return preview_view(preview(session, row, fields, at=clock.now()))


@blueprint.post(f"/checklists/{_CHECKLIST}/amendments")
@allow(*PARTIES)
@blueprint.arguments(AmendmentBody)
def request_amendment(body: dict[str, Any], checklist_id: int) -> tuple[dict[str, Any], int]:
    """File a change as the CEB603 that it is; from conclusion on it waits for an officer. 202 with the message."""
    with unit_of_work() as session:
        row = own_checklist(session, viewer(), checklist_id)
        lines = contents.stored_lines(session, row.id)
        document = changed_document(row, lines, body["head"], body["lines"], body["without"])
        filer = filer_of(session, person(), row, clock.now())
    return _filed(file_change(person(), row, document, _extras(body), clock.now(), filer))


@blueprint.post(f"/checklists/{_CHECKLIST}/cancellations")
@allow(*PARTIES)
@blueprint.arguments(CancellationBody)
def request_cancellation(body: dict[str, Any], checklist_id: int) -> tuple[dict[str, Any], int]:
    """File a request to cancel as the CEB605 that it is. 202 with the message."""
    with unit_of_work() as session:
        row = own_checklist(session, viewer(), checklist_id)
        filer = filer_of(session, person(), row, clock.now())
    message = file_cancellation(person(), row, body["cop_no"], body["reason"], _extras(body), clock.now(), filer)
    return _filed(message)


def _extras(body: dict[str, Any]) -> dict[str, str]:
    return {key: body[key] for key in ("ground", "known_on") if body[key]}


def _filed(message_id: int) -> tuple[dict[str, Any], int]:
    return {"message_id": message_id, "links": links(message_id)}, 202


# --- requests


def visible(table: type[Request]) -> ColumnElement[bool]:
    """Requests that the asking person may see: those that name the firm, or those of the zones."""
    return visible_to(person()).rows(table.zone_code, table.declarant_id, table.consignor_id, table.sender_id)


def seen_request(session: Session, subject: str, request_id: int) -> Request:
    """A request that the asking person may see; raises `NotFoundError`."""
    row = deciding.request_of(session, subject, visible(proofs.SUBJECTS[subject]), request_id)
    saw(subject, row.id, zone_code=row.zone_code, owners=(row.consignor_id, row.declarant_id, row.sender_id))
    return row


@blueprint.get("/amendments")
@allow(*READERS)
@blueprint.arguments(OutcomeQuery, location="query")
def read_amendments(asked: dict[str, Any]) -> dict[str, Any]:
    """Requests to amend a checklist, oldest first: one's own, or those of the zone."""
    outcome = None if asked["outcome"] == "all" else asked["outcome"]
    with unit_of_work() as session:
        rows = deciding.amendments(
            session, visible(Amendment), outcome=outcome, after=asked["after"], limit=asked["limit"]
        )
        return page_view([amendment_view(row) for row in rows], asked["limit"])


@blueprint.get(f"/amendments/{_ID}")
@allow(*READERS)
def read_amendment(request_id: int) -> dict[str, Any]:
    """One request: each field before and after, effects, how the papers compare with it, proof."""
    with unit_of_work() as session:
        row = seen_request(session, "amendment", request_id)
        assert isinstance(row, Amendment)
        files = proofs.files_of(session, "amendment", row.id)
        more = {"proposed": row.proposed, "compared": row.compared, "proofs": [file_view(one) for one in files]}
        return amendment_view(row) | more


@blueprint.post(f"/amendments/{_ID}/decisions")
@allow(*OFFICERS)
@blueprint.arguments(AmendmentDecision)
def decide_amendment(body: dict[str, Any], request_id: int) -> dict[str, Any]:
    """Approve or refuse a request; 409 says who was first."""
    with unit_of_work() as session:
        return amendment_view(deciding.decide(session, officer(), request_id, at=clock.now(), **body))


@blueprint.post(f"/amendments/{_ID}/withdrawal")
@allow(*PARTIES)
def withdraw_amendment(request_id: int) -> dict[str, Any]:
    """Take one's own pending request back."""
    with unit_of_work() as session:
        return amendment_view(deciding.withdraw(session, party(), request_id, at=clock.now()))


@blueprint.post(f"/amendments/{_ID}/ground")
@allow(*PARTIES, *OFFICERS)
@blueprint.arguments(GroundBody)
def name_amendment_ground(body: dict[str, Any], request_id: int) -> dict[str, Any]:
    """Name the ground of a request that has none."""
    return _named("amendment", request_id, body["ground"])


@blueprint.post(f"/cancellations/{_ID}/ground")
@allow(*PARTIES, *OFFICERS)
@blueprint.arguments(GroundBody)
def name_cancellation_ground(body: dict[str, Any], request_id: int) -> dict[str, Any]:
    """Name the ground of a cancellation request that has none."""
    return _named("cancellation", request_id, body["ground"])


def _named(subject: str, request_id: int, ground: str) -> dict[str, Any]:
    who = officer() if person().role in OFFICERS else party()
    with unit_of_work() as session:
        row = deciding.name_ground(session, who, subject, request_id, ground, at=clock.now())
        return {"id": row.id, "ground": row.ground, "ground_name": GROUND_NAMES[ground].as_dict()}


# --- proof


@blueprint.post(f"/amendments/{_ID}/proofs")
@allow(*PARTIES)
def add_amendment_proof(request_id: int) -> tuple[dict[str, Any], int]:
    """Add a proof to one's own pending request: a form with one `file`, PDF, PNG or JPEG."""
    return _added("amendment", request_id), 201


@blueprint.post(f"/cancellations/{_ID}/proofs")
@allow(*PARTIES)
def add_cancellation_proof(request_id: int) -> tuple[dict[str, Any], int]:
    """Add a proof to one's own pending cancellation request."""
    return _added("cancellation", request_id), 201


def _added(subject: str, request_id: int) -> dict[str, Any]:
    with unit_of_work() as session:
        row = seen_request(session, subject, request_id)
        new = read_proof(proof_limits(session, row.zone_code, clock.today()))
        return file_view(deciding.add_proof(session, party(), subject, request_id, new, at=clock.now()))


@blueprint.get(f"/amendments/{_ID}/proofs/{_FILE}")
@allow(*READERS)
def read_amendment_proof(request_id: int, file_id: int) -> Response:
    """A proof as it was uploaded."""
    return sent_file("amendment", request_id, file_id)


@blueprint.get(f"/cancellations/{_ID}/proofs/{_FILE}")
@allow(*READERS)
def read_cancellation_proof(request_id: int, file_id: int) -> Response:
    """A proof as it was uploaded."""
    return sent_file("cancellation", request_id, file_id)


def sent_file(subject: str, request_id: int, file_id: int) -> Response:
    """A proof as an attachment: never shown inside a page of ours."""
    with unit_of_work() as session:
        seen_request(session, subject, request_id)
        found = proofs.file_of(session, subject, request_id, file_id)
        answer = Response(found.content, mimetype=MEDIA_TYPES[found.format])
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    answer.headers.set("X-Content-Type-Options", "nosniff")
    return answer


@blueprint.get(f"/cancellations/{_ID}")
@allow(*READERS)
def read_cancellation(request_id: int) -> dict[str, Any]:
    """One cancellation request with its ground and proof."""
    with unit_of_work() as session:
        row = seen_request(session, "cancellation", request_id)
        assert isinstance(row, Cancellation)
        files = proofs.files_of(session, "cancellation", row.id)
        return _request_view(row) | {"reason": row.reason, "proofs": [file_view(one) for one in files]}


# --- shut-outs


@blueprint.get("/shut-outs")
@allow(*SITE_READERS)
@blueprint.arguments(OpenOnlyQuery, location="query")
def read_shut_outs(asked: dict[str, Any]) -> dict[str, Any]:
    """Shut-outs, oldest first: of one's own goods, at one's own site, or of the zone."""
    open_only = not asked.pop("all")
    with unit_of_work() as session:
        rows = shut_outs.shut_outs(session, visible_shut_outs(), open_only=open_only, **asked)
        return page_view([shut_out_view(row) for row in rows], asked["limit"])


def visible_shut_outs() -> ColumnElement[bool]:
    """Shut-outs that the asking person may see."""
    parties = (ShutOut.declarant_id, ShutOut.consignor_id, ShutOut.sender_id, ShutOut.operator_id)
    return visible_to(person()).rows(ShutOut.zone_code, *parties)


@blueprint.post(f"/shut-outs/{_ID}/letting-out")
@allow(Role.OPERATOR)
@blueprint.arguments(LettingOutBody)
def let_out(body: dict[str, Any], request_id: int) -> dict[str, Any]:
    """Record that the site let the goods of an approved shut-out go; refused before the approval."""
    with unit_of_work() as session:
        return shut_out_view(shut_outs.let_out(session, operator(), request_id, body["note"], at=clock.now()))


# --- corrections


@blueprint.get("/corrections")
@allow(*READERS)
@blueprint.arguments(OpenOnlyQuery, location="query")
def read_corrections(asked: dict[str, Any]) -> dict[str, Any]:
    """Changes that customs asks for, oldest first; only open ones unless `all` is asked for."""
    open_only = not asked.pop("all")
    with unit_of_work() as session:
        rows = corrections.corrections(session, visible_corrections(), open_only=open_only, **asked)
        return page_view([correction_view(row) for row in rows], asked["limit"])


def visible_corrections() -> ColumnElement[bool]:
    """Corrections that the asking person may see."""
    parties = (Correction.declarant_id, Correction.consignor_id, Correction.sender_id)
    return visible_to(person()).rows(Correction.zone_code, *parties)


@blueprint.post(f"/checklists/{_CHECKLIST}/corrections")
@allow(*OFFICERS)
@blueprint.arguments(CorrectionBody)
def ask_correction(body: dict[str, Any], checklist_id: int) -> tuple[dict[str, Any], int]:
    """Ask the party to change named fields; it stands among what the party has to do until done."""
    with unit_of_work() as session:
        row = corrections.ask(session, officer(), checklist_id, body["named"], body["text"], at=clock.now())
        return correction_view(row), 201


@blueprint.post(f"/corrections/{_ID}/withdrawal")
@allow(*OFFICERS)
def withdraw_correction(request_id: int) -> dict[str, Any]:
    """Take a correction back that is not done."""
    with unit_of_work() as session:
        return correction_view(corrections.withdraw(session, officer(), request_id, at=clock.now()))


# --- views


def preview_view(found: Preview) -> dict[str, Any]:
    """What is possible, as it is answered."""
    row = found.checklist
    why = WHY.get(row.status, WHY[State.SEND_FAILED])
    return {
        "id": row.id,
        "invt_no": row.invt_no,
        "status": row.status,
        "status_name": name(row.status).as_dict(),
        "possible": [{"action": one, "name": ACTION_NAMES[one].as_dict()} for one in found.actions],
        "why": why.as_dict(),
        "may_change": found.may_change,
        "may_cancel": "cancellation" in found.actions and not found.cancel_blocked,
        "needs_request": found.requested,
        "supervisor_decides": found.supervisor,
        "proof_needed": found.proof_needed,
        "blocked": [one.as_dict() for one in found.blocked],
        "cancellation_blocked": [one.as_dict() for one in found.cancel_blocked],
        "limits": [one.as_dict() for one in found.limits],
        "grounds": _grounds(found.grounds),
        "cancellation_grounds": _grounds(found.cancel_grounds),
        "effects": [{"effect": one.value, "name": EFFECT_NAMES[one].as_dict()} for one in found.effects],
        "fields": [
            {
                "field": one.field,
                "line": one.line,
                "value": one.value,
                "changeable": one.changeable and found.may_change,
                "effects": [effect.value for effect in one.effects],
            }
            for one in found.fields
        ],
        "law": [one.as_dict() for one in found.law],
        "unverified": found.unverified,
    }


def _grounds(codes: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"ground": one, **GROUND_NAMES[one].as_dict()} for one in codes]


def _request_view(row: Request) -> dict[str, Any]:
    return {
        "id": row.id,
        "checklist_id": row.checklist_id,
        "invt_no": row.invt_no,
        "pre_no": row.pre_no,
        "zone_code": row.zone_code,
        "checklist_status": row.checklist_status,
        "declarant": row.agent_name,
        "consignor": row.ebc_name,
        "ground": row.ground,
        "ground_name": GROUND_NAMES[row.ground].as_dict() if row.ground else None,
        "known_on": row.known_on.isoformat() if row.known_on else None,
        "status": row.status,
        "outcome": row.outcome,
        "received_at": row.received_at.isoformat(),
        "decided_at": row.decided_at.isoformat() if row.decided_at else None,
        "answer": row.answer,
    }


def amendment_view(row: Amendment) -> dict[str, Any]:
    """A request as it is answered; the officer's name is not for the parties."""
    effects = [{"effect": one, "name": EFFECT_NAMES[one].as_dict()} for one in row.effects]
    return _request_view(row) | {"changes": row.changes, "effects": effects}


def file_view(row: ProofFile) -> dict[str, Any]:
    """A proof file as it is answered."""
    return {
        "id": row.id,
        "name": row.name,
        "format": row.format,
        "size": row.size,
        "sha256": row.sha256.hex(),
        "uploaded_at": row.uploaded_at.isoformat(),
    }


def shut_out_view(row: ShutOut) -> dict[str, Any]:
    """A shut-out as it is answered."""
    return {
        "id": row.id,
        "checklist_id": row.checklist_id,
        "cancellation_id": row.cancellation_id,
        "amendment_id": row.amendment_id,
        "zone_code": row.zone_code,
        "logistics_no": row.logistics_no,
        "consignor": row.ebc_name,
        "whole": row.whole,
        "goods": row.goods,
        "state": row.state,
        "state_name": SHUT_OUT_STATES[row.state].as_dict(),
        "requested_at": row.requested_at.isoformat(),
        "decided_at": row.decided_at.isoformat() if row.decided_at else None,
        "let_out_at": row.let_out_at.isoformat() if row.let_out_at else None,
        "let_out_note": row.let_out_note,
    }


def correction_view(row: Correction) -> dict[str, Any]:
    """A correction as it is answered."""
    return {
        "id": row.id,
        "checklist_id": row.checklist_id,
        "zone_code": row.zone_code,
        "fields": list(row.fields),
        "text": row.words,
        "asked_at": row.asked_at.isoformat(),
        "due_on": row.due_on.isoformat(),
        "done_at": row.done_at.isoformat() if row.done_at else None,
        "withdrawn_at": row.withdrawn_at.isoformat() if row.withdrawn_at else None,
    }
