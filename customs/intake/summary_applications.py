"""Summary applications (CEB701): from checked documents to rows, events and declarations.

An application names closed checklists, or the span in which they were closed. One too big for a message comes in parts;
it waits until all are here and is then merged as a whole. Everything in it goes through or nothing does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from common.clock import CHINA
from common.db import lock_keys
from common.events import NewEvent
from common.findings import Finding
from customs.intake.batch import Batch, Filed, stamp
from customs.intake.papers import (
    DELETE,
    DRAFT,
    Held,
    Judge,
    change_row,
    common,
    is_draft,
    note,
    state_of,
    with_customs,
)
from customs.movement.papers import placed
from customs.rules import summary as rules
from customs.rules.moves import State
from customs.summary.concluding import SUBJECT, anything_in, conclude, lock_name
from customs.summary.listed import busy_declarants, listed
from customs.tables import SummaryApplication, SummaryApplicationPart

Key = tuple[int, str]
"""(declarant's id, copNo)."""
RELAY = "relay"
Changed = dict[str, dict[str, Any]]
"""Field → before and after."""

_SAME = {
    "customs_code": "customsCode",
    "ebc_code": "ebcCode",
    "decl_agent_code": "declAgentCode",
    "summary_flag": "summaryFlag",
    "item_name_flag": "itemNameFlag",
    "msg_count": "msgCount",
}
"""What the messages of one application must agree in: columns and their elements."""


def take(batch: Batch) -> None:
    """Take in the batch's open documents."""
    documents = placed(batch)
    if documents:
        _Applications(batch, documents).work()


class _Applications:
    """The applications of one batch, their consignors' lines and their own numbers locked."""

    def __init__(self, batch: Batch, documents: Sequence[Filed]) -> None:
        self.batch, self.session, self.documents = batch, batch.session, documents
        keys = [_key(one) for one in documents]
        names = [lock_name(one.parties["consignor"].id) for one in documents]
        lock_keys(batch.session, [*names, *(f"summary-copno:{owner}:{number}" for owner, number in keys)])
        self.ids = iter(batch.ids(len(documents)))

    def work(self) -> None:
        """Judge each document and do what it asks, one after the other: a later one sees what an earlier one took."""
        judge = Judge(rules.PAPER, self.batch, "copNo")
        for one in self.documents:
            row = _application(self.session, _key(one))
            sequence = int(one.head("msgSeqNo"))
            part = self.session.get(SummaryApplicationPart, (row.id, sequence)) if row else None
            verdict = judge.verdict(one, (*_key(one), sequence), _held(one, row, part))
            if verdict is None:
                continue
            if row is not None and row.status == State.CONCLUDED:
                number = one.head("copNo")
                one.findings.append(rules.CONCLUDED.at(one.at_head("copNo"), number=number, sum_no=row.sum_no))
            elif verdict == DELETE:
                if not with_customs(self.session, one, "copNo", SUBJECT, row):
                    self._withdraw(one, row)
            else:
                self._file(one, row)

    def _file(self, one: Filed, row: SummaryApplication | None) -> None:
        earlier = _earlier(self.session, row, int(one.head("msgSeqNo")))
        one.findings += _head_faults(one, row if earlier else None, self.batch)
        if one.ok and not _ranged(one):
            one.findings += self._list_faults(one, earlier)
        if not one.ok:
            return
        complete = not is_draft(one) and len(earlier) + 1 >= int(one.head("msgCount"))
        with self.session.begin_nested() as attempt:
            application, changed = self._write(one, row)
            events = self._carry_out(application) if complete else ()
            if events is None:
                attempt.rollback()
                one.id = None
                where = "startTime" if _ranged(one) else "copNo"
                one.findings.append(rules.NOTHING.at(one.at_head(where)))
                return
        self._tell(one, application, changed, complete=complete)
        self.batch.events += events

    def _carry_out(self, row: SummaryApplication) -> Sequence[NewEvent] | None:
        """Merge a complete application, or hand it over to customs; None where there is nothing in it."""
        at = self.batch.at
        if row.decides == RELAY:
            if not anything_in(self.session, row, at):
                return None
            self.batch.outgoing.add((SUBJECT, row.id))
            return ()
        found = conclude(self.session, row, at=at)
        return found.events if found.made else None

    def _list_faults(self, one: Filed, earlier: Sequence[SummaryApplicationPart]) -> list[Finding]:
        """Every number that cannot go in, at its line; those of earlier parts at the head."""
        numbers = [line["invtNo"] for line in one.doc.lines]
        before = [number for part in earlier for number in part.invt_nos]
        if not numbers and not before:
            return [rules.NOTHING.at(one.at_head("copNo"))]
        consignor, declarant = one.parties["consignor"].id, one.parties["declarant"].id
        busy = busy_declarants(self.session, consignor, declarant, one.on)
        applied = rules.Applied(consignor, declarant, one.head("customsCode"), busy)
        known = listed(self.session, [*numbers, *before])
        doubled = set(rules.twice(numbers, before))
        found = []
        for place, number in enumerate(numbers):
            pointer = one.at_line(place, "invtNo")
            fault = rules.number_fault(number, known.get(number), applied, pointer)
            found.append(rules.TWICE.at(pointer, number=number) if place in doubled else fault)
        found += [rules.number_fault(number, known.get(number), applied, one.at_head("msgSeqNo")) for number in before]
        return [fault for fault in found if fault is not None]

    def _write(self, one: Filed, row: SummaryApplication | None) -> tuple[SummaryApplication, Changed | None]:
        """The application's row with this message's part, and what changed in one that was there before."""
        changed: Changed | None = None
        contents = _contents(one) | {"decides": RELAY if one.relayed else "here"}
        if row is None:
            one.id = next(self.ids)
            values = common(self.batch, one, one.zone_code or self.batch.sender_zone) | contents
            row = SummaryApplication(**values, origin="party")
            self.session.add(row)
        else:
            one.id = row.id
            header = {"message_id": self.batch.message_id, "guid": one.head("guid"), "app_time": one.app_time}
            header |= {"sender_id": self.batch.sender.id, "status": state_of(one), "note": one.optional("note")}
            changed = change_row(self.session, SummaryApplication, row.id, header | contents)
            self.session.refresh(row)
        part = SummaryApplicationPart(
            application_id=row.id,
            msg_seq_no=int(one.head("msgSeqNo")),
            message_id=self.batch.message_id,
            received_at=self.batch.at,
            invt_nos=[] if _ranged(one) else [line["invtNo"] for line in one.doc.lines],
        )
        self.session.merge(part)
        self.session.flush()
        return row, changed

    def _tell(self, one: Filed, row: SummaryApplication, changed: Changed | None, *, complete: bool) -> None:
        """The event of the filing; it stands before those of the conclusion in the feed."""
        if _ranged(one) and one.doc.lines:
            one.findings.append(rules.LIST_IGNORED.at(one.at_head("startTime"), count=len(one.doc.lines)))
        data = {"cop_no": row.cop_no, "part": int(one.head("msgSeqNo")), "parts": row.msg_count, "complete": complete}
        state = state_of(one)
        if changed is None or int(one.head("msgSeqNo")) > 1:
            self.batch.accept(one, kind="summary.accepted", subject_type=SUBJECT, state=state, **data)
        else:
            note(self.batch, one, kind="summary.changed", subject_type=SUBJECT, state=state, changed=changed, **data)

    def _withdraw(self, one: Filed, row: SummaryApplication | None) -> None:
        """Take the application back with all its parts; its number is free again."""
        assert row is not None
        one.id = row.id
        values = {"message_id": self.batch.message_id, "app_time": one.app_time, "withdrawn_at": self.batch.at}
        change_row(self.session, SummaryApplication, row.id, values)
        self.session.execute(delete(SummaryApplicationPart).where(SummaryApplicationPart.application_id == row.id))
        self.session.refresh(row)
        note(self.batch, one, kind="summary.withdrawn", subject_type=SUBJECT, state=state_of(one))


def _key(one: Filed) -> Key:
    return one.parties["declarant"].id, one.head("copNo")


def _application(session: Session, key: Key) -> SummaryApplication | None:
    return session.scalars(
        select(SummaryApplication)
        .where(SummaryApplication.declarant_id == key[0], SummaryApplication.cop_no == key[1])
        .where(SummaryApplication.withdrawn_at.is_(None))
        .execution_options(populate_existing=True)
    ).one_or_none()


def _held(one: Filed, row: SummaryApplication | None, part: SummaryApplicationPart | None) -> Held | None:
    """What the document is judged against: its own part, a draft as a whole, or for a deletion the application."""
    if row is None or (part is None and row.status != DRAFT and one.app_type != DELETE):
        return None
    return Held(row.id, row.status, row.app_time, row.pre_no, row.consignor_id)


def _earlier(session: Session, row: SummaryApplication | None, sequence: int) -> Sequence[SummaryApplicationPart]:
    """The application's other parts."""
    if row is None:
        return ()
    query = select(SummaryApplicationPart).where(
        SummaryApplicationPart.application_id == row.id, SummaryApplicationPart.msg_seq_no != sequence
    )
    return session.scalars(query.order_by(SummaryApplicationPart.msg_seq_no)).all()


def _ranged(one: Filed) -> bool:
    return bool(one.head("startTime") or one.head("endTime"))


def _head_faults(one: Filed, row: SummaryApplication | None, batch: Batch) -> list[Finding]:
    """What is wrong with the head: a range to come, who declares, and what differs from the earlier parts."""
    end = stamp(one.head("endTime"))
    late = rules.range_fault(end, batch.at.astimezone(CHINA), one.at_head("endTime")) if end else None
    found = [late] if late else []
    unit = one.parties["decl_agent"]
    if unit.filing != "declaring_unit":
        found.append(rules.NOT_DECLARING_UNIT.at(one.at_head("declAgentCode"), name=unit.name))
    if row is not None:
        found += _differences(one, row)
    return found


def _differences(one: Filed, row: SummaryApplication) -> list[Finding]:
    contents = _contents(one)
    fields = one.spec.head_by_name
    return [
        rules.PART_DIFFERS.at(one.at_head(element), field=fields[element].name, number=row.cop_no)
        for column, element in _SAME.items()
        if getattr(row, column) != contents[column]
    ]


def _contents(one: Filed) -> dict[str, Any]:
    return {
        "customs_code": one.head("customsCode"),
        "cop_no": one.head("copNo"),
        "declarant_id": one.parties["declarant"].id,
        "agent_code": one.head("agentCode"),
        "agent_name": one.head("agentName"),
        "consignor_id": one.parties["consignor"].id,
        "ebc_code": one.head("ebcCode"),
        "ebc_name": one.head("ebcName"),
        "decl_agent_id": one.parties["decl_agent"].id,
        "decl_agent_code": one.head("declAgentCode"),
        "decl_agent_name": one.head("declAgentName"),
        "start_time": stamp(one.head("startTime")),
        "end_time": stamp(one.head("endTime")),
        "loct_no": one.optional("loctNo"),
        "summary_flag": one.head("summaryFlag"),
        "item_name_flag": one.head("itemNameFlag") or " ",
        "msg_count": int(one.head("msgCount")),
    }
