"""What lies on the table of a case: papers side by side, goods lines, what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.i18n import lang, money, number, said, t
from common.clock import china_day
from common.events import Event
from customs.codes import Codes, codes_snapshot
from customs.queries.checklists import history
from customs.rules.match import DIFFERS, EQUAL, PAPERS, WAYBILL, WITHIN
from customs.rules.moves import name
from customs.tables import Checklist, ChecklistLine, Parcel, SaleOrder, SaleOrderLine, Waybill

MOST_EVENTS = 200


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One thing that several papers say: its name, what each says (None: the paper has no such field), and the result.

    `agrees` is None where only one paper says it; `apart` marks the cells that differ.
    """

    label: str
    cells: tuple[str | None, ...]
    agrees: bool | None
    said: str


@dataclass(frozen=True, slots=True)
class Papers:
    """The papers of a checklist side by side: heads (text, when received) and rows."""

    heads: tuple[tuple[str, datetime | None], ...]
    rows: Sequence[PaperRow]

    @property
    def differing(self) -> int:
        """How many things are said differently."""
        return sum(one.agrees is False for one in self.rows)


@dataclass(frozen=True, slots=True)
class Matched:
    """One comparison of the platform's match: paper, field, line (None: the head), both sides, result, tolerance."""

    paper: str
    field: str
    line: int | None
    checklist: str
    other: str
    result: str
    tolerance: str


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A goods line of the checklist with the order's line of the same number."""

    line: ChecklistLine
    code_name: str
    unit: str
    unit1: str
    country: str
    order: SaleOrderLine | None
    order_unit: str


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of the checklist in words."""

    at: datetime
    title: str
    line: str
    source: str
    rule: str | None


def papers_of(session: Session, row: Checklist, lines: Sequence[ChecklistLine], *, carries: bool = False) -> Papers:
    """Order, waybill, the site's scales and checklist side by side; papers not yet there leave their column empty.

    Who only carries the parcel (`carries`) gets no column of the order and no row that compares with it.
    """
    order = session.get(SaleOrder, row.order_id) if row.order_id else None
    waybill = session.get(Waybill, row.waybill_id) if row.waybill_id else None
    parcel = session.get(Parcel, (row.carrier_id, row.logistics_no))
    order_lines = _order_lines(session, row.order_id)
    codes, on = codes_snapshot(session), china_day(row.app_time)
    weighed = parcel.weighed_gross if parcel else None
    table: list[tuple[Any, ...]] = [
        ("gross", None, waybill and waybill.gross_weight, weighed, row.gross_weight),
        ("packages", None, waybill and waybill.pack_no, None, row.pack_no),
        ("value", order and order.goods_value, None, None, row.total_price),
        ("currency", order and order.currency, None, None, row.currency),
        ("lines", order and len(order_lines), None, None, len(lines)),
        ("quantity", order and sum(one.qty for one in order_lines), None, None, sum(one.qty for one in lines)),
        ("order_no", order and order.order_no, None, None, row.order_no),
        ("waybill_no", None, waybill and waybill.logistics_no, None, row.logistics_no),
        ("consignor", order and order.ebc_name, waybill and waybill.ebc_name, None, row.ebc_name),
        ("consignor_code", order and order.ebc_code, waybill and waybill.ebc_code, None, row.ebc_code),
        ("platform", order and order.ebp_name, None, None, row.ebp_name),
        ("carrier", None, waybill and waybill.logistics_name, None, row.logistics_name),
        ("goods", _goods_of_order(order_lines), waybill and waybill.goods_info, None, _goods(lines)),
    ]
    heads: tuple[tuple[str, datetime | None], ...] = (
        (t("desk.paper.order"), order.received_at if order else None),
        (t("desk.paper.waybill"), waybill.received_at if waybill else None),
        (t("desk.paper.site"), parcel.arrived_at if parcel else None),
        (t("desk.paper.checklist"), row.received_at),
    )
    if carries:
        heads = heads[1:]
        table = [(key, *cells) for key, _, *cells in table if key not in _OF_THE_ORDER]
    rows = [_compared(key, cells, codes, on) for key, *cells in table]
    rows[0] = _weight_within(rows[0], row, weighed)
    return Papers(heads, sorted(rows, key=lambda one: one.agrees is not False))


_OF_THE_ORDER = frozenset({"value", "currency", "lines", "quantity"})
"""Rows that the checklist and the order alone speak of."""


def _weight_within(shown: PaperRow, row: Checklist, weighed: Decimal | None) -> PaperRow:
    """A difference in weight that the match allows is no difference to act on."""
    allowed = any(one["result"] == WITHIN for one in row.match or () if one["paper"] == WAYBILL)
    if shown.agrees is False and allowed and weighed is None:
        return PaperRow(shown.label, shown.cells, True, t("desk.within"))
    return shown


def matched(session: Session, row: Checklist, *, carries: bool = False) -> list[Matched]:
    """Every comparison that the platform made when it matched the papers (a carrier's waybill); differences first."""
    codes, on = codes_snapshot(session), china_day(row.app_time)
    found = [
        Matched(
            paper=said(PAPERS[one["paper"]]),
            field=said(one["name"]),
            line=one.get("line"),
            checklist=_decoded(one["field"], one["checklist"], codes, on),
            other=_decoded(one["field"], one["other"], codes, on),
            result=one["result"],
            tolerance=one.get("tolerance", ""),
        )
        for one in row.match or ()
        if not carries or one["paper"] == WAYBILL
    ]
    return sorted(found, key=lambda one: (DIFFERS, WITHIN, EQUAL).index(one.result))


_CODED = {"Unit": "unit", "Currency": "currency", "Currency received": "currency"}
"""Compared fields that hold codes, and the table of each."""


def _decoded(field: str, value: str, codes: Codes, on: date) -> str:
    """A compared value as people read it: a code with its name."""
    table = _CODED.get(field)
    return f"{codes.name(table, value, lang(), on)} {value}" if table else value


def _goods(lines: Sequence[ChecklistLine]) -> str | None:
    return lines[0].gname if lines else None


def _goods_of_order(lines: Sequence[SaleOrderLine]) -> str | None:
    return lines[0].item_name if lines else None


def _compared(key: str, cells: Sequence[Any], codes: Codes, on: Any) -> PaperRow:
    """A row with the result of comparing what is there; names of goods are translated, so they are shown only."""
    shown = tuple(None if one is None else _written(key, one, codes, on) for one in cells)
    there = [one for one in cells if one not in (None, "")]
    label = t(f"desk.field.{key}")
    if len(there) < 2 or key == "goods":
        return PaperRow(label, shown, None, "")
    if len(set(there)) == 1:
        return PaperRow(label, shown, True, t("desk.same"))
    if all(isinstance(one, Decimal | int) for one in there):
        return PaperRow(label, shown, False, t("desk.apart_by", amount=number(max(there) - min(there))))
    return PaperRow(label, shown, False, t("desk.apart"))


def _written(key: str, value: Any, codes: Codes, on: Any) -> str:
    if key == "currency":
        return f"{codes.name('currency', value, lang(), on)} {value}"
    if key == "value":
        return money(value)
    return number(value) if isinstance(value, Decimal | int) else str(value)


def _order_lines(session: Session, order_id: int | None) -> Sequence[SaleOrderLine]:
    if order_id is None:
        return ()
    return session.scalars(
        select(SaleOrderLine).where(SaleOrderLine.order_id == order_id).order_by(SaleOrderLine.gnum)
    ).all()


def shown_lines(session: Session, row: Checklist, lines: Sequence[ChecklistLine]) -> list[ShownLine]:
    """The goods lines with what their codes mean on the day of declaration, and the order's lines beside them."""
    codes, on = codes_snapshot(session), china_day(row.app_time)
    of_order = {one.gnum: one for one in _order_lines(session, row.order_id)}
    return [_line(one, of_order.get(one.gnum), codes, on) for one in lines]


def _line(line: ChecklistLine, order: SaleOrderLine | None, codes: Codes, on: Any) -> ShownLine:
    full, heading = codes.hs10(line.gcode, on), codes.heading(line.gcode[:4], on)
    known = full if full and full.name(lang()) else heading
    return ShownLine(
        line=line,
        code_name=known.name(lang()) if known else "",
        unit=codes.name("unit", line.unit, lang(), on),
        unit1=codes.name("unit", line.unit1, lang(), on),
        country=codes.name("country", line.country, lang(), on),
        order=order,
        order_unit=codes.name("unit", order.unit, lang(), on) if order else "",
    )


def what_happened(session: Session, checklist_id: int) -> list[Happening]:
    """The events of the checklist, newest first."""
    events = history(session, checklist_id, officers=True)
    return [_happening(one) for one in reversed(events)][:MOST_EVENTS]


def _happening(event: Event) -> Happening:
    title = f"{said(name(event.state))} {event.state}" if event.state else t(f"desk.event.{_kind(event.kind)}")
    return Happening(event.at, title, said(event.data.get("say")), t(f"desk.source.{event.source}"), event.rule)


_KINDS = frozenset(
    {
        "held",
        "unheld",
        "countersign_wanted",
        "asked",
        "answered",
        "accepted",
        "changed",
        "arrived",
        "site_held",
        "site_hold_lifted",
        "arrival_withdrawn",
        "amendment_requested",
        "amended",
    }
)


def _kind(kind: str) -> str:
    """The event's word; kinds that later parts add are shown as an entry without a name of their own."""
    word = kind.rpartition(".")[2]
    return word if word in _KINDS else "other"
