"""Summaries: what is to be applied for, applying by ticked checklists or by a span, one summary from every side.

Filing goes through the inbox as CEB701; the answer's address can be looked at again as often as one likes.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import Role, allow, person
from app.access.reads import saw
from app.api.fields import administrator, own_enterprise
from app.api.messages import incoming_of, take_in
from app.api.summaries import NOTICE_KEEPERS, month_ends, paper_response, result_response
from app.i18n import day, lang, said, t
from app.session import unit_of_work
from app.summaries import (
    FILERS,
    OFFICERS,
    READERS,
    TYPE,
    Wish,
    message_guid,
    message_of,
    month_now,
    scope,
    wish_of_draft,
)
from app.web.forms import EMPTY, FormState, asked_cursor, asked_number, day_of, required, sent, text_of
from app.web.site_papers import own_message
from app.web.waiting import wait_for
from common import clock
from common.clock import CHINA
from common.events import Event
from common.findings import ConflictError, DomainError
from credit.mandates import ALL
from credit.subjects import SubjectFacts, mandates_held_by, subject_by_id, subjects_by_ids, zone_offices
from customs.codes import Codes, codes_snapshot
from customs.intake.inbox import JSON, RECEIVED
from customs.rules.moves import State
from customs.rules.summary import MOST_REASON, NOTHING
from customs.summary import drafting, reading, results, states
from customs.summary.listed import busy_declarants
from customs.summary.totals import by_currency
from customs.tables import Declaration, DeclarationLine, MessageKey, SummaryApplication

blueprint = Blueprint("summaries", __name__, url_prefix="/summaries")

PAGE = 50
TICKED = 200
"""The most checklists that a form offers for ticking; more are applied for by a span."""
SOURCES = 100
MOST_ID = 2**53 - 1
_APPLICATION = f"<int(max={MOST_ID}):application_id>"
_DECLARATION = f"<int(max={MOST_ID}):declaration_id>"


@blueprint.get("")
@allow(*READERS)
def index() -> str:
    """Summaries of a month of closing, newest first; before them what the platform drafted."""
    month, after = request.args.get("month", "")[:7], asked_cursor()
    with unit_of_work() as session:
        waiting = drafting.drafts(session, scope(), clock.today()) if not after else []
        found = [
            one
            for one in reading.list_applications(session, scope(), month=_month(month), before=after, limit=PAGE)
            if one.row.origin != drafting.DRAFT or one.row.status != State.DRAFT
        ]
    for row in [one.row for one in found] + [one.row for one in waiting]:
        _saw(row)
    today = clock.today()
    return render_template(
        "summaries/index.html",
        month=month,
        rows=[(one, _looks(one.row)) for one in found],
        drafts=[(one, (one.due.due_on - today).days) for one in waiting],
        files=person().role in FILERS,
        own=person().enterprise_id,
        notices=person().role in NOTICE_KEEPERS,
        first=url_for("summaries.index", month=month) if after else None,
        next=url_for("summaries.index", month=month, after=found[-1].row.id) if len(found) == PAGE else None,
    )


def _month(written: str) -> str | None:
    """A month of the address; what is no month asks nothing."""
    try:
        reading.month_span(written)
    except DomainError:
        return None
    return written


def _saw(row: SummaryApplication) -> None:
    owners = (row.consignor_id, row.declarant_id, row.decl_agent_id)
    saw("summary_application", row.id, zone_code=row.zone_code, owners=owners)


def _looks(row: SummaryApplication) -> str:
    """The word for what an application covers."""
    if row.start_time is None:
        return t("summaries.by_list")
    return t("summaries.span", start=day(row.start_time, year=True), end=day(row.end_time, year=True))


# --- applying


@dataclass(frozen=True, slots=True)
class _Party:
    """A firm that the person may apply for."""

    facts: SubjectFacts
    own: bool


def _consignors(session: Session) -> list[_Party]:
    """The own firm, and those whose mandate for summary applications it holds."""
    own, today = own_enterprise(person()), clock.today()
    held = {who for who, type in mandates_held_by(session, own, today) if type in (TYPE, ALL)}
    facts = subjects_by_ids(session, held | {own}, today)
    return [_Party(facts[id], id == own) for id in sorted(facts, key=lambda id: (id != own, id))]


@blueprint.get("/new")
@allow(*FILERS)
def new() -> str:
    """The form: whose checklists, at which office, ticked or by a span."""
    with unit_of_work() as session:
        return _form(session, EMPTY)


def _form(session: Session, form: FormState) -> str:
    parties = _consignors(session)
    chosen = form.get("consignor") or request.args.get("consignor", "")
    party = next((one for one in parties if str(one.facts.id) == chosen), parties[0])
    offices = _offices(session, person().zone_code)
    office = form.get("office") or request.args.get("office", "") or (offices[0][0] if offices else "")
    own, today = own_enterprise(person()), clock.today()
    busy = busy_declarants(session, party.facts.id, own, today)
    tables = codes_snapshot(session)
    rows = reading.ready(session, party.facts.id, busy, office=office, limit=TICKED)
    return render_template(
        "summaries/new.html",
        form=form,
        parties=[(str(one.facts.id), one.facts.name) for one in parties],
        consignor=str(party.facts.id),
        offices=offices,
        office=office,
        rows=[(row, tables.name("currency", row.currency, lang(), today)) for row in rows],
        ticked=frozenset(request.form.getlist("checklist")),
        most=TICKED,
        month=month_now(),
        today=today,
        number=form.get("form") or secrets.token_hex(16),
    )


def _offices(session: Session, zone_code: str | None) -> list[tuple[str, str]]:
    """The offices of the zone with their names."""
    tables, today = codes_snapshot(session), clock.today()
    found = [code for code, one in zone_offices(session, today).items() if one.zone_code == zone_code]
    return [(code, f"{tables.name('customs_office', code, lang(), today)} {code}") for code in sorted(found)]


@blueprint.post("")
@allow(*FILERS)
def file() -> Response | tuple[str, int]:
    """File the application; its answer has an address of its own."""
    at = clock.now()
    try:
        with unit_of_work() as session:
            wish = _wish(session)
    except DomainError as error:
        with unit_of_work() as session:
            return _form(session, sent(error=error)), error.status
    return _filed(wish, at)


def _filed(wish: Wish, at: datetime) -> Response:
    """Send it; a form sent twice leads to the answer to the first."""
    try:
        message_id = take_in(incoming_of(person(), message_of(wish, at), JSON)).id
    except ConflictError:
        with unit_of_work() as session:
            first = session.get(MessageKey, (own_enterprise(person()), message_guid(wish)))
        if first is None:
            raise
        message_id = first.message_id
    wait_for([message_id])
    return redirect(url_for("summaries.answer", message_id=message_id), code=303)


def _wish(session: Session) -> Wish:
    own, today = own_enterprise(person()), clock.today()
    wanted = text_of("consignor")
    party = next((one for one in _consignors(session) if str(one.facts.id) == wanted), None)
    start, end = _span()
    numbers = [one[:20] for one in request.form.getlist("checklist")[:TICKED]]
    if not numbers and start is None:
        raise DomainError(NOTHING.at("/by"))
    return Wish(
        declarant=subject_by_id(session, own, today),
        consignor=party.facts if party else subject_by_id(session, own, today),
        customs_code=required("office", t("summaries.office")),
        numbers=numbers if start is None else (),
        start=start,
        end=end,
        by_producer=request.form.get("by_producer") == "1",
        by_name=request.form.get("by_name") == "1",
        form=text_of("form"),
    )


def _span() -> tuple[datetime | None, datetime | None]:
    """The span asked for: none (ticked checklists), a month, or days."""
    by = request.form.get("by", "ticked")
    if by == "month":
        return month_ends(text_of("month"))
    if by == "days":
        first, last = day_of("from"), day_of("to")
        return datetime.combine(first, time(), CHINA), _end(last)
    return None, None


def _end(last: date) -> datetime:
    return datetime.combine(last + timedelta(days=1), time(), CHINA) - timedelta(seconds=1)


@blueprint.get(f"/answers/<int(max={MOST_ID}):message_id>")
@allow(*FILERS)
def answer(message_id: int) -> str | Response:
    """What became of an application: waiting, refused with every reason, or the summary itself."""
    with unit_of_work() as session:
        message = own_message(session, person(), message_id, TYPE)
    if message.state == RECEIVED:
        return render_template("summaries/waiting.html")
    documents: Sequence[Mapping[str, Any]] = message.documents
    if message.accepted and documents[0]["id"]:
        return redirect(url_for("summaries.show", application_id=documents[0]["id"]))
    findings = [*message.envelope, *(finding for one in documents for finding in one["findings"])]
    return render_template("summaries/refused.html", findings=[_placed(message.raw, one) for one in findings])


def _placed(raw: bytes, finding: Mapping[str, Any]) -> dict[str, Any]:
    """A finding with the checklist number that its pointer stands at."""
    parts = str(finding["pointer"]).split("/")
    number = ""
    if len(parts) > 4 and parts[3] == "SummaryApplyList" and parts[4].isdecimal():
        try:
            number = json.loads(raw)["documents"][int(parts[2])]["lines"][int(parts[4])]["invtNo"]
        except (ValueError, KeyError, IndexError, TypeError):
            number = ""
    return {"number": number, "rule": finding["rule"], "message": finding["message"], "severity": finding["severity"]}


@blueprint.post(f"/{_APPLICATION}/take-over")
@allow(*FILERS)
def take_over(application_id: int) -> Response:
    """File what the platform drafted, in the own firm's name."""
    at = clock.now()
    with unit_of_work() as session:
        row = drafting.draft(session, scope(), application_id)
        wish = wish_of_draft(session, row, own_enterprise(person()), at)
    return _filed(wish, at)


# --- one summary


@blueprint.get(f"/{_APPLICATION}")
@allow(*READERS)
def show(application_id: int) -> str:
    """One summary: where it stands, its declarations with lines and customs' later states, what happened."""
    return _show(application_id, EMPTY)


def _show(application_id: int, form: FormState) -> str:
    role = person().role
    with unit_of_work() as session:
        found = reading.detail(session, scope(), application_id)
        row = found.row
        _saw(row)
        tables = codes_snapshot(session)
        shown = [_declaration(session, tables, one, found.lines[one.id]) for one in found.declarations]
        due = drafting.deadline(session, row.customs_code, row.period) if row.period else None
        office = tables.name("customs_office", row.customs_code, lang(), clock.today())
        left = drafting.left_in(session, row, clock.today()) if row.period and row.concluded_at is None else 0
        waiting = _in_draft(session, tables, row) if left else []
    draft = row.origin == drafting.DRAFT and row.status == State.DRAFT and row.withdrawn_at is None
    return render_template(
        "summaries/show.html",
        row=row,
        form=form,
        named=found.named,
        covers=_looks(row),
        office=office,
        due=due,
        left=left,
        waiting=waiting,
        most_listed=TICKED,
        declarations=shown,
        happened=[_happened(event) for event in reversed(found.events)],
        draft=draft,
        files=role in FILERS,
        records=role in OFFICERS,
    )


def _in_draft(session: Session, tables: Codes, row: SummaryApplication) -> list[tuple[Any, str]]:
    """The checklists that taking the draft over would summarise, with the names of their currencies."""
    first, following = reading.month_span(row.period or "")
    busy = busy_declarants(session, row.consignor_id, row.declarant_id, clock.today())
    last = following - timedelta(days=1)
    rows = reading.ready(session, row.consignor_id, busy, office=row.customs_code, first=first, last=last, limit=TICKED)
    return [(one, tables.name("currency", one.currency, lang(), clock.today())) for one in rows]


def _declaration(session: Session, tables: Codes, one: Declaration, lines: Sequence[DeclarationLine]) -> dict[str, Any]:
    """A declaration with names instead of codes."""
    on = clock.today()

    def named(table: str, code: str | None) -> str:
        return tables.name(table, code, lang(), on) if code else "—"

    return {
        "row": one,
        "head": [
            (t("summary_paper.trade_mode"), f"{named('trade_mode', one.trade_mode)} {one.trade_mode}"),
            (t("summary_paper.traf_mode"), f"{named('transport_mode', one.traf_mode)} {one.traf_mode}"),
            (t("summary_paper.country"), f"{named('country', one.country)} {one.country}"),
            (t("summary_paper.exit_office"), f"{named('customs_office', one.port_code)} {one.port_code}"),
            (t("summary_paper.producer"), f"{one.owner_name} {one.owner_code}" if one.owner_code else "—"),
        ],
        "lines": [
            (line, named("unit", line.unit), named("country", line.destination), named("currency", line.currency))
            for line in lines
        ],
        "totals": [(named("currency", code), amount) for code, amount in by_currency(lines)],
        "parts": results.result_parts(session, one),
    }


def _happened(event: Event) -> dict[str, Any]:
    key = f"summaries.event.{event.kind}"
    return {"at": event.at, "words": said(event.data.get("say")) or t(key), "source": event.source}


@blueprint.get(f"/declarations/{_DECLARATION}.pdf")
@allow(*READERS)
def paper(declaration_id: int) -> Response:
    """The draft declaration on paper, in the language of the page."""
    return paper_response(declaration_id, lang())


@blueprint.get(f"/declarations/{_DECLARATION}/result.xml")
@allow(*READERS)
def result(declaration_id: int) -> Response:
    """One message of the summary result (CEB792)."""
    return result_response(declaration_id, asked_number("part") or 1)


@blueprint.get(f"/declarations/{_DECLARATION}/sources")
@allow(*READERS)
def sources(declaration_id: int) -> str:
    """Which checklist lines a declaration was made of."""
    written = request.args.get("after", "").partition("-")
    after = (int(written[0]), int(written[2])) if written[0].isdecimal() and written[2].isdecimal() else (0, 0)
    with unit_of_work() as session:
        one, row, _ = reading.declaration_of(session, scope(), declaration_id)
        _saw(row)
        rows = reading.sources(session, declaration_id, after=after, limit=SOURCES)
    last = rows[-1] if len(rows) == SOURCES else None
    return render_template(
        "summaries/sources.html",
        one=one,
        row=row,
        rows=rows,
        first=url_for("summaries.sources", declaration_id=one.id) if after != (0, 0) else None,
        next=url_for("summaries.sources", declaration_id=one.id, after=f"{last.checklist_id}-{last.gnum}")
        if last
        else None,
    )


@blueprint.post(f"/declarations/{_DECLARATION}/cancel")
@allow(*OFFICERS)
def cancel(declaration_id: int) -> Response | tuple[str, int]:
    """Record that customs cancelled a declaration; its lines can be summarised anew."""
    return _recorded("cancel", declaration_id)


@blueprint.post(f"/declarations/{_DECLARATION}/amend")
@allow(*OFFICERS)
def amend(declaration_id: int) -> Response | tuple[str, int]:
    """Record that customs amended a declaration; its checklists may be corrected."""
    return _recorded("amend", declaration_id)


_RECORDED = {"cancel": (states.cancel, "summaries.cancelled_done"), "amend": (states.amend, "summaries.amended_done")}


def _recorded(name: str, declaration_id: int) -> Response | tuple[str, int]:
    act, done = _RECORDED[name]
    prefix = f"{name}-{declaration_id}-"
    with unit_of_work() as session:
        one, _, _ = reading.declaration_of(session, scope(), declaration_id)
    try:
        with unit_of_work() as session:
            reason = text_of(f"{prefix}reason", MOST_REASON)
            act(session, declaration_id, reason=reason, actor=person().actor, at=clock.now())
    except DomainError as error:
        return _show(one.application_id, sent(prefix, error)), error.status
    flash(t(done, number=one.decl_seq_no), "good")
    return redirect(url_for("summaries.show", application_id=one.application_id))


# --- customs' notices


@blueprint.get("/notices")
@allow(*NOTICE_KEEPERS)
def notices() -> str:
    """Customs' notices of later deadlines, and a form for a new one."""
    return _notices(EMPTY)


def _notices(form: FormState) -> str:
    with unit_of_work() as session:
        zone_code = None if administrator() else person().zone_code
        zones = person().zones if zone_code is None else frozenset({zone_code})
        offices = [choice for zone in sorted(zones) for choice in _offices(session, zone)]
        shown = None if administrator() else [code for code, _ in offices]
        rows = drafting.extensions(session, shown)
    return render_template("summaries/notices.html", rows=rows, offices=offices, form=form)


@blueprint.post("/notices")
@allow(*NOTICE_KEEPERS)
def add_notice() -> Response | tuple[str, int]:
    """Record a notice."""
    try:
        with unit_of_work() as session:
            drafting.extend(
                session,
                None if person().role == Role.ADMINISTRATOR else person().zones,
                text_of("customs_code"),
                text_of("period"),
                day_of("due_on"),
                text_of("document", drafting.MOST_DOCUMENT),
                by=person().actor,
                at=clock.now(),
            )
    except DomainError as error:
        return _notices(sent(error=error)), error.status
    flash(t("summaries.notice_kept"), "good")
    return redirect(url_for("summaries.notices"))
