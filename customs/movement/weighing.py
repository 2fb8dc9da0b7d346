"""The site's scale: a parcel whose weight is too far from what was declared stays at the site, released or not.

The hold is lifted by weighing again, or by an officer; what waited for it goes on by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.clock import china_day
from common.db import lock_keys
from common.events import append_events
from common.findings import ConflictError, DomainError, NotFoundError, Text
from common.law.zones import zone_parameter
from common.money import parse_decimal
from customs.desk.officers import Officer
from customs.movement.parcels import ChecklistAtHand, Key, ParcelAtHand, Parcels, locks
from customs.movement.sites import Operator, carrier_by_code
from customs.moves import walk
from customs.rules import movement as rules
from customs.rules import site as site_rules
from customs.rules.desk import CU5009
from customs.rules.release import on_arrival
from customs.rules.site import WeightHold, weight_hold
from customs.tables import Checklist

_LIFTED = Text("包裹的在场暂扣已解除", "The hold on the parcel at the site is lifted")
_MOST = Decimal(10) ** 14


@dataclass(frozen=True, slots=True)
class Weighed:
    """What weighing led to: whether the parcel is held at the site now, and its checklist's state."""

    carrier_id: int
    logistics_no: str
    weighed_gross: Decimal
    held: bool
    status: str | None


def hold_for(
    session: Session, zone_code: str, declared: Decimal, weighed: Decimal | None, at: datetime
) -> WeightHold | None:
    """Whether the scale and the declared gross weight (kg) differ more than the zone allows on the day of `at`.

    Matching asks it too, when the checklist comes after the goods; `WeightHold.as_dict(at)` is what
    `Checklist.site_hold` keeps.
    """
    day = china_day(at)
    return weight_hold(
        declared,
        weighed,
        share=zone_parameter(session, zone_code, "customs.movement.weight_tolerance_share", day).decimal,
        floor=zone_parameter(session, zone_code, "customs.movement.weight_tolerance_floor", day).decimal,
    )


def put_on_scale(parcels: Parcels, parcel: ParcelAtHand, weighed: Decimal, actor: str) -> WeightHold | None:
    """Keep a weighed gross (kg); hold the parcel, or lift the hold that an earlier weighing put on it."""
    parcel.weighed_gross = weighed
    parcels.changed(parcel)
    checklist = parcel.checklist
    if checklist is None:
        return None
    zone = checklist.moving.zone_code
    hold = hold_for(parcels.session, zone, checklist.gross_weight, weighed, parcels.at)
    if hold is not None:
        checklist.site_hold = hold.as_dict(parcels.at)
        parcels.tell(
            checklist,
            "checklist.site_held",
            source="party",
            actor=actor,
            rule=site_rules.WEIGHT_OFF.id,
            say=hold.say(),
            hold=checklist.site_hold,
        )
    elif checklist.site_hold is not None:
        lift(parcels, checklist, source="party", actor=actor)
    return hold


def lift(parcels: Parcels, checklist: ChecklistAtHand, *, source: str, actor: str, **data: Any) -> None:
    """Take the hold off."""
    held: Mapping[str, Any] = checklist.site_hold or {}
    checklist.site_hold = None
    parcels.tell(
        checklist,
        "checklist.site_hold_lifted",
        source=source,
        actor=actor,
        rule=site_rules.HOLD_LIFTED,
        say=_LIFTED,
        hold=dict(held),
        **data,
    )


def release_waiting(parcels: Parcels, parcel: ParcelAtHand) -> None:
    """Release a checklist that is concluded and only waited for its goods, unless somebody holds it."""
    checklist = parcel.checklist
    if checklist is None or not checklist.here or parcel.arrived_at is None:
        return
    held = checklist.held_at is not None or checklist.site_hold is not None
    parcels.walk(checklist, on_arrival(checklist.status, held=held))


def weigh(
    session: Session, operator: Operator, logistics_code: str, logistics_no: str, weighed_gross: str, *, at: datetime
) -> Weighed:
    """Weigh a parcel (again) at the operator's own site; `weighed_gross` in kg.

    Raises `DomainError` for an unusable weight or carrier, `NotFoundError` where the parcel is not at the site.
    """
    weight = parse_decimal(weighed_gross.strip())
    if weight is None or not 0 < weight < _MOST or weight != round(weight, 5):
        raise DomainError(site_rules.BAD_WEIGHT.at("/weighed_gross"))
    carrier = carrier_by_code(session, logistics_code, china_day(at), "/logistics_code")
    key: Key = (carrier.id, logistics_no)
    lock_keys(session, locks([key]))
    parcels = Parcels.load(session, [key], at)
    parcel = parcels.found.get(key)
    if parcel is None or parcel.site_operator_id != operator.subject_id or parcel.left:
        raise NotFoundError(site_rules.NOT_AT_SITE.at("/logistics_no", number=logistics_no[:60]))
    put_on_scale(parcels, parcel, weight, operator.actor)
    release_waiting(parcels, parcel)
    finish(parcels)
    checklist = parcel.checklist
    held = checklist is not None and checklist.site_hold is not None
    return Weighed(carrier.id, logistics_no, weight, held, checklist.status if checklist else None)


def lift_hold(session: Session, officer: Officer, checklist_id: int, words: str, *, at: datetime) -> str:
    """An officer lets a held parcel go, with reasons; gives the checklist's state.

    Raises `DomainError` without words, `NotFoundError` outside the officer's zones, `ConflictError` where nothing is
    held.
    """
    if not rules.usable(words):
        raise DomainError(rules.TEXT_NEEDED.at("/text", most=rules.MAX_TEXT))
    key = parcel_of(session, officer, checklist_id)
    lock_keys(session, locks([key]))
    parcels = Parcels.load(session, [key], at)
    parcel = parcels.get(key)
    checklist = parcel.checklist
    if checklist is None or checklist.id != checklist_id or checklist.site_hold is None:
        raise ConflictError(site_rules.NOT_HELD.at(""))
    parcels.changed(parcel)
    lift(parcels, checklist, source="officer", actor=officer.actor, officer=officer.name, text=words.strip())
    release_waiting(parcels, parcel)
    finish(parcels)
    return checklist.status


def parcel_of(session: Session, officer: Officer, checklist_id: int) -> Key:
    """The parcel that a checklist of the officer's zones names; raises `NotFoundError` for any other."""
    row = session.execute(
        select(Checklist.carrier_id, Checklist.logistics_no).where(
            Checklist.id == checklist_id, Checklist.zone_code.in_(sorted(officer.zones))
        )
    ).one_or_none()
    if row is None:
        raise NotFoundError(CU5009.at(""))
    return row.carrier_id, row.logistics_no


def finish(parcels: Parcels) -> None:
    """Write everything a use case did to its parcels."""
    parcels.save()
    append_events(parcels.session, parcels.events)
    walk(parcels.session, parcels.walks, at=parcels.at)
