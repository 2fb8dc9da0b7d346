"""What needs the visitor now: open questions, rejections, missing papers; for agencies, how their zones stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import allow_signed_in, person
from app.api.checklists import READERS
from app.api.viewing import viewer
from app.i18n import moment, said, t
from app.session import unit_of_work
from app.summaries import FILERS, scope
from app.web import menu
from app.web.amendments import label_of
from app.web.parcel_views import arrival_due, missing, shown_parcels
from common import clock
from common.clock import CHINA
from customs.amendments import corrections, deciding, mandates
from customs.queries import checklists as queries
from customs.queries.checklists import Filters
from customs.queries.scope import Viewer
from customs.returns.reading import waiting_for_firm
from customs.rules.moves import State
from customs.summary import drafting
from customs.tables import Checklist

blueprint = Blueprint("home", __name__)

MOST = 10
MOST_RELEASED = 5
COUNT_CAP = 1000
COUNTED = (State.DECLARED, State.REVIEW, State.INSPECTION, State.CONCLUDED, State.RELEASED, State.REJECTED)
SOON = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Todo:
    """Something to be done by the visitor: what, about which parcel, until when, and the word on its button."""

    row: Checklist
    icon: str
    tone: str
    title: str
    line: str
    until: datetime | None
    left: timedelta | None
    soon: bool
    action: str
    place: str
    href: str


@blueprint.get("/")
@allow_signed_in
def home() -> str | Response:
    """The first page of a role; those who work elsewhere are led there."""
    asking = person()
    first = menu.first_page(asking.role or "")
    if first != url_for("home.home"):
        return redirect(first)
    who, reads = viewer(), asking.role in READERS
    with unit_of_work() as session:
        counts = queries.counts(session, who, COUNTED, COUNT_CAP) if reads else {}
        todo = _todo(session, who, clock.now()) if reads and asking.of_enterprise else []
        latest = queries.list_checklists(session, who, Filters(), limit=MOST).rows if reads else ()
        rows = shown_parcels(session, latest)
        drafts = drafting.drafts(session, scope(), clock.today(), limit=MOST) if reads and asking.role in FILERS else []
        ends = mandates.ending(session, asking.enterprise_id, at=clock.now()) if asking.enterprise_id else ()
    return render_template(
        "home/home.html",
        trader=asking.of_enterprise,
        reads=reads,
        todo=todo,
        today=clock.today(),
        mandates=ends,
        summaries=drafts,
        most=MOST,
        figures=[(state, _capped(counts[state])) for state in COUNTED] if reads else [],
        rows=rows,
        officer=who.officer,
        declares=asking.role in menu.DECLARANTS,
    )


def _capped(count: int) -> str:
    return f"{count:,}+" if count >= COUNT_CAP else f"{count:,}"


def _todo(session: Session, who: Viewer, at: datetime) -> list[Todo]:
    """Questions by their deadline, then rejections, parcels held at a site, missing papers, and what has not left."""
    rejected = queries.list_checklists(session, who, Filters(status=State.REJECTED, live=True), limit=MOST).rows
    return [
        *_questions(session, who, at),
        *_corrections(session, who, at),
        *_lacking(session, who),
        *_returns(session, who),
        *_rejected(session, rejected),
        *_held_at_site(session, who),
        *_waiting(session, who, at),
        *_not_left(session, who, at),
    ]


def _questions(session: Session, who: Viewer, at: datetime) -> list[Todo]:
    return [
        _item(
            row,
            icon="message-question",
            tone="warn",
            title=t("home.asks", question=question.question),
            line=row.ebc_name,
            until=question.due_at,
            at=at,
            action=t("home.answer"),
            place="answer",
        )
        for question, row in queries.open_questions(session, who, MOST)
    ]


def _corrections(session: Session, who: Viewer, at: datetime) -> list[Todo]:
    """What customs asks to be corrected."""
    return [
        _item(
            row,
            icon="edit",
            tone="warn",
            title=t("home.correct", words=correction.words),
            line="、".join(label_of(one) for one in correction.fields),
            until=datetime.combine(correction.due_on + timedelta(days=1), time(), CHINA),
            at=at,
            action=t("home.correct_it"),
            page="amendments.start",
        )
        for correction, row in corrections.open_for(session, who.enterprise_id or 0, MOST)
    ]


def _lacking(session: Session, who: Viewer) -> list[Todo]:
    """Requests that cannot be approved yet, because ground or proof is missing."""
    return [
        _item(
            row,
            icon="file-alert",
            tone="warn",
            title=t("home.lacks_ground" if asked.ground is None else "home.lacks_proof"),
            line=t(f"requests.kind.{subject}"),
            action=t("home.complete"),
            page="requests.show",
            ids={"subject": subject, "request_id": asked.id},
        )
        for subject, asked, row in deciding.lacking(session, who.enterprise_id or 0, MOST)
    ]


def _returns(session: Session, who: Viewer) -> list[Todo]:
    """Goods returns that customs cannot go on with until the firm does something."""
    return [
        _item(
            origin,
            icon="receipt-refund",
            tone="warn",
            title=t("home.return_grounds" if row.proof_kind is None else "home.return_told"),
            line=row.answer or row.pre_no,
            action=t("home.look"),
            page="goods_returns.show",
            ids={"return_id": row.id},
        )
        for row, origin in waiting_for_firm(session, who.enterprise_id or 0, MOST)
    ]


def _rejected(session: Session, rows: Sequence[Checklist]) -> list[Todo]:
    said_last = queries.last_sentences(session, [row.id for row in rows])
    return [
        _item(
            row,
            icon="arrow-back-up",
            tone="bad",
            title=t("home.rejected"),
            line=said(said_last.get(row.id)),
            action=t("home.see_why"),
        )
        for row in rows
    ]


def _held_at_site(session: Session, who: Viewer) -> list[Todo]:
    return [
        _item(
            row,
            icon="alert-triangle",
            tone="warn",
            title=t("home.held"),
            line=t("home.held_line", declared=row.site_hold["declared"], weighed=row.site_hold["weighed"]),
            action=t("home.look"),
        )
        for row in queries.held_at_site(session, who, MOST)
        if row.site_hold is not None
    ]


def _waiting(session: Session, who: Viewer, at: datetime) -> list[Todo]:
    return [
        _item(
            row,
            icon="file-alert",
            tone="warn",
            title=t("home.waits", what=missing(row.waits_for)),
            line=t("home.waits_line"),
            until=row.expires_at,
            at=at,
            action=t("home.look"),
        )
        for row in queries.waiting(session, who, MOST)
    ]


def _not_left(session: Session, who: Viewer, at: datetime) -> list[Todo]:
    return [
        _item(
            row,
            icon="truck",
            tone="info",
            title=t("home.not_left" if row.arrived_at else "home.not_arrived"),
            line=t("home.released_at", when=moment(row.released_at)),
            until=arrival_due(session, row) if row.arrived_at is None else None,
            at=at,
            action=t("home.look"),
        )
        for row in queries.not_left(session, who, MOST_RELEASED)
    ]


def _item(
    row: Checklist,
    *,
    icon: str,
    tone: str,
    title: str,
    line: str,
    action: str,
    until: datetime | None = None,
    at: datetime | None = None,
    place: str = "",
    page: str = "parcels.show",
    ids: Mapping[str, Any] | None = None,
) -> Todo:
    left = until - at if until and at else None
    href = url_for(page, **(ids or {"checklist_id": row.id}), _anchor=place or None)
    return Todo(row, icon, tone, title, line, until, left, left is not None and left < SOON, action, place, href)
