"""Departure notices (CEB509): from checked documents to rows, events and moves.

Closing (结关) goes by the checklist, never by the bill: every waybill of the notice is asked for itself. One that is
not free to leave is refused and a supervisor's case is opened at once; those beside it leave all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from common.clock import CHINA, china_day
from common.findings import Text
from common.law.zones import zone_parameter
from customs.amendments import shut_outs
from customs.intake.batch import Batch, Filed, stamp
from customs.messages.content_checks import AHEAD
from customs.movement import site_records
from customs.movement.incidents import Cases
from customs.movement.papers import DELETE, Desk, Kind, Offices, Part, Plan
from customs.movement.parcels import Key, ParcelAtHand, Parcels
from customs.rules import movement as rules
from customs.rules.movement import LeavingFacts, as_warning, leaving_refusal, written
from customs.rules.moves import Cause, State, Step
from customs.tables import Departure, DepartureLine

KIND = Kind("departure", Departure, DepartureLine, owner="carrier", state=State.CONCLUDED)
LEFT, REPEAT, REFUSED = "left", "repeat", "refused"

_CLOSED = Text("货物于{left}离境，清单结关", "The goods left at {left}; the checklist is closed")
_GONE = Text("货物于{left}离境", "The goods left at {left}")
_BACK = Text("离境记录已撤回", "The departure was taken back")


def take(batch: Batch) -> None:
    """Take in the batch's open documents."""
    times = _times(batch)
    desk = Desk(batch, KIND, [one for one in batch.open() if one.doc.index in times])
    stopped = _Stopped(site_records.missing(batch.session, desk.parcels.found), _shut_outs(desk))
    cases = Cases(batch)
    for plan in desk.plans():
        _work(desk, plan, times[plan.one.doc.index], stopped, cases)
    desk.finish()
    cases.open()


@dataclass(frozen=True, slots=True)
class _Stopped:
    """What stops parcels beside their checklists: the site misses them, or a shut-out of theirs has not ended."""

    missing: set[Key]
    shut_outs: Mapping[int, Text]


def _shut_outs(desk: Desk) -> Mapping[int, Text]:
    ids = [one.checklist.id for one in desk.parcels.found.values() if one.checklist is not None]
    return shut_outs.open_of(desk.batch.session, ids)


def _times(batch: Batch) -> dict[int, datetime]:
    """When the goods left, by the document's index; documents without a usable office or time have their finding."""
    offices, found = Offices(batch.session), {}
    for one in list(batch.open()):
        left = stamp(one.head("leaveTime"))
        if not offices.place(one) or left is None:
            continue
        if left > batch.at + AHEAD:
            one.findings.append(rules.LEAVES_LATER.at(one.at_head("leaveTime"), left=written(left)))
            continue
        found[one.doc.index] = left
    return found


def _work(desk: Desk, plan: Plan, left: datetime, stopped: _Stopped, cases: Cases) -> None:
    one = plan.one
    gone = [(part, parcel) for part, key in plan.dropped if (parcel := desk.parcels.get(key)).departure_id == part.id]
    final = [parcel.number[:60] for part, parcel in gone if not _open_again(part, parcel)]
    if final:
        one.findings += [rules.DEPARTURE_FINAL.at(one.at_head("copNo"), number=number) for number in final]
        return
    if plan.verdict == DELETE:
        _take_back(desk, gone)
        desk.withdraw(plan)
    elif not plan.effective or _leave_all(desk, plan, left, stopped, cases):
        _take_back(desk, gone)
        checklists = {
            number: parcel.checklist.id
            for carrier, number in plan.keys
            if (parcel := desk.parcels.get((carrier, number))).checklist is not None
        }
        desk.write(plan, _contents(one, left), checklist_id=checklists)


def _open_again(part: Part, parcel: ParcelAtHand) -> bool:
    """Whether a parcel may be taken off its notice: customs' own system has refused the notice and not closed it."""
    closed = parcel.checklist is not None and parcel.checklist.status == State.CLOSED
    return part.held.status == State.REJECTED and not closed


def _take_back(desk: Desk, gone: Sequence[tuple[Part, ParcelAtHand]]) -> None:
    """Parcels that the carrier no longer says have left stand where they stood."""
    for part, parcel in gone:
        parcel.departure_id = parcel.left_at = None
        desk.parcels.changed(parcel)
        if parcel.checklist is not None:
            parcel.checklist.left_at = None
            desk.parcels.tell(
                parcel.checklist,
                "checklist.departure_withdrawn",
                source="party",
                actor=f"subject:{desk.batch.sender.id}",
                rule=rules.CLOSING,
                say=_BACK,
                departure_id=part.id,
            )


def _leave_all(desk: Desk, plan: Plan, left: datetime, stopped: _Stopped, cases: Cases) -> bool:
    """Ask for every waybill whether it may leave; False, with findings, where none did."""
    one, refused = plan.one, []
    for n, key in enumerate(plan.keys):
        pointer = one.at_line(n, "logisticsNo")
        parcel = desk.parcels.get(key)
        if parcel.left:
            plan.outcomes[key[1]] = (_again(desk, plan, parcel, pointer), None)
            continue
        fault = leaving_refusal(
            _facts(parcel, stopped),
            pointer,
            office=one.head("customsCode"),
            leave_time=left,
            arrival_required=_arrival_required(desk.batch, one),
        )
        if fault is None:
            plan.outcomes[key[1]] = (LEFT, None)
            continue
        plan.outcomes[key[1]] = (REFUSED, fault.rule)
        refused.append(fault)
        if rules.opens_incident(fault.rule):
            cases.want(one, parcel, fault.rule, left)
    if all(what != LEFT for what, _ in plan.outcomes.values()):
        one.findings += [*refused, rules.NOTHING_LEFT.at(one.at_head("copNo"))]
        return False
    one.findings += [as_warning(fault) for fault in refused]
    for key in plan.keys:
        parcel = desk.parcels.get(key)
        if plan.outcomes[key[1]][0] == LEFT and not parcel.left:
            _leave(desk.parcels, parcel, desk.id_for(plan), left, one)
    return True


def _again(desk: Desk, plan: Plan, parcel: ParcelAtHand, pointer: str) -> str:
    """What has left already is not counted twice; by this very notice, it simply stays."""
    if plan.parts and parcel.departure_id == plan.parts[0].id:
        return LEFT
    since = parcel.left_at or desk.batch.at
    plan.one.findings.append(
        rules.LEFT_ALREADY.at(pointer, number=parcel.number[:60], since=written(since.astimezone(CHINA)))
    )
    return REPEAT


def _facts(parcel: ParcelAtHand, stopped: _Stopped) -> LeavingFacts:
    checklist = parcel.checklist
    if checklist is None:
        return LeavingFacts(parcel.number[:60], None)
    return LeavingFacts(
        number=parcel.number[:60],
        status=checklist.status,
        customs_code=checklist.customs_code,
        arrived_at=checklist.arrived_at or parcel.arrived_at,
        released_at=checklist.released_at,
        held=checklist.site_hold is not None or checklist.held_at is not None,
        missing=parcel.key in stopped.missing,
        shut_out=stopped.shut_outs.get(checklist.id),
    )


def _arrival_required(batch: Batch, one: Filed) -> bool:
    day = china_day(batch.at)
    return zone_parameter(batch.session, one.zone_code, "customs.movement.arrival_required", day).boolean


def _leave(parcels: Parcels, parcel: ParcelAtHand, departure_id: int, left: datetime, one: Filed) -> None:
    """One parcel leaves. Here its checklist is closed; where customs' own system decides, its response closes it."""
    checklist = parcel.checklist
    assert checklist is not None
    parcel.departure_id, parcel.left_at, checklist.left_at = departure_id, left, left
    parcels.changed(parcel)
    when = written(left)
    if checklist.here:
        data = {"departure_id": departure_id, "left_at": left.isoformat()}
        say = _CLOSED.format(left=when).as_dict()
        parcels.walk(checklist, [Step(State.CLOSED, Cause.RULE, rule=rules.CLOSING, say=say, data=data)])
    else:
        actor = f"subject:{one.parties['carrier'].id}"
        parcels.tell(
            checklist,
            "checklist.left",
            source="party",
            actor=actor,
            rule=rules.CLOSING,
            say=_GONE.format(left=when),
            departure_id=departure_id,
        )


def _contents(one: Filed, left: datetime) -> dict[str, object]:
    return {"traf_name": one.optional("trafName"), "voyage_no": one.optional("voyageNo"), "leave_time": left}
