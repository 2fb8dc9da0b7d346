"""Planning returns before anything is filed: what can come back, found by checklist, item or declaration line.

A list of many goods is matched oldest export first. Nothing is written: the firm sees the plan, confirms, and files.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from common.clock import CHINA
from common.findings import DomainError, Finding, NotFoundError
from common.law import law
from common.money import plain
from customs.returns.left import LineKey, Returnable, returnable
from customs.returns.procedure import procedure_fault, state_fault
from customs.rules import return_findings as said
from customs.rules.decisions.goods_return import years_later
from customs.rules.moves import State
from customs.tables import Checklist, ChecklistLine, Declaration, DeclarationSource, GoodsReturn

MOST_ROWS = 500
MOST_ORIGINS = 2000
"""Exports that are looked at for one item; the oldest ones."""

_QUANTITY = re.compile(r"[0-9]{1,14}(?:\.[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One row of a list: the number of a checklist, order or waybill (perhaps with a line) or an item; a quantity."""

    row: int
    what: str
    gnum: int | None
    qty: Decimal


@dataclass(frozen=True, slots=True)
class Pick:
    """A line of an export with the quantity that is to come back of it; `row` is the row of the list it serves."""

    row: int
    origin: Checklist
    known: Returnable
    qty: Decimal


@dataclass(frozen=True, slots=True)
class Plan:
    """What a list of goods comes to: picks, and per row that finds none the finding that says why."""

    picks: Sequence[Pick]
    refused: Sequence[tuple[int, Finding]]


PARTIES = (Checklist.consignor_id, Checklist.declarant_id)
"""Columns that name the firms that may take an export back."""


def own(firm: int) -> ColumnElement[bool]:
    """The exports that a firm may take back: those of which it is consignor or declarant."""
    return or_(*(column == firm for column in PARTIES))


def read_rows(written: str) -> tuple[list[Wanted], list[tuple[int, Finding]]]:
    """A typed list, one row each: `number quantity`, `number#line quantity` or `item quantity`; faults by row.

    Raises `DomainError` for an empty list or one that is too long.
    """
    lines = [line.split() for line in written.splitlines() if line.strip()]
    if not lines or len(lines) > MOST_ROWS:
        raise DomainError(said.ROWS_MISSING.at("/rows", most=MOST_ROWS))
    rows, faults = [], []
    for n, parts in enumerate(lines, 1):
        what, _, line = parts[0].partition("#")
        found = wanted(n, what, line or None, parts[1] if len(parts) == 2 else "")
        if isinstance(found, Finding):
            faults.append((n, found))
        else:
            rows.append(found)
    return rows, faults


def wanted(row: int, what: str, gnum: str | None, qty: str) -> Wanted | Finding:
    """One row from its parts, or the finding that says how to write it."""
    readable = what and _QUANTITY.fullmatch(qty) and Decimal(qty) > 0 and (gnum is None or gnum.isdecimal())
    if not readable or (gnum is not None and len(gnum) > 4):
        return said.ROW_UNREADABLE.at(f"/rows/{row - 1}", row=row, wanted=what[:40])
    return Wanted(row, what[:80], int(gnum) if gnum else None, Decimal(qty))


def plan(session: Session, firm: int, rows: Sequence[Wanted], *, on: date, office: str | None = None) -> Plan:
    """Match a list with what of the firm's exports can still come back, oldest export first; nothing is written."""
    known = _Known(session, firm, rows, on, office)
    picks: list[Pick] = []
    refused: list[tuple[int, Finding]] = []
    for row in rows:
        fitting, named = known.fitting(row)
        fault = known.fault(row, fitting, named)
        if fault is not None:
            refused.append((row.row, fault))
        else:
            picks += _take(row, fitting, known.rest, known.origins, known.left)
    return Plan(picks, refused)


class _Known:
    """The exports that the rows of a list may mean, and what of them can still come back while rows are served."""

    def __init__(self, session: Session, firm: int, rows: Sequence[Wanted], on: date, office: str | None) -> None:
        self.on, self.office = on, office
        found = sorted(_origins(session, firm, rows, on), key=lambda one: (one.released_at or one.received_at, one.id))
        self.origins = {one.id: one for one in found}
        self.faults: dict[int, Finding] = {
            id: fault for id, one in self.origins.items() if (fault := self._closed(one, "")) is not None
        }
        self.left = returnable(session, [id for id in self.origins if id not in self.faults])
        self.rest = {key: one.left.qty for key, one in self.left.items()}
        self.named: dict[str, list[int]] = {}
        for id, one in self.origins.items():
            for number in {one.invt_no or "", one.order_no, one.logistics_no} - {""}:
                self.named.setdefault(number, []).append(id)
        place = {id: n for n, id in enumerate(self.origins)}
        self.lines: dict[int, list[LineKey]] = {}
        self.items: dict[str, list[LineKey]] = {}
        for key in sorted(self.left, key=lambda key: (place[key[0]], key[1])):
            self.lines.setdefault(key[0], []).append(key)
            self.items.setdefault(self.left[key].line.item_no, []).append(key)

    def _closed(self, origin: Checklist, at: str) -> Finding | None:
        """Why nothing of an export can come back."""
        return state_fault(origin, lambda _: at) or procedure_fault(origin, self.on, self.office, lambda _: at)

    def fitting(self, row: Wanted) -> tuple[list[LineKey], list[int]]:
        """The lines that a row may mean, oldest export first, and the exports that it names by a number."""
        named = self.named.get(row.what, [])
        if not named:
            return ([] if row.gnum is not None else self.items.get(row.what, [])), []
        lines = [key for id in named for key in self.lines.get(id, ())]
        return [key for key in lines if row.gnum in (None, key[1])], named

    def fault(self, row: Wanted, fitting: Sequence[LineKey], named: Sequence[int]) -> Finding | None:
        """Why a row cannot be served; None where it can."""
        at, facts = f"/rows/{row.row - 1}", {"row": row.row, "wanted": row.what}
        if not fitting:
            closed = [id for id in named if id in self.faults]
            if closed:
                return self._closed(self.origins[closed[0]], at)
            if named and row.gnum is not None:
                return said.NO_SUCH_LINE.at(at, number=row.what, gnum=row.gnum)
            return said.NOTHING_FITS.at(at, **facts)
        items = {self.left[key].line.item_no for key in fitting}
        if named and row.gnum is None and (len(items) > 1 or len(fitting) > len({id for id, _ in fitting})):
            lines = "、".join(str(gnum) for _, gnum in fitting[:20])
            return said.SEVERAL_LINES.at(at, **facts, lines=lines)
        total = sum((self.rest[key] for key in fitting), Decimal(0))
        if total < row.qty:
            return said.NOT_ENOUGH.at(at, **facts, qty=plain(row.qty), left=plain(total))
        return None


def _origins(session: Session, firm: int, rows: Sequence[Wanted], on: date) -> Sequence[Checklist]:
    """The firm's exports that the rows may mean: by customs', order or waybill number, or by items still in time."""
    words = sorted({row.what for row in rows})
    items = sorted({row.what for row in rows if row.gnum is None})
    year = law().value("customs.return.export_limit", on).integer
    since = datetime.combine(years_later(on, -year), time(), CHINA)
    holding = select(ChecklistLine.checklist_id).where(
        ChecklistLine.checklist_id == Checklist.id, ChecklistLine.item_no.in_(items)
    )
    found: dict[int, Checklist] = {}
    for number in (Checklist.invt_no, Checklist.order_no, Checklist.logistics_no):  # one index each
        query = select(Checklist).where(own(firm), number.in_(words), Checklist.withdrawn_at.is_(None))
        found |= {one.id: one for one in session.scalars(query.order_by(Checklist.id).limit(MOST_ORIGINS))}
    for column in PARTIES if items else ():
        query = select(Checklist).where(column == firm, Checklist.released_at >= since, holding.exists())
        query = query.where(Checklist.withdrawn_at.is_(None)).order_by(Checklist.released_at, Checklist.id)
        found |= {one.id: one for one in session.scalars(query.limit(MOST_ORIGINS))}
    return list(found.values())


def _take(
    row: Wanted,
    fitting: Sequence[LineKey],
    rest: dict[LineKey, Decimal],
    origins: Mapping[int, Checklist],
    left: Mapping[LineKey, Returnable],
) -> Iterator[Pick]:
    wanted_ = row.qty
    for key in fitting:
        part = min(wanted_, rest[key])
        if part > 0:
            rest[key] -= part
            wanted_ -= part
            yield Pick(row.row, origins[key[0]], left[key], part)


def of_checklists(session: Session, firm: int, ids: Collection[int]) -> list[Pick]:
    """All lines of the firm's own exports with what is left of each, to choose from."""
    query = select(Checklist).where(own(firm), Checklist.id.in_(ids), Checklist.withdrawn_at.is_(None))
    origins = {one.id: one for one in session.scalars(query.order_by(Checklist.released_at, Checklist.id))}
    left = returnable(session, list(origins))
    return [Pick(0, origins[id], one, one.left.qty) for (id, _), one in left.items()]


def ids_of_number(session: Session, firm: int, number: str) -> list[int]:
    """The firm's own checklist with this customs number."""
    query = select(Checklist.id).where(Checklist.invt_no == number, own(firm), Checklist.withdrawn_at.is_(None))
    return list(session.scalars(query))


def return_of(session: Session, firm: int, number: str) -> int:
    """The firm's live request with its own number `number`; 0 where there is none."""
    query = select(GoodsReturn.id).where(GoodsReturn.declarant_id == firm, GoodsReturn.co_el_no == number)
    return session.scalar(query.where(GoodsReturn.withdrawn_at.is_(None))) or 0


def of_declaration_line(session: Session, firm: int, number: str, line_no: int) -> list[Pick]:
    """The checklist lines behind a declaration line, oldest export first. Raises `NotFoundError` where there are none.

    `number` is customs' entry number or the declaration's own number here.
    """
    query = (
        select(DeclarationSource.checklist_id, DeclarationSource.gnum)
        .join(Declaration, Declaration.id == DeclarationSource.declaration_id)
        .where(or_(Declaration.entry_id == number, Declaration.decl_seq_no == number))
        .where(or_(Declaration.consignor_id == firm, Declaration.declarant_id == firm))
        .where(DeclarationSource.line_no == line_no, DeclarationSource.live)
    )
    keys = {(row.checklist_id, row.gnum) for row in session.execute(query)}
    picks = of_checklists(session, firm, {id for id, _ in keys})
    found = [one for one in picks if (one.origin.id, one.known.line.gnum) in keys]
    if not found:
        raise NotFoundError(said.NO_DECLARATION_LINE.at("", number=number[:40], line=line_no))
    return sorted(found, key=lambda one: (one.origin.released_at or one.origin.received_at, one.origin.id))


def lately_gone(session: Session, firm: int, *, limit: int) -> list[Checklist]:
    """The firm's exports that were declared last and have left, newest first, for a first choice."""
    found: dict[int, Checklist] = {}
    for column in PARTIES:  # one index each
        query = select(Checklist).where(column == firm, Checklist.status == State.CLOSED)
        query = query.where(Checklist.withdrawn_at.is_(None)).order_by(Checklist.id.desc()).limit(limit)
        found |= {one.id: one for one in session.scalars(query)}
    return [found[id] for id in sorted(found, reverse=True)[:limit]]
