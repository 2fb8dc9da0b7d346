"""What the factor rules look at: one checklist, its seller and declarant, and what the zone has seen before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from common.law import ParameterValue

Ask = Callable[[str], ParameterValue]
"""Gives a dated parameter by name, for the checklist's zone and day."""


@dataclass(frozen=True, slots=True)
class RiskLine:
    """A goods line: code, quantity in the statutory unit, its value in CNY, the marks of its code that day.

    `marks`: of `licence`, `export_duty`, `refund_cancelled`, `dual_use`; None where the code table does not know it.
    """

    gcode: str
    qty1: Decimal
    unit1: str
    value_cny: Decimal | None
    marks: frozenset[str] | None = frozenset()

    @property
    def goods(self) -> tuple[str, str]:
        """Heading and unit: what history is kept by."""
        return self.gcode[:4], self.unit1


@dataclass(frozen=True, slots=True)
class Range:
    """The usual range of a figure: how many observations, and between which bounds nine in ten of them lie."""

    observations: int
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class GoodsHistory:
    """What the zone has seen for a heading and unit: CNY per unit, gross kg per unit, gross kg per 1,000 CNY."""

    unit_value: Range | None = None
    piece_weight: Range | None = None
    value_weight: Range | None = None


@dataclass(frozen=True, slots=True)
class SubjectHistory:
    """What the platform has seen of a seller or declarant in the window of history.

    `usual_per_hour` is the mean of the busiest hours of its `active_days`; `consignors` how many sellers it declared
    for.
    """

    closed: int = 0
    filed: int = 0
    rejected: int = 0
    active_days: int = 0
    usual_per_hour: Decimal | None = None
    consignors: int = 0


@dataclass(frozen=True, slots=True)
class Others:
    """The seller's other tickets in the window that share a receiver or goods: how many, worth how much together."""

    count: int = 0
    value_cny: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class RiskFacts:
    """Everything the factor rules ask about one checklist.

    `limit_cny` is the ticket limit of its channel, None where it has none; `same_receiver` is None where no receiver
    data was given; `hour_count` counts the seller's checklists of the burst window, this batch included.
    """

    on: date
    flag: str
    trade_mode: str
    value_cny: Decimal | None
    gross_weight: Decimal
    net_weight: Decimal
    lines: Sequence[RiskLine]
    own_declarant: bool = True
    producer_known: bool = True
    not_checkable: bool = False
    grade: str | None = None
    registered_on: date | None = None
    limit_cny: Decimal | None = None
    goods: Mapping[tuple[str, str], GoodsHistory] = field(default_factory=dict)
    seller: SubjectHistory = SubjectHistory()
    declarant: SubjectHistory = SubjectHistory()
    hour_count: int = 1
    same_receiver: Others | None = None
    same_goods: Others = Others()
