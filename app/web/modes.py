"""What each supervision mode asks for, on a day: order, papers, fields, limit, digits, districts, warehouse filing.

Every figure is the law's own: the page asks the dated parameters and the decision on papers that intake asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from flask import Blueprint, render_template

from app.access import allow_everyone
from app.i18n import lang, said, t
from app.session import unit_of_work
from app.web.admin_codes import asked_day
from common import clock
from common.findings import Text
from common.law import ParameterValue, UnknownLawError, law
from customs.codes import codes_snapshot
from customs.messages.fields import MESSAGES
from customs.rules.decisions import B2B, EXPORT_MODES, DocumentFacts, required_documents
from customs.rules.match import BOOKING, ORDER_TYPES
from customs.rules.warehouses import BONDED_FIELDS, BONDED_MODE, BULK, BUSINESSES, PARCEL

blueprint = Blueprint("modes", __name__, url_prefix="/rules/modes")

ANYWHERE = "all"
WAREHOUSE = "warehouse"
ORDER_NAMES = {
    "E": Text("E 零售订单", "E retail order"),
    "B": Text("B B2B订单", "B B2B order"),
    "W": Text("W 订仓单", "W booking"),
}


@dataclass(slots=True)
class Mode:
    """One row of the page: a mode, and for 1210 one of its two businesses; `open` is False on a day without law."""

    code: str
    business: str | None
    name: str
    order: Text
    open: bool = False
    papers: Sequence[str] = ()
    fields: Sequence[tuple[str, str]] = ()
    facts: list[tuple[str, str]] = field(default_factory=list)
    parameters: list[ParameterValue] = field(default_factory=list)


@blueprint.get("")
@allow_everyone
def index() -> str:
    """All modes on a day, today unless the address names one."""
    on = asked_day() or clock.today()
    with unit_of_work() as session:
        codes = codes_snapshot(session)
    names = {mode: codes.name("trade_mode", mode, lang(), on) for mode in EXPORT_MODES}
    rows = [_mode(mode, business, names[mode], on) for mode, business in _kinds()]
    return render_template("rules/modes.html", rows=rows, on=on)


def _kinds() -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = []
    for mode in EXPORT_MODES:
        found += [(mode, word) for word in BUSINESSES] if mode == BONDED_MODE else [(mode, None)]
    return found


def _mode(code: str, business: str | None, name: str, on: date) -> Mode:
    row = Mode(code, business, name, ORDER_NAMES[BOOKING if business == BULK else ORDER_TYPES[code]])
    try:
        decided = required_documents(DocumentFacts(code, business or PARCEL), law(), on)
    except UnknownLawError:
        return row
    row.open, row.papers = True, decided.outcome["documents"]
    row.parameters = [one for step in decided.trace for one in step.parameters]
    _fields(row, on)
    _limits(row, on, filing=decided.outcome["warehouse_filing"])
    return row


def _fields(row: Mode, on: date) -> None:
    """What a checklist must give beside what all must."""
    if row.business is None:
        return
    found = _asked(row, BONDED_FIELDS[row.business], on)
    spec = MESSAGES["CEB603"]
    for element in found.codes if found else ():
        known = spec.head_by_name.get(element) or spec.list_by_name.get(element)
        row.fields = [*row.fields, (element if known else "", said(known.name) if known else t("modes.warehouse"))]


def _limits(row: Mode, on: date, *, filing: bool) -> None:
    """Limit and digits of a checklist, the districts of B2B, and whether the warehouse business had to be filed."""
    terms = "b2b" if row.code in B2B else "b2c"
    if row.business != BULK:
        limit = _asked(row, f"customs.simplified.{terms}.max_ticket_cny", on)
        digits = _asked(row, f"customs.simplified.{terms}.hs_digits", on)
        row.facts += [(t(f"modes.limit.{terms}"), t("modes.yuan", limit=f"{limit.decimal:,}"))] if limit else []
        row.facts += [(t("modes.digits"), t("modes.digits_n", n=digits.integer))] if digits else []
    if row.code in B2B and (districts := _asked(row, "customs.b2b.districts", on)):
        everywhere = districts.codes == (ANYWHERE,)
        row.facts.append((t("modes.districts"), t("modes.everywhere") if everywhere else " ".join(districts.codes)))
    if filing:
        row.facts.append((t("modes.filing"), t("modes.filing_needed")))


def _asked(row: Mode, name: str, on: date) -> ParameterValue | None:
    parameter = law().parameter(name)
    found = parameter.on(on) if parameter else None
    if found is not None:
        row.parameters.append(found)
    return found
