"""Risk for supervisors: how many checklists each tier got against what was expected, and the factors in force."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from app.access import Role, allow, person
from app.i18n import listed, said
from app.session import unit_of_work
from app.web.admin_codes import asked_day
from app.web.rules import unit
from common import clock
from common.law.zones import zone_defaults, zone_parameter
from customs.risk import shares
from customs.rules.risk.factor import FACTORS, REASON_NAMES, Factor

blueprint = Blueprint("desk_risk", __name__, url_prefix="/desk/risk")

PREFIX = "customs.risk."
READERS = (Role.CUSTOMS_SUPERVISOR, Role.AUDITOR)


@blueprint.get("")
@allow(*READERS)
def index() -> str:
    """A day's shares per zone and tier, the factors with what they weigh in a zone, and the zone's risk settings."""
    asking = person()
    zones = sorted(asking.zones or ({asking.zone_code} if asking.zone_code else ()))
    on = asked_day() or clock.today()
    wanted = request.args.get("zone", "")
    zone = wanted if wanted in zones else (zones[0] if zones else "")
    with unit_of_work() as session:
        return render_template(
            "desk/risk.html",
            on=on,
            zone=zone,
            zones=zones,
            shares=shares(session, zones, on),
            factors=[_factor(session, one, zone, on) for one in FACTORS],
            settings=_settings(session, zone, on),
            percent=percent,
        )


def percent(share: Decimal | None) -> str:
    """A share as a percentage with two decimals; a dash where there is none."""
    return "—" if share is None else f"{share * 100:.2f}%"


def _factor(session: Session, one: Factor, zone: str, on: date) -> dict[str, Any]:
    """A factor as shown: number, title, class, what a yes weighs, and the thresholds it asks for."""
    defaults = zone_defaults()
    asked = [name for name in one.parameters if name != one.points and name in defaults]
    return {
        "rule": one.step.id,
        "title": said(one.step.title),
        "reason": said(REASON_NAMES[one.reason]),
        "points": zone_parameter(session, zone, one.points, on).as_dict()["value"] if one.points else None,
        "level": one.level.value if one.level else None,
        "asks": [(said(defaults[name].description), _written(session, zone, name, on)) for name in asked],
    }


def _settings(session: Session, zone: str, on: date) -> list[dict[str, Any]]:
    """Every risk setting of the zone on the day, and since when."""
    found = []
    for name, default in sorted(zone_defaults().items()):
        if name.startswith(PREFIX):
            value = zone_parameter(session, zone, name, on)
            found.append(
                {
                    "name": name,
                    "description": said(default.description),
                    "value": _written(session, zone, name, on),
                    "start": value.start,
                    "document": value.document,
                }
            )
    return found


def _written(session: Session, zone: str, name: str, on: date) -> str:
    shown = zone_parameter(session, zone, name, on).as_dict()
    value = shown["value"]
    return f"{listed(value) if isinstance(value, list) else value} {unit(shown['unit'])}"
