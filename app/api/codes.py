"""Code tables over the API: `/codes`, `/codes/{table}`, `/codes/{table}/{code}`, `/hs`."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from app.access import Role, allow, allow_signed_in, person
from app.api.fields import Day
from app.session import unit_of_work
from app.uploads import read_body
from common import clock
from common.findings import Text
from common.reference import LoadResult, loads
from customs.codes import Entry, HsCode, codes_snapshot
from customs.codes.loading import load_codes, spec_of
from customs.codes.reading import MAX_PAGE, as_entry, code_page, code_periods
from customs.codes.specs import SPECS

MAX_FILE = 16 * 1024 * 1024

blueprint = Blueprint("api_codes", __name__, url_prefix="/api/v1", description="Code tables, dated and with source")


class BothSchema(ma.Schema):
    """A text in both languages."""

    zh = ma.fields.String(required=True)
    en = ma.fields.String(required=True)


class TableSchema(ma.Schema):
    """A code table and how many codes it holds."""

    table = ma.fields.String(required=True)
    title = ma.fields.Nested(BothSchema, required=True)
    codes = ma.fields.Integer(required=True)


class TablesSchema(ma.Schema):
    """All code tables."""

    items = ma.fields.List(ma.fields.Nested(TableSchema), required=True)


class CodeSchema(ma.Schema):
    """One code in one period; `extra` holds the table's own columns."""

    code = ma.fields.String(required=True)
    name = ma.fields.Nested(BothSchema, required=True)
    extra = ma.fields.Dict(keys=ma.fields.String(), required=True)
    valid_from = Day(required=True, allow_none=True)
    valid_to = Day(required=True, allow_none=True)
    source = ma.fields.String(required=True)


class CodePageSchema(ma.Schema):
    """A page of a table; `next` goes into `after` of the next request."""

    table = ma.fields.String(required=True)
    title = ma.fields.Nested(BothSchema, required=True)
    items = ma.fields.List(ma.fields.Nested(CodeSchema), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class CodePeriodsSchema(ma.Schema):
    """One code with all its periods."""

    table = ma.fields.String(required=True)
    items = ma.fields.List(ma.fields.Nested(CodeSchema), required=True)


class CodeQuery(ma.Schema):
    """What of a table is wanted."""

    on = Day()
    query = ma.fields.String(load_default="", validate=ma.validate.Length(max=100))
    after = ma.fields.String(load_default="", validate=ma.validate.Length(max=20))
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, MAX_PAGE))


class OnQuery(ma.Schema):
    """The day asked; every period where it is left out."""

    on = Day()


class HsQuery(ma.Schema):
    """Digits or words to look for among full codes, and the day asked (today where left out)."""

    query = ma.fields.String(required=True, validate=ma.validate.Length(1, 100))
    on = Day()
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, MAX_PAGE))


class HsPageSchema(ma.Schema):
    """Full codes found, and the heading where the query begins with four digits of one."""

    heading = ma.fields.Nested(CodeSchema, required=True, allow_none=True)
    items = ma.fields.List(ma.fields.Nested(CodeSchema), required=True)


class LoadQuery(ma.Schema):
    """How to load a file."""

    source = ma.fields.String(load_default="", metadata={"description": "The document the rows rest on"})
    whole = ma.fields.Boolean(load_default=False, metadata={"description": "The file is the whole table"})


class LoadSchema(ma.Schema):
    """What a load did."""

    table = ma.fields.String(required=True)
    added = ma.fields.Integer(required=True)
    changed = ma.fields.Integer(required=True)
    removed = ma.fields.Integer(required=True)
    same = ma.fields.Integer(required=True)


class PastLoadSchema(ma.Schema):
    """A load on record."""

    source = ma.fields.String(required=True)
    digest = ma.fields.String(required=True)
    added = ma.fields.Integer(required=True)
    changed = ma.fields.Integer(required=True)
    removed = ma.fields.Integer(required=True)
    loaded_by = ma.fields.String(required=True)
    loaded_at = ma.fields.AwareDateTime(required=True)


class PastLoadsSchema(ma.Schema):
    """The newest loads of a table."""

    items = ma.fields.List(ma.fields.Nested(PastLoadSchema), required=True)


@blueprint.get("/codes")
@allow_signed_in
@blueprint.response(200, TablesSchema)
def list_tables() -> dict[str, Any]:
    """The code tables there are."""
    with unit_of_work() as session:
        counts = codes_snapshot(session).counts()
    items = [
        {"table": name, "title": spec.title.as_dict(), "codes": counts.get(name, 0)} for name, spec in SPECS.items()
    ]
    return {"items": items}


@blueprint.get("/codes/<table>")
@allow_signed_in
@blueprint.arguments(CodeQuery, location="query")
@blueprint.response(200, CodePageSchema)
def list_codes(asked: dict[str, Any], table: str) -> dict[str, Any]:
    """The codes of a table, by code."""
    spec = spec_of(table)
    with unit_of_work() as session:
        codes = codes_snapshot(session)
    page = code_page(codes, table, query=asked["query"], on=asked.get("on"), after=asked["after"], limit=asked["limit"])
    items = [entry_view(one) for one in page.items]
    return {"table": table, "title": spec.title.as_dict(), "items": items, "next": page.next}


@blueprint.get("/codes/<table>/<code>")
@allow_signed_in
@blueprint.arguments(OnQuery, location="query")
@blueprint.response(200, CodePeriodsSchema)
def show_code(asked: dict[str, Any], table: str, code: str) -> dict[str, Any]:
    """One code of a table, with every period or the one that holds on a day."""
    with unit_of_work() as session:
        codes = codes_snapshot(session)
    return {"table": table, "items": [entry_view(one) for one in code_periods(codes, table, code, asked.get("on"))]}


@blueprint.post("/codes/<table>")
@allow(Role.ADMINISTRATOR)
@blueprint.arguments(LoadQuery, location="query")
@blueprint.response(200, LoadSchema)
def load_table(asked: dict[str, Any], table: str) -> dict[str, Any]:
    """Load a CSV file (`text/csv`) into a table, all of it or nothing; findings name row and column."""
    raw = read_body(MAX_FILE)
    with unit_of_work() as session:
        result = load_codes(
            session,
            table,
            raw,
            source=asked["source"],
            person=person().name,
            at=clock.now(),
            whole=asked["whole"],
        )
    return load_view(table, result)


@blueprint.get("/codes/<table>/loads")
@allow(Role.ADMINISTRATOR, Role.DATA_STEWARD, Role.AUDITOR)
@blueprint.response(200, PastLoadsSchema)
def list_loads(table: str) -> dict[str, Any]:
    """The newest loads of a table: source, who, when."""
    spec_of(table)
    with unit_of_work() as session:
        return {"items": loads(session, f"codes.{table}", 20)}


@blueprint.get("/hs")
@allow_signed_in
@blueprint.arguments(HsQuery, location="query")
@blueprint.response(200, HsPageSchema)
def search_hs(asked: dict[str, Any]) -> dict[str, Any]:
    """Full ten-digit codes whose digits begin with the query, or whose name in either language contains it."""
    on = asked.get("on") or clock.today()
    query: str = asked["query"].strip()
    with unit_of_work() as session:
        codes = codes_snapshot(session)
    heading = codes.heading(query[:4], on) if query[:4].isdigit() and len(query) >= 4 else None
    return {
        "heading": entry_view(heading) if heading else None,
        "items": [hs_view(one) for one in codes.hs_search(query, on, asked["limit"])],
    }


def entry_view(one: Entry) -> dict[str, Any]:
    """A code as the API shows it."""
    return {
        "code": one.code,
        "name": Text(one.name_zh, one.name_en).as_dict(),
        "extra": dict(one.extra),
        "valid_from": one.start,
        "valid_to": one.end,
        "source": one.source,
    }


def hs_view(one: HsCode) -> dict[str, Any]:
    """A full code as the API shows it, with the marks it bears on the day asked."""
    return entry_view(as_entry(one))


def load_view(table: str, result: LoadResult) -> dict[str, Any]:
    """What a load did, as the API says it."""
    return {
        "table": table,
        "added": result.added,
        "changed": result.changed,
        "removed": result.removed,
        "same": result.same,
    }
