"""Movement over the API: papers of arrival, bill and departure, the site's records and scale, cases, cancellations."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from app.access import Role, allow, person
from app.access.reads import saw
from app.access.scope import visible_to
from app.api.desk import OFFICERS, officer
from app.api.fields import PageQuery, own_enterprise, page_view
from app.session import unit_of_work
from common import clock
from common.money import plain
from customs.movement import cancelling, incidents, overview, site_records, weighing
from customs.movement.overview import PaperView
from customs.movement.site_records import NewRecord
from customs.movement.sites import Operator
from customs.rules.cancellation import OUTCOMES
from customs.rules.site import RECORD_NAMES
from customs.tables import Arrival, Cancellation, Departure, Incident, MasterList, SiteRecord

blueprint = Blueprint("api_movement", __name__, url_prefix="/api/v1", description="Movement of parcels")

READERS = (*OFFICERS, Role.AUDITOR)
DECLARANTS = (Role.SELLER, Role.AGENT)
_PRINTABLE = ma.validate.Regexp(r"^[^\x00-\x1f\x7f]*\Z")


def _word(most: int, **options: Any) -> ma.fields.String:
    """A short text without control characters."""
    return ma.fields.String(validate=ma.validate.And(ma.validate.Length(max=most), _PRINTABLE), **options)


class RecordsQuery(PageQuery):
    """Which records; only open ones unless `all` is asked for."""

    all = ma.fields.Boolean(load_default=False)
    kind = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.OneOf(sorted(RECORD_NAMES)))


class RecordBody(ma.Schema):
    """A find: `kind` surplus, missing or unreadable; `loct_no` where the operator has several sites of the office."""

    kind = _word(20, required=True)
    customs_code = _word(4, required=True)
    loct_no = _word(10, load_default=None, allow_none=True)
    logistics_code = _word(18, load_default=None, allow_none=True)
    logistics_no = _word(80, load_default=None, allow_none=True)
    description = ma.fields.String(required=True)


class NoteBody(ma.Schema):
    """How a find ended."""

    note = ma.fields.String(required=True)


class TextBody(ma.Schema):
    """What was found and decided, in words."""

    text = ma.fields.String(required=True)


class WeighingBody(ma.Schema):
    """A parcel on the site's scale; `weighed_gross` in kg."""

    logistics_code = _word(18, required=True)
    logistics_no = _word(80, required=True)
    weighed_gross = _word(20, required=True)


class OpenQuery(PageQuery):
    """A page of cases; only open ones unless `all` is asked for."""

    all = ma.fields.Boolean(load_default=False)


class CancellationsQuery(PageQuery):
    """Which requests: `pending` unless another outcome, or `all`, is asked for."""

    outcome = ma.fields.String(load_default="pending", validate=ma.validate.OneOf(["all", *OUTCOMES]))


class CancellationDecision(ma.Schema):
    """`approve` or `refuse`; refusing needs words, which the party reads."""

    decision = _word(20, required=True)
    text = ma.fields.String(load_default=None, allow_none=True)


# --- papers


@blueprint.get("/arrivals")
@allow(Role.OPERATOR, Role.LOGISTICS, *READERS)
@blueprint.arguments(PageQuery, location="query")
def read_arrivals(asked: dict[str, Any]) -> dict[str, Any]:
    """Arrival notices, newest first: one's own, or those of the zone."""
    return _papers("arrival", asked)


@blueprint.get("/arrivals/<int(max=9007199254740991):paper_id>")
@allow(Role.OPERATOR, Role.LOGISTICS, *READERS)
@blueprint.arguments(PageQuery, location="query")
def read_arrival(asked: dict[str, Any], paper_id: int) -> dict[str, Any]:
    """One arrival notice with its waybills and where they stand; `after` and `limit` page through the waybills."""
    return _paper("arrival", paper_id, asked)


@blueprint.get("/departures")
@allow(Role.LOGISTICS, *READERS)
@blueprint.arguments(PageQuery, location="query")
def read_departures(asked: dict[str, Any]) -> dict[str, Any]:
    """Departure notices, newest first: one's own, or those of the zone."""
    return _papers("departure", asked)


@blueprint.get("/departures/<int(max=9007199254740991):paper_id>")
@allow(Role.LOGISTICS, *READERS)
@blueprint.arguments(PageQuery, location="query")
def read_departure(asked: dict[str, Any], paper_id: int) -> dict[str, Any]:
    """One departure notice with its waybills and what became of each."""
    return _paper("departure", paper_id, asked)


@blueprint.get("/master-lists")
@allow(*DECLARANTS, Role.LOGISTICS, *READERS)
@blueprint.arguments(PageQuery, location="query")
def read_master_lists(asked: dict[str, Any]) -> dict[str, Any]:
    """Master lists, newest first, with how many parcels have left and how long the rest has waited."""
    return _papers("master_list", asked)


@blueprint.get("/master-lists/<int(max=9007199254740991):paper_id>")
@allow(*DECLARANTS, Role.LOGISTICS, *READERS)
@blueprint.arguments(PageQuery, location="query")
def read_master_list(asked: dict[str, Any], paper_id: int) -> dict[str, Any]:
    """One master list with its waybills and where they stand."""
    return _paper("master_list", paper_id, asked)


def _visible(kind: str) -> Any:
    """Which papers of a kind the asking person may see: those that name the firm, or those of the zones."""
    scope = visible_to(person())
    match kind:
        case "arrival":
            return scope.rows(Arrival.zone_code, Arrival.operator_id, Arrival.carrier_id)
        case "departure":
            return scope.rows(Departure.zone_code, Departure.carrier_id)
        case _:
            return scope.rows(MasterList.zone_code, MasterList.declarant_id, MasterList.carrier_id)


def _papers(kind: str, asked: dict[str, Any]) -> dict[str, Any]:
    with unit_of_work() as session:
        found = overview.papers(session, kind, _visible(kind), at=clock.now(), **asked)
    return page_view([_paper_view(kind, one) for one in found], asked["limit"])


def _paper(kind: str, paper_id: int, asked: dict[str, Any]) -> dict[str, Any]:
    with unit_of_work() as session:
        found = overview.paper(session, kind, _visible(kind), paper_id, at=clock.now())
        rows = overview.lines(session, kind, paper_id, **asked)
        owners = [getattr(found.paper, overview.OWNERS[kind]), found.paper.carrier_id]
        saw(kind, paper_id, zone_code=found.paper.zone_code, owners=owners)
    lines = [_line_view(dict(row)) for row in rows]
    following = lines[-1]["gnum"] if len(lines) == asked["limit"] else None
    return _paper_view(kind, found) | {"lines": lines, "next": following}


# --- the site


@blueprint.get("/site-records")
@allow(Role.OPERATOR, *READERS)
@blueprint.arguments(RecordsQuery, location="query")
def read_site_records(asked: dict[str, Any]) -> dict[str, Any]:
    """Surplus, missing and unreadable parcels with their age, oldest first."""
    open_only, limit = not asked.pop("all"), asked["limit"]
    visible = visible_to(person()).rows(SiteRecord.zone_code, SiteRecord.operator_id)
    with unit_of_work() as session:
        rows = site_records.records(session, visible, open_only=open_only, **asked)
    return page_view([record_view(row) for row in rows], limit)


@blueprint.post("/site-records")
@allow(Role.OPERATOR)
@blueprint.arguments(RecordBody)
def add_site_record(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Record a find at one's own site."""
    with unit_of_work() as session:
        return record_view(site_records.record(session, operator(), NewRecord(**body), at=clock.now())), 201


@blueprint.post("/site-records/<int(max=9007199254740991):record_id>/resolution")
@allow(Role.OPERATOR)
@blueprint.arguments(NoteBody)
def resolve_site_record(body: dict[str, Any], record_id: int) -> dict[str, Any]:
    """Say how a find ended."""
    with unit_of_work() as session:
        return record_view(site_records.resolve(session, operator(), record_id, body["note"], at=clock.now()))


@blueprint.post("/weighings")
@allow(Role.OPERATOR)
@blueprint.arguments(WeighingBody)
def weigh_parcel(body: dict[str, Any]) -> dict[str, Any]:
    """Weigh a parcel (again) at one's own site; a hold for its weight is set or lifted."""
    with unit_of_work() as session:
        found = weighing.weigh(session, operator(), at=clock.now(), **body)
    return {
        "logistics_no": found.logistics_no,
        "weighed_gross": plain(found.weighed_gross),
        "held": found.held,
        "status": found.status,
    }


@blueprint.post("/checklists/<int(max=9007199254740991):checklist_id>/site-hold/lifting")
@allow(*OFFICERS)
@blueprint.arguments(TextBody)
def lift_site_hold(body: dict[str, Any], checklist_id: int) -> dict[str, Any]:
    """Let a parcel go that is held at the site, with reasons."""
    with unit_of_work() as session:
        status = weighing.lift_hold(session, officer(), checklist_id, body["text"], at=clock.now())
    return {"id": checklist_id, "status": status, "held": False}


# --- cases


@blueprint.get("/incidents")
@allow(*READERS)
@blueprint.arguments(OpenQuery, location="query")
def read_incidents(asked: dict[str, Any]) -> dict[str, Any]:
    """Cases of parcels whose departure was reported although they were not free to leave, oldest first."""
    open_only = not asked.pop("all")
    with unit_of_work() as session:
        rows = incidents.incidents(session, officer().zones, open_only=open_only, **asked)
    return page_view([incident_view(row) for row in rows], asked["limit"])


@blueprint.post("/incidents/<int(max=9007199254740991):incident_id>/closing")
@allow(Role.CUSTOMS_SUPERVISOR)
@blueprint.arguments(TextBody)
def close_incident(body: dict[str, Any], incident_id: int) -> dict[str, Any]:
    """Close a case, saying what was found and done."""
    with unit_of_work() as session:
        return incident_view(incidents.close(session, officer(), incident_id, body["text"], at=clock.now()))


# --- cancellations


@blueprint.get("/cancellations")
@allow(*DECLARANTS, Role.PLATFORM, *READERS)
@blueprint.arguments(CancellationsQuery, location="query")
def read_cancellations(asked: dict[str, Any]) -> dict[str, Any]:
    """Requests to cancel a checklist, oldest first: one's own, or those of the zone."""
    outcome = None if asked["outcome"] == "all" else asked["outcome"]
    visible = visible_to(person()).rows(
        Cancellation.zone_code, Cancellation.declarant_id, Cancellation.consignor_id, Cancellation.sender_id
    )
    with unit_of_work() as session:
        rows = cancelling.cancellations(session, visible, outcome=outcome, after=asked["after"], limit=asked["limit"])
    return page_view([cancellation_view(row) for row in rows], asked["limit"])


@blueprint.post("/cancellations/<int(max=9007199254740991):cancellation_id>/decisions")
@allow(*OFFICERS)
@blueprint.arguments(CancellationDecision)
def decide_cancellation(body: dict[str, Any], cancellation_id: int) -> dict[str, Any]:
    """Approve or refuse a request."""
    with unit_of_work() as session:
        return cancellation_view(
            cancelling.decide_cancellation(session, officer(), cancellation_id, at=clock.now(), **body)
        )


# --- views


def operator() -> Operator:
    """The asking person as one who acts for a site operator."""
    asking = person()
    return Operator(asking.account_id, asking.name, own_enterprise(asking))


def _iso(at: Any) -> str | None:
    return at.isoformat() if at is not None else None


def _paper_view(kind: str, one: PaperView) -> dict[str, Any]:
    row = one.paper
    view = {
        "id": row.id,
        "cop_no": row.cop_no,
        "zone_code": row.zone_code,
        "customs_code": row.customs_code,
        "logistics_code": row.logistics_code,
        "logistics_name": row.logistics_name,
        "bill_no": row.bill_no,
        "traf_mode": row.traf_mode,
        "status": row.status,
        "received_at": _iso(row.received_at),
        "parts": {"number": row.msg_seq_no, "count": row.msg_count, "missing": list(one.missing)},
        "outcomes": dict(one.outcomes),
    }
    match kind:
        case "arrival":
            return view | {"loct_no": row.loct_no, "operator_name": row.operator_name}
        case "departure":
            return view | {"voyage_no": row.voyage_no, "leave_time": _iso(row.leave_time)}
        case _:
            return view | {"voyage_no": row.voyage_no, "traf_name": row.traf_name} | _progress_view(one)


def _progress_view(one: PaperView) -> dict[str, Any]:
    assert one.progress is not None
    return {
        "parcels": one.progress.parcels,
        "left": one.progress.left,
        "remaining": one.progress.remaining,
        "age_days": one.progress.age_days,
        "oldest_release": _iso(one.progress.oldest_release),
    }


def _line_view(row: dict[str, Any]) -> dict[str, Any]:
    weight = row["weighed_gross"]
    instants = {name: _iso(row[name]) for name in ("arrived_at", "released_at", "left_at")}
    return row | instants | {"weighed_gross": plain(weight) if weight is not None else None}


def record_view(row: SiteRecord) -> dict[str, Any]:
    """A site record as it is answered; `age_days` until now, or until it was resolved."""
    return {
        "id": row.id,
        "kind": row.kind,
        "name": RECORD_NAMES[row.kind].as_dict(),
        "zone_code": row.zone_code,
        "customs_code": row.customs_code,
        "loct_no": row.loct_no,
        "logistics_code": row.logistics_code,
        "logistics_no": row.logistics_no,
        "description": row.description,
        "recorded_at": _iso(row.recorded_at),
        "recorded_by": row.recorded_by,
        "age_days": site_records.age_days(row, clock.now()),
        "resolved_at": _iso(row.resolved_at),
        "resolution": row.resolution,
        "resolution_note": row.resolution_note,
        "checklist_id": row.checklist_id,
    }


def incident_view(row: Incident) -> dict[str, Any]:
    """A case as it is answered."""
    return {
        "id": row.id,
        "kind": row.kind,
        "zone_code": row.zone_code,
        "carrier": row.carrier_name,
        "logistics_no": row.logistics_no,
        "checklist_id": row.checklist_id,
        "status_then": row.status,
        "rule": row.rule,
        "message_id": row.message_id,
        "cop_no": row.cop_no,
        "leave_time": _iso(row.leave_time),
        "opened_at": _iso(row.opened_at),
        "closed_at": _iso(row.closed_at),
        "closed_by": row.closed_name,
        "outcome": row.outcome,
    }


def cancellation_view(row: Cancellation) -> dict[str, Any]:
    """A request as it is answered; the officer's name is not for the parties."""
    return {
        "id": row.id,
        "invt_no": row.invt_no,
        "cop_no": row.cop_no,
        "pre_no": row.pre_no,
        "zone_code": row.zone_code,
        "checklist_id": row.checklist_id,
        "checklist_status": row.checklist_status,
        "declarant": row.agent_name,
        "consignor": row.ebc_name,
        "reason": row.reason,
        "status": row.status,
        "outcome": row.outcome,
        "received_at": _iso(row.received_at),
        "decided_at": _iso(row.decided_at),
        "answer": row.answer,
    }
