"""Exchange rates and the official calendar over the API: `/rates/{kind}`, `/calendar`."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint
from sqlalchemy import select

from app.access import Role, allow, allow_signed_in, person
from app.api.codes import MAX_FILE, LoadSchema, load_view
from app.api.fields import Day
from app.demo import is_demo
from app.session import unit_of_work
from app.uploads import read_body
from common import clock
from common.holidays import CalendarDay, loaded_years
from common.holidays_loading import load_calendar
from common.money import plain
from common.rates import BASE, RateKind
from common.rates_loading import load_rates, rate_kind
from common.rates_reading import MAX_ROWS, RateRow, rate_rows

blueprint = Blueprint(
    "api_rates", __name__, url_prefix="/api/v1", description="Exchange rates of three kinds; the official calendar"
)


class RateSchema(ma.Schema):
    """One rate; `rate` is a decimal string, `period` a month (YYYY-MM) or a day."""

    currency = ma.fields.String(required=True)
    period = ma.fields.String(required=True)
    rate = ma.fields.String(required=True)
    source = ma.fields.String(required=True)
    sample = ma.fields.Boolean(required=True)


class RatesSchema(ma.Schema):
    """Rates of one kind, in units of `base` for one unit of the currency."""

    kind = ma.fields.String(required=True)
    base = ma.fields.String(required=True)
    items = ma.fields.List(ma.fields.Nested(RateSchema), required=True)


class RatesQuery(ma.Schema):
    """Which rates: of the period of a day, of one currency."""

    on = Day()
    currency = ma.fields.String(load_default="", validate=ma.validate.Length(max=3))
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, MAX_ROWS))


class RatesLoadQuery(ma.Schema):
    """How to load a file of rates."""

    source = ma.fields.String(load_default="", metadata={"description": "The publication"})
    sample = ma.fields.Boolean(load_default=False, metadata={"description": "Made-up rates, demo only"})


class SourceQuery(ma.Schema):
    """Where the file's content comes from."""

    source = ma.fields.String(load_default="", metadata={"description": "The State Council's notice"})


class DaySchema(ma.Schema):
    """A day on which the official calendar departs from the week."""

    day = Day(required=True)
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(["holiday", "workday"]))
    year = ma.fields.Integer(required=True)
    name_zh = ma.fields.String(required=True)
    name_en = ma.fields.String(required=True)
    source = ma.fields.String(required=True)


class CalendarSchema(ma.Schema):
    """The official calendar as loaded."""

    years = ma.fields.List(ma.fields.Integer(), required=True)
    items = ma.fields.List(ma.fields.Nested(DaySchema), required=True)


@blueprint.get("/rates/<kind>")
@allow_signed_in
@blueprint.arguments(RatesQuery, location="query")
@blueprint.response(200, RatesSchema)
def list_rates(asked: dict[str, Any], kind: str) -> dict[str, Any]:
    """Rates of a kind (`customs`, `safe`, `tax`), newest period first."""
    of = rate_kind(kind)
    with unit_of_work() as session:
        rows = rate_rows(session, of, on=asked.get("on"), currency=asked["currency"], limit=asked["limit"])
    return {"kind": of.value, "base": BASE[of], "items": [_rate_view(of, one) for one in rows]}


@blueprint.post("/rates/<kind>")
@allow(Role.ADMINISTRATOR)
@blueprint.arguments(RatesLoadQuery, location="query")
@blueprint.response(200, LoadSchema)
def load_kind(asked: dict[str, Any], kind: str) -> dict[str, Any]:
    """Load a CSV file (`text/csv`: currency, period, rate) of one kind, all of it or nothing."""
    of, raw = rate_kind(kind), read_body(MAX_FILE)
    with unit_of_work() as session:
        result = load_rates(
            session,
            of,
            raw,
            source=asked["source"],
            person=person().name,
            at=clock.now(),
            sample=asked["sample"],
            demo=is_demo(),
        )
    return load_view(of.value, result)


@blueprint.get("/calendar")
@allow_signed_in
@blueprint.response(200, CalendarSchema)
def show_calendar() -> dict[str, Any]:
    """Days off and make-up working days of the years loaded."""
    with unit_of_work() as session:
        days = session.scalars(select(CalendarDay).order_by(CalendarDay.day)).all()
        return {"years": sorted(loaded_years(session)), "items": days}


@blueprint.post("/calendar")
@allow(Role.ADMINISTRATOR)
@blueprint.arguments(SourceQuery, location="query")
@blueprint.response(200, LoadSchema)
def load_year(asked: dict[str, Any]) -> dict[str, Any]:
    """Load a CSV file (`text/csv`: day, kind) of a whole year's arrangement, all of it or nothing."""
    raw = read_body(MAX_FILE)
    with unit_of_work() as session:
        result = load_calendar(session, raw, source=asked["source"], person=person().name, at=clock.now())
    return load_view("calendar", result)


def _rate_view(kind: RateKind, one: RateRow) -> dict[str, Any]:
    period = one.period.isoformat()
    return {
        "currency": one.currency,
        "period": period if kind is RateKind.TAX else period[:7],
        "rate": plain(one.rate),
        "source": one.source,
        "sample": one.is_sample,
    }
