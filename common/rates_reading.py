"""Reading exchange rates for people: one kind, a period, with source and the mark of a sample."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.currencies import alpha
from common.rates import RATE_TABLES, AnyRate, RateKind, period_of

MAX_ROWS = 500


@dataclass(frozen=True, slots=True)
class RateRow:
    """One rate: units of the kind's base currency for one unit of `currency`."""

    currency: str
    period: date
    rate: Decimal
    source: str
    is_sample: bool


def rate_rows(
    session: Session, kind: RateKind, *, on: date | None = None, currency: str = "", limit: int = MAX_ROWS
) -> list[RateRow]:
    """Rates of a kind, newest period first: of the period of a day, of one currency (either code), or both."""
    table = RATE_TABLES[kind]
    query = select(table).order_by(table.period.desc(), table.currency).limit(max(1, min(limit, MAX_ROWS)))
    if on is not None:
        query = query.where(table.period == period_of(kind, on))
    if currency:
        query = query.where(table.currency == alpha(currency))
    found: Iterable[AnyRate] = session.scalars(query)
    return [RateRow(one.currency, one.period, one.rate, one.source, one.is_sample) for one in found]


def latest_period(session: Session, kind: RateKind, on: date) -> date | None:
    """The newest period not after the day for which any rate is loaded."""
    table = RATE_TABLES[kind]
    found: date | None = session.scalar(select(func.max(table.period)).where(table.period <= on))
    return found
