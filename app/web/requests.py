"""Requests to amend or cancel, corrections asked for, shut-outs: the list, one request, and what people do with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import Role, allow, person
from app.api.amendments import (
    READERS,
    seen_request,
    sent_file,
    visible,
    visible_corrections,
    visible_shut_outs,
)
from app.api.desk import OFFICERS, PARTIES, officer, party
from app.i18n import said, t
from app.proof_files import proof_hint, read_proof
from app.session import unit_of_work
from app.web.amendments import label_of
from app.web.forms import EMPTY, FormState, sent, text_of
from common import clock
from common.clock import china_day
from common.findings import DomainError, NotFoundError
from common.law import law
from customs.amendments import corrections, deciding, mandates, proofs, shut_outs
from customs.amendments.proofs import Request
from customs.intake.checklist_contents import HEAD, LINE
from customs.movement import cancelling
from customs.proof_files import proof_limits
from customs.rules import amendments as rules
from customs.rules.amendment_findings import NOT_FOUND
from customs.rules.cancellation import OUTCOMES as CANCELLATION_OUTCOMES
from customs.rules.match import DIFFERS
from customs.rules.movement import MAX_TEXT
from customs.tables import Amendment, Cancellation, Checklist

blueprint = Blueprint("requests", __name__, url_prefix="/requests")

PAGE = 100
MOST_ID = 2**53 - 1
_ONE = f"/<subject>/<int(max={MOST_ID}):request_id>"


@blueprint.get("")
@allow(*READERS)
def index() -> str:
    """Pending requests and open corrections, everything with `all`; shut-outs and mandates that end."""
    everything = request.args.get("all") == "1"
    asking = person()
    with unit_of_work() as session:
        amendments = deciding.amendments(
            session, visible(Amendment), outcome=None if everything else "pending", after=0, limit=PAGE
        )
        cancellations = cancelling.cancellations(
            session, visible(Cancellation), outcome=None if everything else "pending", after=0, limit=PAGE
        )
        asked = corrections.corrections(session, visible_corrections(), open_only=not everything, limit=PAGE)
        numbers = _numbers(session, [one.checklist_id for one in asked])
        return render_template(
            "amendments/index.html",
            amendments=amendments,
            cancellations=cancellations,
            corrections=asked,
            numbers=numbers,
            shut_outs=shut_outs.shut_outs(session, visible_shut_outs(), open_only=not everything, after=0, limit=PAGE),
            mandates=mandates.ending(session, asking.enterprise_id, at=clock.now()) if asking.enterprise_id else (),
            everything=everything,
            may_file=asking.role in PARTIES,
            may_ask=asking.role in OFFICERS,
            label=label_of,
            today=clock.today(),
            **_words(),
        )


def _words() -> dict[str, Any]:
    return {
        "grounds": rules.GROUND_NAMES,
        "outcomes": rules.OUTCOMES,
        "cancel_outcomes": CANCELLATION_OUTCOMES,
        "effects": rules.EFFECT_NAMES,
        "states": rules.SHUT_OUT_STATES,
    }


def _numbers(session: Session, ids: list[int]) -> Mapping[int, str]:
    found = session.query(Checklist.id, Checklist.invt_no, Checklist.pre_no).filter(Checklist.id.in_(ids)).all()
    return {row.id: row.invt_no or row.pre_no for row in found}


@blueprint.get(_ONE)
@allow(*READERS)
def show(subject: str, request_id: int) -> str:
    """One request: before and after, effects, how the papers compare, proof, and what may be done."""
    return _page(subject, request_id, EMPTY)


@blueprint.post(f"{_ONE}/decision")
@allow(*OFFICERS)
def decide(subject: str, request_id: int) -> Response | tuple[str, int]:
    """Approve or refuse; what stands against it is told at the form."""
    _known(subject)
    try:
        with unit_of_work() as session:
            decision, words = text_of("decision"), text_of("text", MAX_TEXT) or None
            use = deciding.decide if subject == "amendment" else cancelling.decide_cancellation
            use(session, officer(), request_id, decision, at=clock.now(), text=words)
    except NotFoundError:
        raise
    except DomainError as error:
        return _page(subject, request_id, sent(error=error)), error.status
    flash(t("requests.decided"), "good")
    return redirect(url_for("requests.show", subject=subject, request_id=request_id), code=303)


@blueprint.post(f"{_ONE}/ground")
@allow(*PARTIES, *OFFICERS)
def ground(subject: str, request_id: int) -> Response | tuple[str, int]:
    """Name the ground of a request that has none."""
    _known(subject)
    who = officer() if person().role in OFFICERS else party()
    try:
        with unit_of_work() as session:
            deciding.name_ground(session, who, subject, request_id, text_of("ground"), at=clock.now())
    except NotFoundError:
        raise
    except DomainError as error:
        return _page(subject, request_id, sent(error=error)), error.status
    flash(t("requests.ground_named"), "good")
    return redirect(url_for("requests.show", subject=subject, request_id=request_id), code=303)


@blueprint.post(f"{_ONE}/proof")
@allow(*PARTIES)
def add_proof(subject: str, request_id: int) -> Response | tuple[str, int]:
    """Add a proof file to one's own pending request."""
    _known(subject)
    try:
        with unit_of_work() as session:
            row = seen_request(session, subject, request_id)
            new = read_proof(proof_limits(session, row.zone_code, clock.today()))
            deciding.add_proof(session, party(), subject, request_id, new, at=clock.now())
    except NotFoundError:
        raise
    except DomainError as error:
        return _page(subject, request_id, sent(error=error)), error.status
    flash(t("requests.proof_added"), "good")
    return redirect(url_for("requests.show", subject=subject, request_id=request_id), code=303)


@blueprint.get(f"{_ONE}/proofs/<int(max={MOST_ID}):file_id>")
@allow(*READERS)
def proof(subject: str, request_id: int, file_id: int) -> Response:
    """A proof as it was uploaded."""
    _known(subject)
    return sent_file(subject, request_id, file_id)


@blueprint.post(f"/amendment/<int(max={MOST_ID}):request_id>/withdrawal")
@allow(*PARTIES)
def withdraw(request_id: int) -> Response | tuple[str, int]:
    """Take one's own pending amendment back."""
    try:
        with unit_of_work() as session:
            deciding.withdraw(session, party(), request_id, at=clock.now())
    except NotFoundError:
        raise
    except DomainError as error:
        return _page("amendment", request_id, sent(error=error)), error.status
    flash(t("requests.withdrawn"), "good")
    return redirect(url_for("requests.show", subject="amendment", request_id=request_id), code=303)


def _known(subject: str) -> None:
    if subject not in proofs.SUBJECTS:
        raise NotFoundError(NOT_FOUND.at(""))


def _page(subject: str, request_id: int, form: FormState) -> str:
    _known(subject)
    at, asking = clock.now(), person()
    with unit_of_work() as session:
        row = seen_request(session, subject, request_id)
        pending = row.outcome == deciding.PENDING
        elsewhere = isinstance(row, Cancellation) and cancelling.waits_for_customs(row)
        checklist = session.get(Checklist, row.checklist_id)
        named = asking.enterprise_id in (row.declarant_id, row.consignor_id, row.sender_id)
        return render_template(
            "amendments/request.html",
            row=row,
            subject=subject,
            checklist=checklist,
            form=form,
            files=proofs.files_of(session, subject, row.id),
            proof=proof_hint(proof_limits(session, row.zone_code, clock.today())),
            pending=pending,
            lacks_ground=pending and not row.ground and rules.needs_request(row.checklist_status, law(), china_day(at)),
            may_decide=pending and not elsewhere and _decides(row, checklist, asking.role),
            supervisor_only=pending
            and asking.role == Role.CUSTOMS_OFFICER
            and not _decides(row, checklist, asking.role),
            elsewhere=elsewhere,
            may_add=pending and named and asking.role in PARTIES,
            may_ground=pending and row.ground is None and (named or asking.role in OFFICERS),
            ground_options=_grounds(row, at),
            differing=[one for one in getattr(row, "compared", ()) if one["result"] == DIFFERS],
            label=label_of,
            officer=asking.role in OFFICERS,
            **_words(),
        )


def _decides(row: Request, checklist: Checklist | None, role: Role | None) -> bool:
    """Whether the role may decide the request: a supervisor's where the table says so."""
    if role not in OFFICERS:
        return False
    status = checklist.status if checklist is not None else row.checklist_status
    of_supervisor = isinstance(row, Amendment) and rules.wants_supervisor(status, law(), china_day(clock.now()))
    return role == Role.CUSTOMS_SUPERVISOR or not of_supervisor


def _grounds(row: Request, at: Any) -> list[tuple[str, str]]:
    known = rules.grounds_for(
        row.checklist_status, law(), china_day(at), cancelling=isinstance(row, Cancellation)
    ).codes
    return [("", t("amendments.choose")), *((one, said(rules.GROUND_NAMES[one])) for one in known)]


# --- corrections


@blueprint.get(f"/corrections/of/<int(max={MOST_ID}):checklist_id>")
@allow(*OFFICERS)
def correction(checklist_id: int) -> str:
    """The form by which an officer asks for a correction, and those that are open."""
    return _correction(checklist_id, EMPTY)


@blueprint.post(f"/corrections/of/<int(max={MOST_ID}):checklist_id>")
@allow(*OFFICERS)
def ask_correction(checklist_id: int) -> Response | tuple[str, int]:
    """Ask the party to change the ticked fields."""
    try:
        with unit_of_work() as session:
            fields = request.form.getlist("fields")[:MAX_TEXT]
            corrections.ask(session, officer(), checklist_id, fields, text_of("text", MAX_TEXT), at=clock.now())
    except NotFoundError:
        raise
    except DomainError as error:
        return _correction(checklist_id, sent(error=error)), error.status
    flash(t("requests.correction_asked"), "good")
    return redirect(url_for("desk_case.show", checklist_id=checklist_id), code=303)


@blueprint.post(f"/corrections/<int(max={MOST_ID}):correction_id>/withdrawal")
@allow(*OFFICERS)
def withdraw_correction(correction_id: int) -> Response:
    """Take a correction back."""
    with unit_of_work() as session:
        corrections.withdraw(session, officer(), correction_id, at=clock.now())
    flash(t("requests.correction_withdrawn"), "good")
    return redirect(url_for("requests.index"), code=303)


def _correction(checklist_id: int, form: FormState) -> str:
    who = officer()
    with unit_of_work() as session:
        row = session.get(Checklist, checklist_id)
        if row is None or row.zone_code not in who.zones:
            raise NotFoundError(NOT_FOUND.at(""))
        fixed = rules.fixed_fields(row.status, law(), clock.today())
        return render_template(
            "amendments/correction.html",
            row=row,
            number=row.invt_no or row.pre_no,
            form=form,
            chosen=request.form.getlist("fields"),
            head=[(one, label_of(one)) for one in HEAD.values() if one not in fixed],
            line=[(one, label_of(one)) for one in LINE.values() if one not in ("gnum", "country", "note")],
            asked=corrections.open_of(session, row.id),
            label=label_of,
        )
