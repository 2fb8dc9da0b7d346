"""Sums over the lines of a declaration: amounts of different currencies are never added."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from common.money import plain
from customs.rules.decisions.merge import money
from customs.tables import DeclarationLine


def by_currency(lines: Iterable[DeclarationLine]) -> list[tuple[str, str]]:
    """(currency, exact amount as text with at least two decimals) in order of the currencies' first line."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.currency] = sums.get(line.currency, Decimal(0)) + line.amount
    return [(currency, money(Decimal(plain(amount)))) for currency, amount in sums.items()]
