"""How one parcel is shown: where it stands on its road, what happened, and what is still to come."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.i18n import day, lang, moment, said, t
from app.web.desk_views import first_goods
from app.web.states import look
from common.clock import china_day
from common.events import Event
from common.law.zones import zone_parameter
from customs.codes import codes_snapshot
from customs.queries.checklists import history
from customs.rules.match import PAPERS
from customs.rules.moves import State
from customs.tables import Checklist

ROAD = (State.DECLARED, State.STORED, State.REVIEW, State.INSPECTION, State.RELEASED, State.CLOSED)
"""The steps of every parcel; the two in the middle are for those picked only."""

_PLACE = {
    State.DRAFT: 0,
    State.SENT: 0,
    State.SEND_FAILED: 0,
    State.CONCLUDED: 2,
    State.DETAINED_CLEARANCE: 3,
    State.DETAINED_SMUGGLING: 3,
    State.DETAINED_LEGAL: 3,
    State.DETAINED_OTHER: 3,
    State.SENT_BACK: 4,
} | {state: place for place, state in enumerate(ROAD)}
"""Which step of the road a state stands at; a rejected one has left it."""

_ENDS = frozenset({State.REJECTED, State.SENT_BACK})


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the ladder; `mark` is `done`, `here` or empty (still to come)."""

    code: str
    word: str
    line: str
    mark: str
    icon: str


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened: when, in which tone and with which icon, in words, whose affair it is, from where."""

    at: datetime
    icon: str
    tone: str
    title: str
    line: str
    lane: str
    source: str


@dataclass(frozen=True, slots=True)
class Ahead:
    """One thing still to come; `when` is a date or a condition in words."""

    when: str
    icon: str
    title: str
    line: str
    lane: str


@dataclass(frozen=True, slots=True)
class ShownParcel:
    """A line of a list of parcels: the checklist, its first goods line and how many more, and where it goes."""

    row: Checklist
    goods: str
    more: int
    country: str


def shown_parcels(session: Session, rows: Sequence[Checklist]) -> list[ShownParcel]:
    """Lines of a list, with goods and countries in two look-ups for all of them."""
    goods, codes = first_goods(session, [row.id for row in rows]), codes_snapshot(session)
    return [
        ShownParcel(
            row=row,
            goods=goods.get(row.id, ("", 0))[0],
            more=max(0, goods.get(row.id, ("", 0))[1] - 1),
            country=codes.name("country", row.country, lang()),
        )
        for row in rows
    ]


def missing(waits_for: Collection[str]) -> str:
    """What a checklist waits for, in words: papers, and the rate of a currency."""
    return t("parcels.and").join(_wanted(one) for one in waits_for)


def _wanted(one: str) -> str:
    kind, _, currency = one.partition(":")
    if kind == "rate":
        return t("parcels.wants.rate", currency=currency)
    paper = {"payment_receipt": "payment", "booking": "order"}.get(kind, kind)
    return said(PAPERS[paper]) if paper in PAPERS else kind


def ladder(row: Checklist, events: Sequence[Event]) -> list[Step]:
    """The road with what is done, where the parcel stands and what is left of it."""
    seen = {event.state for event in events}
    place = _PLACE.get(State(row.status), None) if row.status in set(State) else None
    if place is None:
        passed = [state for state in ROAD if state in seen]
        return [*(_step(state, "done") for state in passed), _here(row)]
    passed = [state for state in ROAD[:place] if state in seen or state in ROAD[:2]]
    left = () if row.status in _ENDS else ROAD[place + 1 :]
    return [
        *(_step(state, "done") for state in passed),
        _here(row),
        *(_step(state, "") for state in left),
    ]


def _here(row: Checklist) -> Step:
    """The step at which the parcel stands, with what that means now."""
    seen, known = look(row.status), row.status if row.status in set(State) else "other"
    line = t("parcels.void") if row.withdrawn_at else t(f"parcels.stand.{known}")
    return Step(seen.code, seen.word, line, "here", seen.icon)


def _step(state: str, mark: str) -> Step:
    seen, icon = look(state), "circle-check" if mark else "circle-dashed"
    return Step(seen.code, seen.word, t(f"parcels.step.{state}"), mark, icon)


def with_papers(
    session: Session, row: Checklist, events: Sequence[Event], *, officers: bool, carries: bool = False
) -> list[Event]:
    """The checklist's events with those of the papers it was matched with, oldest first; a carrier's is the waybill."""
    papers = (row.waybill_id,) if carries else (row.order_id, row.waybill_id, row.payment_id)
    ids = [one for one in papers if one is not None]
    found = [event for id in ids for event in history(session, id, officers=officers)]
    return sorted([*found, *events], key=lambda event: (event.at, event.id))


_LANES = {"order": "papers", "waybill": "papers", "payment": "papers"}
_MOVES = frozenset({"checklist.accepted", "checklist.moved"})
_TRANSPORT = frozenset({"arrived", "arrival_withdrawn", "left", "transport", "site_held", "site_hold_lifted"})
_EVENTS = {
    "accepted": ("inbox", ""),
    "changed": ("pencil", ""),
    "stored": ("circle-check", ""),
    "withdrawn": ("arrow-back-up", ""),
    "asked": ("message-question", "warn"),
    "answered": ("message", ""),
    "arrived": ("building-warehouse", "good"),
    "arrival_withdrawn": ("building-warehouse", "warn"),
    "left": ("truck", "good"),
    "transport": ("truck", ""),
    "site_held": ("scale", "warn"),
    "site_hold_lifted": ("scale", ""),
    "held": ("clock", "warn"),
    "unheld": ("clock", ""),
    "amendment_requested": ("file-diff", ""),
    "amended": ("file-diff", "good"),
}
"""Icon and tone of what is not a move."""

_AFTERWARDS = {
    "correction.asked": ("edit", "warn"),
    "correction.done": ("edit", "good"),
    "correction.withdrawn": ("edit", ""),
    "shut_out.requested": ("package-export", ""),
    "shut_out.approved": ("package-export", "good"),
    "shut_out.not_here": ("package-export", "good"),
    "shut_out.refused": ("package-export", "warn"),
    "shut_out.withdrawn": ("package-export", ""),
    "shut_out.let_out": ("package-export", "good"),
}
"""Icon and tone of what happens around a checklist: corrections and shut-outs."""


def timeline(events: Sequence[Event]) -> list[Happened]:
    """What happened, newest first."""
    return [_happened(event) for event in reversed(events)]


def _happened(event: Event) -> Happened:
    subject, _, word = event.kind.partition(".")
    lane = "transport" if word in _TRANSPORT else _LANES.get(subject, "clearance")
    if event.kind in _MOVES and event.state:
        seen = look(event.state)
        tone = seen.tone if seen.tone in ("warn", "good") else ""
        icon, title = seen.icon, f"{seen.word} {seen.code}"
    elif event.kind in _AFTERWARDS:
        icon, tone = _AFTERWARDS[event.kind]
        title = t(f"parcels.event.{event.kind}")
    else:
        icon, tone = _EVENTS.get(word, ("point", ""))
        title = t(f"parcels.event.{word if word in _EVENTS else 'other'}", what=_paper(subject))
    source = t(f"parcels.source.{event.source}")
    return Happened(event.at, icon, tone, title, said(event.data.get("say")), t(f"parcels.lane.{lane}"), source)


def _paper(subject: str) -> str:
    return said(PAPERS[subject]) if subject in PAPERS else t("parcels.checklist")


def ahead(session: Session, row: Checklist, due: datetime | None) -> list[Ahead]:
    """What is still to come, the furthest first; `due` is when an open question wants its answer."""
    clearance, transport = t("parcels.lane.clearance"), t("parcels.lane.transport")
    found = []
    if row.status not in (State.CLOSED, *_ENDS):
        found.append(Ahead(t("parcels.when.released"), "truck", t("parcels.ahead.leave"), "", transport))
    if row.status in (State.CONCLUDED, State.RELEASED, State.INSPECTION) and row.arrived_at is None:
        by = arrival_due(session, row)
        when = t("parcels.by", when=day(by)) if by else t("parcels.when.arrival")
        line = t("parcels.ahead.arrive_line") if by else ""
        found.append(Ahead(when, "building-warehouse", t("parcels.ahead.arrive"), line, transport))
    if row.waits_for:
        when = t("parcels.by", when=moment(row.expires_at)) if row.expires_at else t("parcels.when.papers")
        title = t("parcels.ahead.papers", what=missing(row.waits_for))
        found.append(Ahead(when, "file-alert", title, t("parcels.ahead.papers_line"), t("parcels.lane.papers")))
    if due is not None:
        when = t("parcels.by", when=moment(due))
        found.append(Ahead(when, "message-question", t("parcels.ahead.answer"), "", clearance))
    return found


def arrival_due(session: Session, row: Checklist) -> datetime | None:
    """Until when goods declared early must arrive (zone parameter); None where nothing of the kind is running."""
    if row.stored_at is None or row.decides != "here" or row.held_at is not None:
        return None
    days = zone_parameter(session, row.zone_code, "customs.early.arrival_days", china_day(row.stored_at)).integer
    return row.stored_at + timedelta(days=days)
