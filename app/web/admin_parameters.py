"""Zone parameters: what each zone may set for itself, the value that counts today, and setting one from a day on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import Role, allow, person
from app.i18n import listed, said, t
from app.session import unit_of_work
from app.web.admin_codes import asked_day
from app.web.admin_zones import actor_names, in_reach
from app.web.forms import EMPTY, FormState, day_of, day_or_none, required, sent, text_of
from app.web.rules import unit
from common import clock
from common.findings import DomainError, NotFoundError, rule
from common.law.tables import ZoneParameterRow
from common.law.zones import CU0003, set_zone_parameter, zone_defaults, zone_parameter

blueprint = Blueprint("admin_parameters", __name__, url_prefix="/admin/parameters")

READERS = (Role.ADMINISTRATOR, Role.CUSTOMS_SUPERVISOR, Role.AUDITOR, Role.ZONE_MANAGER)
TARGETING = "customs.risk."
"""Settings that only customs, the auditor and the administrator see."""

SY0615 = rule(
    "SY0615",
    title=("结束早于开始", "Ends before it begins"),
    say=("结束日期早于开始日期。请更正其中一个。", "The last day lies before the first. Correct one of them."),
    basis="平台页面约定",
    kind="format",
)
SY0616 = rule(
    "SY0616",
    title=("不归您管理的综试区", "Not a zone of yours"),
    say=("请选择您管理的综试区。", "Choose a zone that you look after."),
    basis="平台页面约定",
)


@blueprint.get("")
@allow(*READERS)
def index() -> str:
    """All zone parameters with the shipped value and what counts for one zone on a day."""
    on, zone = asked_day() or clock.today(), _zone()
    wanted = request.args.get("text", "").strip().casefold()[:60]
    with unit_of_work() as session:
        rows = [_row(session, name, zone, on) for name in _names()]
        who = actor_names(session, (one["set_by"] for one in rows if one["set_by"]))
    found = [one for one in rows if wanted in f"{one['name']} {one['description']}".casefold()]
    return render_template(
        "admin/parameters.html", rows=found, zone=zone, zones=sorted(in_reach()), on=on, text=wanted, setters=who
    )


def _names() -> list[str]:
    """The parameters that the asking person may see."""
    hidden = person().role == Role.ZONE_MANAGER
    return [name for name in sorted(zone_defaults()) if not (hidden and name.startswith(TARGETING))]


def _zone() -> str:
    """The zone of the address, if it is within reach; else the person's own."""
    wanted, own = request.args.get("zone", ""), sorted(in_reach())
    if wanted in own:
        return wanted
    home = person().zone_code
    return home if home in own and home else (own[0] if own else "")


def _row(session: Session, name: str, zone: str, on: Any) -> dict[str, Any]:
    default, now = zone_defaults()[name], zone_parameter(session, zone, name, on)
    row = _setting(session, name, zone, now.start)
    return {
        "name": name,
        "description": said(default.description),
        "unit": unit(default.unit),
        "default": shown(default.value.as_dict()["value"]),
        "value": shown(now.as_dict()["value"]),
        "set": now.start is not None,
        "for_all": row is not None and row.zone_code is None,
        "start": now.start,
        "end": now.end,
        "document": now.document,
        "set_by": row.set_by if row else "",
    }


def shown(value: Any) -> str:
    """A wire value as pages show it."""
    if isinstance(value, list):
        return listed(str(one) for one in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _setting(session: Session, name: str, zone: str, start: Any) -> ZoneParameterRow | None:
    """The row behind the value that counts, None for a shipped one."""
    if start is None:
        return None
    query = select(ZoneParameterRow).where(ZoneParameterRow.name == name, ZoneParameterRow.valid_from == start)
    of_zone = query.where(or_(ZoneParameterRow.zone_code == zone, ZoneParameterRow.zone_code.is_(None)))
    return session.scalars(
        of_zone.order_by(ZoneParameterRow.zone_code.nulls_last(), ZoneParameterRow.id.desc())
    ).first()


@blueprint.get("/<name>")
@allow(*READERS)
def show(name: str) -> str:
    """One parameter: everything ever set for the zones within reach, and the administrator's form."""
    return _page(name, EMPTY)


@blueprint.post("/<name>")
@allow(Role.ADMINISTRATOR)
def set_value(name: str) -> Response | tuple[str, int]:
    """Set the parameter for a zone, or for all, from a day on, on the strength of a document."""
    try:
        with unit_of_work() as session:
            set_zone_parameter(
                session,
                _chosen_zone(),
                name,
                required("value", t("parameters.value"), 500),
                valid_from=(start := day_of("valid_from")),
                valid_to=_end(start),
                document=required("document", t("parameters.document"), 200),
                set_by=person().actor,
                at=clock.now(),
            )
    except DomainError as error:
        return _page(name, sent(error=error)), error.status
    flash(t("parameters.set"), "good")
    return redirect(url_for("admin_parameters.show", name=name))


def _chosen_zone() -> str | None:
    zone = text_of("zone")
    if zone and zone not in in_reach():
        raise DomainError(SY0616.at("/zone"))
    return zone or None


def _end(start: Any) -> Any:
    end = day_or_none("valid_to")
    if end is not None and end < start:
        raise DomainError(SY0615.at("/valid_to"))
    return end


def _page(name: str, form: FormState) -> str:
    if name not in _names():
        raise NotFoundError(CU0003.at("/name", name=name[:60]))
    default = zone_defaults()[name]
    with unit_of_work() as session:
        rows = _history(session, name)
        return render_template(
            "admin/parameter.html",
            name=name,
            description=said(default.description),
            type=default.type,
            unit=unit(default.unit),
            default=shown(default.value.as_dict()["value"]),
            rows=rows,
            setters=actor_names(session, (row.set_by for row in rows)),
            zones=sorted(in_reach()),
            form=form,
            today=clock.today(),
            may_change=person().role == Role.ADMINISTRATOR,
        )


def _history(session: Session, name: str) -> Sequence[ZoneParameterRow]:
    query = select(ZoneParameterRow).where(
        ZoneParameterRow.name == name,
        or_(ZoneParameterRow.zone_code.is_(None), ZoneParameterRow.zone_code.in_(sorted(in_reach()))),
    )
    return session.scalars(query.order_by(ZoneParameterRow.id.desc())).all()
