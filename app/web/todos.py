"""What a firm has to do about its parcels: one table of kinds, each with where it is found and how it is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from app.i18n import listed, moment, said, t
from app.web.amendments import label_of
from app.web.parcel_views import arrival_due, missing
from common import clock
from common.clock import CHINA
from customs.amendments import corrections, deciding
from customs.queries import checklists as queries
from customs.queries.checklists import Filters
from customs.queries.scope import Viewer
from customs.returns.reading import waiting_for_firm
from customs.rules.moves import State
from customs.tables import Checklist

MOST = 10
MOST_RELEASED = 5
SOON = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing to be done: about which parcel, what, until when; `ids` are of what its page shows."""

    row: Checklist
    title: str
    line: str
    until: datetime | None = None
    ids: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of things to be done: how it is found, its icon and tone, and the word and the page of its button."""

    find: Callable[[Session, Viewer, int], Iterator[Found]]
    icon: str
    action: str
    tone: str = "warn"
    page: str = "parcels.show"
    place: str = ""
    most: int = MOST


@dataclass(frozen=True, slots=True)
class Todo:
    """Something to be done as the page shows it; `left` is None without a deadline."""

    kind: Kind
    found: Found
    action: str
    href: str
    left: timedelta | None
    soon: bool


def todos(session: Session, who: Viewer, at: datetime) -> list[Todo]:
    """What waits for the firm: questions by their deadline first, then the other kinds in the order of the table."""
    return [_shown(kind, found, at) for kind in KINDS for found in kind.find(session, who, kind.most)]


def _shown(kind: Kind, found: Found, at: datetime) -> Todo:
    left = found.until - at if found.until else None
    href = url_for(kind.page, **(found.ids or {"checklist_id": found.row.id}), _anchor=kind.place or None)
    return Todo(kind, found, t(kind.action), href, left, left is not None and left < SOON)


def _questions(session: Session, who: Viewer, most: int) -> Iterator[Found]:
    for question, row in queries.open_questions(session, who, most):
        yield Found(row, t("home.asks", question=question.question), row.ebc_name, question.due_at)


def _corrections(session: Session, who: Viewer, most: int) -> Iterator[Found]:
    """What customs asks to be corrected."""
    for correction, row in corrections.open_for(session, who.enterprise_id or 0, most):
        fields = listed(label_of(one) for one in correction.fields)
        end = datetime.combine(correction.due_on + timedelta(days=1), time(), CHINA)
        yield Found(row, t("home.correct", words=correction.words), fields, end)


def _lacking(session: Session, who: Viewer, most: int) -> Iterator[Found]:
    """Requests that cannot be approved yet, because ground or proof is missing."""
    for subject, asked, row in deciding.lacking(session, who.enterprise_id or 0, most, on=clock.today()):
        title = t("home.lacks_ground" if asked.ground is None else "home.lacks_proof")
        yield Found(row, title, t(f"requests.kind.{subject}"), ids={"subject": subject, "request_id": asked.id})


def _returns(session: Session, who: Viewer, most: int) -> Iterator[Found]:
    """Goods returns that customs cannot go on with until the firm does something."""
    for row, origin in waiting_for_firm(session, who.enterprise_id or 0, most):
        title = t("home.return_grounds" if row.proof_kind is None else "home.return_told")
        yield Found(origin, title, row.answer or row.pre_no, ids={"return_id": row.id})


def _rejected(session: Session, who: Viewer, most: int) -> Iterator[Found]:
    rows = queries.list_checklists(session, who, Filters(status=State.REJECTED, live=True), limit=most).rows
    last = queries.last_sentences(session, [row.id for row in rows])
    for row in rows:
        yield Found(row, t("home.rejected"), said(last.get(row.id)))


def _held_at_site(session: Session, who: Viewer, most: int) -> Iterator[Found]:
    for row in queries.held_at_site(session, who, most):
        hold = row.site_hold or {}
        yield Found(row, t("home.held"), t("home.held_line", declared=hold["declared"], weighed=hold["weighed"]))


def _waiting(session: Session, who: Viewer, most: int) -> Iterator[Found]:
    for row in queries.waiting(session, who, most):
        yield Found(row, t("home.waits", what=missing(row.waits_for)), t("home.waits_line"), row.expires_at)


def _not_left(session: Session, who: Viewer, most: int) -> Iterator[Found]:
    for row in queries.not_left(session, who, most):
        title = t("home.not_left" if row.arrived_at else "home.not_arrived")
        until = arrival_due(session, row) if row.arrived_at is None else None
        yield Found(row, title, t("home.released_at", when=moment(row.released_at)), until)


KINDS = (
    Kind(_questions, "message-question", "home.answer", place="answer"),
    Kind(_corrections, "edit", "home.correct_it", page="amendments.start"),
    Kind(_lacking, "file-alert", "home.complete", page="requests.show"),
    Kind(_returns, "receipt-refund", "home.look", page="goods_returns.show"),
    Kind(_rejected, "arrow-back-up", "home.see_why", tone="bad"),
    Kind(_held_at_site, "alert-triangle", "home.look"),
    Kind(_waiting, "file-alert", "home.look"),
    Kind(_not_left, "truck", "home.look", tone="info", most=MOST_RELEASED),
)
"""Every kind, in the order of the page."""
