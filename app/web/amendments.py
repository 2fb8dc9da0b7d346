"""Changing or cancelling a checklist: what is possible and what it causes, shown before the form that asks for it.

The form is a message on everybody's road (CEB603 with appType 2, CEB605); proof files follow the request that it makes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import allow, person
from app.access.reads import saw
from app.api.desk import PARTIES, party
from app.api.messages import seen_message
from app.api.request_papers import changed_document, file_cancellation, file_change, filer_of, own_checklist
from app.api.viewing import viewer
from app.i18n import lang, said, t
from app.proof_files import proof_hint, read_proof
from app.session import unit_of_work
from app.web.forms import EMPTY, FormState, required, sent, text_of
from app.web.site_papers import own_number
from app.web.waiting import wait_for
from common import clock
from common.findings import DomainError, Finding, Severity, Text
from customs.amendments import contents, corrections, deciding, proofs
from customs.amendments.preview import FieldView, Preview, preview
from customs.codes import Codes, codes_snapshot
from customs.intake.inbox import RECEIVED
from customs.messages.fields import MESSAGES, FieldSpec
from customs.proof_files import proof_limits
from customs.rules.amendments import ACTION_NAMES, EFFECT_NAMES, GROUND_NAMES, WHY
from customs.rules.files import NewFile, checked
from customs.rules.moves import State
from customs.tables import Checklist

blueprint = Blueprint("amendments", __name__, url_prefix="/parcels/<int(max=9007199254740991):checklist_id>")

_SPEC = MESSAGES["CEB603"]
MOST_REASON = 1000
MOST_VALUE = 1000


@dataclass(frozen=True, slots=True)
class Input:
    """One field of the form: its name, label, present value, what changing it causes, and choices where it has some."""

    name: str
    element: str
    label: str
    value: str
    causes: str
    options: Sequence[tuple[str, str]] = ()


@blueprint.get("/change")
@allow(*PARTIES)
def start(checklist_id: int) -> str:
    """What may be done with the checklist, what it causes, and the forms to ask for it."""
    return _page(checklist_id, EMPTY)


@blueprint.post("/change")
@allow(*PARTIES)
def change(checklist_id: int) -> Response | tuple[str, int]:
    """File the changed checklist; a request goes on with its proof."""
    try:
        with unit_of_work() as session:
            row = own_checklist(session, viewer(), checklist_id)
            new = _proof(session, row)
            document = _document(session, row)
            filer = filer_of(session, person(), row, clock.now())
        extras = {"ground": text_of("ground"), "known_on": text_of("known_on")}
        message_id = file_change(person(), row, document, extras, clock.now(), filer)
        return _answered(checklist_id, message_id, "amendment", new)
    except DomainError as error:
        return _page(checklist_id, sent(error=error)), error.status


@blueprint.post("/cancellation")
@allow(*PARTIES)
def cancel(checklist_id: int) -> Response | tuple[str, int]:
    """File a request to cancel the checklist, with its proof."""
    try:
        with unit_of_work() as session:
            row = own_checklist(session, viewer(), checklist_id)
            new = _proof(session, row)
            filer = filer_of(session, person(), row, clock.now())
        reason = required("c-reason", t("amendments.reason"), MOST_REASON)
        extras = {"ground": text_of("c-ground"), "known_on": text_of("c-known_on")}
        number, at = own_number("CX", clock.now()), clock.now()
        message_id = file_cancellation(person(), row, number, reason, extras, at, filer)
        return _answered(checklist_id, message_id, "cancellation", new)
    except DomainError as error:
        return _page(checklist_id, sent("c-", error)), error.status


def _proof(session: Session, row: Checklist) -> NewFile | None:
    """The proof that came with the form, checked before anything is filed; None where none was chosen."""
    limits = proof_limits(session, row.zone_code, clock.today())
    new = read_proof(limits)
    if not new.content and not new.name:
        return None
    checked(new, limits)
    return new


def _document(session: Session, row: Checklist) -> dict[str, Any]:
    """The checklist with what the form changes."""
    lines = contents.stored_lines(session, row.id)
    shown = contents.lines_of(lines)
    without = [number for number in shown if request.form.get(f"drop-{number}")]
    head = _changed("h", contents.head_of(row))
    changed = [
        {"gnum": str(number), **found}
        for number, texts in shown.items()
        if number not in without and (found := _changed(f"l{number}", texts))
    ]
    return changed_document(row, lines, head, changed, without)


def _changed(prefix: str, texts: Mapping[str, str | None]) -> dict[str, str]:
    """The elements whose field says something else than the checklist does."""
    found = {}
    for element, value in texts.items():
        name = f"{prefix}-{element}"
        if name in request.form and (written := _written(name, element)) != (value or ""):
            found[element] = written
    return found


def _written(name: str, element: str) -> str:
    written = text_of(name, MOST_VALUE)
    return written.replace("-", "") if element == "ieDate" else written


def _answered(checklist_id: int, message_id: int, subject: str, new: NewFile | None) -> Response | tuple[str, int]:
    """Where the answer leads: the request with its proof, the parcel, or the form again with what was refused."""
    wait_for([message_id])
    with unit_of_work() as session:
        message = seen_message(session, message_id)
        if message.state == RECEIVED:
            flash(t("amendments.waiting"), "info")
            return redirect(url_for("messages.message", message_id=message_id), code=303)
        refused: dict[str, Any] = {"findings": message.envelope, "id": None}
        document: Mapping[str, Any] = message.documents[0] if message.documents else refused
        errors = [one for one in document["findings"] if one["severity"] == Severity.ERROR]
        made = None if errors else proofs.find(session, subject, document["id"])
    if errors:
        prefix = "c-" if subject == "cancellation" else ""
        return _page(checklist_id, sent(prefix, DomainError(*(_finding(one) for one in errors)))), 422
    if made is None:
        flash(t("amendments.changed"), "good")
        return redirect(url_for("parcels.show", checklist_id=checklist_id), code=303)
    if new is not None and made.outcome == deciding.PENDING:
        with unit_of_work() as session:
            deciding.add_proof(session, party(), subject, made.id, new, at=clock.now())
    flash(t("amendments.requested" if made.outcome == deciding.PENDING else "amendments.cancelled"), "good")
    return redirect(url_for("requests.show", subject=subject, request_id=made.id), code=303)


def _finding(stored: Mapping[str, Any]) -> Finding:
    """A stored finding at the form's field for it."""
    element = str(stored["pointer"]).rpartition("/")[2]
    words = stored["message"]
    return Finding(stored["rule"], Severity.ERROR, f"/{element}", Text(words["zh"], words["en"]))


def _page(checklist_id: int, form: FormState) -> str:
    with unit_of_work() as session:
        row = own_checklist(session, viewer(), checklist_id)
        saw("checklist", row.id, zone_code=row.zone_code, owners=(row.consignor_id, row.declarant_id, row.sender_id))
        found = preview(session, row, at=clock.now())
        codes = codes_snapshot(session)
        files = person().enterprise_id == row.declarant_id or bool(filer_of(session, person(), row, clock.now()))
        return render_template(
            "amendments/start.html",
            row=row,
            number=row.invt_no or row.pre_no,
            found=found,
            files=files,
            proof=proof_hint(proof_limits(session, row.zone_code, clock.today())),
            form=form,
            why=WHY.get(row.status, WHY[State.SEND_FAILED]),
            actions=ACTION_NAMES,
            effects=EFFECT_NAMES,
            grounds=_grounds(found.grounds),
            cancel_grounds=_grounds(found.cancel_grounds),
            head=_inputs(found, None, codes),
            lines=[(line.gnum, line.gname, _inputs(found, line.gnum, codes)) for line in found.lines],
            fixed=[_label(one) for one in found.fields if one.line is None and not one.changeable],
            asked=corrections.open_of(session, row.id),
            label=label_of,
            today=clock.today(),
        )


def _grounds(codes: Sequence[str]) -> list[tuple[str, str]]:
    return [("", t("amendments.choose")), *((one, said(GROUND_NAMES[one])) for one in codes)]


def _inputs(found: Preview, line: int | None, codes: Codes) -> list[Input]:
    """The fields of the head or of one line that may be changed."""
    prefix = "h" if line is None else f"l{line}"
    return [
        Input(
            name=f"{prefix}-{one.field}",
            element=one.field,
            label=_label(one),
            value=one.value or "",
            causes=t("amendments.and").join(said(EFFECT_NAMES[effect]) for effect in one.effects),
            options=_options(codes, one),
        )
        for one in found.fields
        if one.line == line and one.changeable
    ]


def _spec_of(field: str, *, line: bool) -> FieldSpec | None:
    return (_SPEC.list_by_name if line else _SPEC.head_by_name).get(field)


def _label(one: FieldView) -> str:
    spec = _spec_of(one.field, line=one.line is not None)
    return said(spec.name) if spec else one.field


def label_of(field: str, line: int | None = None) -> str:
    """The name of an element, with its line where it stands in one."""
    spec = _spec_of(field, line=line is not None) or _spec_of(field, line=line is None)
    name = said(spec.name) if spec else field
    return t("amendments.in_line", n=line, field=name) if line is not None else name


def _options(codes: Codes, one: FieldView) -> list[tuple[str, str]]:
    """The codes that a field takes, where they stand in a table or are a short list; the present value among them."""
    spec = _spec_of(one.field, line=one.line is not None)
    if spec is None or not (spec.codes or spec.values):
        return []
    today = clock.today()
    found = [(value, value) for value in spec.values]
    if spec.codes:
        entries = [entry for entry in codes.entries(spec.codes) if entry.holds(today)]
        found = [(entry.code, f"{entry.code} {entry.name(lang())}") for entry in entries]
    empty = [] if spec.required else [("", "—")]
    present = [] if one.value is None or one.value in dict(found) else [(one.value, one.value)]
    return [*empty, *present, *found]
