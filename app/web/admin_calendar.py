"""The page of the official calendar: the years loaded, their days, and the administrator's loader."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.access import Role, allow, person
from app.i18n import t
from app.session import unit_of_work
from app.uploads import read_upload
from app.web.admin_codes import MAX_FILE
from common import clock
from common.findings import DomainError, Finding
from common.holidays import NAME, CalendarDay, loaded_years
from common.holidays_loading import load_calendar
from common.reference import loads

blueprint = Blueprint("admin_calendar", __name__, url_prefix="/admin/calendar")


@blueprint.get("")
@allow(Role.ADMINISTRATOR, Role.DATA_STEWARD, Role.ZONE_MANAGER)
def index() -> str:
    """The days on which the official calendar departs from the week, by year."""
    return _page(())


@blueprint.post("")
@allow(Role.ADMINISTRATOR)
def load() -> str | Response | tuple[str, int]:
    """Load an uploaded CSV file; a refused one shows every finding and changes nothing."""
    try:
        with unit_of_work() as session:
            result = load_calendar(
                session,
                read_upload("file", MAX_FILE),
                source=request.form.get("source", "").strip(),
                person=person().name,
                at=clock.now(),
            )
    except DomainError as error:
        return _page(error.findings), error.status
    flash(t("reference.loaded", added=result.added, changed=result.changed, removed=result.removed), "good")
    return redirect(url_for("admin_calendar.index"))


def _page(findings: Sequence[Finding]) -> str:
    with unit_of_work() as session:
        years = sorted(loaded_years(session), reverse=True)
        days = session.scalars(select(CalendarDay).order_by(CalendarDay.year.desc(), CalendarDay.day)).all()
        past = loads(session, NAME, 8)
    this_year = clock.today().year
    return render_template(
        "admin/calendar.html",
        years=years,
        days=days,
        provisional=[year for year in (this_year, this_year + 1) if year not in years],
        past=past,
        findings=findings,
        source=request.form.get("source", ""),
        may_load=person().role == Role.ADMINISTRATOR,
    )
