"""Messages that the site's and the carrier's pages make of their forms, and what each parcel may do afterwards.

A form is a message of one document on the one road (`app.api.messages.take_in`); nothing here writes papers itself.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, select, text
from sqlalchemy.orm import Session

from app.access import Person
from app.api.messages import incoming_of, take_in
from app.i18n import said, t
from app.web.waiting import wait_for
from common.clock import CHINA, china_day
from common.findings import BOOK, DomainError, NotFoundError, rule
from credit.listing import SubjectFilters, find_subjects
from credit.subjects import SubjectFacts, subject_by_id
from customs.intake.inbox import JSON
from customs.rules.movement import NOT_ON_RECORD
from customs.rules.moves import State
from customs.tables import Message

MOST_WAYBILLS = 1000
MOST_CARRIERS = 500
_SPACES = re.compile(r"[\s,，;；\t]+")

SY0620 = rule(
    "SY0620",
    title=("没有运单", "No waybills"),
    say=("请至少填写一个运单号，每行一票。", "Enter at least one waybill, one on each line."),
    basis="平台页面约定",
    kind="format",
)
SY0621 = rule(
    "SY0621",
    title=("运单太多", "Too many waybills"),
    say=(
        "一次最多{most}票，这里有{count}票。请分几次报送。",
        "At most {most} at once; here are {count}. Send several notices.",
    ),
    basis="平台页面约定",
    kind="format",
)
SY0622 = rule(
    "SY0622",
    title=("一行里内容太多", "Too much on one line"),
    say=(
        "第{line}行“{written}”写了多于两项。每行写运单号，可以再写称重千克数。",
        "Line {line}, “{written}”, holds more than two things. Write the waybill and, if weighed, kilograms.",
    ),
    basis="平台页面约定",
    kind="format",
)
SY0623 = rule(
    "SY0623",
    title=("时间写法不对", "Not a time"),
    say=("请填写离境的日期和时刻。", "Enter day and time of departure."),
    basis="平台页面约定",
    kind="format",
)


@dataclass(frozen=True, slots=True)
class Scanned:
    """The waybills of a form in their order, each once, and the weights (kg, as written) of those that were weighed."""

    numbers: tuple[str, ...]
    weights: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class May:
    """What a parcel may do now: tone, icon and words."""

    tone: str
    icon: str
    said: str


def scanned(written: str) -> Scanned:
    """Read a list of waybills, one on each line, perhaps with a weight behind it; raises `DomainError`."""
    numbers: dict[str, None] = {}
    weights: dict[str, str] = {}
    for count, line in enumerate(written.splitlines(), 1):
        parts = [one for one in _SPACES.split(line.strip()) if one]
        if len(parts) > 2:
            raise DomainError(SY0622.at("/waybills", line=count, written=line.strip()[:40]))
        if parts:
            numbers[parts[0]] = None
            if len(parts) == 2:
                weights[parts[0]] = parts[1]
    if not numbers:
        raise DomainError(SY0620.at("/waybills"))
    if len(numbers) > MOST_WAYBILLS:
        raise DomainError(SY0621.at("/waybills", most=MOST_WAYBILLS, count=len(numbers)))
    return Scanned(tuple(numbers), weights)


def own_number(prefix: str, at: datetime) -> str:
    """A number of the firm's own (copNo) for a paper that was made on a page."""
    return f"{prefix}{at.astimezone(CHINA):%Y%m%d%H%M%S}{secrets.token_hex(3).upper()}"


def file_document(who: Person, type: str, head: Mapping[str, str], lines: Scanned, *, weighed: bool) -> int:
    """Hand a document to the one road as a message of its own; gives the message's id, answered or still waiting."""
    document: dict[str, Any] = {
        "head": {element: value for element, value in head.items() if value},
        "lines": [{"gnum": str(n), "logisticsNo": number} for n, number in enumerate(lines.numbers, 1)],
    }
    if weighed and lines.weights:
        document["weighed_gross"] = dict(lines.weights)
    raw = json.dumps({"type": type, "documents": [document]}, ensure_ascii=False).encode()
    received = take_in(incoming_of(who, raw, JSON))
    wait_for([received.id])
    return received.id


def carriers(session: Session, at: datetime) -> Sequence[SubjectFacts]:
    """The logistics firms there are, for a choice."""
    return find_subjects(session, SubjectFilters(role="logistics"), china_day(at), limit=MOST_CARRIERS)


def own_firm(session: Session, who: Person, at: datetime) -> SubjectFacts:
    """The asking person's firm as it is today."""
    assert who.enterprise_id is not None
    return subject_by_id(session, who.enterprise_id, china_day(at))


def code_of(firm: SubjectFacts) -> str:
    """The code by which papers name a firm: customs', else the 统一社会信用代码."""
    return firm.customs_code or firm.uscc or ""


def own_message(session: Session, who: Person, message_id: int, type: str) -> Message:
    """A message of the asking person's firm and of this type; raises `NotFoundError` for any other."""
    row = session.scalars(
        select(Message).where(Message.id == message_id, Message.sender_id == who.enterprise_id, Message.type == type)
    ).one_or_none()
    if row is None:
        raise NotFoundError(NOT_ON_RECORD.at(""))
    return row


def written_in(message: Message) -> dict[str, str]:
    """What the form of a sent message held, so that a refused one can be corrected and sent again."""
    try:
        document = json.loads(message.raw)["documents"][0]
        weights = document.get("weighed_gross", {})
        lines = [f"{one['logisticsNo']} {weights.get(one['logisticsNo'], '')}".strip() for one in document["lines"]]
        return {**document["head"], "waybills": "\n".join(lines)}
    except (ValueError, KeyError, IndexError, TypeError):
        return {}  # sent as XML or by another program: its form was never ours


def may(row: Mapping[str, Any] | RowMapping) -> May:
    """What a parcel may do, from where its checklist stands (`status`, `held`, `left_at`) and how the paper went."""
    if row.get("outcome") == "refused":
        known = BOOK.rules.get(row.get("rule") or "")
        return May("bad", "ban", said(known.title) if known else t("site.may.refused"))
    if row.get("left_at"):
        return May("still", "checks", t("site.may.left"))
    if row.get("held"):
        return May("bad", "scale", t("site.may.held"))
    return _by_state(row.get("status"))


def _by_state(status: str | None) -> May:
    match status:
        case None:
            return May("warn", "file-off", t("site.may.not_declared"))
        case State.RELEASED:
            return May("good", "truck", t("site.may.load"))
        case State.INSPECTION:
            return May("look", "package", t("site.may.inspect"))
        case State.REJECTED:
            return May("bad", "arrow-back-up", t("site.may.rejected"))
        case State.SENT_BACK:
            return May("still", "arrow-back-up", t("site.may.sent_back"))
        case State.CLOSED:
            return May("still", "checks", t("site.may.left"))
        case _ if status in _DETAINED:
            return May("bad", "ban", t("site.may.detained"))
        case _:
            return May("info", "clock", t("site.may.wait"))


_DETAINED = frozenset({State.DETAINED_CLEARANCE, State.DETAINED_SMUGGLING, State.DETAINED_LEGAL, State.DETAINED_OTHER})

_HERE = (
    "SELECT p.carrier_id, p.logistics_no, p.arrived_at, p.weighed_gross, p.left_at, p.checklist_id, c.status, "
    "c.invt_no, c.bill_no, c.customs_code, c.gross_weight, c.site_hold IS NOT NULL AS held FROM parcel AS p "
    "LEFT JOIN checklist AS c ON c.id = p.checklist_id AND c.withdrawn_at IS NULL "
)
_AT_SITE = text(
    _HERE + "WHERE p.site_operator_id = :operator AND p.left_at IS NULL "
    "AND (p.arrived_at, p.carrier_id, p.logistics_no) > (CAST(:at AS timestamptz), :carrier, :number) "
    "ORDER BY p.arrived_at, p.carrier_id, p.logistics_no LIMIT :limit"
)
_ONE_AT_SITE = text(
    _HERE
    + "WHERE p.site_operator_id = :operator AND p.left_at IS NULL AND p.logistics_no = :number ORDER BY p.carrier_id"
)
_TO_LOAD = text(
    _HERE + "WHERE p.carrier_id = :carrier AND p.left_at IS NULL AND p.arrived_at IS NOT NULL "
    "AND (CAST(:bill AS text) IS NULL OR c.bill_no = :bill) ORDER BY p.arrived_at, p.logistics_no LIMIT :limit"
)
_BILLS = text(
    "SELECT c.bill_no, c.customs_code, count(*) FILTER (WHERE c.status = '800' AND c.site_hold IS NULL) AS free, "
    "count(*) FILTER (WHERE c.status IS DISTINCT FROM '800' OR c.site_hold IS NOT NULL) AS waiting, "
    "min(p.arrived_at) AS oldest FROM parcel AS p "
    "LEFT JOIN checklist AS c ON c.id = p.checklist_id AND c.withdrawn_at IS NULL "
    "WHERE p.carrier_id = :carrier AND p.left_at IS NULL AND p.arrived_at IS NOT NULL "
    "GROUP BY c.bill_no, c.customs_code ORDER BY min(p.arrived_at) LIMIT :limit"
)
LONG_AGO = "0001-01-01T00:00:00+00:00"


def at_site(session: Session, operator_id: int, after: tuple[str, int, str], limit: int) -> Sequence[RowMapping]:
    """Parcels standing at the operator's sites, longest first; `after` is (arrived_at, carrier, number) of the last."""
    asked = {"operator": operator_id, "at": after[0], "carrier": after[1], "number": after[2], "limit": limit}
    return session.execute(_AT_SITE, asked).mappings().all()


def find_at_site(session: Session, operator_id: int, number: str) -> Sequence[RowMapping]:
    """The parcels at the operator's sites with this waybill number."""
    return session.execute(_ONE_AT_SITE, {"operator": operator_id, "number": number}).mappings().all()


def bills_to_load(session: Session, carrier_id: int, limit: int = 50) -> Sequence[RowMapping]:
    """Bills with parcels of the carrier at a site: how many may be loaded, how many not, when the oldest arrived."""
    return session.execute(_BILLS, {"carrier": carrier_id, "limit": limit}).mappings().all()


def to_load(session: Session, carrier_id: int, bill: str | None) -> Sequence[RowMapping]:
    """The carrier's parcels at a site, of one bill or all, longest first; at most `MOST_WAYBILLS`."""
    asked = {"carrier": carrier_id, "bill": bill, "limit": MOST_WAYBILLS}
    return session.execute(_TO_LOAD, asked).mappings().all()
