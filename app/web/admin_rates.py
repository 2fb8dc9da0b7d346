"""Pages of the exchange rates: three kinds side by side but never mixed, and the administrator's loader."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.access import Role, allow, person
from app.demo import is_demo
from app.i18n import t
from app.session import unit_of_work
from app.uploads import read_upload
from app.web.admin_codes import MAX_FILE, asked_day
from common import clock
from common.findings import DomainError, Finding
from common.rates import BASE, RateKind, load_name
from common.rates_loading import load_rates, rate_kind
from common.rates_reading import latest_period, rate_rows
from common.reference import loads

blueprint = Blueprint("admin_rates", __name__, url_prefix="/admin/rates")


@blueprint.get("")
@allow(Role.ADMINISTRATOR, Role.DATA_STEWARD, Role.ZONE_MANAGER)
def index() -> str:
    """The rates of one kind in the period of a day; customs' monthly rates to begin with."""
    return _page(rate_kind(request.args.get("kind", RateKind.CUSTOMS.value)), ())


@blueprint.post("/<kind>")
@allow(Role.ADMINISTRATOR)
def load(kind: str) -> str | Response | tuple[str, int]:
    """Load an uploaded CSV file of one kind; a refused one shows every finding and changes nothing."""
    of = rate_kind(kind)
    try:
        with unit_of_work() as session:
            result = load_rates(
                session,
                of,
                read_upload("file", MAX_FILE),
                source=request.form.get("source", "").strip(),
                person=person().name,
                at=clock.now(),
                sample=request.form.get("sample") == "1",
                demo=is_demo(),
            )
    except DomainError as error:
        return _page(of, error.findings), error.status
    flash(t("reference.loaded", added=result.added, changed=result.changed, removed=result.removed), "good")
    return redirect(url_for("admin_rates.index", kind=of.value))


def _page(kind: RateKind, findings: Sequence[Finding]) -> str:
    with unit_of_work() as session:
        on = asked_day() or latest_period(session, kind, clock.today()) or clock.today()
        rows = rate_rows(session, kind, on=on)
        past = loads(session, load_name(kind), 8)
    return render_template(
        "admin/rates.html",
        kinds=list(RateKind),
        kind=kind,
        base=BASE[kind],
        rows=rows,
        on=on,
        past=past,
        findings=findings,
        source=request.form.get("source", ""),
        samples=any(one.is_sample for one in rows),
        demo=is_demo(),
        may_load=person().role == Role.ADMINISTRATOR,
    )
