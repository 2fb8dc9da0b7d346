"""What needs the visitor now: open questions, rejections, missing papers; for agencies, how their zones stand."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.access import allow_signed_in, person
from app.access.roles import Role
from app.api.checklists import READERS
from app.api.viewing import viewer
from app.session import unit_of_work
from app.summaries import FILERS, scope
from app.web import menu
from app.web.parcel_views import shown_parcels
from app.web.todos import MOST, todos
from common import clock
from customs.amendments import mandates
from customs.queries import checklists as queries
from customs.queries.checklists import Filters
from customs.rules.moves import State
from customs.summary import drafting

blueprint = Blueprint("home", __name__)

COUNT_CAP = 1000
COUNTED = (State.DECLARED, State.REVIEW, State.INSPECTION, State.CONCLUDED, State.RELEASED, State.REJECTED)


@blueprint.get("/")
@allow_signed_in
def home() -> str | Response:
    """The first page of a role; those who work elsewhere are led there."""
    asking = person()
    first = menu.first_page(asking.role or "")
    if first != url_for("home.home"):
        return redirect(first)
    # a payment institution sees no checklists: its receipts are among its messages
    who, reads = viewer(), asking.role in READERS and asking.role != Role.PAYMENT
    with unit_of_work() as session:
        counts = queries.counts(session, who, COUNTED, COUNT_CAP) if reads else {}
        todo = todos(session, who, clock.now()) if reads and asking.of_enterprise else []
        latest = queries.list_checklists(session, who, Filters(), limit=MOST).rows if reads else ()
        rows = shown_parcels(session, latest)
        drafts = drafting.drafts(session, scope(), clock.today(), limit=MOST) if reads and asking.role in FILERS else []
        ends = mandates.ending(session, asking.enterprise_id, at=clock.now()) if asking.enterprise_id else ()
    return render_template(
        "home/home.html",
        trader=asking.of_enterprise,
        reads=reads,
        todo=todo,
        today=clock.today(),
        mandates=ends,
        summaries=drafts,
        most=MOST,
        figures=[(state, _capped(counts[state])) for state in COUNTED] if reads else [],
        rows=rows,
        officer=who.officer,
        declares=asking.role in menu.DECLARANTS,
    )


def _capped(count: int) -> str:
    return f"{count:,}+" if count >= COUNT_CAP else f"{count:,}"
