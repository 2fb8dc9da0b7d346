"""Exchange rates of three kinds, never mixed: for customs' limits, for forex limits, for tax. No rate, no answer.

| kind | what it says | period | used for |
|---|---|---|---|
| customs (计征汇率) | yuan per unit | month | value limits, duty |
| safe (各种货币对美元折算率) | US dollars per unit | month | forex limits |
| tax (人民币汇率中间价) | yuan per unit | day | sales in yuan |

Currencies are asked by alpha-3 code or by customs' old numeric one. The yuan itself (for SAFE: the dollar) is always 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.currencies import RENMINBI, US_DOLLAR, alpha
from common.rates_tables import CustomsRate, SafeRate, TaxRate
from common.reference import versions


class RateKind(StrEnum):
    """The three kinds."""

    CUSTOMS = "customs"
    SAFE = "safe"
    TAX = "tax"


AnyRate = CustomsRate | SafeRate | TaxRate

RATE_TABLES: Mapping[RateKind, type[CustomsRate] | type[SafeRate] | type[TaxRate]] = {
    RateKind.CUSTOMS: CustomsRate,
    RateKind.SAFE: SafeRate,
    RateKind.TAX: TaxRate,
}
BASE: Mapping[RateKind, str] = {RateKind.CUSTOMS: RENMINBI, RateKind.SAFE: US_DOLLAR, RateKind.TAX: RENMINBI}
"""The currency that the rates of a kind are expressed in."""


def load_name(kind: RateKind) -> str:
    """What loads of a kind are recorded under."""
    return f"rates.{kind}"


def period_of(kind: RateKind, day: date) -> date:
    """The period of a day: the day itself for tax, else the first of its month."""
    return day if kind is RateKind.TAX else day.replace(day=1)


@dataclass(frozen=True, slots=True)
class Rates:
    """All rates of one kind at one moment."""

    kind: RateKind
    version: int
    by_period: Mapping[tuple[str, date], Decimal]
    samples: frozenset[tuple[str, date]] = frozenset()

    def rate(self, currency: str, day: date) -> Decimal | None:
        """Units of the base currency for one unit of `currency` on that day; None where no rate is loaded."""
        code = alpha(currency)
        if code == BASE[self.kind]:
            return Decimal(1)
        return self.by_period.get((code, period_of(self.kind, day)))

    def is_sample(self, currency: str, day: date) -> bool:
        """Whether the rate of that day was made up for the demo."""
        return (alpha(currency), period_of(self.kind, day)) in self.samples


_cache: dict[RateKind, Rates] = {}


def rates(session: Session, kind: RateKind) -> Rates:
    """The rates of a kind as they stand, shared by the process until something is loaded."""
    version = versions(session).get(load_name(kind), 0)
    held = _cache.get(kind)
    if held is None or held.version != version:
        table = RATE_TABLES[kind]
        rows = session.execute(select(table.currency, table.period, table.rate, table.is_sample)).all()
        found = {(currency, period): rate for currency, period, rate, _ in rows}
        samples = frozenset((currency, period) for currency, period, _, is_sample in rows if is_sample)
        held = _cache[kind] = Rates(kind, version, found, samples)
    return held


def customs_rates(session: Session) -> Rates:
    """计征汇率: yuan for one unit, by month."""
    return rates(session, RateKind.CUSTOMS)


def safe_rates(session: Session) -> Rates:
    """折算率: US dollars for one unit, by month."""
    return rates(session, RateKind.SAFE)


def tax_rates(session: Session) -> Rates:
    """中间价: yuan for one unit, by day."""
    return rates(session, RateKind.TAX)
