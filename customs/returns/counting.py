"""What came back, counted in its own month: sums and lines of completed returns, apart from all exports."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.orm import Session

from customs.tables import ReturnedLine

Place = tuple[int, int]
"""(return's id, gnum): where a page of lines ends."""

MOST = 500


@dataclass(frozen=True, slots=True)
class ReturnedSum:
    """What came back of one mode and currency: lines, amount, value in CNY (None where one is unknown), weights in kg.

    `trade_mode` is the supervision mode of the return.
    """

    trade_mode: str
    currency: str
    lines: int
    amount: Decimal
    value_cny: Decimal | None
    gross_weight: Decimal
    net_weight: Decimal


def of_firm(firm: int) -> ColumnElement[bool]:
    """The lines of exports of which a firm is consignor, or whose return it declared."""
    return or_(ReturnedLine.consignor_id == firm, ReturnedLine.declarant_id == firm)


def of_zones(zones: Collection[str]) -> ColumnElement[bool]:
    """The lines that came back through offices of these zones."""
    return ReturnedLine.zone_code.in_(sorted(zones))


def sums(session: Session, whose: ColumnElement[bool], since: date, until: date) -> list[ReturnedSum]:
    """What came back from `since` to before `until`, by mode and currency."""
    line = ReturnedLine
    query = (
        select(
            line.trade_mode,
            line.currency,
            func.count().label("lines"),
            func.sum(line.amount).label("amount"),
            func.sum(line.value_cny).label("value_cny"),
            func.count(line.value_cny).label("valued"),
            func.sum(line.gross_weight).label("gross_weight"),
            func.sum(line.net_weight).label("net_weight"),
        )
        .where(whose, line.returned_on >= since, line.returned_on < until)
        .group_by(line.trade_mode, line.currency)
        .order_by(line.trade_mode, line.currency)
    )
    return [
        ReturnedSum(
            row.trade_mode,
            row.currency,
            row.lines,
            row.amount,
            row.value_cny if row.valued == row.lines else None,
            row.gross_weight,
            row.net_weight,
        )
        for row in session.execute(query)
    ]


def lines(
    session: Session, whose: ColumnElement[bool], since: date, until: date, *, after: Place = (0, 0), limit: int = MOST
) -> Sequence[ReturnedLine]:
    """A page of those lines, by return and line; `after` is the place at which the page before ended."""
    line = ReturnedLine
    query = select(line).where(whose, line.returned_on >= since, line.returned_on < until)
    query = query.where(tuple_(line.return_id, line.gnum) > tuple_(*after)).order_by(line.return_id, line.gnum)
    return session.scalars(query.limit(max(1, min(limit, MOST)))).all()
