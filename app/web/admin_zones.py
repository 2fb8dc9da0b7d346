"""Zones as the administrator looks after them: customs offices by date, supervised sites, parks."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, flash, redirect, render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import Role, allow, person
from app.access.tables import Account
from app.i18n import lang, t
from app.session import unit_of_work
from app.web.admin_codes import asked_day
from app.web.forms import EMPTY, FormState, day_of, number_or_none, required, sent, text_of
from common import clock
from common.findings import DomainError, NotFoundError
from credit import zones
from credit.listing import SubjectFilters, find_subjects
from credit.refusals import CR0006, CR0009
from credit.subjects import office_rows, sites_on
from credit.zones import OfficeSetting
from customs.codes import codes_snapshot

blueprint = Blueprint("admin_zones", __name__, url_prefix="/admin/zones")

READERS = (Role.ADMINISTRATOR, Role.DATA_STEWARD, Role.ZONE_MANAGER)
MOST_OPERATORS = 500


@blueprint.get("")
@allow(*READERS)
def index() -> str:
    """The zones that the asking person looks after, each with its offices, sites and parks of a day."""
    on = asked_day() or clock.today()
    with unit_of_work() as session:
        offices = [row for row in office_rows(session, on) if row.open]
        sites = sites_on(session, on)
        rows = [
            {
                "zone": zone,
                "offices": [one for one in offices if one.zone_code == zone.code],
                "sites": sum(
                    s.office_code in {o.office_code for o in offices if o.zone_code == zone.code} for s in sites
                ),
                "parks": len(zones.parks_on(session, zone.code, on)),
            }
            for zone in zones.all_zones(session)
            if zone.code in in_reach()
        ]
    return render_template("admin/zones.html", rows=rows, on=on)


def in_reach() -> frozenset[str]:
    """The zones that the asking person looks after."""
    asking = person()
    return asking.zones or frozenset({asking.zone_code} if asking.zone_code else ())


@blueprint.get("/<zone_code>")
@allow(*READERS)
def show(zone_code: str) -> str:
    """One zone: everything ever set for its offices, its sites and parks, and the forms that change them."""
    return _page(zone_code, EMPTY)


@blueprint.post("/<zone_code>/offices")
@allow(Role.ADMINISTRATOR)
def set_office(zone_code: str) -> Response | tuple[str, int]:
    """Set an office from a day on; what counted before stays on record."""
    try:
        with unit_of_work() as session:
            _reached(session, zone_code)
            setting = OfficeSetting(
                zone_code=zone_code,
                office_code=text_of("office_code"),
                valid_from=day_of("office_from"),
                mode=text_of("mode"),
                early_declaration=text_of("early") == "1",
                open=text_of("open") == "1",
                verified=text_of("verified") == "1",
                successor_code=text_of("successor_code") or None,
                source=required("office_source", t("zones.source")),
            )
            zones.set_office(session, setting, by=person().actor, at=clock.now())
    except DomainError as error:
        return _page(zone_code, sent(error=error)), error.status
    flash(t("zones.office_set", office=setting.office_code), "good")
    return redirect(url_for("admin_zones.show", zone_code=zone_code))


@blueprint.post("/<zone_code>/sites")
@allow(Role.ADMINISTRATOR)
def set_site(zone_code: str) -> Response | tuple[str, int]:
    """Say who operates a supervised site from a day on; nobody closes it."""
    try:
        with unit_of_work() as session:
            _reached(session, zone_code)
            zones.set_site(
                session,
                _own_office(session, zone_code, text_of("site_office")),
                required("loct_no", t("zones.loct_no"), 10),
                required("site_name", t("zones.site_name")),
                number_or_none("operator_id"),
                valid_from=day_of("site_from"),
                by=person().actor,
                at=clock.now(),
            )
    except DomainError as error:
        return _page(zone_code, sent(error=error)), error.status
    flash(t("zones.site_set"), "good")
    return redirect(url_for("admin_zones.show", zone_code=zone_code))


@blueprint.post("/<zone_code>/parks")
@allow(Role.ADMINISTRATOR)
def add_park(zone_code: str) -> Response | tuple[str, int]:
    """Recognise a park of the zone from a day on."""
    try:
        with unit_of_work() as session:
            _reached(session, zone_code)
            zones.add_park(
                session,
                zone_code,
                required("park_zh", t("zones.park_zh")),
                required("park_en", t("zones.park_en")),
                core=text_of("core") == "1",
                on=day_of("park_from"),
            )
    except DomainError as error:
        return _page(zone_code, sent(error=error)), error.status
    flash(t("zones.park_added"), "good")
    return redirect(url_for("admin_zones.show", zone_code=zone_code))


def _reached(session: Session, zone_code: str) -> None:
    """Raise `NotFoundError` for a zone that does not exist or is not the asking person's to look after."""
    zones.require_zone(session, zone_code)
    if zone_code not in in_reach():
        allowed = "、".join(sorted(in_reach())) or "—"
        raise NotFoundError(CR0009.at("/zone_code", code=zone_code, allowed=allowed))


def _own_office(session: Session, zone_code: str, office_code: str) -> str:
    """The office, if it is the zone's; raises `DomainError` naming those that are."""
    own = [row.office_code for row in office_rows(session, clock.today()) if row.zone_code == zone_code]
    if office_code not in own:
        raise DomainError(CR0006.at("/site_office", value=office_code, allowed="、".join(own) or "—"))
    return office_code


def _page(zone_code: str, form: FormState) -> str:
    on = clock.today()
    with unit_of_work() as session:
        _reached(session, zone_code)
        zone = zones.require_zone(session, zone_code)
        codes = codes_snapshot(session)
        current = [row for row in office_rows(session, on) if row.zone_code == zone_code]
        history = [row for one in current for row in zones.office_history(session, one.office_code)]
        places = {row.office_code for row in current}
        operators = find_subjects(session, SubjectFilters(role="operator"), on, limit=MOST_OPERATORS)
        names = {one.id: one.name for one in operators}
        return render_template(
            "admin/zone.html",
            zone=zone,
            on=on,
            form=form,
            offices=current,
            history=history,
            office_name={code: codes.name("customs_office", code, lang(), on) for code in places},
            sites=[one for one in sites_on(session, on) if one.office_code in places],
            parks=zones.parks_on(session, zone_code, on),
            operators=[("", t("zones.no_operator")), *((id, name) for id, name in names.items())],
            operator_names=names,
            setters=actor_names(session, (row.set_by for row in history)),
            may_change=person().role == Role.ADMINISTRATOR,
        )


def actor_names(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """What pages call those who set something: account names, and the platform itself."""
    ids = {int(one.removeprefix("account:")) for one in actors if one.startswith("account:")}
    found = session.execute(select(Account.id, Account.name).where(Account.id.in_(ids))).all() if ids else []
    return {f"account:{id}": name for id, name in found} | {"platform": t("zones.platform")}
