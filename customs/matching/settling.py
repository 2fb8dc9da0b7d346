"""Settling checklists: papers complete and equal → stored (120), tiered, sent down the tier's path; else they wait.

One function for every order of arrival: whoever brings the last paper settles the checklist. The row lock decides
between two that bring papers at the same moment; the second one reads what the first one wrote.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from common.clock import china_day
from common.law import law
from common.law.zones import zone_parameter
from common.rates import customs_rates
from credit.subjects import OfficeFacts, SubjectFacts, subjects_by_ids, zone_offices
from customs.codes import codes_snapshot
from customs.intake.eligibility import B2B, ticket_facts
from customs.matching import writing
from customs.matching.papers import Waiting, waiting_checklists
from customs.movement.weighing import hold_for
from customs.moves import Moving, lock, walk
from customs.relay import hand_over
from customs.risk import Assessment, CandidateChecklist, assess_batch
from customs.rules.decisions import DocumentFacts, required_documents
from customs.rules.flag_a import CU0206, CU0207, TicketLine, check_b2b_checklist, check_flag_a, ticket_value
from customs.rules.match import MatchResult, Tolerances, match_papers
from customs.rules.moves import Cause, State, Step
from customs.rules.release import path
from customs.rules.settling import MATCHED, MISMATCH, OVER_LIMIT, STORED_SAY, mismatch_say
from customs.rules.site import WeightHold
from customs.rules.warehouses import PARCEL

RATE = "rate:"
"""What a checklist waits for when a currency's customs rate is not known."""


@dataclass(slots=True)
class Settled:
    """A checklist with what settling it found."""

    one: Waiting
    match: MatchResult
    waits_for: list[str]
    value_cny: Decimal | None
    refused: list[dict[str, Any]]
    not_checkable: bool
    hold: WeightHold | None = None
    """Why the parcel is held at the site, where it was weighed before its checklist came."""

    @property
    def here(self) -> bool:
        """Whether this platform decides; else customs' own system does."""
        decides: bool = self.one.row["decides"] == "here"
        return decides

    @property
    def complete(self) -> bool:
        """Whether it can be stored."""
        return not self.waits_for and not self.refused


def settle(session: Session, ids: Collection[int], at: datetime) -> None:
    """Settle those of the checklists that stand at 申报中 (2); all others stay as they are."""
    if not ids:
        return
    moving = lock(session, ids)
    waiting = waiting_checklists(session, [id for id, one in moving.items() if one.status == State.DECLARED])
    if not waiting:
        return
    needed = needed_papers(waiting)
    settled = [look(session, one, needed[_asked(one)], at) for one in waiting]
    done = [one for one in settled if one.complete]
    refused = [one for one in settled if one.refused]
    writing.write_waiting(session, [one for one in settled if not one.complete and one not in refused])
    writing.write_match(session, refused)
    here = [one for one in refused if one.here]
    walk(session, [(moving[one.one.id], [_rejection(one)]) for one in here], at=at)
    _store(session, done, moving, at)
    _relay(session, [*done, *refused], at)


def _rejection(one: Settled) -> Step:
    say = mismatch_say(one.refused)
    rule = OVER_LIMIT if not one.match.findings else MISMATCH
    return Step(State.REJECTED, Cause.RULE, rule=rule, say=say, data={"findings": one.refused})


def _asked(one: Waiting) -> tuple[DocumentFacts, date]:
    """What the papers depend on: mode, business and day."""
    return DocumentFacts(one.row["trade_mode"], one.row["business"] or PARCEL), one.on


def needed_papers(waiting: Collection[Waiting]) -> dict[tuple[DocumentFacts, date], Sequence[str]]:
    """The papers that each mode asks for on each day; asked once, as most of a batch share both."""
    asked = {_asked(one) for one in waiting}
    return {(facts, on): required_documents(facts, law(), on).outcome["documents"] for facts, on in asked}


def look_alone(session: Session, one: Waiting, at: datetime) -> Settled:
    """What settling finds of a single checklist."""
    return look(session, one, needed_papers([one])[_asked(one)], at)


def look(session: Session, one: Waiting, needed: Sequence[str], at: datetime) -> Settled:
    """What is missing, what differs, and what the ticket is worth; `needed` names the papers it must meet."""
    missing = [_WORDS.get(paper, paper) for paper in needed if not one.has(paper)]
    payment = one.payment_side() if "payment_receipt" in needed else None
    match = match_papers(one.checklist(), one.order(), one.waybill(), payment, _tolerances(session, one, at))
    refused = [finding.as_dict() for finding in match.findings]
    value, rates_missing, over = _value(session, one)
    return Settled(
        one,
        match,
        missing + rates_missing,
        value,
        refused + over,
        any(found["rule"] == CU0206.id for found in one.row["findings"]),
    )


_WORDS = {"booking": "order"}


def _tolerances(session: Session, one: Waiting, at: datetime) -> Tolerances:
    zone, day = one.row["zone_code"], china_day(at)
    return Tolerances(
        zone_parameter(session, zone, "customs.match.weight_share", day).decimal,
        zone_parameter(session, zone, "customs.match.weight_floor", day).decimal,
    )


def _value(session: Session, one: Waiting) -> tuple[Decimal | None, list[str], list[dict[str, Any]]]:
    """The value in CNY; what rates it still waits for; and, where they came since, whether the limit holds."""
    if one.row["value_cny"] is not None:
        return one.row["value_cny"], [], []
    mode, flag = one.row["trade_mode"], one.row["flag"]
    facts = ticket_facts(
        trade_mode=mode,
        lines=[TicketLine(line.gcode, line.total_price, line.currency) for line in one.lines],
        on=one.on,
        codes=codes_snapshot(session),
        rates=customs_rates(session),
    )
    value, missing = ticket_value(facts)
    limited = mode in B2B or flag == "A"
    if missing or not limited:
        return value, [f"{RATE}{currency}" for currency in missing] if limited else [], []
    check = check_b2b_checklist if mode in B2B else check_flag_a
    findings, _ = check(facts, one.on, law(), head="/InventoryHead", lines="/InventoryList")
    return value, [], [found.as_dict() for found in findings if found.severity == "error" and found.rule != CU0207.id]


def _store(session: Session, done: Sequence[Settled], moving: dict[int, Moving], at: datetime) -> None:
    """Store complete checklists, tier them, and move those that are decided here."""
    if not done:
        return
    for one in done:
        row = one.one.row
        one.hold = hold_for(session, row["zone_code"], row["gross_weight"], row["weighed_gross"], at)
    assessments = assess_batch(session, candidates(session, done), at)
    writing.write_match(session, done)
    writing.write_holds(session, [one for one in done if one.hold is not None], at)
    writing.write_tiers(session, list(zip(done, assessments, strict=True)))
    here = [(one, tier) for one, tier in zip(done, assessments, strict=True) if one.here]
    offices = zone_offices(session, china_day(at))
    walk(session, [(moving[one.one.id], _path(one, tier, offices)) for one, tier in here], at=at)
    writing.bring_papers_along(session, [one for one in done if one.here], at)


def _relay(session: Session, settled: Sequence[Settled], at: datetime) -> None:
    """What customs' own system decides waits for the zone's connector; our own finding is kept beside it."""
    ids = [one.one.id for one in settled if not one.here]
    if ids:
        hand_over(session, ids, at)


def _path(one: Settled, tier: Assessment, offices: Mapping[str, OfficeFacts]) -> list[Step]:
    office = offices.get(one.one.row["customs_code"])
    early = office is not None and office.early_declaration
    arrived = one.one.arrived_at is not None
    stored = Step(State.STORED, Cause.RULE, rule=MATCHED, say=STORED_SAY.as_dict())
    return [stored, *path(tier.tier, early_declaration=early, arrived=arrived)]


def candidates(session: Session, done: Sequence[Settled]) -> list[CandidateChecklist]:
    """What tiering asks of each checklist; the subjects as they are on its day."""
    subjects: dict[tuple[int, Any], SubjectFacts] = {}
    for on in {one.one.on for one in done}:
        of_day = [one.one.row for one in done if one.one.on == on]
        ids = {row[party] for row in of_day for party in ("consignor_id", "declarant_id")}
        subjects |= {(id, on): facts for id, facts in subjects_by_ids(session, ids, on).items()}
    return [_candidate(session, one, subjects) for one in done]


def _candidate(session: Session, settled: Settled, subjects: dict[tuple[int, Any], SubjectFacts]) -> CandidateChecklist:
    one, row = settled.one, settled.one.row
    rates = customs_rates(session)
    return CandidateChecklist(
        id=one.id,
        zone_code=row["zone_code"],
        consignor=subjects[row["consignor_id"], one.on],
        declarant=subjects[row["declarant_id"], one.on],
        flag=row["flag"],
        trade_mode=row["trade_mode"],
        value_cny=settled.value_cny,
        gross_weight=row["gross_weight"],
        net_weight=row["net_weight"],
        country=row["country"],
        received_at=row["received_at"],
        on=one.on,
        lines=[
            (line.gcode, line.qty1, line.unit1, line.total_price, _in_yuan(rates.rate(line.currency, one.on), line))
            for line in one.lines
        ],
        cop_no=row["cop_no"],
        owner_code=row["owner_code"],
        receiver_key=row["receiver_key"],
        not_checkable=settled.not_checkable,
    )


def _in_yuan(rate: Decimal | None, line: Any) -> Decimal | None:
    value: Decimal | None = line.total_price * rate if rate is not None else None
    return value
