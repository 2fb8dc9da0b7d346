"""Master lists (CEB607): from checked documents to rows, events and moves.

A master list ties waybills to one bill and fills in the transport that their checklists left open. Transport may change
until a parcel has left; part of a list may leave, and the rest keeps its days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.findings import Finding, Text
from customs.intake.batch import Batch, Filed
from customs.movement.papers import DELETE, Desk, Kind, Part, Plan, placed
from customs.movement.parcels import TRANSPORT, ChecklistAtHand, Key, ParcelAtHand
from customs.rules import movement as rules
from customs.rules.movement import as_warning
from customs.rules.moves import State
from customs.tables import MasterList, MasterListLine

KIND = Kind("master_list", MasterList, MasterListLine, owner="declarant", state=State.STORED)
TIED, REFUSED = "tied", "refused"

FIELDS: Mapping[str, Text] = {
    "bill_no": Text("提运单号", "bill number"),
    "traf_name": Text("运输工具名称", "means of transport"),
    "voyage_no": Text("航班航次号", "voyage or flight number"),
    "total_package_no": Text("总包号", "bag number"),
}
_FILLED = Text("总分单填写了清单的运输信息", "The master list filled in the checklist's transport")
_OPENED = Text(
    "包裹已从总分单中去掉，清单的运输信息恢复空白",
    "The parcel was taken off the master list; the checklist's transport is open again",
)
_BEFORE = text(
    "SELECT m.id, m.bill_no, m.traf_name, m.voyage_no, l.logistics_no, l.total_package_no "
    "FROM master_list AS m JOIN master_list_line AS l ON l.master_list_id = m.id "
    "WHERE m.id = ANY(CAST(:ids AS bigint[])) AND l.logistics_no = ANY(CAST(:numbers AS text[]))"
)
Transport = Mapping[str, str | None]


@dataclass(slots=True)
class Lists:
    """What the lists that parcels are tied to say of each parcel's transport, before and within this batch."""

    said: dict[tuple[int, str], Transport] = field(default_factory=dict)

    @classmethod
    def load(cls, session: Session, parcels: Iterable[ParcelAtHand]) -> Lists:
        """The transport by (master list, waybill number) of these parcels' present lists."""
        tied = [parcel for parcel in parcels if parcel.master_list_id is not None]
        if not tied:
            return cls()
        ids = sorted({parcel.master_list_id for parcel in tied if parcel.master_list_id is not None})
        rows = session.execute(_BEFORE, {"ids": ids, "numbers": [parcel.number for parcel in tied]}).mappings()
        return cls({(row["id"], row["logistics_no"]): {name: row[name] for name in TRANSPORT} for row in rows})

    def of(self, parcel: ParcelAtHand) -> Transport:
        """What the parcel's present list says; nothing where it is on none."""
        return self.said.get((parcel.master_list_id or 0, parcel.number), {})


def take(batch: Batch) -> None:
    """Take in the batch's open documents."""
    desk = Desk(batch, KIND, placed(batch))
    lists = Lists.load(batch.session, desk.parcels.found.values())
    for plan in desk.plans():
        _work(desk, plan, lists)
    desk.finish()


def _work(desk: Desk, plan: Plan, lists: Lists) -> None:
    one = plan.one
    left = [
        rules.LIST_LEFT.at(one.at_head("copNo"), number=key[1][:60])
        for part, key in plan.dropped
        if desk.parcels.get(key).left and desk.parcels.get(key).master_list_id == part.id
    ]
    if left:
        one.findings += left
        return
    if plan.effective and not _tie_all(desk, plan, lists):
        return
    for part, key in plan.dropped:
        _untie(desk, part, key, lists)
    if plan.verdict == DELETE:
        desk.withdraw(plan)
    else:
        desk.write(plan, _contents(one))


def _tie_all(desk: Desk, plan: Plan, lists: Lists) -> bool:
    """Tie every waybill to the bill; False, with findings, where none could be."""
    one, refused = plan.one, []
    for n, key in enumerate(plan.keys):
        fault = _refusal(desk, plan, desk.parcels.get(key), one.at_line(n, "logisticsNo"))
        plan.outcomes[key[1]] = (REFUSED, fault.rule) if fault else (TIED, None)
        refused += [fault] if fault else []
    if len(refused) == len(plan.keys):
        one.findings += [*refused, rules.LIST_NOTHING.at(one.at_head("copNo"))]
        return False
    one.findings += [as_warning(fault) for fault in refused]
    for n, key in enumerate(plan.keys):
        if plan.outcomes[key[1]][0] == TIED:
            _tie(desk, plan, desk.parcels.get(key), n, lists)
    return True


def _refusal(desk: Desk, plan: Plan, parcel: ParcelAtHand, pointer: str) -> Finding | None:
    number, checklist = parcel.number[:60], parcel.checklist
    if parcel.left and parcel.master_list_id != desk.id_for(plan):
        bill = (checklist.bill_no if checklist else None) or "—"
        return rules.LIST_CLOSED.at(pointer, number=number, bill=bill, wanted=plan.one.head("billNo"))
    if checklist is not None and checklist.declarant_id != plan.one.parties["declarant"].id:
        return rules.LIST_OF_ANOTHER.at(pointer, number=number)
    return None


def _tie(desk: Desk, plan: Plan, parcel: ParcelAtHand, line: int, lists: Lists) -> None:
    """One waybill: what has left under this list stays as it left."""
    one, id, checklist = plan.one, desk.id_for(plan), parcel.checklist
    listed = _transport(one, line)
    if not parcel.left:
        if checklist is None:
            rule = rules.LIST_WITHOUT_CHECKLIST
            one.findings.append(rule.at(one.at_line(line, "logisticsNo"), number=parcel.number[:60]))
        else:
            _fill(desk, plan, checklist, lists.of(parcel), listed, line)
        parcel.master_list_id = id
        desk.parcels.changed(parcel)
    lists.said[id, parcel.number] = listed


def _fill(desk: Desk, plan: Plan, checklist: ChecklistAtHand, before: Transport, listed: Transport, line: int) -> None:
    """Fill in what the checklist left open, or what an earlier list filled in; what it declares itself stays."""
    one, changed = plan.one, {}
    for name in TRANSPORT:
        own, new = getattr(checklist, name), listed[name]
        if new is None or own == new:
            continue
        if not own or own == before.get(name):
            setattr(checklist, name, new)
            changed[name] = {"before": own, "after": new}
        else:
            one.findings.append(
                rules.DECLARED_TRANSPORT.at(
                    one.at_line(line, "logisticsNo"),
                    number=one.doc.lines[line]["logisticsNo"][:60],
                    field=FIELDS[name],
                    declared=own,
                    listed=new,
                )
            )
    if changed:
        _tell(desk, checklist, _FILLED, desk.id_for(plan), changed)


def _untie(desk: Desk, part: Part, key: Key, lists: Lists) -> None:
    """Take a parcel off its list; what the list filled in is open again."""
    parcel = desk.parcels.get(key)
    if parcel.master_list_id != part.id:
        return
    before, checklist = lists.of(parcel), parcel.checklist
    parcel.master_list_id = None
    desk.parcels.changed(parcel)
    if checklist is None:
        return
    changed = {}
    for name in TRANSPORT:
        own = getattr(checklist, name)
        if own and own == before.get(name):
            setattr(checklist, name, None)
            changed[name] = {"before": own, "after": None}
    if changed:
        _tell(desk, checklist, _OPENED, part.id, changed)


def _tell(desk: Desk, checklist: ChecklistAtHand, say: Text, list_id: int, changed: Mapping[str, object]) -> None:
    desk.parcels.tell(
        checklist,
        "checklist.transport",
        source="party",
        actor=f"subject:{desk.batch.sender.id}",
        rule=rules.TIED,
        say=say,
        master_list_id=list_id,
        changed=dict(changed),
    )


def _transport(one: Filed, line: int) -> Transport:
    return {
        "bill_no": one.optional("billNo"),
        "traf_name": one.optional("trafName"),
        "voyage_no": one.optional("voyageNo"),
        "total_package_no": one.doc.lines[line].get("totalPackageNo") or None,
    }


def _contents(one: Filed) -> dict[str, object]:
    return {
        "declarant_id": one.parties["declarant"].id,
        "agent_code": one.head("agentCode"),
        "agent_name": one.head("agentName"),
        "loct_no": one.optional("loctNo"),
        "traf_name": one.head("trafName"),
        "voyage_no": one.head("voyageNo"),
        "domestic_traf_no": one.optional("domesticTrafNo"),
        "gross_weight": Decimal(one.head("grossWeight")),
    }
