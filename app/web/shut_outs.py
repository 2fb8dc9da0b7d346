"""Shut-outs at an operator's site: what may be let out, what still waits for customs, and recording the former."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.access import Role, allow
from app.api.amendments import visible_shut_outs
from app.api.movement import operator
from app.i18n import t
from app.session import unit_of_work
from app.web.forms import EMPTY, FormState, sent, text_of
from common import clock
from common.findings import DomainError
from customs.amendments import shut_outs
from customs.rules.amendments import SHUT_OUT_STATES
from customs.rules.movement import MAX_TEXT

blueprint = Blueprint("shut_outs", __name__, url_prefix="/site/shut-outs")

PAGE = 100
MOST_ID = 2**53 - 1


@blueprint.get("")
@allow(Role.OPERATOR)
def index() -> str:
    """The shut-outs of goods at the own sites, open ones unless all are asked for."""
    return _page(EMPTY)


@blueprint.post(f"/<int(max={MOST_ID}):shut_out_id>/letting-out")
@allow(Role.OPERATOR)
def let_out(shut_out_id: int) -> Response | tuple[str, int]:
    """Record that the goods were let out; refused before customs approved."""
    try:
        with unit_of_work() as session:
            row = shut_outs.let_out(session, operator(), shut_out_id, text_of("note", MAX_TEXT), at=clock.now())
            number = row.logistics_no
    except DomainError as error:
        return _page(sent(error=error), shut_out_id), error.status
    flash(t("shut_outs.done", number=number), "good")
    return redirect(url_for("shut_outs.index", all=1), code=303)


def _page(form: FormState, failed: int | None = None) -> str:
    everything = request.args.get("all") == "1"
    with unit_of_work() as session:
        rows = shut_outs.shut_outs(session, visible_shut_outs(), open_only=not everything, after=0, limit=PAGE)
        return render_template(
            "amendments/shut_outs.html",
            rows=rows,
            states=SHUT_OUT_STATES,
            everything=everything,
            form=form,
            failed=failed,
            waiting=sum(row.state == shut_outs.APPROVED for row in rows),
        )
