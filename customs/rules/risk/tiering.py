"""From factors to a tier: points and floors, the effect of the customs grade, the random draw, and a reason class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from common.law import step_rule
from common.money import plain
from customs.rules.release import Tier
from customs.rules.risk import goods as _goods  # noqa: F401 - declares its factors
from customs.rules.risk import parties as _parties  # noqa: F401 - declares its factors
from customs.rules.risk import patterns as _patterns  # noqa: F401 - declares its factors
from customs.rules.risk.factor import DECISION, FACTORS, Factor, Reason
from customs.rules.risk.facts import Ask, RiskFacts

_RANK = {Tier.LOW: 0, Tier.MEDIUM: 1, Tier.HIGH: 2}

GRADE = step_rule(
    "CU3031",
    DECISION,
    title=("高级认证企业减轻", "Eased for advanced certified firms"),
    basis="海关总署令第282号",
)
POINTS = step_rule("CU3032", DECISION, title=("按要素和分值定级", "Tier from factors and points"), basis="平台风险要素")
DRAW = step_rule("CU3033", DECISION, title=("随机抽取", "Random draw"), basis="平台风险要素")

STEP_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    **{one.step.id: one.parameters for one in FACTORS},
    GRADE.id: ("customs.risk.grades.halved", "customs.risk.grades.part"),
    POINTS.id: ("customs.risk.medium_from", "customs.risk.high_from"),
    DRAW.id: ("customs.risk.random_share.medium", "customs.risk.random_share.high"),
}
"""Which parameters each step asks for."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step as stored: the parameters it used are those of `STEP_PARAMETERS` in the settings of that day."""

    rule: str
    met: bool | None
    inputs: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """The stored shape."""
        return {"rule": self.rule, "met": self.met, "inputs": dict(self.inputs)}


@dataclass(frozen=True, slots=True)
class Tiering:
    """The tier, why (for the seller: a class only), whether the draw alone raised it, and every step asked."""

    tier: Tier
    reason: Reason | None
    drawn: bool
    points: Decimal
    steps: tuple[Step, ...]


def higher(one: Tier, other: Tier) -> Tier:
    """The higher of two tiers."""
    return one if _RANK[one] >= _RANK[other] else other


def tier_of_points(points: Decimal, ask: Ask) -> Tier:
    """The tier that a sum of points reaches; both thresholds inclusive."""
    if points >= ask("customs.risk.high_from").decimal:
        return Tier.HIGH
    return Tier.MEDIUM if points >= ask("customs.risk.medium_from").decimal else Tier.LOW


def tier_of_lot(lot: Decimal, ask: Ask, *, part: Decimal = Decimal(1)) -> Tier:
    """The tier that the draw alone gives: the smallest lots are inspected, the next ones reviewed.

    `part` is what an advanced certified firm keeps of the shares.
    """
    high = ask("customs.risk.random_share.high").decimal * part
    medium = ask("customs.risk.random_share.medium").decimal * part
    if lot < high:
        return Tier.HIGH
    return Tier.MEDIUM if lot < high + medium else Tier.LOW


def tier(facts: RiskFacts, ask: Ask, lot: Decimal) -> Tiering:
    """Ask every factor, add up, draw. Adding a factor never lowers the tier; floors are not halved."""
    halved = facts.grade is not None and facts.grade in ask("customs.risk.grades.halved").codes
    steps: list[Step] = []
    present: list[tuple[Factor, Decimal]] = []
    for one in FACTORS:
        answer = one.ask(facts, ask)
        steps.append(Step(one.step.id, answer.met, answer.inputs))
        if answer.met:
            present.append((one, ask(one.points).decimal if one.points else Decimal(0)))
    part = ask("customs.risk.grades.part").decimal if halved else Decimal(1)
    points = sum((points for _, points in present), Decimal(0)) * part
    found = tier_of_points(points, ask)
    for one, _ in present:
        found = higher(found, one.level or Tier.LOW)
    by_lot = tier_of_lot(lot, ask, part=part)
    drawn = higher(found, by_lot) is not found
    steps.append(Step(GRADE.id, halved, {"grade": facts.grade} if facts.grade else {}))
    steps.append(Step(POINTS.id, found is not Tier.LOW, {"points": plain(points), "tier": found.value}))
    steps.append(Step(DRAW.id, by_lot is not Tier.LOW, {"lot": f"{lot:.6f}", "tier": by_lot.value}))
    final = higher(found, by_lot)
    return Tiering(final, _reason(final, present, drawn), drawn, points, tuple(steps))


def _reason(final: Tier, present: list[tuple[Factor, Decimal]], drawn: bool) -> Reason | None:
    """The class of the weightiest factor: one whose floor made the tier, else the one with most points."""
    if final is Tier.LOW:
        return None
    if drawn or not present:
        return Reason.RANDOM
    by_level = [one for one, _ in present if one.level is final]
    return by_level[0].reason if by_level else max(present, key=lambda pair: pair[1])[0].reason
