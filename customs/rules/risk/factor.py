"""The shape of a factor rule: a numbered question with a yes, a no or "cannot be told", and what a yes weighs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from common.findings import Text
from common.law import StepRule, step_rule
from customs.rules.release import Tier
from customs.rules.risk.facts import Ask, RiskFacts

DECISION = "customs.risk-tier"


class Reason(StrEnum):
    """Reason classes: all that a seller learns about why a checklist is looked at."""

    VALUE = "value_check"
    GOODS = "goods_check"
    PAPERS = "papers_check"
    PARTY = "party_check"
    RANDOM = "random_check"


REASON_NAMES: Mapping[str, Text] = {
    Reason.VALUE: Text("价格审核", "Value check"),
    Reason.GOODS: Text("商品审核", "Goods check"),
    Reason.PAPERS: Text("单证审核", "Papers check"),
    Reason.PARTY: Text("企业审核", "Firm check"),
    Reason.RANDOM: Text("随机抽查", "Random check"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the factor is present (None: cannot be told, or does not apply) and the figures it looked at."""

    met: bool | None
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor rule: its number and title, the class a seller may see, what it weighs, the parameters it asks for.

    A yes raises the checklist at least to `level`, or adds the points of the parameter `points`; one of the two.
    """

    step: StepRule
    reason: Reason
    ask: Callable[[RiskFacts, Ask], Answer]
    parameters: tuple[str, ...]
    points: str | None = None
    level: Tier | None = None


FACTORS: list[Factor] = []
"""All factor rules in the order they are asked."""

_P = "customs.risk."


def factor(
    id: str,
    *,
    title: tuple[str, str],
    reason: Reason,
    basis: str,
    asks: tuple[str, ...] = (),
    points: str | None = None,
    level: Tier | None = None,
) -> Callable[[Callable[[RiskFacts, Ask], Answer]], Callable[[RiskFacts, Ask], Answer]]:
    """Declare a factor rule; `asks` and `points` name parameters below `customs.risk.`."""

    def declare(function: Callable[[RiskFacts, Ask], Answer]) -> Callable[[RiskFacts, Ask], Answer]:
        weight = f"{_P}points.{points}" if points else None
        names = tuple(_P + one for one in asks) + ((weight,) if weight else ())
        rule = step_rule(id, DECISION, title=title, basis=basis)
        FACTORS.append(Factor(rule, reason, function, names, weight, level))
        return function

    return declare
