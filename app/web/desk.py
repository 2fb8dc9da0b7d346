"""The officers' queue: what waits, whose it is, how long is left; claiming, and releasing several at once.

Everything here reads and decides through `customs.desk`; one case has its own module (`app.web.desk_case`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import Role, allow, person
from app.i18n import said, t
from app.session import unit_of_work
from app.web.desk_views import RELEASE_REASON, done_row, preview_release, shown_rows
from app.web.forms import asked_cursor, whole_number
from common import clock
from common.findings import DomainError, Finding, rule
from customs import desk
from customs.desk import Officer, QueueFilters
from customs.rules.desk import Decision
from customs.rules.moves import State
from customs.rules.release import Tier

OFFICERS = (Role.CUSTOMS_OFFICER, Role.CUSTOMS_SUPERVISOR)
MOST_AT_ONCE = 100
TABS: Mapping[str, QueueFilters] = {
    "all": QueueFilters(),
    "review": QueueFilters(status=State.REVIEW.value),
    "inspection": QueueFilters(status=State.INSPECTION.value),
    "mine": QueueFilters(mine=True),
    "unclaimed": QueueFilters(unclaimed=True),
    "asked": QueueFilters(asked=True),
    "answered": QueueFilters(answered=True),
    "held": QueueFilters(held=True),
}
"""The tabs of the queue and what each shows."""

SY0600 = rule(
    "SY0600",
    title=("没有选中任何一票", "Nothing is ticked"),
    say=("请先在列表左侧勾选清单，再选择操作。", "Tick checklists at the left of the list first, then choose."),
    basis="平台页面约定",
    kind="format",
)
SY0601 = rule(
    "SY0601",
    title=("一次选得太多", "Too many at once"),
    say=("一次最多处理{most}票。请减少勾选。", "At most {most} checklists at once. Tick fewer."),
    basis="平台页面约定",
    kind="format",
)

blueprint = Blueprint("desk", __name__, url_prefix="/desk")


def officer() -> Officer:
    """The asking person as an officer of the desk."""
    asking = person()
    own = frozenset({asking.zone_code} if asking.zone_code else ())
    return Officer(asking.account_id, asking.name, asking.zones or own, asking.role == Role.CUSTOMS_SUPERVISOR)


@blueprint.get("")
@allow(*OFFICERS)
def queue() -> str:
    """A page of the queue, oldest first: tabs with counts, filters, the rows, and what can be done with ticked ones."""
    asked = asked_of_queue()
    filters = QueueFilters(**_filters(asked))
    at, who = clock.now(), officer()
    with unit_of_work() as session:
        page = desk.queue(session, who, filters, at=at, after=asked_cursor())
        counts = desk.counts(session, who)
        rows = shown_rows(session, page.rows, at)
    return render_template(
        "desk/queue.html",
        rows=rows,
        next=page.next,
        first=asked_cursor() is None,
        counts=counts,
        most=desk.COUNT_CAP,
        asked=asked,
        tabs_of=list(TABS),
        zones=sorted(who.zones),
        tiers=list(Tier),
        supervisor=who.supervisor,
        mine=who.account_id,
        at=at,
    )


def asked_of_queue() -> dict[str, Any]:
    """Tab and filters of the address or form; words that are none of ours are left out."""
    given = request.values
    tab = given.get("tab", "all")
    tier, zone = given.get("tier", ""), given.get("zone", "")
    return {
        "tab": tab if tab in TABS else "all",
        "tier": tier if tier in list(Tier) else "",
        "zone": zone if zone in officer().zones else "",
    }


def _filters(asked: Mapping[str, Any]) -> dict[str, Any]:
    tab = TABS[asked["tab"]]
    return {
        **{name: getattr(tab, name) for name in ("status", "mine", "unclaimed", "asked", "answered", "held")},
        "tier": asked["tier"] or None,
        "zone_code": asked["zone"] or None,
    }


@blueprint.post("/next")
@allow(*OFFICERS)
def claim_next() -> Response:
    """Claim the oldest checklist that nobody has and open it; says so where there is none."""
    asked = asked_of_queue()
    wanted = _filters(asked) | {"unclaimed": True, "mine": False, "asked": False}
    at, who = clock.now(), officer()
    with unit_of_work() as session:
        page = desk.queue(session, who, QueueFilters(**wanted), at=at, limit=desk.PAGE)
    for row in page.rows:
        try:
            with unit_of_work() as session:
                desk.claim(session, who, row.id, at=at)
        except DomainError:
            continue  # somebody was a moment faster, or it waits for customs' own system: the next one
        return redirect(url_for("desk_case.show", checklist_id=row.id))
    flash(t("desk.none_to_claim"), "info")
    return redirect(url_for("desk.queue", **asked))


@blueprint.post("/claims")
@allow(*OFFICERS)
def claim_ticked() -> str | Response:
    """Claim every ticked checklist; each is claimed by itself, and all results are shown."""
    at, who = clock.now(), officer()

    def claim_one(session: Session, checklist_id: int) -> str:
        desk.claim(session, who, checklist_id, at=at)
        return t("desk.claimed_done")

    return _each(claim_one, "claim")


@blueprint.post("/releases/preview")
@allow(*OFFICERS)
def preview() -> str | Response:
    """What a release of the ticked checklists would do, and which of them do not qualify; changes nothing."""
    refused = _ticked_wrong()
    if refused:
        return _back(refused)
    with unit_of_work() as session:
        rows = preview_release(session, officer(), ticked(), clock.now())
    return render_template("desk/bulk.html", rows=rows, asked=asked_of_queue(), good=[one for one in rows if one.ok])


@blueprint.post("/releases")
@allow(*OFFICERS)
def release_ticked() -> str | Response:
    """Release the ticked checklists, each decided by itself; all results are shown."""
    at, who = clock.now(), officer()

    def release_one(session: Session, checklist_id: int) -> str:
        outcome = desk.decide(session, who, checklist_id, Decision.RELEASE, at=at, reason=RELEASE_REASON)
        if outcome.pending:
            return t("desk.done_pending")
        return t("desk.released_done" if outcome.status == State.RELEASED else "desk.concluded_done")

    return _each(release_one, "release")


def _each(do: Callable[[Session, int], str], action: str) -> str | Response:
    """Do one thing to every ticked checklist, each in its own transaction, and show all results."""
    refused = _ticked_wrong()
    if refused:
        return _back(refused)
    results: list[tuple[int, str, DomainError | None]] = []
    for checklist_id in ticked():
        try:
            with unit_of_work() as session:
                results.append((checklist_id, do(session, checklist_id), None))
        except DomainError as error:
            results.append((checklist_id, "", error))
    with unit_of_work() as session:
        rows = [done_row(session, officer(), *one) for one in results]
    return render_template(
        "desk/done.html", rows=rows, asked=asked_of_queue(), action=action, good=[one for one in rows if one.ok]
    )


def ticked() -> list[int]:
    """The ids of the ticked rows, each once, in the order of the list."""
    given = map(whole_number, request.form.getlist("id"))
    return list(dict.fromkeys(one for one in given if one is not None))


def _ticked_wrong() -> Finding | None:
    count = len(ticked())
    if count == 0:
        return SY0600.at("/id")
    return SY0601.at("/id", most=MOST_AT_ONCE) if count > MOST_AT_ONCE else None


def _back(finding: Finding) -> Response:
    flash(said(finding.message), "warn")
    return redirect(url_for("desk.queue", **asked_of_queue()))
