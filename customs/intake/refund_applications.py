"""Goods-return requests (CEB213): from checked documents to rows and events.

A request that is taken in holds its quantities at once, so that two people cannot ask for the same goods; everything
that decides it is read behind the lock of its checklist. At an office where customs' own system decides it goes out as
it is taken in, and only customs' answers (214) move it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from common.clock import china_day
from common.db import lock_keys
from common.events import NewEvent
from common.findings import Finding
from common.money import plain
from credit.subjects import sites_on
from customs.codes import codes_snapshot
from customs.intake.batch import Batch, Filed
from customs.intake.papers import DELETE, Held, Judge, change_row, common, is_draft, note, with_customs
from customs.intake.refund_checks import asked, differences, exported_on, grounds_of, origin_faults
from customs.movement.papers import placed
from customs.returns.left import LineKey, Returnable, lock_name, returnable
from customs.returns.procedure import procedure, procedure_fault
from customs.rules import return_findings as said
from customs.rules.intake import NOT_FOUND
from customs.rules.moves import Cause
from customs.rules.returns import (
    CHANGEABLE,
    HERE,
    HOLDING,
    PAPER,
    RELAY,
    RETURN_MODES,
    Amounts,
    Grounds,
    ReturnState,
    grounds_faults,
    may_move,
    state_texts,
)
from customs.tables import Checklist, GoodsReturn, GoodsReturnLine

KIND = "goods_return"
Key = tuple[int, str]
"""(declarant's id, coElNo)."""


def take(batch: Batch) -> None:
    """Take in the batch's open documents."""
    documents = placed(batch)
    if documents:
        _Requests(batch, documents).work()


class _Requests:
    """The requests of one batch: their checklists locked, what is left of each and what was filed before read."""

    def __init__(self, batch: Batch, documents: Sequence[Filed]) -> None:
        self.batch, self.documents = batch, documents
        self.codes = codes_snapshot(batch.session)
        self.keys: dict[int, Key] = {
            one.doc.index: (one.parties["declarant"].id, one.head("coElNo")) for one in documents
        }
        origins = _origins(batch.session, {one.head("invtNo") for one in documents})
        lock_keys(
            batch.session,
            [
                *(f"{KIND}:{owner}:{number}" for owner, number in self.keys.values()),
                *(lock_name(one.id) for one in origins.values()),
            ],
        )
        self.origins = _origins(batch.session, set(origins), lock=True)
        self.left = returnable(batch.session, [one.id for one in self.origins.values()])
        self.taken: dict[LineKey, Amounts] = {}
        self.sites: dict[date, list[tuple[str, str]]] = {}
        self.stored = self._stored()
        self.lines = self._lines()

    def _stored(self) -> dict[Key, GoodsReturn]:
        numbers = sorted({number for _, number in self.keys.values()})
        query = select(GoodsReturn).where(
            GoodsReturn.declarant_id.in_({owner for owner, _ in self.keys.values()}),
            GoodsReturn.co_el_no.in_(numbers),
            GoodsReturn.withdrawn_at.is_(None),
        )
        query = query.order_by(GoodsReturn.id).with_for_update()
        rows = self.batch.session.scalars(query.execution_options(populate_existing=True))
        return {(row.declarant_id, row.co_el_no): row for row in rows}

    def _lines(self) -> dict[int, list[GoodsReturnLine]]:
        """The lines of what was filed before."""
        found: dict[int, list[GoodsReturnLine]] = {row.id: [] for row in self.stored.values()}
        query = select(GoodsReturnLine).where(GoodsReturnLine.return_id.in_(found))
        for line in self.batch.session.scalars(query):
            found[line.return_id].append(line)
        return found

    def work(self) -> None:
        """Judge each document and do what it asks."""
        judge = Judge(PAPER, self.batch, "coElNo")
        ids = iter(self.batch.ids(len(self.documents)))
        for one in self.documents:
            row = self.stored.get(self.keys[one.doc.index])
            verdict = judge.verdict(one, self.keys[one.doc.index], _held(row))
            if verdict is None:
                continue
            one.findings += self._held_faults(one, row, verdict)
            if one.ok and verdict == DELETE and row is not None:
                self._withdraw(one, row)
            elif one.ok:
                self._file_if_sound(one, row, ids)

    def _held_faults(self, one: Filed, row: GoodsReturn | None, verdict: str) -> list[Finding]:
        """What was filed before may be changed until customs has decided, and stays about the same checklist."""
        if row is None:
            return []
        if row.consignor_id != one.parties["consignor"].id:
            return [NOT_FOUND.at(one.at_head("coElNo"), what=PAPER, number=one.head("coElNo"))]
        if row.invt_no != one.head("invtNo"):
            at = one.at_head("invtNo")
            return [said.OTHER_ORIGIN.at(at, number=row.co_el_no, before=row.invt_no, found=one.head("invtNo"))]
        end = ReturnState.DRAFT if is_draft(one) else ReturnState.DECLARED
        allowed = row.status in CHANGEABLE if verdict == DELETE else may_move(row.status, end, Cause.PARTY)
        if not allowed or row.tally_id is not None:
            return [said.PAST_CHANGING.at(one.at_head("coElNo"), **state_texts(row.status))]
        with_customs(self.batch.session, one, "coElNo", KIND, row)
        return []

    def _file_if_sound(self, one: Filed, row: GoodsReturn | None, ids: Any) -> None:
        origin = self.origins.get(one.head("invtNo"))
        if origin is None:
            one.findings.append(said.NO_SUCH_CHECKLIST.at(one.at_head("invtNo"), number=one.head("invtNo")))
            return
        one.findings += [*origin_faults(one, origin), *self._site_faults(one)]
        if not one.ok:
            return
        deadline = self._procedure(one, origin)
        self._give_back(row)
        one.findings += self._line_faults(one, origin)
        one.findings += grounds_faults(grounds_of(one), one.at_head("")[:-1].rpartition("/")[0] + "/grounds")
        if not one.ok or deadline is None:
            self._take_again(row)
            return
        if not is_draft(one):
            for line in one.doc.lines:
                key = (origin.id, int(line["gnum"]))
                self.taken[key] = self.taken.get(key, _NOTHING).plus(asked(line))
        one.id = row.id if row else next(ids)
        self._file(one, row, origin, deadline)

    def _site_faults(self, one: Filed) -> list[Finding]:
        """A site that is named is one of the office's on that day."""
        site, office = one.optional("loctNo"), one.head("customsCode")
        if site is None:
            return []
        if one.on not in self.sites:
            found = sites_on(self.batch.session, one.on)
            self.sites[one.on] = sorted((each.office_code, each.loct_no) for each in found)
        known = [each for of, each in self.sites[one.on] if of == office]
        if site in known:
            return []
        at = one.at_head("loctNo")
        return [said.NO_SUCH_SITE.at(at, office=office, site=site[:10], known="、".join(known) or "—")]

    def _procedure(self, one: Filed, origin: Checklist) -> date | None:
        """The last day of the procedure; None, with the finding, where it is not open for this return."""
        office = one.head("customsCode")
        fault = procedure_fault(origin, one.on, office, one.at_head)
        if fault is not None:
            one.findings.append(fault)
            return None
        decision = procedure(origin, one.on, office)
        return decision.outcome["deadline"] if decision else None

    # --- lines

    def _line_faults(self, one: Filed, origin: Checklist) -> list[Finding]:
        found = []
        for n, line in enumerate(one.doc.lines):
            known = self.left.get((origin.id, int(line["gnum"])))
            if known is None:
                at = one.at_line(n, "gnum")
                found.append(said.NO_SUCH_LINE.at(at, number=origin.invt_no, gnum=line["gnum"]))
                continue
            found += differences(one, n, line, known.line)
            found += self._above(one, n, line, known)
            if self.codes.heading(line["gcode"][:4], one.on) is None:
                at = one.at_line(n, "gcode")
                found.append(said.CODE_EXPIRED.at(at, gnum=line["gnum"], code=line["gcode"], on=one.on))
        return found

    def _above(self, one: Filed, n: int, line: dict[str, str], known: Returnable) -> list[Finding]:
        """Quantities above what can still come back, counting what this message has asked for already."""
        taken = self.taken.get((known.line.checklist_id, known.line.gnum), _NOTHING)
        left, wanted = known.left.minus(taken), asked(line)
        pending = known.pending.plus(taken)
        found = []
        for element in ("qty", "qty1", "qty2"):
            most, amount = getattr(left, element), getattr(wanted, element)
            if most is None or amount is None or amount <= most:
                continue
            name_ = one.spec.list_by_name[element].name
            found.append(
                said.MORE_THAN_LEFT.at(
                    one.at_line(n, element),
                    gnum=line["gnum"],
                    element=element,
                    field_zh=name_.zh,
                    field_en=name_.en,
                    found=plain(amount),
                    left=plain(max(most, Decimal(0))),
                    exported=plain(getattr(known.exported, element)),
                    returned=plain(getattr(known.returned, element)),
                    pending=plain(getattr(pending, element) or Decimal(0)),
                )
            )
        return found

    def _give_back(self, row: GoodsReturn | None) -> None:
        """What the request held before its change is free for the change itself."""
        self._count(row, -1)

    def _take_again(self, row: GoodsReturn | None) -> None:
        self._count(row, 1)

    def _count(self, row: GoodsReturn | None, sign: int) -> None:
        if row is None or row.status not in HOLDING:
            return
        for line in self.lines[row.id]:
            key = (line.checklist_id, line.gnum)
            second = None if line.qty2 is None else sign * line.qty2
            held = Amounts(sign * line.qty, sign * line.qty1, second)
            self.taken[key] = self.taken.get(key, _NOTHING).plus(held)

    # --- writing

    def _file(self, one: Filed, row: GoodsReturn | None, origin: Checklist, deadline: date) -> None:
        assert one.id is not None and one.zone_code is not None
        grounds = grounds_of(one)
        if not is_draft(one) and grounds.reason is None and (row is None or row.reason_kind is None):
            one.findings.append(said.GROUNDS_MISSING.at(one.at_head("reason")))
        reviewed = ReturnState.DECLARED if one.relayed else ReturnState.REVIEW
        state = ReturnState.DRAFT if is_draft(one) else reviewed
        values = _contents(one, origin, deadline) | _grounds_columns(grounds, row)
        if row is None:
            later = {"released_at": None, "decided_by": None, "decided_name": None, "answer": None, "held_rule": None}
            later |= {"tally_id": None, "found_on": None, "completed_at": None}
            self.batch.add(KIND, common(self.batch, one, one.zone_code) | values | later | {"status": state})
        changed = self._change(one, row, values | {"status": state}) if row is not None else {}
        for line in one.doc.lines:
            self.batch.add("goods_return_line", _line_row(one, origin, line))
        self._tell(one, row, changed)

    def _change(self, one: Filed, row: GoodsReturn, values: dict[str, Any]) -> dict[str, Any]:
        header = {"message_id": self.batch.message_id, "guid": one.head("guid"), "app_time": one.app_time}
        later = {"note": one.optional("note"), "zone_code": one.zone_code, "answer": None}
        changed: dict[str, Any] = change_row(self.batch.session, GoodsReturn, row.id, header | values | later)
        self.batch.session.execute(delete(GoodsReturnLine).where(GoodsReturnLine.return_id == row.id))
        before = {str(line.gnum): plain(line.qty) for line in self.lines[row.id]}
        after = {str(int(line["gnum"])): plain(Decimal(line["qty"])) for line in one.doc.lines}
        return changed | ({"qty": {"before": before, "after": after}} if before != after else {})

    def _tell(self, one: Filed, row: GoodsReturn | None, changed: dict[str, Any]) -> None:
        """The first answer, and the moves to storing and review that follow; else it goes to customs' own system."""
        first = ReturnState.DRAFT if is_draft(one) else ReturnState.DECLARED
        if row is None or row.status == ReturnState.DRAFT:
            self.batch.accept(one, kind=f"{KIND}.accepted", subject_type=KIND, state=first)
        else:
            note(self.batch, one, kind=f"{KIND}.changed", subject_type=KIND, state=first, changed=changed)
        if is_draft(one):
            return
        if one.relayed and one.id is not None:
            self.batch.outgoing.add((KIND, one.id))
        else:
            self.batch.events += [
                self._moved(one, ReturnState.STORED, said.STORED),
                self._moved(one, ReturnState.REVIEW, said.REVIEWED),
            ]

    def _moved(self, one: Filed, state: str, rule: str) -> NewEvent:
        assert one.id is not None
        return NewEvent(
            at=self.batch.at,
            kind=f"{KIND}.moved",
            subject_type=KIND,
            subject_id=one.id,
            source="rule",
            state=state,
            rule=rule,
            zone_code=one.zone_code,
            consignor_id=one.parties["consignor"].id,
            declarant_id=one.parties["declarant"].id,
            sender_id=self.batch.sender.id,
            data={"say": _STEPS[rule]},
        )

    def _withdraw(self, one: Filed, row: GoodsReturn) -> None:
        """Delete the request on the firm's word; its quantities are free again."""
        one.id, one.zone_code = row.id, row.zone_code
        self._give_back(row)
        values = {"message_id": self.batch.message_id, "app_time": one.app_time, "withdrawn_at": self.batch.at}
        change_row(self.batch.session, GoodsReturn, row.id, values)
        note(self.batch, one, kind=f"{KIND}.withdrawn", subject_type=KIND, state=ReturnState.DECLARED)


_NOTHING = Amounts(Decimal(0), Decimal(0), Decimal(0))
_STEPS = {
    said.STORED: {"zh": "退货申请已入库", "en": "The request is stored"},
    said.REVIEWED: {"zh": "退货申请等待海关审核", "en": "The request waits for an officer's review"},
}


def _origins(session: Session, numbers: set[str], *, lock: bool = False) -> dict[str, Checklist]:
    """The live checklists with these customs numbers; `lock`: nobody changes them until the transaction ends."""
    query = select(Checklist).where(Checklist.invt_no.in_(sorted(numbers)), Checklist.withdrawn_at.is_(None))
    query = query.order_by(Checklist.id).execution_options(populate_existing=True)
    return {row.invt_no or "": row for row in session.scalars(query.with_for_update(read=True) if lock else query)}


def _held(row: GoodsReturn | None) -> Held | None:
    return Held(row.id, row.status, row.app_time, row.pre_no, row.consignor_id) if row else None


def _grounds_columns(grounds: Grounds, row: GoodsReturn | None) -> dict[str, str | None]:
    """A change that says nothing of the grounds leaves them as they are."""
    if row is not None and grounds == Grounds():
        grounds = Grounds(row.reason_kind, row.proof_kind, row.certificate_kind, row.certificate_no)
    return {
        "reason_kind": grounds.reason,
        "proof_kind": grounds.proof,
        "certificate_kind": grounds.certificate,
        "certificate_no": grounds.certificate_no,
    }


_TEXTS = {
    "customs_code": "customsCode",
    "co_el_no": "coElNo",
    "invt_no": "invtNo",
    "agent_code": "agentCode",
    "agent_name": "agentName",
    "ebc_code": "ebcCode",
    "ebc_name": "ebcName",
    "ebp_code": "ebpCode",
    "ebp_name": "ebpName",
    "logistics_code": "logisticsCode",
    "logistics_name": "logisticsName",
    "logistics_no": "logisticsNo",
    "traf_mode": "trafMode",
    "traf_name": "trafName",
    "voyage_no": "voyageNo",
    "bill_no": "billNo",
    "port_code": "portCode",
    "country": "country",
    "reason": "reason",
}


def _contents(one: Filed, origin: Checklist, deadline: date) -> dict[str, Any]:
    assert origin.released_at is not None
    return {column: one.head(element) for column, element in _TEXTS.items()} | {
        "loct_no": one.optional("loctNo"),
        "trade_mode": RETURN_MODES[origin.trade_mode],
        "checklist_id": origin.id,
        "declarant_id": one.parties["declarant"].id,
        "consignor_id": one.parties["consignor"].id,
        "carrier_id": one.parties["carrier"].id,
        "origin_mode": origin.trade_mode,
        "origin_office": origin.customs_code,
        "released_on": china_day(origin.released_at),
        "exported_on": exported_on(origin),
        "deadline": deadline,
        "decides": RELAY if one.relayed else HERE,
    }


def _line_row(one: Filed, origin: Checklist, line: dict[str, str]) -> dict[str, Any]:
    amounts = asked(line)
    return {
        "return_id": one.id,
        "gnum": int(line["gnum"]),
        "checklist_id": origin.id,
        "gcode": line["gcode"],
        "gname": line["gname"],
        "gmodel": line["gmodel"],
        "qty": amounts.qty,
        "unit": line["unit"],
        "qty1": amounts.qty1,
        "unit1": line["unit1"],
        "qty2": amounts.qty2,
        "unit2": line.get("unit2") or None,
        "note": line.get("note") or None,
        "found_qty": None,
        "altered_qty": None,
        "found_note": None,
    }
