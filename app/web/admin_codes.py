"""Pages of the code tables: which there are, their codes, and the administrator's loader."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.access import Role, allow, person
from app.i18n import t
from app.session import unit_of_work
from app.uploads import read_upload
from common import clock
from common.clock import day_written
from common.findings import DomainError, Finding
from common.reference import ReferenceLoad, last_loads, loads
from customs.codes import codes_snapshot
from customs.codes.loading import load_codes, spec_of
from customs.codes.reading import code_page
from customs.codes.specs import HS, SPECS

MAX_FILE = 16 * 1024 * 1024
PAGE = 100

blueprint = Blueprint("admin_codes", __name__, url_prefix="/admin/codes")


@blueprint.get("")
@allow(Role.ADMINISTRATOR, Role.DATA_STEWARD, Role.ZONE_MANAGER)
def index() -> str:
    """All code tables with their size and newest load."""
    with unit_of_work() as session:
        codes = codes_snapshot(session)
        newest = last_loads(session, "codes.")
    counts = codes.counts()
    rows = [(spec, counts.get(name, 0), newest.get(f"codes.{name}")) for name, spec in SPECS.items()]
    unverified = len({one.code for one in codes.hs_rows() if not one.verified})
    return render_template("admin/codes.html", rows=rows, unverified=unverified, hs=counts.get(HS, 0))


@blueprint.get("/<table>")
@allow(Role.ADMINISTRATOR, Role.DATA_STEWARD, Role.ZONE_MANAGER)
def show(table: str) -> str:
    """The codes of one table, searched and by day; the administrator's loader beside them."""
    return _page(table, ())


@blueprint.post("/<table>")
@allow(Role.ADMINISTRATOR)
def load(table: str) -> str | Response | tuple[str, int]:
    """Load an uploaded CSV file; a refused one shows every finding and changes nothing."""
    try:
        with unit_of_work() as session:
            result = load_codes(
                session,
                table,
                read_upload("file", MAX_FILE),
                source=request.form.get("source", "").strip(),
                person=person().name,
                at=clock.now(),
                whole=request.form.get("whole") == "1",
            )
    except DomainError as error:
        return _page(table, error.findings), error.status
    flash(t("reference.loaded", added=result.added, changed=result.changed, removed=result.removed), "good")
    return redirect(url_for("admin_codes.show", table=table))


def _page(table: str, findings: Sequence[Finding]) -> str:
    spec = spec_of(table)
    query, after, on = request.args.get("q", "").strip()[:100], request.args.get("after", "")[:20], asked_day()
    with unit_of_work() as session:
        page = code_page(codes_snapshot(session), table, query=query, on=on, after=after, limit=PAGE)
        past: list[ReferenceLoad] = loads(session, f"codes.{table}", 8)
    return render_template(
        "admin/code_table.html",
        spec=spec,
        page=page,
        query=query,
        on=on,
        after=after,
        past=past,
        findings=findings,
        source=request.form.get("source", ""),
        columns=[*spec.columns],
        may_load=person().role == Role.ADMINISTRATOR,
    )


def asked_day(name: str = "on") -> date | None:
    """The day in the address, None where there is none or it is no day."""
    try:
        return day_written(request.args.get(name, ""))
    except ValueError:
        return None
