"""What the API and the pages of goods returns share: who sees which, the two clocks side by side, filing.

The customs clock (one year from release) and the tax clock (six months from export) are two laws' clocks. Customs and
tax do not know each other's rules, so they meet here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, false, or_
from sqlalchemy.orm import Session

from app.access import Person, Role, person
from app.api.messages import incoming_of, take_in
from common import clock
from common.clock import china_day
from common.findings import Text
from common.law import Decision, ParameterValue, UnknownLawError, law
from common.money import plain
from credit.subjects import sites_operated_by
from customs.intake.inbox import JSON
from customs.intake.refund_checks import exported_on
from customs.messages.limits import MAX_DOCUMENTS
from customs.returns import counting, returnable
from customs.returns.procedure import is_gone, procedure
from customs.returns.reading import PARTIES, Visible, at_sites, for_officers, of_checklist
from customs.rules.decisions import ReturnFacts, goods_return
from customs.rules.decisions.goods_return import LIMIT
from customs.rules.returns import STATE_NAMES
from customs.tables import Checklist, GoodsReturn, GoodsReturnLine
from tax.rules import ReliefFacts, is_food, return_relief
from tax.rules.return_relief import TIME

PROCEDURE, RELIEF = "customs.return", "tax.return-relief"
NAMES = {
    PROCEDURE: Text("退货手续", "Return procedure"),
    RELIEF: Text("退运免税", "Tax relief"),
}


@dataclass(frozen=True, slots=True)
class ReturnClock:
    """One of the two clocks: since when it runs, its last day, and whether what it gives is to be had on day `on`.

    `rule` is the numbered condition of the time; `unmet` the conditions that are not met (number, title). `deadline`
    is None where no law is known for the day, or the procedure does not take the export.
    """

    decision: str
    rule: str
    since: date
    deadline: date | None
    on: date
    open: bool
    unmet: tuple[tuple[str, Text], ...]
    document: str | None
    article: str | None

    @property
    def days_left(self) -> int | None:
        """Days until the last one; negative when it is past."""
        return (self.deadline - self.on).days if self.deadline else None


def visible(session: Session) -> Visible:
    """The returns that the asking person may see: a firm its own, a site those that come to it, an agency by zone."""
    asking = person()
    if asking.role == Role.OPERATOR and asking.enterprise_id is not None:
        return at_sites(sites_operated_by(session, asking.enterprise_id, clock.today()))
    if asking.enterprise_id is not None:
        return or_(false(), *(party == asking.enterprise_id for party in PARTIES))
    return for_officers(asking.zones) if asking.zones else false()


COUNTERS = (
    Role.SELLER,
    Role.AGENT,
    Role.PLATFORM,
    Role.CUSTOMS_OFFICER,
    Role.CUSTOMS_SUPERVISOR,
    Role.TAX_OFFICER,
    Role.FOREX_OFFICER,
    Role.ZONE_MANAGER,
    Role.AUDITOR,
)
"""Who may see what came back of a month, with its values."""


def counted() -> ColumnElement[bool]:
    """The lines that came back and that the asking person may see: a firm's own, or those of the agency's zones."""
    asking = person()
    if asking.enterprise_id is not None:
        return counting.of_firm(asking.enterprise_id)
    return counting.of_zones(asking.zones)


def place_of(written: str) -> counting.Place:
    """The place `return-gnum` at which a page begins; the start for anything else."""
    parts = written.split("-")
    if len(parts) == 2 and all(one.isascii() and one.isdigit() and len(one) < 17 for one in parts):
        return int(parts[0]), min(int(parts[1]), 9999)
    return 0, 0


def clocks_of(row: GoodsReturn, lines: Sequence[GoodsReturnLine], on: date) -> tuple[ReturnClock, ReturnClock]:
    """Both clocks of a return: on the day of its tally, before that on `on`."""
    on = row.found_on or on
    facts = ReturnFacts(row.origin_mode, row.released_on, row.origin_office[:2], row.customs_code[:2])
    return _procedure(facts, on), _relief(row, _first_taxed(row.exported_on, lines), on)


def line_relief(row: GoodsReturn, line: GoodsReturnLine, on: date) -> bool | None:
    """Whether one line (of a line that is altered in part, the rest) is free of tax; None where no law is known."""
    decision = _relief_decision(row, line, row.found_on or on)
    return bool(decision.outcome["relief"]) if decision else None


def clocks_before(origin: Checklist, gcodes: Iterable[str], on: date) -> tuple[ReturnClock, ReturnClock] | None:
    """Both clocks of an export that is gone, before anybody asks for its return; None where it is not released."""
    if procedure(origin, on) is None:
        return None
    assert origin.released_at is not None
    office = origin.customs_code[:2]
    released = china_day(origin.released_at)
    exported = exported_on(origin)
    food = all(_is_food(code, exported) for code in gcodes)
    facts = ReliefFacts(origin.trade_mode, exported, "returned", food, False, False, True)
    return (
        _procedure(ReturnFacts(origin.trade_mode, released, office, office), on),
        _as_clock(RELIEF, TIME.id, exported, on, _decided(facts, on)),
    )


def _procedure(facts: ReturnFacts, on: date) -> ReturnClock:
    try:
        decision: Decision | None = goods_return(facts, law(), max(on, facts.released_on))
    except UnknownLawError:
        decision = None
    return _as_clock(PROCEDURE, LIMIT.id, facts.released_on, on, decision)


def _relief(row: GoodsReturn, line: GoodsReturnLine, on: date) -> ReturnClock:
    return _as_clock(RELIEF, TIME.id, row.exported_on, on, _relief_decision(row, line, on))


def _relief_decision(row: GoodsReturn, line: GoodsReturnLine, on: date) -> Decision | None:
    facts = ReliefFacts(
        trade_mode=row.origin_mode,
        exported_on=row.exported_on,
        reason=row.reason_kind or "other",
        food=_is_food(line.gcode, row.exported_on),
        refunded=row.certificate_kind != "not_refunded",
        repaid_certificate=row.certificate_kind == "repaid",
        unaltered=not line.altered or line.altered_qty != line.found_qty,
    )
    return _decided(facts, on)


def _decided(facts: ReliefFacts, on: date) -> Decision | None:
    try:
        return return_relief(facts, law(), max(on, facts.exported_on))
    except UnknownLawError:
        return None


def _first_taxed(exported: date, lines: Sequence[GoodsReturnLine]) -> GoodsReturnLine:
    """The first line that is no food, else the first: what the clock of a whole return is about."""
    return next((line for line in lines if not _is_food(line.gcode, exported)), lines[0])


def _is_food(gcode: str, exported: date) -> bool:
    try:
        return is_food(gcode, law(), exported)
    except UnknownLawError:
        return False


def _as_clock(name: str, rule: str, since: date, on: date, decision: Decision | None) -> ReturnClock:
    if decision is None:
        return ReturnClock(name, rule, since, None, on, False, (), None, None)
    step = next(one for one in decision.trace if one.rule == rule)
    source: ParameterValue | None = step.parameters[0] if step.parameters else None
    unmet = tuple((one.rule, one.title) for one in decision.trace if one.met is False)
    granted = bool(decision.outcome["procedure_allowed" if name == PROCEDURE else "relief"])
    if granted:
        unmet = ()  # another district than that of export is no fault where returns through it are open
    deadline: date = decision.outcome["deadline"]
    document, article = (source.document, source.article) if source else (None, None)
    return ReturnClock(name, rule, since, deadline, on, granted, unmet, document, article)


def clock_view(one: ReturnClock) -> dict[str, Any]:
    """A clock on the wire."""
    return {
        "decision": one.decision,
        "rule": one.rule,
        "since": one.since.isoformat(),
        "deadline": one.deadline.isoformat() if one.deadline else None,
        "on": one.on.isoformat(),
        "days_left": one.days_left,
        "open": one.open,
        "unmet": [{"rule": rule, "title": title.as_dict()} for rule, title in one.unmet],
        "document": one.document,
        "article": one.article,
    }


def file_documents(who: Person, type: str, documents: Sequence[dict[str, Any]], guids: Iterable[str]) -> list[int]:
    """Hand documents to the one road, a hundred in a message; gives the messages' ids in order.

    `guids` are the messages' numbers, so that the same form sent twice is one request.
    """
    chunks = [documents[n : n + MAX_DOCUMENTS] for n in range(0, len(documents), MAX_DOCUMENTS)]
    found = []
    for guid, chunk in zip(guids, chunks, strict=False):
        raw = json.dumps({"type": type, "guid": guid, "documents": chunk}).encode()
        found.append(take_in(incoming_of(who, raw, JSON)).id)
    return found


def of_checklist_view(session: Session, origin: Checklist) -> dict[str, Any] | None:
    """How an export stands with returns: those that were filed, and line by line what is left; None before it left."""
    if not is_gone(origin):
        return None
    found = returnable(session, [origin.id])
    decision = procedure(origin, clock.today())
    return {
        "procedure_open": decision is not None and bool(decision.outcome["procedure_allowed"]),
        "returns": [_short(row) for row in of_checklist(session, origin.id)],
        "lines": [
            {
                "gnum": gnum,
                "unit": one.line.unit,
                "exported": plain(one.exported.qty),
                "pending": plain(one.pending.qty),
                "returned": plain(one.returned.qty),
                "left": plain(one.left.qty),
            }
            for (_, gnum), one in found.items()
        ],
    }


def _short(row: GoodsReturn) -> dict[str, Any]:
    return {
        "id": row.id,
        "pre_no": row.pre_no,
        "status": row.status,
        "status_name": STATE_NAMES[row.status].as_dict(),
        "completed_at": row.completed_at.isoformat() if row.completed_at else None,
    }
