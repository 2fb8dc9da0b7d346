"""The supervised site and the way out: arrival notices by the operator, departure notices by the logistics firm.

Both forms make a message for the one road; the page that follows shows what each parcel may do now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import Role, allow, person
from app.i18n import lang
from app.session import unit_of_work
from app.web.forms import EMPTY, FormState, asked_number, required, sent, text_of
from app.web.site_papers import (
    MOST_WAYBILLS,
    SY0623,
    bills_to_load,
    carriers,
    code_of,
    file_document,
    may,
    own_firm,
    own_message,
    own_number,
    scanned,
    to_load,
    written_in,
)
from common import clock
from common.clock import CHINA
from common.findings import DomainError
from credit.subjects import sites_on, zone_offices
from customs.codes import codes_snapshot
from customs.intake.inbox import RECEIVED
from customs.movement import overview
from customs.rules.moves import State
from customs.tables import Arrival, Departure

blueprint = Blueprint("site", __name__, url_prefix="/site")

RECENT = 10
MOST_ID = 2**53 - 1
MOST_TEXT = MOST_WAYBILLS * 120
GNUM_DIGITS = 8
"""Lines are numbered with at most as many digits; more would not fit the database's integers."""
_FORM_TIME = "%Y-%m-%dT%H:%M:%S"


# --- arrivals


@blueprint.get("/arrivals")
@allow(Role.OPERATOR)
def arrivals() -> str:
    """The form of an arrival notice, and the notices sent lately; `again` fills in a refused one for correction."""
    return _arrivals(_again("CEB507"))


@blueprint.post("/arrivals")
@allow(Role.OPERATOR)
def send_arrivals() -> Response | tuple[str, int]:
    """File an arrival notice for the scanned waybills, with the weights that were written beside them."""
    try:
        lines = scanned(text_of("waybills", MOST_TEXT))
        head = _arrival_head()
        message_id = file_document(person(), "CEB507", head, lines, weighed=True)
    except DomainError as error:
        return _arrivals(sent(error=error)), error.status
    return redirect(url_for("site.arrival_result", message_id=message_id), code=303)


def _arrival_head() -> dict[str, str]:
    at, who = clock.now(), person()
    office, _, site = text_of("site").partition("/")
    with unit_of_work() as session:
        firm = own_firm(session, who, at)
        names = {code_of(one): one.name for one in carriers(session, at)}
    carrier = text_of("logisticsCode", 18)
    return {
        "customsCode": office,
        "copNo": own_number("YD", at),
        "operatorCode": code_of(firm),
        "operatorName": firm.name,
        "loctNo": site,
        "ieFlag": "E",
        "trafMode": text_of("trafMode"),
        "billNo": text_of("billNo"),
        "domesticTrafNo": text_of("domesticTrafNo"),
        "logisticsCode": carrier,
        "logisticsName": names.get(carrier, carrier),
        "msgCount": "1",
        "msgSeqNo": "1",
        "note": text_of("note"),
    }


def _arrivals(form: FormState) -> str:
    at, who = clock.now(), person()
    with unit_of_work() as session:
        own = [one for one in sites_on(session, clock.today()) if one.operator_id == who.enterprise_id]
        return render_template(
            "site/arrivals.html",
            form=form,
            sites=[(f"{one.office_code}/{one.loct_no}", f"{one.name} {one.loct_no}") for one in own],
            carriers=[(code_of(one), f"{one.name} {code_of(one)}") for one in carriers(session, at)],
            modes=_modes(session),
            most=MOST_WAYBILLS,
            recent=overview.papers(
                session, "arrival", Arrival.operator_id == who.enterprise_id, after=0, limit=RECENT, at=at
            ),
        )


@blueprint.get(f"/arrivals/messages/<int(max={MOST_ID}):message_id>")
@allow(Role.OPERATOR)
def arrival_result(message_id: int) -> str:
    """What became of a notice made on the page: each parcel with what it may do, or what has to be corrected."""
    return _result(message_id, "CEB507", "arrival", Arrival.operator_id)


@blueprint.get(f"/arrivals/<int(max={MOST_ID}):paper_id>")
@allow(Role.OPERATOR)
def arrival_paper(paper_id: int) -> str:
    """One of one's own notices with every parcel as it stands now."""
    return _paper(paper_id, "arrival", Arrival.operator_id)


# --- departures


@blueprint.get("/departures")
@allow(Role.LOGISTICS)
def departures() -> str:
    """Bills with parcels at a site, the form of a departure notice, and the notices sent lately."""
    return _departures(_again("CEB509"))


@blueprint.post("/departures")
@allow(Role.LOGISTICS)
def send_departures() -> Response | tuple[str, int]:
    """File a departure notice for the named waybills; each is answered by itself."""
    try:
        lines = scanned(text_of("waybills", MOST_TEXT))
        message_id = file_document(person(), "CEB509", _departure_head(), lines, weighed=False)
    except DomainError as error:
        return _departures(sent(error=error)), error.status
    return redirect(url_for("site.departure_result", message_id=message_id), code=303)


def _departure_head() -> dict[str, str]:
    at = clock.now()
    with unit_of_work() as session:
        firm = own_firm(session, person(), at)
    return {
        "customsCode": text_of("customsCode"),
        "copNo": own_number("LJ", at),
        "logisticsCode": code_of(firm),
        "logisticsName": firm.name,
        "trafMode": text_of("trafMode"),
        "trafName": text_of("trafName"),
        "voyageNo": text_of("voyageNo"),
        "billNo": text_of("billNo"),
        "leaveTime": _leave_time(),
        "msgCount": "1",
        "msgSeqNo": "1",
        "note": text_of("note"),
    }


def _leave_time() -> str:
    """The time of departure as the message writes it; the form gives China time."""
    try:
        return datetime.fromisoformat(required("leaveTime", "leaveTime")).strftime("%Y%m%d%H%M%S")
    except ValueError:
        raise DomainError(SY0623.at("/leaveTime")) from None


def _departures(form: FormState) -> str:
    at, who = clock.now(), person()
    assert who.enterprise_id is not None
    bill = request.args.get("bill", "")[:37]
    with unit_of_work() as session:
        parcels = to_load(session, who.enterprise_id, bill or None) if bill or not form.values else []
        free = [one for one in parcels if may(one).tone == "good"]
        offices = zone_offices(session, clock.today())
        codes = codes_snapshot(session)
        return render_template(
            "site/departures.html",
            form=form,
            bill=bill,
            bills=bills_to_load(session, who.enterprise_id),
            waiting=[(one, may(one)) for one in parcels if one not in free][:RECENT],
            free="\n".join(one["logistics_no"] for one in free),
            free_count=len(free),
            office=next((one["customs_code"] for one in free), ""),
            offices=[(code, f"{code} {codes.name('customs_office', code, lang())}") for code in sorted(offices)],
            modes=_modes(session),
            now=at.astimezone(CHINA).strftime(_FORM_TIME),
            most=MOST_WAYBILLS,
            recent=overview.papers(
                session, "departure", Departure.carrier_id == who.enterprise_id, after=0, limit=RECENT, at=at
            ),
        )


@blueprint.get(f"/departures/messages/<int(max={MOST_ID}):message_id>")
@allow(Role.LOGISTICS)
def departure_result(message_id: int) -> str:
    """What became of a departure notice: each parcel with its result, or what has to be corrected."""
    return _result(message_id, "CEB509", "departure", Departure.carrier_id)


@blueprint.get(f"/departures/<int(max={MOST_ID}):paper_id>")
@allow(Role.LOGISTICS)
def departure_paper(paper_id: int) -> str:
    """One of one's own departure notices with every parcel's result."""
    return _paper(paper_id, "departure", Departure.carrier_id)


# --- what both have in common


def _modes(session: Session) -> list[tuple[str, str]]:
    """Modes of transport by code and name."""
    entries = codes_snapshot(session).entries("transport_mode")
    return list(dict.fromkeys((one.code, f"{one.code} {one.name(lang())}") for one in entries))


def _again(type: str) -> FormState:
    """The form of a refused message of one's own, to be corrected; an empty one without `again`."""
    message_id = asked_number("again")
    if message_id is None:
        return EMPTY
    with unit_of_work() as session:
        values = written_in(own_message(session, person(), message_id, type))
    if "leaveTime" in values:
        values["leaveTime"] = _as_form_time(values["leaveTime"])
    site = f"{values.get('customsCode', '')}/{values.get('loctNo', '')}"
    return FormState(values=values | {"site": site})


def _as_form_time(written: str) -> str:
    try:
        return datetime.strptime(written, "%Y%m%d%H%M%S").replace(tzinfo=CHINA).strftime(_FORM_TIME)
    except ValueError:
        return ""


def _result(message_id: int, type: str, kind: str, owner: Any) -> str:
    """The page after sending: waiting, refused with its reasons, or every parcel of the paper."""
    who = person()
    with unit_of_work() as session:
        message = own_message(session, who, message_id, type)
        document: Mapping[str, Any] = message.documents[0] if message.documents else {}
        findings = [*message.envelope, *document.get("findings", ())]
        paper_id = document.get("id")
        if message.state == RECEIVED or paper_id is None or _refused(document):
            return render_template(
                "site/refused.html", kind=kind, message=message, waiting=message.state == RECEIVED, findings=findings
            )
        return _shown(session, paper_id, kind, owner == who.enterprise_id, findings)


def _refused(document: Mapping[str, Any]) -> bool:
    return str(document.get("status", "")).startswith("-")


def _paper(paper_id: int, kind: str, owner: Any) -> str:
    with unit_of_work() as session:
        return _shown(session, paper_id, kind, owner == person().enterprise_id, ())


def _shown(session: Session, paper_id: int, kind: str, visible: Any, findings: Sequence[Mapping[str, Any]]) -> str:
    found = overview.paper(session, kind, visible, paper_id, at=clock.now())
    rows = overview.lines(session, kind, paper_id, after=asked_number("after", GNUM_DIGITS) or 0, limit=MOST_WAYBILLS)
    shown = [(row, may(row)) for row in rows]
    return render_template(
        "site/paper.html",
        kind=kind,
        paper=found.paper,
        outcomes=found.outcomes,
        rows=shown,
        findings=findings,
        next=rows[-1]["gnum"] if len(rows) == MOST_WAYBILLS else None,
        good=sum(one.tone == "good" for _, one in shown),
        released=State.RELEASED,
    )
