"""The parcels standing at an operator's sites, longest first: what each may do, weighing again, and what is amiss."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response

from app.access import Role, allow, person
from app.api.movement import operator
from app.i18n import number, said, t
from app.session import unit_of_work
from app.web.forms import EMPTY, FormState, sent, text_of, whole_number
from app.web.site_papers import LONG_AGO, at_site, carriers, code_of, find_at_site, may
from common import clock
from common.clock import china_day
from common.findings import DomainError
from credit.subjects import sites_on
from customs.movement import site_records, weighing
from customs.movement.site_records import NewRecord
from customs.rules.movement import MAX_TEXT
from customs.rules.site import RECORD_NAMES
from customs.tables import SiteRecord

blueprint = Blueprint("site_parcels", __name__, url_prefix="/site")

PAGE = 100
MOST_RECORDS = 200
MOST_ID = 2**53 - 1


@blueprint.get("/parcels")
@allow(Role.OPERATOR)
def index() -> str:
    """Parcels at the own sites, longest first, or those with one waybill number."""
    return _parcels(EMPTY)


@blueprint.post("/weighings")
@allow(Role.OPERATOR)
def weigh() -> Response | tuple[str, int]:
    """Weigh a parcel (again); a hold for its weight is set or lifted by the result."""
    try:
        with unit_of_work() as session:
            found = weighing.weigh(
                session,
                operator(),
                text_of("logistics_code", 18),
                text_of("logistics_no", 80),
                text_of("weighed_gross", 20),
                at=clock.now(),
            )
    except DomainError as error:
        return _parcels(sent(error=error)), error.status
    words = t(
        "site.weighed_held" if found.held else "site.weighed", number=found.logistics_no, kg=number(found.weighed_gross)
    )
    flash(words, "warn" if found.held else "good")
    return redirect(url_for("site_parcels.index", q=found.logistics_no))


def _parcels(form: FormState) -> str:
    at, who = clock.now(), person()
    assert who.enterprise_id is not None
    wanted = request.args.get("q", "").strip()[:80]
    with unit_of_work() as session:
        if wanted:
            rows: Sequence[RowMapping] = find_at_site(session, who.enterprise_id, wanted)
        else:
            rows = at_site(session, who.enterprise_id, _cursor(), PAGE)
        known = carriers(session, at)
    names = {one.id: one.name for one in known}
    return render_template(
        "site/parcels.html",
        form=form,
        rows=[(row, may(row), (china_day(at) - china_day(row["arrived_at"])).days) for row in rows],
        names=names,
        carriers=[(code_of(one), f"{one.name} {code_of(one)}") for one in known],
        wanted=wanted,
        first=not request.args.get("after"),
        next=_next(rows) if len(rows) == PAGE and not wanted else None,
    )


def _next(rows: Sequence[RowMapping]) -> str:
    last = rows[-1]
    return f"{last['arrived_at'].isoformat()}|{last['carrier_id']}|{last['logistics_no']}"


def _cursor() -> tuple[str, int, str]:
    """Where the page begins; anything that is no cursor begins at the start."""
    at, _, rest = request.args.get("after", "").partition("|")
    carrier, _, last = rest.partition("|")
    try:
        arrived = datetime.fromisoformat(at)
    except ValueError:
        return LONG_AGO, 0, ""
    if arrived.tzinfo is None:
        return LONG_AGO, 0, ""
    # written anew: Python reads forms of a time that the database does not
    return arrived.isoformat(), whole_number(carrier) or 0, last[:80]


@blueprint.get("/records")
@allow(Role.OPERATOR)
def records() -> str:
    """Surplus, missing and unreadable parcels with their age, and the form for another."""
    return _records(EMPTY)


@blueprint.post("/records")
@allow(Role.OPERATOR)
def add_record() -> Response | tuple[str, int]:
    """Write down a find at the own site."""
    try:
        office, _, site = text_of("site").partition("/")
        new = NewRecord(
            kind=text_of("kind"),
            customs_code=office,
            loct_no=site or None,
            description=text_of("description", MAX_TEXT),
            logistics_code=text_of("logistics_code", 18) or None,
            logistics_no=text_of("logistics_no", 80) or None,
        )
        with unit_of_work() as session:
            site_records.record(session, operator(), new, at=clock.now())
    except DomainError as error:
        return _records(sent(error=error)), error.status
    flash(t("site.recorded", kind=said(RECORD_NAMES[new.kind])), "good")
    return redirect(url_for("site_parcels.records"))


@blueprint.post(f"/records/<int(max={MOST_ID}):record_id>/resolution")
@allow(Role.OPERATOR)
def resolve_record(record_id: int) -> Response | tuple[str, int]:
    """Say how a find ended."""
    try:
        with unit_of_work() as session:
            site_records.resolve(session, operator(), record_id, text_of("note", MAX_TEXT), at=clock.now())
    except DomainError as error:
        return _records(FormState(findings=tuple(error.findings))), error.status
    flash(t("site.resolved"), "good")
    return redirect(url_for("site_parcels.records"))


def _records(form: FormState) -> str:
    at, who = clock.now(), person()
    everything = request.args.get("all") == "1"
    with unit_of_work() as session:
        rows = site_records.records(
            session,
            SiteRecord.operator_id == who.enterprise_id,
            open_only=not everything,
            kind=None,
            after=0,
            limit=MOST_RECORDS,
        )
        own = [one for one in sites_on(session, china_day(at)) if one.operator_id == who.enterprise_id]
        return render_template(
            "site/records.html",
            form=form,
            rows=[(row, site_records.age_days(row, at)) for row in rows],
            everything=everything,
            kinds=[(kind, said(name)) for kind, name in RECORD_NAMES.items()],
            names=RECORD_NAMES,
            sites=[(f"{one.office_code}/{one.loct_no}", f"{one.name} {one.loct_no}") for one in own],
            carriers=[("", "—"), *((code_of(one), f"{one.name} {code_of(one)}") for one in carriers(session, at))],
        )
