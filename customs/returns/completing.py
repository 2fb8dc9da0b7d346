"""Completing a return: released by customs and tallied by the site. What came back is written, once, in its own month.

The export, its summary and its statistics stay as they are; tax, forex and statistics read the event and the rows.
Goods that went to an overseas warehouse leave its ledger in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common.events import NewEvent, whose
from common.money import plain
from customs.returns.left import Returnable, returnable
from customs.rules import return_findings as said
from customs.rules.returns import Amounts, ReturnState, came_back, quantities, share
from customs.tables import Checklist, GoodsReturn, GoodsReturnLine, ReturnedLine
from customs.warehouses.homecoming import settle

Weights = tuple[Decimal, Decimal]
"""Gross and net, in kg."""

_CLOSED = text(
    "SELECT gnum, sum(sign * gross_weight) AS gross_weight, sum(sign * net_weight) AS net_weight "
    "FROM closed_line WHERE checklist_id = :id GROUP BY gnum HAVING sum(sign) > 0"
)
_SAY = {"zh": "退货已放行并理货，办结", "en": "The return is released and tallied: it is completed"}


def differs(row: GoodsReturn, lines: Sequence[GoodsReturnLine]) -> bool:
    """Whether the tally is not what was asked for: pieces that differ or are altered, or goods that came too late."""
    late = row.found_on is not None and row.found_on > row.deadline
    return late or any(line.found_qty != line.qty or line.altered for line in lines)


def lines_of(session: Session, return_ids: Sequence[int]) -> dict[int, list[GoodsReturnLine]]:
    """The lines of returns, by return and in order."""
    found: dict[int, list[GoodsReturnLine]] = {id: [] for id in return_ids}
    query = select(GoodsReturnLine).where(GoodsReturnLine.return_id.in_(found))
    query = query.order_by(GoodsReturnLine.return_id, GoodsReturnLine.gnum)
    for line in session.scalars(query.execution_options(populate_existing=True)):
        found[line.return_id].append(line)
    return found


def complete(
    session: Session, row: GoodsReturn, lines: Sequence[GoodsReturnLine], *, on: date, at: datetime, actor: str
) -> list[NewEvent]:
    """Write what came back and give the events; what was asked for and did not come is free again.

    The return must be released and tallied, its row and its checklist's `lock_name` locked. `on` is the day on which it
    counts, the China-time day of `at`.
    """
    origin = session.scalars(
        select(Checklist).where(Checklist.id == row.checklist_id).execution_options(populate_existing=True)
    ).one()
    known = returnable(session, [row.checklist_id])
    weights = _weights(session, origin, known.values())
    rows = []
    for line in lines:
        back = came_back(Amounts(line.qty, line.qty1, line.qty2), line.found_qty or Decimal(0))
        if back.positive:
            of_line = known[row.checklist_id, line.gnum]
            rows.append(_returned(row, origin, line, back, of_line, weights[line.gnum], on))
    session.add_all(rows)
    row.completed_at = at
    left = settle(session, [row.checklist_id], actor=actor, at=at)
    done = NewEvent(
        at=at,
        kind="goods_return.completed",
        subject_type="goods_return",
        subject_id=row.id,
        source="rule",
        actor=actor,
        rule=said.COMPLETED,
        **whose(row),
        data={
            "say": _SAY,
            "status": ReturnState.RELEASED,
            "invt_no": row.invt_no,
            "returned_on": on.isoformat(),
            "lines": [line_data(one) for one in rows],
        },
    )
    return [done, *left]


def _returned(
    row: GoodsReturn,
    origin: Checklist,
    line: GoodsReturnLine,
    back: Amounts,
    known: Returnable,
    weights: Weights,
    on: date,
) -> ReturnedLine:
    """The row of one line: its shares of the line's amount, value and weights, after what came back before."""
    whole, before = known.exported.qty, known.returned.qty
    value = None
    if origin.value_cny is not None and origin.total_price:
        value = share(origin.value_cny * known.line.total_price / origin.total_price, whole, before, back.qty)
    return ReturnedLine(
        return_id=row.id,
        gnum=line.gnum,
        checklist_id=row.checklist_id,
        invt_no=row.invt_no,
        returned_on=on,
        zone_code=row.zone_code,
        customs_code=row.customs_code,
        origin_zone=origin.zone_code,
        origin_mode=row.origin_mode,
        flag=origin.flag,
        trade_mode=row.trade_mode,
        consignor_id=row.consignor_id,
        declarant_id=row.declarant_id,
        country=row.country,
        gcode=line.gcode,
        gname=line.gname,
        currency=known.line.currency,
        qty=back.qty,
        unit=line.unit,
        qty1=back.qty1,
        unit1=line.unit1,
        qty2=back.qty2,
        unit2=line.unit2,
        amount=share(known.line.total_price, whole, before, back.qty),
        value_cny=value,
        gross_weight=share(weights[0], whole, before, back.qty),
        net_weight=share(weights[1], whole, before, back.qty),
        altered_qty=min(line.altered_qty or Decimal(0), back.qty),
        reason_kind=row.reason_kind,
    )


def _weights(session: Session, origin: Checklist, known: Collection[Returnable]) -> Mapping[int, Weights]:
    """Gross and net weight of each line: those of the statistics, else the head's in proportion to the amounts."""
    rows = session.execute(_CLOSED, {"id": origin.id})
    closed = {row.gnum: (row.gross_weight, row.net_weight) for row in rows}
    total = sum((one.line.total_price for one in known), Decimal(0)) or Decimal(1)
    found, before = {}, Decimal(0)
    for one in known:
        price = one.line.total_price
        shares = [share(weight, total, before, price) for weight in (origin.gross_weight, origin.net_weight)]
        found[one.line.gnum] = closed.get(one.line.gnum, (shares[0], shares[1]))
        before += price
    return found


def line_data(one: ReturnedLine) -> dict[str, Any]:
    """What came back of one line, as the event tells it."""
    return {
        "checklist_id": one.checklist_id,
        "gnum": one.gnum,
        "gcode": one.gcode,
        **quantities(Amounts(one.qty, one.qty1, one.qty2)),
        "unit": one.unit,
        "amount": plain(one.amount),
        "currency": one.currency,
        "value_cny": None if one.value_cny is None else plain(one.value_cny),
        "gross_weight": plain(one.gross_weight),
        "net_weight": plain(one.net_weight),
        "altered_qty": plain(one.altered_qty),
    }
