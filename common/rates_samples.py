"""Made-up round rates for the demo, so that any demo day has an answer. They are no real rates and say so.

They are loaded in demo mode only, and taken out again when the same data is started outside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from common.csv_files import digest
from common.db import copy_rows, lock_keys
from common.rates import RATE_TABLES, RateKind, load_name
from common.reference import SHIPPED, LoadedBy, LoadResult, record_load

SOURCE = "样例，非真实汇率 (sample, not a real rate)"
FIRST, LAST = date(2024, 1, 1), date(2027, 12, 31)

_YUAN = {
    "AUD": "4.6",
    "CAD": "5.2",
    "CHF": "8",
    "DKK": "1",
    "EUR": "7.7",
    "GBP": "9",
    "HKD": "0.9",
    "IDR": "0.0005",
    "JPY": "0.05",
    "KRW": "0.005",
    "MOP": "0.9",
    "MYR": "1.5",
    "NOK": "0.7",
    "NZD": "4.3",
    "PHP": "0.13",
    "RUB": "0.08",
    "SEK": "0.7",
    "SGD": "5.3",
    "THB": "0.2",
    "TWD": "0.2",
    "USD": "7.1",
}
_DOLLARS = {
    "AUD": "0.65",
    "CAD": "0.75",
    "CHF": "1.15",
    "CNY": "0.14",
    "DKK": "0.15",
    "EUR": "1.1",
    "GBP": "1.25",
    "HKD": "0.13",
    "IDR": "0.00006",
    "JPY": "0.007",
    "KRW": "0.0007",
    "MOP": "0.12",
    "MYR": "0.22",
    "NOK": "0.1",
    "NZD": "0.6",
    "PHP": "0.018",
    "RUB": "0.011",
    "SEK": "0.1",
    "SGD": "0.75",
    "THB": "0.03",
    "TWD": "0.03",
}
_FIGURES = {RateKind.CUSTOMS: _YUAN, RateKind.SAFE: _DOLLARS, RateKind.TAX: _YUAN}


def load_samples(session: Session, *, at: datetime) -> None:
    """Give every period without a rate a sample; real rates are never touched. Once loaded, does nothing."""
    for kind in RateKind:
        lock_keys(session, [load_name(kind)])
        table = RATE_TABLES[kind]
        if not session.scalar(select(func.count()).where(table.is_sample)):
            held = {(currency, period) for currency, period in session.execute(select(table.currency, table.period))}
            rows = [(*row, SOURCE, True, at, SHIPPED) for row in _samples(kind) if (row[0], row[1]) not in held]
            columns = ("currency", "period", "rate", "source", "is_sample", "loaded_at", "loaded_by")
            copy_rows(session, table.__tablename__, columns, rows)
            _record(session, kind, at, LoadResult(added=len(rows)))


def drop_samples(session: Session, *, at: datetime) -> int:
    """Take every sample out; how many there were."""
    dropped = 0
    for kind in RateKind:
        table = RATE_TABLES[kind]
        lock_keys(session, [load_name(kind)])
        gone = len(session.scalars(delete(table).where(table.is_sample).returning(table.id)).all())
        if gone:
            _record(session, kind, at, LoadResult(removed=gone))
        dropped += gone
    return dropped


def _record(session: Session, kind: RateKind, at: datetime, result: LoadResult) -> None:
    record_load(session, load_name(kind), LoadedBy(SOURCE, digest(b""), SHIPPED, at), result)


def _samples(kind: RateKind) -> Iterator[tuple[str, date, Decimal]]:
    figures = {currency: Decimal(rate) for currency, rate in _FIGURES[kind].items()}
    for day in _days(FIRST, LAST):
        if kind is RateKind.TAX or day.day == 1:
            yield from ((currency, day, rate) for currency, rate in figures.items())


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
