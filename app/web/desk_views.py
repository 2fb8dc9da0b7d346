"""How the desk shows what it reads: rows of the queue, the ring of the time limit, previews and results of many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.i18n import lang, moment, said, t
from common.findings import DomainError, Finding, NotFoundError
from customs import desk
from customs.codes import codes_snapshot
from customs.desk import Clock, Officer, QueueRow
from customs.desk.deciding import situation
from customs.rules.desk import CU5003, Decision, refusal
from customs.rules.moves import State
from customs.rules.risk.factor import REASON_NAMES
from customs.tables import Checklist, ChecklistLine

SOON = timedelta(hours=1)
"""From here on the time left is shown as urgent."""

RELEASE_REASON = "papers_clear"


@dataclass(frozen=True, slots=True)
class Ring:
    """The time limit as shown: `share` of it used (0 to 1), the words beside the ring, its tone."""

    share: float
    text: str
    tone: str
    late: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One line of the queue: the row itself and what its codes mean in the language of the request."""

    row: QueueRow
    ring: Ring | None
    goods: str
    more: int
    country: str
    reason: str


@dataclass(frozen=True, slots=True)
class BulkRow:
    """One of several checklists: whether it qualifies or went through, and the sentence that says why or what."""

    id: int
    number: str
    seller: str
    status: str
    tier: str | None
    value_cny: Decimal | None
    ok: bool
    said: str
    rule: str = ""


def ring_of(clock: Clock, at: datetime) -> Ring | None:
    """The ring of a time limit; None while the limit has not begun."""
    if clock.started_at is None or clock.due_at is None or clock.left is None:
        return None
    whole = (clock.due_at - clock.started_at).total_seconds()
    share = 1.0 if whole <= 0 else min(1.0, max(0.0, 1 - clock.left.total_seconds() / whole))
    if clock.left < timedelta():
        return Ring(1.0, t("desk.over", time=_length(-clock.left)), "bad", late=True)
    tone = "still" if clock.paused else ("warn" if clock.left < SOON else "info")
    return Ring(share, _length(clock.left), tone, note=t("desk.paused") if clock.paused else "")


def _length(span: timedelta) -> str:
    """Hours and minutes, 3:18; days in front where there are any."""
    minutes = int(span.total_seconds()) // 60
    days, rest = divmod(minutes, 1440)
    written = f"{rest // 60}:{rest % 60:02d}"
    return t("desk.days_and", n=days, time=written) if days else written


def shown_rows(session: Session, rows: Sequence[QueueRow], at: datetime) -> list[ShownRow]:
    """The rows with their first goods line, country name and reason, in two look-ups for the whole page."""
    goods = first_goods(session, [row.id for row in rows])
    codes = codes_snapshot(session)
    return [
        ShownRow(
            row=row,
            ring=ring_of(row.clock, at),
            goods=goods.get(row.id, ("", 0))[0],
            more=max(0, goods.get(row.id, ("", 0))[1] - 1),
            country=codes.name("country", row.country, lang()),
            reason=said(REASON_NAMES.get(row.reason_class or "")),
        )
        for row in rows
    ]


def first_goods(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, int]]:
    """Name of the first goods line and number of lines, by checklist."""
    found = session.execute(
        select(
            ChecklistLine.checklist_id,
            func.min(ChecklistLine.gname).filter(ChecklistLine.gnum == 1),
            func.count(),
        )
        .where(ChecklistLine.checklist_id.in_(ids))
        .group_by(ChecklistLine.checklist_id)
    )
    return {id: (name or "", count) for id, name, count in found}


def preview_release(session: Session, officer: Officer, ids: Sequence[int], at: datetime) -> list[BulkRow]:
    """What releasing each would do; one outside the officer's zones is shown as not found."""
    rows = []
    for id in ids:
        try:
            rows.append(_preview(session, officer, id, at))
        except NotFoundError as error:
            rows.append(unnamed(id, error.findings[0]))
    return rows


def _preview(session: Session, officer: Officer, id: int, at: datetime) -> BulkRow:
    case = desk.case(session, officer, id, at=at)
    row = case.checklist
    refused = None
    if row.claimed_by not in (None, officer.account_id):
        refused = CU5003.at("", who=case.claimed_name or f"#{row.claimed_by}", since=moment(row.claimed_at))
    now = situation(session, row, officer, at)
    refused = refused or refusal(Decision.RELEASE, now)
    if refused is not None:
        return _named(row, False, said(refused.message), refused.rule)
    waits = now.status == State.REVIEW and not now.arrived and not now.early_declaration
    return _named(row, True, t("desk.will_wait_goods" if waits else "desk.will_release"))


def _named(row: Checklist, ok: bool, words: str, rule: str = "") -> BulkRow:
    number = row.invt_no or row.pre_no
    return BulkRow(row.id, number, row.ebc_name, row.status, row.tier, row.value_cny, ok, words, rule)


def unnamed(id: int, finding: Finding) -> BulkRow:
    """A row for an id behind which the officer may see nothing."""
    return BulkRow(id, str(id), "", "", None, None, False, said(finding.message), finding.rule)


def done_row(session: Session, officer: Officer, id: int, words: str, error: DomainError | None) -> BulkRow:
    """The result of one of several: as the checklist stands now, with what was said."""
    row = session.get(Checklist, id)
    if row is None or row.zone_code not in officer.zones:
        assert error is not None
        return unnamed(id, error.findings[0])
    if error is not None:
        return _named(row, False, said(error.findings[0].message), error.findings[0].rule)
    return _named(row, True, words)
