"""What intake hands over for tiering and what it gets back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from credit.subjects import SubjectFacts

CandidateLine = tuple[str, Decimal, str, Decimal, Decimal | None]
"""(gcode, qty1, unit1, total price, value in CNY or None while no rate is known)."""


@dataclass(frozen=True, slots=True)
class CandidateChecklist:
    """What intake knows of a checklist that is complete and matching; `on` is the China-time day of appTime."""

    id: int
    zone_code: str
    consignor: SubjectFacts
    declarant: SubjectFacts
    flag: str
    trade_mode: str
    value_cny: Decimal | None
    gross_weight: Decimal
    net_weight: Decimal
    country: str
    received_at: datetime
    on: date
    lines: Sequence[CandidateLine]
    cop_no: str = ""
    owner_code: str = ""
    receiver_key: str | None = None
    not_checkable: bool = False


@dataclass(frozen=True, slots=True)
class Assessment:
    """The tier with its trace as stored (see `customs.risk.full_trace`) and the class, all that the seller may see."""

    tier: str
    trace: list[dict[str, Any]]
    reason_class: str | None
