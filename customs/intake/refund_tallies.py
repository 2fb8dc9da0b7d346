"""Return tallies (CEB215): the site operator says what of a waybill's returns really came back.

The standard's message has a head only and stands for "as asked for"; the JSON form may add what differs (`tally`).
A tally of returns that customs' own system decides goes out to it and counts once customs has taken it (216).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.db import lock_keys
from common.events import NewEvent
from common.findings import Finding
from common.money import plain
from credit.subjects import sites_operated_by
from customs.intake.batch import Batch, Filed
from customs.intake.papers import DELETE, Held, Judge, change_row, common, is_draft, note, with_customs
from customs.movement.papers import placed
from customs.returns.completing import lines_of
from customs.returns.left import lock_name
from customs.returns.tallying import Found, Tallied, apply, take_back
from customs.rules import return_findings as said
from customs.rules.moves import State
from customs.rules.returns import HERE, HOLDING, RELAY, TALLY
from customs.tables import GoodsReturn, GoodsReturnLine, ReturnTally

KIND = "return_tally"
ALTERED = "altered"
_MOST_NOTE = 250
Key = tuple[int, str]
"""(operator's id, coElNo)."""

_QUANTITY = re.compile(r"[0-9]{1,14}(?:\.[0-9]{1,5})?")


def take(batch: Batch) -> None:
    """Take in the batch's open documents."""
    documents = placed(batch)
    if documents:
        _Tallies(batch, documents).work()


class _Tallies:
    """The tallies of one batch, with the returns of their waybills locked."""

    def __init__(self, batch: Batch, documents: Sequence[Filed]) -> None:
        self.batch, self.documents = batch, documents
        self.sites: dict[tuple[int, date], frozenset[tuple[str, str]]] = {}
        self.keys: dict[int, Key] = {
            one.doc.index: (one.parties["operator"].id, one.head("coElNo")) for one in documents
        }
        stored = self._stored()
        waybills = {one.head("logisticsNo") for one in documents}
        found = _returns(batch.session, waybills, [row.id for row in stored.values()])
        lock_keys(
            batch.session,
            [
                *(f"{KIND}:{owner}:{number}" for owner, number in self.keys.values()),
                *(lock_name(row.checklist_id) for row in found),
            ],
        )
        self.stored = self._stored()
        ids = [row.id for row in found]
        query = select(GoodsReturn).where(GoodsReturn.id.in_(ids)).order_by(GoodsReturn.id).with_for_update()
        self.returns = batch.session.scalars(query.execution_options(populate_existing=True)).all()
        self.lines = lines_of(batch.session, ids)
        self.pre_nos = _pre_nos(batch.session, [row.tally_id for row in self.returns if row.tally_id])

    def _stored(self) -> dict[Key, ReturnTally]:
        query = select(ReturnTally).where(
            ReturnTally.operator_id.in_({owner for owner, _ in self.keys.values()}),
            ReturnTally.co_el_no.in_({number for _, number in self.keys.values()}),
            ReturnTally.withdrawn_at.is_(None),
        )
        rows = self.batch.session.scalars(query.execution_options(populate_existing=True))
        return {(row.operator_id, row.co_el_no): row for row in rows}

    def work(self) -> None:
        """Judge each document and do what it asks."""
        judge = Judge(TALLY, self.batch, "coElNo")
        ids = iter(self.batch.ids(len(self.documents)))
        for one in self.documents:
            row = self.stored.get(self.keys[one.doc.index])
            verdict = judge.verdict(one, self.keys[one.doc.index], _held(row))
            if verdict is None:
                continue
            before = [back for back in self.returns if row is not None and back.tally_id == row.id]
            if any(back.completed_at for back in before):
                at, number = one.at_head("coElNo"), before[0].logistics_no
                one.findings.append(said.TALLY_OVER.at(at, number=number[:60]))
            elif with_customs(self.batch.session, one, "coElNo", KIND, row):
                continue
            elif verdict == DELETE and row is not None:
                self._withdraw(one, row, before)
            else:
                self._tally(one, row, before, ids)

    # --- which returns a tally is about

    def _meant(self, one: Filed, before: Collection[GoodsReturn]) -> tuple[list[GoodsReturn], Finding | None]:
        """The returns of the document's waybill that wait for a tally, or the finding that says why there are none."""
        carrier, number, origin = one.parties["carrier"].id, one.head("logisticsNo"), one.optional("invtNo")
        named = [
            back
            for back in self.returns
            if (back.carrier_id, back.logistics_no) == (carrier, number)
            and (origin is None or back.invt_no == origin)
            and back.status in HOLDING
            and back.withdrawn_at is None
        ]
        at = one.at_head("logisticsNo")
        here = [back for back in named if back.customs_code == one.head("customsCode")]
        if named and not here:
            office, expected = one.head("customsCode"), named[0].customs_code
            rule = said.TALLY_OTHER_OFFICE
            return [], rule.at(one.at_head("customsCode"), number=number[:60], expected=expected, office=office)
        mine = [back for back in here if back.loct_no is None or (back.customs_code, back.loct_no) in self._sites(one)]
        if here and not mine:
            return [], said.TALLY_OTHER_SITE.at(at, number=number[:60], site=here[0].loct_no)
        free = [back for back in mine if back.completed_at is None and (back.tally_id is None or back in before)]
        if free:
            return free, None
        tallied = next((back for back in here if back.tally_id is not None), None)
        if tallied is not None:
            pre_no = self.pre_nos.get(tallied.tally_id or 0, "—")
            return [], said.TALLIED_BEFORE.at(at, number=number[:60], pre_no=pre_no)
        return [], said.NOTHING_TO_TALLY.at(at, number=number[:60])

    def _sites(self, one: Filed) -> frozenset[tuple[str, str]]:
        """The sites that the operator of the document operates on its day."""
        key = (one.parties["operator"].id, one.on)
        if key not in self.sites:
            self.sites[key] = sites_operated_by(self.batch.session, *key)
        return self.sites[key]

    def _found(self, one: Filed, returns: Sequence[GoodsReturn]) -> dict[int, dict[int, Found]]:
        """What the document says was found, by return and gnum; faults become findings."""
        found: dict[int, dict[int, Found]] = {back.id: {} for back in returns}
        for n, given in enumerate(one.doc.extras.get("tally", ())):
            at = f"/{one.spec.element}/{one.doc.index}/tally/{n}"
            written = given.get("qty", "")
            if not _QUANTITY.fullmatch(written):
                one.findings.append(said.TALLY_QUANTITY.at(f"{at}/qty", value=written[:30]))
                continue
            lines = [
                (back, line)
                for back in returns
                for line in self.lines[back.id]
                if str(line.gnum) == given.get("gnum") and given.get("invt_no") in (None, "", back.invt_no)
            ]
            if not lines:
                number, gnum = given.get("invt_no", "") or one.head("invtNo") or "—", given.get("gnum", "—")
                one.findings.append(said.TALLY_LINE_UNKNOWN.at(f"{at}/gnum", number=number[:20], gnum=gnum[:4]))
                continue
            altered, words = given.get("condition") == ALTERED, given.get("note", "")[:_MOST_NOTE] or None
            _spread(found, lines, Decimal(written), altered=altered, note=words)
        return found

    # --- doing it

    def _tally(self, one: Filed, row: ReturnTally | None, before: Sequence[GoodsReturn], ids: Any) -> None:
        returns, fault = self._meant(one, before)
        found = self._found(one, returns)
        one.findings += [fault] if fault else []
        if not one.ok:
            return
        one.id = row.id if row else next(ids)
        assert one.id is not None
        decides = RELAY if any(back.decides == RELAY for back in returns) else HERE
        tally = self._tallied(one, waits=decides == RELAY)
        for back in before:
            self.batch.events.append(take_back(self.batch.session, tally, back, self.lines[back.id]))
        self._write(one, row, decides)
        if is_draft(one):
            return
        for back in returns:
            lines = self.lines[back.id]
            self.batch.events += apply(self.batch.session, tally, back, lines, found[back.id])
            one.findings += _warnings(one, back, lines)
        if tally.waits:
            self.batch.outgoing.add((KIND, one.id))
        else:
            self.batch.events.append(self._concluded(one, [back.id for back in returns]))

    def _tallied(self, one: Filed, *, waits: bool = False) -> Tallied:
        assert one.id is not None
        return Tallied(one.id, one.on, self.batch.at, f"subject:{self.batch.sender.id}", waits)

    def _write(self, one: Filed, row: ReturnTally | None, decides: str) -> None:
        assert one.zone_code is not None
        taken = State.DECLARED if decides == RELAY else State.CONCLUDED
        state = State.DRAFT if is_draft(one) else taken
        first = State.DRAFT if is_draft(one) else State.DECLARED
        values = _contents(one) | {"status": state, "decides": decides}
        if row is None:
            self.batch.add(KIND, common(self.batch, one, one.zone_code) | values)
            self.batch.accept(one, kind=f"{KIND}.accepted", subject_type=KIND, state=first)
            return
        header = {"message_id": self.batch.message_id, "guid": one.head("guid"), "app_time": one.app_time}
        changed = change_row(self.batch.session, ReturnTally, row.id, header | values | {"note": one.optional("note")})
        note(self.batch, one, kind=f"{KIND}.changed", subject_type=KIND, state=first, changed=changed)

    def _concluded(self, one: Filed, return_ids: Sequence[int]) -> NewEvent:
        assert one.id is not None
        return NewEvent(
            at=self.batch.at,
            kind=f"{KIND}.moved",
            subject_type=KIND,
            subject_id=one.id,
            source="rule",
            state=State.CONCLUDED,
            rule=said.TALLY_TAKEN,
            zone_code=one.zone_code,
            sender_id=self.batch.sender.id,
            data={"say": {"zh": "理货明细单审结", "en": "The tally is concluded"}, "returns": list(return_ids)},
        )

    def _withdraw(self, one: Filed, row: ReturnTally, before: Sequence[GoodsReturn]) -> None:
        one.id, one.zone_code = row.id, row.zone_code
        for back in before:
            event = take_back(self.batch.session, self._tallied(one), back, self.lines[back.id])
            self.batch.events.append(event)
        values = {"message_id": self.batch.message_id, "app_time": one.app_time, "withdrawn_at": self.batch.at}
        change_row(self.batch.session, ReturnTally, row.id, values)
        note(self.batch, one, kind=f"{KIND}.withdrawn", subject_type=KIND, state=State.CONCLUDED)


def _returns(session: Session, waybills: Collection[str], tallies: Collection[int]) -> Sequence[GoodsReturn]:
    """The live returns of waybills, and those that stored tallies are about."""
    named = GoodsReturn.logistics_no.in_(sorted(waybills))
    query = select(GoodsReturn).where(
        named | GoodsReturn.tally_id.in_(sorted(tallies)) if tallies else named, GoodsReturn.withdrawn_at.is_(None)
    )
    return session.scalars(query.order_by(GoodsReturn.id)).all()


def _pre_nos(session: Session, tally_ids: Collection[int]) -> dict[int, str]:
    query = select(ReturnTally.id, ReturnTally.pre_no).where(ReturnTally.id.in_(tally_ids))
    return {row[0]: row[1] for row in session.execute(query)}


def _held(row: ReturnTally | None) -> Held | None:
    return Held(row.id, row.status, row.app_time, row.pre_no, None) if row else None


def _spread(
    found: Mapping[int, dict[int, Found]],
    lines: Sequence[tuple[GoodsReturn, GoodsReturnLine]],
    qty: Decimal,
    *,
    altered: bool,
    note: str | None,
) -> None:
    """Give what was found of a line to the returns that ask for it, oldest first; the last takes what is too much.

    What a tally says of the same line in several rows (some as exported, some altered) adds up.
    """
    rest = qty
    for n, (back, line) in enumerate(lines):
        before = found[back.id].get(line.gnum, Found(Decimal(0)))
        part = rest if n == len(lines) - 1 else min(rest, max(line.qty - before.qty, Decimal(0)))
        words = "；".join(one for one in (before.note, note) if one)[:_MOST_NOTE] or None
        found[back.id][line.gnum] = Found(before.qty + part, before.altered + (part if altered else 0), words)
        rest -= part


def _warnings(one: Filed, back: GoodsReturn, lines: Sequence[GoodsReturnLine]) -> list[Finding]:
    """What of a tally is not as asked for, told to the operator as well."""
    warned = []
    for line in lines:
        if line.found_qty != line.qty or line.altered:
            at = one.at_head("logisticsNo")
            warned.append(
                said.TALLY_DIFFERS.at(
                    at,
                    number=back.invt_no,
                    gnum=line.gnum,
                    asked=plain(line.qty),
                    found=plain(line.found_qty or Decimal(0)),
                    altered_zh=f"，其中{plain(line.altered_qty)}非原状" if line.altered_qty else "",
                    altered_en=f", {plain(line.altered_qty)} of them altered" if line.altered_qty else "",
                )
            )
    if back.found_on is not None and back.found_on > back.deadline:
        at = one.at_head("appTime")
        warned.append(said.TALLY_LATE.at(at, number=back.invt_no, deadline=back.deadline, on=back.found_on))
    return warned


def _contents(one: Filed) -> dict[str, Any]:
    return {
        "customs_code": one.head("customsCode"),
        "operator_id": one.parties["operator"].id,
        "operator_code": one.head("operatorCode"),
        "operator_name": one.head("operatorName"),
        "carrier_id": one.parties["carrier"].id,
        "logistics_code": one.head("logisticsCode"),
        "logistics_name": one.head("logisticsName"),
        "logistics_no": one.head("logisticsNo"),
        "invt_no": one.optional("invtNo"),
        "co_el_no": one.head("coElNo"),
        "bill_no": one.head("billNo"),
        "traf_mode": one.head("trafMode"),
        "traf_name": one.head("trafName"),
        "voyage_no": one.head("voyageNo"),
        "location": one.optional("location"),
    }
