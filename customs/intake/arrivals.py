"""Arrival notices (CEB507): from checked documents to rows, events and moves.

An arrival notice says that parcels stand at a supervised site. What waited for them goes on by itself: a concluded
checklist is released, an ordered inspection can begin. Each part of a split notice takes effect when it is received.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from common.clock import CHINA
from common.findings import Finding, Text
from credit.subjects import sites_operated_by
from customs.intake.batch import Batch, Filed
from customs.movement import site_records
from customs.movement.papers import DELETE, Desk, Kind, Offices, Part, Plan
from customs.movement.parcels import Key, ParcelAtHand, Parcels
from customs.movement.sites import Place, site_of
from customs.movement.weighing import put_on_scale, release_waiting
from customs.rules import movement as rules
from customs.rules.movement import Followed, as_warning, what_followed, written
from customs.rules.moves import State
from customs.tables import Arrival, ArrivalLine

KIND = Kind("arrival", Arrival, ArrivalLine, owner="operator", state=State.CONCLUDED)
ARRIVED, REPEAT, REFUSED = "arrived", "repeat", "refused"

_THERE = Text("货物已运抵监管作业场所", "The goods have arrived at the supervised site")
_INSPECT = Text(
    "货物已运抵监管作业场所，可以查验", "The goods have arrived at the supervised site; the inspection can begin"
)
_BACK = Text("运抵记录已撤回", "The arrival was taken back")


def take(batch: Batch) -> None:
    """Take in the batch's open documents."""
    sites = _sites(batch)
    desk = Desk(batch, KIND, [one for one in batch.open() if one.doc.index in sites])
    there: list[Key] = []
    for plan in desk.plans():
        _work(desk, plan, sites[plan.one.doc.index])
        there += [(plan.carrier_id, number) for number, (what, _) in plan.outcomes.items() if what != REFUSED]
    desk.finish()
    site_records.parcels_found(batch.session, there, actor=f"subject:{batch.sender.id}", at=batch.at)


def _sites(batch: Batch) -> dict[int, str]:
    """The site of each document, by the document's index; documents without one have their finding."""
    offices, days, found = Offices(batch.session), {}, {}
    for one in list(batch.open()):
        if not offices.place(one):
            continue
        asked: tuple[int, date] = (one.parties["operator"].id, one.on)
        if asked not in days:
            days[asked] = sites_operated_by(batch.session, *asked)
        place = Place(
            one.head("customsCode"), one.optional("loctNo"), one.at_head("customsCode"), one.at_head("loctNo")
        )
        site, fault = site_of(days[asked], place, one.on)
        if site is None:
            assert fault is not None
            one.findings.append(fault)
        elif not one.doc.lines and one.app_type != DELETE:
            one.findings.append(rules.NO_WAYBILLS.at(f"/{one.spec.element}/{one.doc.index}/{one.spec.list}"))
        else:
            found[one.doc.index] = site
    return found


def _work(desk: Desk, plan: Plan, site: str) -> None:
    one = plan.one
    faults = [fault for part, key in plan.dropped if (fault := _followed(desk.parcels, one, part, key))]
    if faults:
        one.findings += faults
        return
    if plan.verdict == DELETE:
        for part, key in plan.dropped:
            _take_back(desk, part, key)
        desk.withdraw(plan)
        return
    if plan.effective and not _arrive_all(desk, plan):
        return
    for part, key in plan.dropped:
        _take_back(desk, part, key)
    weights = {number: Decimal(weight) for number, weight in _weights(one).items()}
    desk.write(plan, _contents(one, site), weighed_gross=weights)


def _arrive_all(desk: Desk, plan: Plan) -> bool:
    """Let every waybill of the notice arrive; False, with findings, where none could."""
    one, refused = plan.one, []
    for n, key in enumerate(plan.keys):
        pointer = one.at_line(n, "logisticsNo")
        parcel = desk.parcels.renew(desk.parcels.get(key))
        fault = _refusal(parcel, one, pointer)
        if fault is not None:
            refused.append(fault)
            plan.outcomes[key[1]] = (REFUSED, fault.rule)
    if len(refused) == len(plan.keys):
        one.findings += [*refused, rules.NOTHING_ARRIVED.at(one.at_head("copNo"))]
        return False
    one.findings += [as_warning(fault) for fault in refused]
    for n, key in enumerate(plan.keys):
        if key[1] not in plan.outcomes:
            outcome = _arrive(desk, plan, desk.parcels.get(key), one.at_line(n, "logisticsNo"))
            plan.outcomes[key[1]] = (outcome, None)
    return True


def _refusal(parcel: ParcelAtHand, one: Filed, pointer: str) -> Finding | None:
    if parcel.left_at is not None:
        since = parcel.left_at.astimezone(CHINA)
        return rules.ARRIVED_AFTER_LEAVING.at(pointer, number=parcel.number[:60], since=written(since))
    checklist, office = parcel.checklist, one.head("customsCode")
    if checklist is not None and checklist.customs_code != office:
        return rules.ARRIVED_ELSEWHERE.at(
            pointer, number=parcel.number[:60], expected=checklist.customs_code, office=office
        )
    return None


def _arrive(desk: Desk, plan: Plan, parcel: ParcelAtHand, pointer: str) -> str:
    """One waybill: its first arrival stands; a repeat in a change of the same notice may carry a new weight."""
    one, parcels, id = plan.one, desk.parcels, desk.id_for(plan)
    own = parcel.arrival_id == id
    if parcel.arrived_at is not None and not own:
        since = written(parcel.arrived_at.astimezone(CHINA))
        one.findings.append(rules.ARRIVED_BEFORE.at(pointer, number=parcel.number[:60], since=since))
        return REPEAT
    if not own:
        parcel.arrival_id, parcel.site_operator_id = id, one.parties["operator"].id
        parcel.arrived_at = min(one.app_time, desk.batch.at)
    parcels.changed(parcel)
    if parcel.checklist is not None and parcel.checklist.arrived_at is None:
        _tell_arrival(parcels, parcel, plan)
    weight = _weights(one).get(parcel.number)
    if weight is not None and Decimal(weight) != parcel.weighed_gross:
        hold = put_on_scale(parcels, parcel, Decimal(weight), _actor(one))
        if hold is not None:
            one.findings.append(hold.finding(pointer, parcel.number[:60]))
    release_waiting(parcels, parcel)
    return ARRIVED


def _tell_arrival(parcels: Parcels, parcel: ParcelAtHand, plan: Plan) -> None:
    checklist = parcel.checklist
    assert checklist is not None
    checklist.arrived_at = parcel.arrived_at
    parcels.tell(
        checklist,
        "checklist.arrived",
        source="party",
        actor=_actor(plan.one),
        rule=rules.GOODS_THERE,
        say=_INSPECT if checklist.status == State.INSPECTION else _THERE,
        arrival_id=parcel.arrival_id,
        site=plan.one.optional("loctNo"),
    )


def _followed(parcels: Parcels, one: Filed, part: Part, key: Key) -> Finding | None:
    """The finding that an arrival cannot be taken back, or None."""
    parcel = parcels.get(key)
    if parcel.arrival_id != part.id:
        return None
    checklist = parcel.checklist
    facts = Followed(
        status=checklist.status if checklist else None,
        released_at=checklist.released_at if checklist else None,
        left=parcel.left,
        site_held=checklist is not None and checklist.site_hold is not None,
    )
    what = what_followed(facts, part.received_at)
    return rules.ARRIVAL_FOLLOWED.at(one.at_head("copNo"), number=key[1][:60], what=what) if what else None


def _take_back(desk: Desk, part: Part, key: Key) -> None:
    parcel = desk.parcels.get(key)
    if parcel.arrival_id != part.id:
        return
    parcel.arrival_id = parcel.arrived_at = parcel.site_operator_id = parcel.weighed_gross = None
    desk.parcels.changed(parcel)
    if parcel.checklist is not None:
        parcel.checklist.arrived_at = None
        desk.parcels.tell(
            parcel.checklist,
            "checklist.arrival_withdrawn",
            source="party",
            actor=f"subject:{desk.batch.sender.id}",
            rule=rules.GOODS_THERE,
            say=_BACK,
            arrival_id=part.id,
        )


def _weights(one: Filed) -> Mapping[str, str]:
    """The site's weighed gross by waybill number, as written (JSON form)."""
    found: Mapping[str, str] = one.doc.extras.get("weighed_gross", {})
    return found


def _actor(one: Filed) -> str:
    return f"subject:{one.parties['operator'].id}"


def _contents(one: Filed, site: str) -> dict[str, object]:
    return {
        "operator_id": one.parties["operator"].id,
        "operator_code": one.head("operatorCode"),
        "operator_name": one.head("operatorName"),
        "loct_no": site,
        "domestic_traf_no": one.head("domesticTrafNo"),
    }
