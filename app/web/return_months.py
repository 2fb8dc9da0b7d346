"""The page of what came back in a month, apart from the exports."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import returning
from app.access import allow
from app.i18n import lang
from app.proofs import asked_month
from app.session import unit_of_work
from common import clock
from customs.codes import codes_snapshot
from customs.proof import Month
from customs.returns import counting

blueprint = Blueprint("return_months", __name__, url_prefix="/returns/months")

PAGE = 100


@blueprint.get("")
@allow(*returning.COUNTERS)
def index() -> Response:
    """The month asked for, the running one without it."""
    month = asked_month(request.args["month"]) if request.args.get("month") else Month.of(clock.today())
    return redirect(url_for("return_months.show", month=str(month)))


@blueprint.get("/<month>")
@allow(*returning.COUNTERS)
def show(month: str) -> str:
    """One month: sums by mode and currency, and the lines behind them."""
    asked = asked_month(month)
    since, until = asked.first, asked.next.first
    after = returning.place_of(request.args.get("after", ""))
    with unit_of_work() as session:
        whose = returning.counted()
        sums = counting.sums(session, whose, since, until)
        lines = counting.lines(session, whose, since, until, after=after, limit=PAGE)
        tables = codes_snapshot(session)
        units = {one.unit: tables.name("unit", one.unit, lang(), one.returned_on) for one in lines}
        currencies = {one.currency: tables.name("currency", one.currency, lang(), since) for one in sums}
    last = lines[-1] if len(lines) == PAGE else None
    return render_template(
        "returns/month.html",
        month=str(asked),
        before=str(asked.before),
        following=str(asked.next) if until <= clock.today() else None,
        sums=sums,
        lines=lines,
        units=units,
        currencies=currencies,
        first=url_for("return_months.show", month=str(asked)) if after != (0, 0) else None,
        next=url_for("return_months.show", month=str(asked), after=f"{last.return_id}-{last.gnum}") if last else None,
    )
