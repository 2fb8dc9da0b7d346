"""One case of the desk: the papers side by side, why it is here, what was said and decided, and the decision form."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.access import allow
from app.access.reads import saw
from app.i18n import said, t
from app.session import unit_of_work
from app.web.desk import OFFICERS, officer
from app.web.desk_papers import matched, papers_of, shown_lines, what_happened
from app.web.desk_views import ring_of
from app.web.forms import text_of
from app.web.traces import shown_trace
from common import clock
from common.findings import DomainError, Finding
from customs import desk
from customs.desk import Case
from customs.desk.deciding import situation
from customs.movement.weighing import lift_hold as lift_site_hold
from customs.rules.desk import DECISION_NAMES, DETENTIONS, REASONS, Decision, Situation
from customs.rules.movement import MAX_TEXT
from customs.rules.moves import name
from customs.rules.risk.factor import REASON_NAMES

blueprint = Blueprint("desk_case", __name__, url_prefix="/desk/cases/<int(max=9007199254740991):checklist_id>")

FIELDS = {"/decision": "decision", "/reason": "reason", "/text": "text", "/state": "state"}
"""Where a finding's pointer leads in the form."""


@blueprint.get("")
@allow(*OFFICERS)
def show(checklist_id: int) -> str:
    """The case as it stands."""
    return _page(checklist_id, ())


@blueprint.post("/claim")
@allow(*OFFICERS)
def claim(checklist_id: int) -> Response | tuple[str, int]:
    """Take the case to work on; a supervisor may take another's."""
    try:
        with unit_of_work() as session:
            desk.claim(session, officer(), checklist_id, at=clock.now())
    except DomainError as error:
        return _page(checklist_id, error.findings), error.status
    return redirect(url_for("desk_case.show", checklist_id=checklist_id))


@blueprint.post("/unclaim")
@allow(*OFFICERS)
def unclaim(checklist_id: int) -> Response | tuple[str, int]:
    """Give the case back to the queue."""
    try:
        with unit_of_work() as session:
            desk.release_claim(session, officer(), checklist_id, at=clock.now())
    except DomainError as error:
        return _page(checklist_id, error.findings), error.status
    flash(t("desk.given_back"), "info")
    return redirect(url_for("desk.queue"))


@blueprint.post("/decide")
@allow(*OFFICERS)
def decide(checklist_id: int) -> Response | tuple[str, int]:
    """Carry out the decision of the form; a refusal is shown at the form, with what was written kept."""
    given = {name: request.form.get(name, "").strip() for name in ("decision", "reason", "text", "state")}
    try:
        with unit_of_work() as session:
            outcome = desk.decide(
                session,
                officer(),
                checklist_id,
                given["decision"],
                at=clock.now(),
                reason=given["reason"] or None,
                text=given["text"] or None,
                state=given["state"] or None,
            )
    except DomainError as error:
        return _page(checklist_id, error.findings), error.status
    if outcome.pending:
        flash(t("desk.done_pending"), "warn")
    else:
        done = said(DECISION_NAMES[outcome.decision])
        flash(t("desk.decided", decision=done, state=said(name(outcome.status)), code=outcome.status), "good")
    return redirect(url_for("desk_case.show", checklist_id=checklist_id))


@blueprint.post("/lift-hold")
@allow(*OFFICERS)
def lift_hold(checklist_id: int) -> Response | tuple[str, int]:
    """Let a parcel go that the site holds for its weight, with reasons."""
    try:
        with unit_of_work() as session:
            lift_site_hold(session, officer(), checklist_id, text_of("lift_text", MAX_TEXT), at=clock.now())
    except DomainError as error:
        return _page(checklist_id, error.findings), error.status
    flash(t("desk.lifted"), "good")
    return redirect(url_for("desk_case.show", checklist_id=checklist_id))


def _page(checklist_id: int, findings: Sequence[Finding]) -> str:
    at, who = clock.now(), officer()
    with unit_of_work() as session:
        case = desk.case(session, who, checklist_id, at=at)
        row = case.checklist
        saw("checklist", row.id, zone_code=row.zone_code, owners=(row.consignor_id, row.declarant_id, row.sender_id))
        now = situation(session, row, who, at)
        return render_template(
            "desk/case.html",
            case=case,
            row=row,
            ring_=ring_of(case.clock, at),
            reason=said(REASON_NAMES.get(row.reason_class or "")),
            form=_form(case, now, findings),
            supervisor=who.supervisor,
            mine=row.claimed_by == who.account_id,
            taken=row.claimed_by not in (None, who.account_id),
            decisions=DECISION_NAMES,
            reasons=REASONS,
            papers=papers_of(session, row, case.lines),
            matched=matched(session, row),
            lines=shown_lines(session, row, case.lines),
            trace=shown_trace(case.trace),
            happened=what_happened(session, row.id),
        )


def _form(case: Case, now: Situation, findings: Sequence[Finding]) -> dict[str, object]:
    """The decision form: what is possible now with its consequence, what was written, and what was refused."""
    given = request.form
    fields = [(FIELDS.get(one.pointer, ""), said(one.message)) for one in findings]
    return {
        "choices": [(one.value, said(DECISION_NAMES[one]), t(f"desk.then.{_then(one, now)}")) for one in case.possible],
        "chosen": given.get("decision", ""),
        "reason": given.get("reason", ""),
        "text": given.get("text", ""),
        "state": given.get("state", ""),
        "reasons": [("", t("desk.no_reason")), *((code, said(text)) for code, text in REASONS.items())],
        "detentions": [(state.value, f"{said(name(state))} {state}") for state in DETENTIONS],
        "detain": Decision.DETAIN in case.possible,
        "errors": [(words, field) for field, words in fields],
        "wrong": {field: words for field, words in fields if field},
    }


def _then(decision: Decision, now: Situation) -> str:
    """Which consequence the form tells: releasing papers before the goods are there leads somewhere else."""
    waits = decision is Decision.RELEASE and not now.arrived and not now.early_declaration
    return "release_waits" if waits else decision.value
