"""Overseas warehouses: the register, who may use one, the goods there, their ledger, and proofs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import marshmallow as ma
from flask import Response, jsonify, make_response
from flask_smorest import Blueprint

from app.access import Role, allow, person
from app.api.fields import Day, DayQuery, PageQuery, own_enterprise, page_view
from app.api.warehouse_views import (
    batch_view,
    entry_view,
    filing_view,
    item_view,
    line_view,
    proof_response,
    user_view,
    waiting_view,
    warehouse_view,
)
from app.session import unit_of_work
from app.uploads import read_body
from app.warehouses import (
    DECIDERS,
    KEEPERS,
    MOST_FILE,
    READERS,
    REGISTRANTS,
    actor,
    eyes,
    load_file,
    once,
    shown_to_asker,
    visible_one,
    visible_proof,
)
from common import clock
from common.law.zones import zone_parameter
from customs.codes import codes_snapshot
from customs.rules.files import NewFile
from customs.rules.warehouse_stock import MOST_ENTRIES
from customs.rules.warehouses import MOST_REASON, MOST_TEXT
from customs.tables import Checklist, OverseasWarehouse, WarehouseEntry, WarehouseFiling, WarehouseUser
from customs.warehouses import proofs, register
from customs.warehouses.entries import entries_of, home_by_return
from customs.warehouses.homecoming import waiting, waiting_at
from customs.warehouses.ledger import NewEntry, Recorder, record
from customs.warehouses.stock import by_item, line_stocks, one_line

blueprint = Blueprint("api_warehouses", __name__, url_prefix="/api/v1", description="Overseas warehouses (海外仓)")

_MOST_ID = 2**53 - 1
_WAREHOUSE = f"<int(max={_MOST_ID}):warehouse_id>"
AGES = "customs.warehouse.age_days"


def _text(most: int = MOST_TEXT, **more: Any) -> ma.fields.String:
    return ma.fields.String(validate=ma.validate.Length(max=most), **more)


class WarehouseBody(ma.Schema):
    """A warehouse: `country` is customs' code, `holding` owned, leased (with `lease_until`) or third_party."""

    name_zh = _text(required=True)
    name_en = _text(required=True)
    country = _text(10, required=True)
    address = _text(required=True)
    operator = _text(required=True)
    holding = _text(20, required=True)
    valid_from = Day(required=True)
    lease_until = Day(load_default=None, allow_none=True)


class WarehouseDecisionBody(ma.Schema):
    """Whether the registration is confirmed; a refusal has a reason."""

    confirm = ma.fields.Boolean(required=True)
    reason = _text(MOST_REASON, load_default="")


class WarehouseLastDayBody(ma.Schema):
    """The last day of something."""

    last_day = Day(required=True)


class WarehouseUserBody(ma.Schema):
    """A firm by its customs code or 统一社会信用代码, and the days on which it may use the warehouse."""

    code = _text(18, required=True)
    valid_from = Day(required=True)
    valid_to = Day(load_default=None, allow_none=True)


class WarehouseFilingBody(WarehouseUserBody):
    """A firm's filing of its overseas-warehouse business (海外仓业务模式备案)."""

    filing_no = _text(60, required=True)


class WarehouseEntryBody(ma.Schema):
    """One entry: of a line (`invt_no`, `gnum`, `kind`), or taking back from an entry (`corrects`); `qty` as text.

    `apart`: of goods `returned` to China, that they went back otherwise than by a goods return (which records itself).
    """

    invt_no = _text(40, load_default="")
    gnum = ma.fields.Integer(load_default=0, validate=ma.validate.Range(0, 9999))
    kind = _text(20, load_default="")
    qty = _text(40, required=True)
    day = Day(required=True)
    corrects = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(1, _MOST_ID))
    proof_id = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(1, _MOST_ID))
    reference = _text(1000, load_default=None, allow_none=True)
    note = _text(1000, load_default=None, allow_none=True)
    apart = ma.fields.Boolean(load_default=False)


class WarehouseEntriesBody(ma.Schema):
    """Entries that are recorded together, all or none; what comes again with the same `key` is refused."""

    key = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(min=8, max=64))

    entries = ma.fields.List(
        ma.fields.Nested(WarehouseEntryBody), required=True, validate=ma.validate.Length(min=1, max=MOST_ENTRIES)
    )


class WarehouseFileQuery(ma.Schema):
    """`proof_id` stands for the rows that name no proof of their own."""

    proof_id = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(1, _MOST_ID))


class WarehouseProofQuery(ma.Schema):
    """The file's name; its ending says what it is."""

    name = _text(300, required=True)


class WarehouseLinesQuery(ma.Schema):
    """As of the end of which day (today without it); `after` is `checklist_id-gnum`, the `next` of the page before."""

    on = Day(load_default=None, allow_none=True)
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 500))
    after = ma.fields.String(load_default="0-0", validate=ma.validate.Regexp(r"^[0-9]{1,16}-[0-9]{1,4}\Z"))


@blueprint.get("/warehouses")
@allow(*READERS)
@blueprint.arguments(PageQuery, location="query")
def list_warehouses(asked: dict[str, Any]) -> dict[str, Any]:
    """Warehouses that one's firm registered or may use, or that firms of one's zones use."""
    with unit_of_work() as session:
        seen = eyes(session, clock.now())
        rows = register.warehouses(session, seen.warehouses, after=asked["after"], limit=asked["limit"])
        for row in rows:
            shown_to_asker(session, row)
    return page_view([warehouse_view(row) for row in rows], asked["limit"])


@blueprint.post("/warehouses")
@allow(*REGISTRANTS)
@blueprint.arguments(WarehouseBody)
def register_warehouse(body: dict[str, Any]) -> Response:
    """Register a warehouse for one's firm; the zone's manager confirms it."""
    with unit_of_work() as session:
        new = register.NewWarehouse(**body)
        row = register.register(session, new, actor(), codes_snapshot(session), at=clock.now())
        shown = warehouse_view(row)
    return make_response(jsonify(shown), 201)


@blueprint.get(f"/warehouses/{_WAREHOUSE}")
@allow(*READERS)
def read_warehouse(warehouse_id: int) -> dict[str, Any]:
    """One warehouse with the firms that may use it (all for its registrant and agencies, else one's own).

    `waiting` is what came home by completed returns and cannot stand on the ledger yet.
    """
    with unit_of_work() as session:
        seen = eyes(session, clock.now())
        row = visible_one(session, warehouse_id, seen)
        users = [one for one in register.users(session, row.id) if seen_user(row, one)]
        waits = waiting_at(session, warehouse_id, seen.goods.rows(Checklist))
        more = {"users": [user_view(one) for one in users], "waiting": [waiting_view(one) for one in waits]}
        return warehouse_view(row) | more


@blueprint.post(f"/warehouses/{_WAREHOUSE}/decision")
@allow(*DECIDERS)
@blueprint.arguments(WarehouseDecisionBody)
def decide_warehouse(body: dict[str, Any], warehouse_id: int) -> dict[str, Any]:
    """Confirm or refuse a registration of one's zone."""
    with unit_of_work() as session:
        row = register.decide(
            session, warehouse_id, body["confirm"], body["reason"], actor(), zones=person().zones, at=clock.now()
        )
        return warehouse_view(row)


@blueprint.post(f"/warehouses/{_WAREHOUSE}/end")
@allow(*REGISTRANTS)
@blueprint.arguments(WarehouseLastDayBody)
def end_warehouse(body: dict[str, Any], warehouse_id: int) -> dict[str, Any]:
    """End the use of one's own warehouse; what lies there stays on the ledger."""
    with unit_of_work() as session:
        return warehouse_view(register.end(session, warehouse_id, body["last_day"], actor(), at=clock.now()))


@blueprint.post(f"/warehouses/{_WAREHOUSE}/lease")
@allow(*REGISTRANTS)
@blueprint.arguments(WarehouseLastDayBody)
def renew_lease(body: dict[str, Any], warehouse_id: int) -> dict[str, Any]:
    """Enter a new last day of the lease of one's own warehouse."""
    with unit_of_work() as session:
        return warehouse_view(register.renew_lease(session, warehouse_id, body["last_day"], actor(), at=clock.now()))


@blueprint.post(f"/warehouses/{_WAREHOUSE}/users")
@allow(*REGISTRANTS)
@blueprint.arguments(WarehouseUserBody)
def allow_use(body: dict[str, Any], warehouse_id: int) -> Response:
    """Let another firm use one's own warehouse."""
    with unit_of_work() as session:
        added = register.allow_use(
            session, warehouse_id, body["code"], body["valid_from"], body["valid_to"], actor(), at=clock.now()
        )
        shown = user_view(added)
    return make_response(jsonify(shown), 201)


@blueprint.post(f"/warehouses/{_WAREHOUSE}/users/<int(max={_MOST_ID}):user_id>/end")
@allow(*REGISTRANTS)
@blueprint.arguments(WarehouseLastDayBody)
def end_use(body: dict[str, Any], warehouse_id: int, user_id: int) -> dict[str, Any]:
    """End another firm's use of one's own warehouse."""
    with unit_of_work() as session:
        return user_view(register.end_use(session, warehouse_id, user_id, body["last_day"], actor(), at=clock.now()))


@blueprint.get(f"/warehouses/{_WAREHOUSE}/lines")
@allow(*READERS)
@blueprint.arguments(WarehouseLinesQuery, location="query")
def list_lines(asked: dict[str, Any], warehouse_id: int) -> dict[str, Any]:
    """The checklist lines whose goods are or were there, or are on their way, as of a day."""
    on, limit = as_of(asked["on"]), asked["limit"]
    checklist, _, gnum = asked["after"].partition("-")
    with unit_of_work() as session:
        seen = eyes(session, clock.now())
        visible_one(session, warehouse_id, seen)
        rows = line_stocks(session, warehouse_id, seen.goods, on, after=(int(checklist), int(gnum)), limit=limit)
    following = f"{rows[-1].checklist_id}-{rows[-1].gnum}" if len(rows) == limit else None
    return {"on": on.isoformat(), "items": [line_view(row) for row in rows], "next": following}


@blueprint.get(f"/warehouses/{_WAREHOUSE}/stock")
@allow(*READERS)
@blueprint.arguments(DayQuery, location="query")
def read_stock(asked: dict[str, Any], warehouse_id: int) -> dict[str, Any]:
    """Stock summed by consignor and item as of a day, with the age of what is left."""
    on = as_of(asked["on"])
    with unit_of_work() as session:
        seen = eyes(session, clock.now())
        row = visible_one(session, warehouse_id, seen)
        bands = age_bands(zone_parameter(session, row.zone_code, AGES, on).codes)
        items = by_item(session, warehouse_id, seen.goods, on, bands)
    return {"on": on.isoformat(), "age_days": bands, "items": [item_view(one) for one in items]}


@blueprint.get(f"/warehouses/{_WAREHOUSE}/lines/<int(max={_MOST_ID}):checklist_id>/<int(max=9999):gnum>/entries")
@allow(*READERS)
def list_entries(warehouse_id: int, checklist_id: int, gnum: int) -> dict[str, Any]:
    """The ledger of one line in this warehouse, as it was written; what came home and is not on it is `waiting`."""
    with unit_of_work() as session:
        seen = eyes(session, clock.now())
        visible_one(session, warehouse_id, seen)
        rows = seen_entries(entries_of(session, warehouse_id, checklist_id, gnum), seen.firms, seen.zones)
        home = home_by_return(session, {row.checklist_id for row in rows})
        line = one_line(session, warehouse_id, seen.goods, clock.today(), checklist_id, gnum)
        waits = waiting(session, [checklist_id], gnum) if line else []
    return {
        "items": [entry_view(row, home.get(row.id)) for row in rows],
        "waiting": [waiting_view(one) for one in waits],
    }


@blueprint.post(f"/warehouses/{_WAREHOUSE}/entries")
@allow(*KEEPERS)
@blueprint.arguments(WarehouseEntriesBody)
def record_entries(body: dict[str, Any], warehouse_id: int) -> Response:
    """Record what happened to goods there, all entries or none; corrections are entries, too."""
    at = clock.now()
    entries = [NewEntry(pointer=f"/entries/{n}", **one) for n, one in enumerate(body["entries"])]
    with unit_of_work() as session:
        seen = eyes(session, at)
        visible_one(session, warehouse_id, seen)
        batch = record(session, warehouse_id, entries, Recorder(actor(), seen.firms, "api", once(body["key"])), at=at)
        shown = batch_view(batch)
    return make_response(jsonify(shown), 201)


@blueprint.post(f"/warehouses/{_WAREHOUSE}/entries.csv")
@allow(*KEEPERS)
@blueprint.arguments(WarehouseFileQuery, location="query")
def record_file(asked: dict[str, Any], warehouse_id: int) -> Response:
    """Record the entries of a CSV file (the body); the same file is taken once."""
    at, raw = clock.now(), read_body(MOST_FILE)
    with unit_of_work() as session:
        seen = eyes(session, at)
        visible_one(session, warehouse_id, seen)
        shown = batch_view(load_file(session, warehouse_id, raw, seen, proof_id=asked["proof_id"], at=at))
    return make_response(jsonify(shown), 201)


@blueprint.post("/warehouse-proofs")
@allow(*KEEPERS)
@blueprint.arguments(WarehouseProofQuery, location="query")
def keep_proof(asked: dict[str, Any]) -> Response:
    """Keep a file (the body) as proof: PDF, PNG, JPEG, CSV or XLSX; the same content again is the first one."""
    firm, at = own_enterprise(person()), clock.now()
    with unit_of_work() as session:
        raw = read_body(proofs.limits_of(session, firm, clock.today()).size)
        row = proofs.keep(session, firm, NewFile(asked["name"], raw), actor=person().actor, at=at)
        shown = {"id": row.id, "sha256": row.sha256, "name": row.name, "media_type": row.media_type, "size": row.size}
    return make_response(jsonify(shown), 201)


@blueprint.get(f"/warehouse-proofs/<int(max={_MOST_ID}):proof_id>")
@allow(*READERS)
def read_proof(proof_id: int) -> Response:
    """A proof as it came, always as a download."""
    with unit_of_work() as session:
        row = visible_proof(session, proof_id, eyes(session, clock.now()))
        return proof_response(row.content, row.media_type, row.name)


@blueprint.get("/warehouse-filings")
@allow(*DECIDERS, Role.CUSTOMS_OFFICER, Role.CUSTOMS_SUPERVISOR, Role.AUDITOR)
def list_filings() -> dict[str, Any]:
    """Filings of the overseas-warehouse business in one's zones, newest first."""
    with unit_of_work() as session:
        rows = register.filings(session, WarehouseFiling.zone_code.in_(sorted(person().zones)))
    return {"items": [filing_view(row) for row in rows]}


@blueprint.post("/warehouse-filings")
@allow(*DECIDERS)
@blueprint.arguments(WarehouseFilingBody)
def record_filing(body: dict[str, Any]) -> Response:
    """Record a firm's filing, which exports under 9810 needed until 2024-12-14."""
    with unit_of_work() as session:
        row = register.record_filing(
            session,
            body["code"],
            body["filing_no"],
            body["valid_from"],
            body["valid_to"],
            actor(),
            zones=person().zones,
            at=clock.now(),
        )
        shown = filing_view(row)
    return make_response(jsonify(shown), 201)


# --- what pages ask as well


def as_of(on: date | None) -> date:
    """The day asked about, today at the latest."""
    return min(on or clock.today(), clock.today())


def age_bands(written: tuple[str, ...]) -> list[int]:
    """The zone's age bounds as numbers, rising; words that are no number of days are passed over."""
    return sorted({int(one) for one in written if one.isascii() and one.isdigit() and len(one) < 6})


def seen_user(row: OverseasWarehouse, user: WarehouseUser) -> bool:
    """Whether the asking person is shown that a firm uses the warehouse."""
    own = person().enterprise_id
    return own is None or own in (row.registered_by, user.subject_id)


def seen_entries(rows: Iterable[WarehouseEntry], firms: frozenset[int], zones: frozenset[str]) -> list[WarehouseEntry]:
    """The entries of goods that are seen."""
    return [row for row in rows if row.consignor_id in firms or row.zone_code in zones]
