"""How a goods return looks: state, steps, what happened, who acts next, the two clocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.i18n import day, said, t
from app.returning import NAMES, ReturnClock
from app.web.states import Look
from common.events import Event
from customs.rules.decisions.goods_return import MODE
from customs.rules.returns import RELAY, STATE_NAMES, ReturnState
from customs.tables import GoodsReturn

_LOOKS = {
    ReturnState.DRAFT: ("still", "file-text"),
    ReturnState.DECLARED: ("info", "send"),
    ReturnState.REJECTED: ("bad", "arrow-back-up"),
    ReturnState.STORED: ("info", "inbox"),
    ReturnState.REVIEW: ("warn", "user-search"),
    ReturnState.INSPECTION: ("look", "package"),
    ReturnState.HANDED_OVER: ("bad", "ban"),
    ReturnState.SUSPENDED: ("warn", "clock"),
    ReturnState.RELEASED: ("good", "check"),
}
_EVENTS = {
    "accepted": "send",
    "changed": "forms",
    "withdrawn": "file-off",
    "grounds": "file-text",
    "file_added": "file-upload",
    "tallied": "list-check",
    "tally_withdrawn": "file-off",
    "completed": "checks",
}


@dataclass(frozen=True, slots=True)
class ReturnStep:
    """One step of a return's road, for the ladder."""

    code: str
    word: str
    line: str
    mark: str
    icon: str


@dataclass(frozen=True, slots=True)
class ReturnHappened:
    """One event of a return in words, for the timeline."""

    at: datetime
    icon: str
    tone: str
    title: str
    line: str
    lane: str
    source: str


@dataclass(frozen=True, slots=True)
class ShownClock:
    """A clock in words: its name, last day, what is left, tone, rule, document, and what is not met."""

    name: str
    deadline: date | None
    left: str
    tone: str
    rule: str
    since: date
    source: str
    unmet: Sequence[tuple[str, str]]
    gives: str


def look(row: GoodsReturn) -> Look:
    """The state of a return; one that is completed says so."""
    if row.completed_at is not None:
        return Look("still", "checks", t("returns.completed"), row.status)
    tone, icon = _LOOKS[ReturnState(row.status)]
    return Look(tone, icon, said(STATE_NAMES[row.status]), row.status)


def stands(row: GoodsReturn) -> str:
    """The last word of the key of the sentence that says where a return stands and who acts next."""
    reasons = (
        (row.withdrawn_at is not None, "withdrawn"),
        (row.completed_at is not None, "completed"),
        (row.held_rule is not None, "differs"),
        (row.status == ReturnState.REVIEW and row.proof_kind is None, "grounds"),
        (row.decides == RELAY and row.status == ReturnState.DECLARED, "elsewhere"),
        (row.status == ReturnState.RELEASED and row.tally_id is not None, "tally_elsewhere"),
        (row.status == ReturnState.RELEASED, "tally"),
    )
    return next((word for met, word in reasons if met), row.status)


def ladder(row: GoodsReturn) -> list[ReturnStep]:
    """The steps of a return's road: asked for, reviewed, released, tallied, completed."""
    released = row.released_at if row.status == ReturnState.RELEASED else None
    reviewed = row.status not in (ReturnState.DRAFT, ReturnState.DECLARED, ReturnState.STORED, ReturnState.REVIEW)
    steps: list[tuple[str, str, datetime | date | None, bool, str]] = [
        (ReturnState.DECLARED, "asked", row.received_at, row.status != ReturnState.DRAFT, "send"),
        (ReturnState.REVIEW, "reviewed", None, reviewed, "user-search"),
        (ReturnState.RELEASED, "released", released, row.status == ReturnState.RELEASED, "check"),
        ("215", "tallied", row.found_on, row.tally_id is not None, "list-check"),
        ("", "completed", row.completed_at, row.completed_at is not None, "checks"),
    ]
    here = next((n for n, step in enumerate(steps) if not step[3]), len(steps))
    over = row.status == ReturnState.REJECTED
    return [
        ReturnStep(
            code,
            t(f"returns.step.{word}"),
            day(when) if when and done else "",
            "done" if done else "here" if n == here and not over else "",
            icon,
        )
        for n, (code, word, when, done, icon) in enumerate(steps)
    ]


def timeline(events: Sequence[Event]) -> list[ReturnHappened]:
    """What happened to a return, newest first."""
    return [_happened(one) for one in reversed(events)]


def _happened(event: Event) -> ReturnHappened:
    word = event.kind.rpartition(".")[2]
    if word == "moved" and event.state:
        tone, icon = _LOOKS[ReturnState(event.state)]
        title, tone = f"{said(STATE_NAMES[event.state])} {event.state}", tone if tone in ("warn", "good") else ""
    else:
        icon, tone, title = _EVENTS.get(word, "point"), "", t(f"returns.event.{word if word in _EVENTS else 'other'}")
    return ReturnHappened(
        event.at, icon, tone, title, said(event.data.get("say")), "", t(f"parcels.source.{event.source}")
    )


def shown_clock(one: ReturnClock) -> ShownClock:
    """A clock in the language of the request."""
    left, covered = one.days_left, MODE.id not in {rule for rule, _ in one.unmet}
    if not covered:
        words, tone = t("returns.clock.not_covered"), "still"
    elif left is None:
        words, tone = t("returns.clock.unknown"), "still"
    elif left < 0:
        words, tone = t("returns.clock.past", n=-left), "bad"
    else:
        words, tone = t("returns.clock.left", n=left), "warn" if left <= SOON else "good"
    return ShownClock(
        name=said(NAMES[one.decision]),
        deadline=one.deadline if covered else None,
        left=words,
        tone=tone,
        rule=one.rule,
        since=one.since,
        source=" ".join(part for part in (one.document, one.article) if part),
        unmet=[(rule, said(title)) for rule, title in one.unmet],
        gives=t(f"returns.clock.{'open' if one.open else 'shut'}.{one.decision.partition('.')[0]}"),
    )


SOON = 30
"""Days before the last one from which a clock is shown as a warning."""
