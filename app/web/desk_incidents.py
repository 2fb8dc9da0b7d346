"""What movement puts before officers: parcels reported gone that were not free to leave, and requests to cancel."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.access import Role, allow, person
from app.i18n import said, t
from app.session import unit_of_work
from app.web.desk import OFFICERS, officer
from app.web.forms import EMPTY, FormState, asked_cursor, sent, text_of
from common import clock
from common.findings import BOOK, DomainError
from customs.movement import cancelling, incidents
from customs.rules.amendments import GROUND_NAMES
from customs.rules.cancellation import OUTCOMES
from customs.rules.movement import MAX_TEXT
from customs.tables import Cancellation

blueprint = Blueprint("desk_incidents", __name__, url_prefix="/desk")

PAGE = 100
MOST_ID = 2**53 - 1


@blueprint.get("/incidents")
@allow(*OFFICERS, Role.AUDITOR)
def index() -> str:
    """The cases of the zones, open ones unless all are asked for, oldest first."""
    return _incidents(EMPTY)


@blueprint.post(f"/incidents/<int(max={MOST_ID}):incident_id>/closing")
@allow(Role.CUSTOMS_SUPERVISOR)
def close(incident_id: int) -> Response | tuple[str, int]:
    """Close a case, saying what was found and done."""
    try:
        with unit_of_work() as session:
            incidents.close(session, officer(), incident_id, text_of("text", MAX_TEXT), at=clock.now())
    except DomainError as error:
        return _incidents(sent(error=error), incident_id), error.status
    flash(t("incidents.closed"), "good")
    return redirect(url_for("desk_incidents.index"))


def _incidents(form: FormState, failed: int | None = None) -> str:
    everything, after = request.args.get("all") == "1", asked_cursor() or 0
    with unit_of_work() as session:
        rows = incidents.incidents(session, officer().zones, open_only=not everything, after=after, limit=PAGE)
        titles = {row.rule: said(BOOK.rules[row.rule].title) for row in rows if row.rule in BOOK.rules}
        return render_template(
            "desk/incidents.html",
            rows=rows,
            titles=titles,
            everything=everything,
            form=form,
            failed=failed,
            first=not after,
            next=rows[-1].id if len(rows) == PAGE else None,
            may_close=person().role == Role.CUSTOMS_SUPERVISOR,
        )


@blueprint.get("/cancellations")
@allow(*OFFICERS)
def cancellations() -> str:
    """Requests to cancel a checklist: pending ones unless all are asked for, oldest first."""
    return _cancellations(EMPTY)


@blueprint.post(f"/cancellations/<int(max={MOST_ID}):cancellation_id>/decision")
@allow(*OFFICERS)
def decide_cancellation(cancellation_id: int) -> Response | tuple[str, int]:
    """Approve or refuse a request; refusing needs words, which the party reads."""
    try:
        with unit_of_work() as session:
            decision, words = text_of("decision"), text_of("text", MAX_TEXT)
            cancelling.decide_cancellation(
                session, officer(), cancellation_id, decision=decision, text=words or None, at=clock.now()
            )
    except DomainError as error:
        return _cancellations(sent(error=error), cancellation_id), error.status
    flash(t("cancellations.decided"), "good")
    return redirect(url_for("desk_incidents.cancellations"))


def _cancellations(form: FormState, failed: int | None = None) -> str:
    everything, after = request.args.get("all") == "1", asked_cursor() or 0
    with unit_of_work() as session:
        rows = cancelling.cancellations(
            session,
            Cancellation.zone_code.in_(sorted(officer().zones)),
            outcome=None if everything else "pending",
            after=after,
            limit=PAGE,
        )
        return render_template(
            "desk/cancellations.html",
            rows=rows,
            outcomes=OUTCOMES,
            grounds=GROUND_NAMES,
            elsewhere=cancelling.waits_for_customs,
            everything=everything,
            form=form,
            failed=failed,
            first=not after,
            next=rows[-1].id if len(rows) == PAGE else None,
        )
