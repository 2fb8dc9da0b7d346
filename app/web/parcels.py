"""All parcels, one parcel with everything known of it, and search by any number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import allow, allow_signed_in, person
from app.access.reads import saw
from app.api.checklists import READERS, SY0400
from app.api.desk import OFFICERS, PARTIES, party
from app.api.goods_returns import FILERS
from app.api.goods_returns import READERS as RETURN_READERS
from app.api.messages import READERS as MESSAGE_READERS
from app.api.viewing import carries_only, concerns_transport, viewer
from app.i18n import moment, said, t
from app.returning import of_checklist_view
from app.session import unit_of_work
from app.summaries import READERS as SUMMARY_READERS
from app.web.amendments import label_of
from app.web.desk_papers import matched, papers_of, shown_lines
from app.web.forms import EMPTY, FormState, asked_cursor, sent
from app.web.parcel_views import ahead, ladder, missing, shown_parcels, timeline, with_papers
from app.web.states import FILTERABLE
from common import clock
from common.clock import day_written
from common.findings import DomainError, NotFoundError
from customs import desk
from customs.amendments import corrections
from customs.amendments.situation import pending_of
from customs.queries import checklists as queries
from customs.queries.checklists import Detail, Filters
from customs.queries.scope import Viewer
from customs.rules.match import ORDER_TYPES
from customs.rules.moves import State, name
from customs.rules.risk.factor import REASON_NAMES, Reason
from customs.summary import live_declaration_of
from customs.tables import Checklist, Correction, DeskQuestion

blueprint = Blueprint("parcels", __name__)

MOST_FOUND = 50
_NUMBER = 80
_ID = "<int(max=9007199254740991):checklist_id>"


@blueprint.get("/parcels")
@allow(*READERS)
def index() -> str:
    """A page of the list, newest first, narrowed by what the address asks."""
    given = {key: _asked(key) for key in ("status", "zone_code", "flag", "trade_mode", "number", "from", "to")}
    filters = Filters(
        number=given["number"] or None,
        status=given["status"] or None,
        zone_code=given["zone_code"] or None,
        flag=given["flag"] or None,
        trade_mode=given["trade_mode"] or None,
        received_from=_day(given["from"]),
        received_to=_day(given["to"]),
    )
    who, after = viewer(), asked_cursor()
    with unit_of_work() as session:
        page = queries.list_checklists(session, who, filters, after=after)
        rows = shown_parcels(session, page.rows)
    kept: dict[str, Any] = {key: value for key, value in given.items() if value}
    return render_template(
        "parcels/index.html",
        rows=rows,
        given=given,
        narrowed=bool(kept),
        officer=who.officer,
        first=url_for("parcels.index", **kept) if after else None,
        next=url_for("parcels.index", **kept, after=page.next) if page.next else None,
        states=[("", t("parcels.any")), *((state.value, f"{said(name(state))} {state.value}") for state in FILTERABLE)],
        modes=[("", t("parcels.any")), *((mode, mode) for mode in ORDER_TYPES)],
        flags=[("", t("parcels.any")), ("A", t("parcels.flag.a")), ("B", t("parcels.flag.b"))],
        zones=[("", t("parcels.any")), *((zone, t(f"zone.{zone}")) for zone in sorted(who.zones))],
    )


def _asked(key: str) -> str:
    return request.args.get(key, "").strip()[:_NUMBER]


def _day(written: str) -> date | None:
    """A day of the address; what is no day asks nothing."""
    try:
        return day_written(written)
    except ValueError:
        return None


@blueprint.get("/search")
@allow_signed_in
def search() -> str | Response:
    """Parcels that bear a number; straight to the parcel where there is just one."""
    wanted, asking = _asked("q"), person()
    rows: Sequence[Checklist] = ()
    with unit_of_work() as session:
        if asking.role in READERS:
            rows = queries.search(session, viewer(), wanted, MOST_FOUND)
        shown = shown_parcels(session, rows)
    if len(rows) == 1:
        return redirect(url_for("parcels.show", checklist_id=rows[0].id))
    return render_template(
        "parcels/search.html",
        wanted=wanted,
        rows=shown,
        officer=viewer().officer,
        reads=asking.role in READERS,
    )


@blueprint.get(f"/parcels/{_ID}")
@allow(*READERS)
def show(checklist_id: int) -> str:
    """One parcel."""
    return _page(checklist_id, EMPTY)


@blueprint.post(f"/parcels/{_ID}/answer")
@allow(*PARTIES)
def answer(checklist_id: int) -> Response | tuple[str, int]:
    """Answer customs' open question; what cannot be taken is told at the form, with the answer kept."""
    try:
        with unit_of_work() as session:
            desk.answer(session, party(), checklist_id, request.form.get("text", ""), at=clock.now())
    except NotFoundError:
        raise
    except DomainError as error:
        return _page(checklist_id, sent(error=error)), error.status
    flash(t("parcels.answered"), "good")
    return redirect(url_for("parcels.show", checklist_id=checklist_id))


def _page(checklist_id: int, form: FormState) -> str:
    who, at = viewer(), clock.now()
    with unit_of_work() as session:
        found = queries.detail(session, who, checklist_id)
        if found is None:
            raise NotFoundError(SY0400.at(""))
        row = found.checklist
        saw("checklist", row.id, zone_code=row.zone_code, owners=(who.enterprise_id,))
        carries = carries_only(who, row)
        events = with_papers(session, row, found.events, officers=who.enterprise_id is None, carries=carries)
        questions = _questions(session, who, row)
        open_one = next((one for one in questions if one.closed_at is None), None)
        lines = shown_lines(session, row, found.lines)
        stands = _stands(found, open_one)
        return render_template(
            "parcels/show.html",
            row=row,
            form=form,
            now=at,
            number=row.invt_no or row.pre_no,
            goods=lines[0].line.gname if lines else "",
            parcel=shown_parcels(session, [row])[0],
            steps=ladder(row, found.events),
            stands=stands,
            acts=_acts(row, stands),
            waits=missing(row.waits_for),
            open_question=open_one,
            left=open_one.due_at - at if open_one else None,
            may_answer=open_one is not None and person().role in PARTIES,
            questions=[one for one in questions if one.closed_at is not None],
            papers=papers_of(session, row, found.lines, carries=carries),
            matched=matched(session, row, carries=carries),
            findings=[one for one in row.findings if concerns_transport(one)] if carries else row.findings,
            carries=carries,
            lines=lines,
            happened=timeline(events),
            ahead=ahead(session, row, open_one.due_at if open_one else None),
            last_said=next((said(one.data["say"]) for one in reversed(found.events) if one.data.get("say")), ""),
            reason=said(REASON_NAMES.get(row.reason_class or "")),
            of_goods=row.reason_class != Reason.PARTY,
            officer=who.officer,
            at_desk=person().role in OFFICERS,
            corrections=_corrections(session, who, row),
            pending=pending_of(session, row.id) if queries.answers_for(who, row) else None,
            label=label_of,
            today=clock.today(),
            may_change=person().role in PARTIES and row.withdrawn_at is None and queries.answers_for(who, row),
            reads_message=_reads_message(row),
            declarations=live_declaration_of(session, [row.id]).get(row.id, []) if not carries else [],
            reads_summaries=person().role in SUMMARY_READERS,
            goods_returns=of_checklist_view(session, row) if not carries and person().role in RETURN_READERS else None,
            may_return=person().role in FILERS,
        )


def _questions(session: Session, who: Viewer, row: Checklist) -> Sequence[DeskQuestion]:
    """The thread, for those who answer for the checklist and for agencies."""
    return desk.questions_of(session, row.id) if queries.answers_for(who, row) else ()


def _corrections(session: Session, who: Viewer, row: Checklist) -> Sequence[Correction]:
    """What customs asks to be corrected, for those who answer for the checklist and for agencies."""
    return corrections.open_of(session, row.id) if queries.answers_for(who, row) else ()


def _reads_message(row: Checklist) -> bool:
    """Whether the message that brought the checklist, and its responses, are the person's to read."""
    asking = person()
    return asking.role in MESSAGE_READERS and asking.enterprise_id in (None, row.sender_id)


def _stands(found: Detail, question: DeskQuestion | None) -> str:
    """The last word of the key of the sentence that says where the parcel stands."""
    row = found.checklist
    cancelled = row.withdrawn_at is not None and any(one.data.get("cancelled") for one in found.events)
    reasons = (
        (cancelled, "cancelled"),
        (row.withdrawn_at is not None, "withdrawn"),
        (question is not None, "asked"),
        (bool(row.waits_for), "waits"),
        (row.site_hold is not None, "site_hold"),
        (row.arrived_at is None and row.status in GOODS_MISSING, f"{row.status}_goods"),
        (row.status in set(State), row.status),
    )
    return next((word for met, word in reasons if met), "other")


GOODS_MISSING = (State.CONCLUDED, State.INSPECTION, State.RELEASED)
"""States in which a parcel waits for its goods to reach the site."""

_ACTS: Mapping[str, str] = {
    State.DRAFT: "declare",
    State.DECLARED: "platform",
    State.SEND_FAILED: "platform",
    State.REJECTED: "correct",
    State.CONCLUDED: "customs",
    State.RELEASED: "leave",
    "asked": "answer",
    "waits": "papers",
    "site_hold": "site",
    **{f"{state}_goods": "goods" for state in GOODS_MISSING},
    **dict.fromkeys(("cancelled", "withdrawn", State.CLOSED, State.SENT_BACK), "none"),
}
"""Who has to do something next, by where the parcel stands; customs wherever nothing is said."""


def _acts(row: Checklist, stands: str) -> str:
    """The sentence that says who acts next."""
    return t(f"parcels.acts.{_ACTS.get(stands, 'customs')}", when=moment(row.expires_at))
