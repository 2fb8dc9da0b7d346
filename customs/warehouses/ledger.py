"""Recording what happened to goods in a warehouse: one function for page, API and file, all entries or none.

The checklists concerned are locked by the advisory keys of their returns before their ledgers are read, so that of two
who record at the same moment, or of one who records and a goods return that is completed, the second sees what the
first wrote: stock never falls below zero, and what came home stands there once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common.clock import CHINA, china_day
from common.db import lock_keys
from common.events import NewEvent, append_events
from common.findings import ConflictError, DomainError, Finding, NotFoundError
from common.law.zones import zone_parameter
from common.money import plain
from customs.returns import lock_name
from customs.rules import warehouse_stock as rules
from customs.rules.moves import State
from customs.rules.warehouse_stock import EXPLAINED, KINDS, MOST_ENTRIES, MOST_NOTE, Kind, Posting
from customs.rules.warehouses import NOT_FOUND, for_warehouse, in_use, usable_text
from customs.tables import OverseasWarehouse, WarehouseBatch, WarehouseEntry, WarehouseUser
from customs.warehouses import proofs
from customs.warehouses.entries import Line, home_by_return, ledgers, taken_back
from customs.warehouses.homecoming import settle
from customs.warehouses.register import SUBJECT, Actor

MOST_FINDINGS = 300
PROOF_KINDS = "customs.warehouse.proof_kinds"


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What somebody wants to record.

    An entry names a line by customs' number of the checklist and its gnum; a correction names the entry it takes back
    from instead. `qty` is as written, in the line's declared unit, above zero. `apart` says of goods that went back to
    China that they did so otherwise than by a goods return. `pointer` is where findings stand.
    """

    pointer: str
    qty: str
    day: date
    kind: str = ""
    invt_no: str = ""
    gnum: int = 0
    corrects: int | None = None
    proof_id: int | None = None
    reference: str | None = None
    note: str | None = None
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Recorder:
    """Who records: the person, and the firms whose goods these may be (own, and those that gave a mandate).

    `sha256` is of the file, or of the key of a form or request: what has it is recorded once.
    """

    who: Actor
    firms: frozenset[int]
    origin: str
    sha256: str | None = None


_LINES = text(
    "SELECT c.id, c.invt_no, c.status, c.zone_code, c.consignor_id, c.ebc_name, c.trade_mode, c.business, "
    "c.warehouse_id, c.left_at, c.closed_at, l.gnum, l.item_no, l.unit, l.qty "
    "FROM checklist AS c JOIN checklist_line AS l ON l.checklist_id = c.id "
    "WHERE c.withdrawn_at IS NULL AND c.consignor_id = ANY(CAST(:firms AS bigint[])) "
    "AND (c.invt_no = ANY(CAST(:numbers AS text[])) OR c.id = ANY(CAST(:ids AS bigint[])))"
)


def record(
    session: Session, warehouse_id: int, entries: Sequence[NewEntry], by: Recorder, *, at: datetime
) -> WarehouseBatch:
    """Record entries of one warehouse.

    Raises `NotFoundError` for no such warehouse, `ConflictError` for a file that was loaded before, `DomainError` with
    every finding: nothing is written then.
    """
    house = session.get(OverseasWarehouse, warehouse_id)
    if house is None:
        raise NotFoundError(NOT_FOUND.at(""))
    if not 1 <= len(entries) <= MOST_ENTRIES:
        raise DomainError(rules.ENTRY_COUNT.at("", most=MOST_ENTRIES, found=len(entries)))
    _file_once(session, warehouse_id, by)
    work = _Work(session, house, entries, by, at)
    found = work.check()
    if found:
        raise DomainError(*found[:MOST_FINDINGS])
    return work.write()


def _file_once(session: Session, warehouse_id: int, by: Recorder) -> None:
    if by.sha256 is None:
        return
    lock_keys(session, [f"warehouse_file:{warehouse_id}:{by.who.firm_id}:{by.sha256}"])
    batch = WarehouseBatch
    held = session.scalars(
        select(batch).where(
            batch.warehouse_id == warehouse_id, batch.subject_id == by.who.firm_id, batch.sha256 == by.sha256
        )
    ).one_or_none()
    if held is not None:
        since = held.recorded_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
        raise ConflictError(rules.RECORDED_BEFORE.at("/file", since=since, count=held.entries))


class _Work:
    """One call of `record`: what it looked up, once for all entries."""

    def __init__(
        self, session: Session, house: OverseasWarehouse, entries: Sequence[NewEntry], by: Recorder, at: datetime
    ) -> None:
        self.session, self.house, self.entries, self.by, self.at = session, house, entries, by, at
        self.today = china_day(at)
        self.corrected = self._corrected()
        self._look_up()
        lock_keys(session, [lock_name(id) for id, _ in self._named()])
        self._look_up()  # until the keys were held, an amendment may have changed what is declared
        self.held = self._held()
        self.users = self._users()
        self.proofs = proofs.known(session, by.firms, [one.proof_id for one in entries if one.proof_id is not None])
        self.proven: dict[str, Collection[str]] = {}
        self.postings: dict[Line, list[Posting]] = {
            line: [Posting(one.kind, one.qty, one.day) for one in held] for line, held in self.held.items()
        }
        self.taken_back = defaultdict(Decimal, taken_back(one for held in self.held.values() for one in held))
        self.home = home_by_return(session, {id for id, _ in self.held})
        self.references = {
            (one.kind, one.reference, line)
            for line, held in self.held.items()
            for one in held
            if one.reference and one.corrects is None and self.taken_back[one.id] < one.qty
        }
        self.rows: list[WarehouseEntry] = []

    # --- looking up

    def _corrected(self) -> Mapping[int, WarehouseEntry]:
        ids = {one.corrects for one in self.entries if one.corrects is not None}
        if not ids:
            return {}
        entry = WarehouseEntry
        rows = self.session.scalars(
            select(entry).where(
                entry.id.in_(ids),
                entry.warehouse_id == self.house.id,
                entry.consignor_id.in_(self.by.firms),
                entry.corrects.is_(None),
            )
        )
        return {one.id: one for one in rows}

    def _look_up(self) -> None:
        self.lines = self._lines()
        self.by_number = {(row.invt_no, row.gnum): line for line, row in self.lines.items()}

    def _lines(self) -> Mapping[Line, Any]:
        asked = {
            "firms": sorted(self.by.firms),
            "numbers": sorted({one.invt_no for one in self.entries if one.invt_no}),
            "ids": sorted({one.checklist_id for one in self.corrected.values()}),
        }
        return {(row.id, row.gnum): row for row in self.session.execute(_LINES, asked)}

    def _named(self) -> set[Line]:
        named = {self.by_number.get((one.invt_no, one.gnum)) for one in self.entries if one.corrects is None}
        return {line for line in named if line} | {(one.checklist_id, one.gnum) for one in self.corrected.values()}

    def _held(self) -> dict[Line, list[WarehouseEntry]]:
        """The ledgers of the lines, read after their keys are held."""
        named = self._named()
        found = ledgers(self.session, {id for id, _ in named})
        return {line: found.get(line, []) for line in named}

    def _users(self) -> Sequence[WarehouseUser]:
        user = WarehouseUser
        return self.session.scalars(select(user).where(user.warehouse_id == self.house.id)).all()

    def _proof_kinds(self, zone_code: str) -> Collection[str]:
        if zone_code not in self.proven:
            self.proven[zone_code] = zone_parameter(self.session, zone_code, PROOF_KINDS, self.today).codes
        return self.proven[zone_code]

    # --- checking

    def check(self) -> list[Finding]:
        """Every finding of every entry, then those of the ledgers as they would stand.

        A line with a faulty entry is not balanced: what is missing there would only repeat the fault.
        """
        found: list[Finding] = []
        last: dict[Line, str] = {}
        faulty: set[Line | None] = set()
        for one in self.entries:
            faults = list(self._faults(one))
            found += faults
            line, qty = self._line_of(one), rules.quantity(one.qty)
            if faults or line is None or qty is None:
                faulty.add(line)
                continue
            last[line] = one.pointer
            self._add(one, line, qty)
        for line, pointer in last.items():
            row = self.lines[line]
            broken = rules.breach(self.postings[line], row.qty) if line not in faulty else None
            if broken is not None:
                found.append(rules.breach_finding(broken, pointer, row.invt_no, row.gnum, row.qty))
        return found

    def _line_of(self, one: NewEntry) -> Line | None:
        if one.corrects is not None:
            held = self.corrected.get(one.corrects)
            return (held.checklist_id, held.gnum) if held else None
        return self.by_number.get((one.invt_no, one.gnum))

    def _faults(self, one: NewEntry) -> Iterator[Finding]:
        if rules.quantity(one.qty) is None:
            yield rules.BAD_QTY.at(f"{one.pointer}/qty", found=one.qty[:30])
        if one.day > self.today:
            yield rules.IN_FUTURE.at(f"{one.pointer}/day", day=one.day.isoformat())
        yield from self._text_faults(one)
        if one.proof_id is not None and one.proof_id not in self.proofs:
            yield rules.PROOF_UNKNOWN.at(f"{one.pointer}/proof_id", id=one.proof_id)
        yield from self._correction_faults(one) if one.corrects is not None else self._entry_faults(one)

    def _text_faults(self, one: NewEntry) -> Iterator[Finding]:
        for field, written in (("reference", one.reference), ("note", one.note)):
            if written and not usable_text(written, MOST_NOTE):
                yield rules.UNUSABLE_TEXT.at(f"{one.pointer}/{field}", most=MOST_NOTE)
        if (one.corrects is not None or one.kind in EXPLAINED) and not (one.note or "").strip():
            yield rules.NOTE_NEEDED.at(f"{one.pointer}/note", most=MOST_NOTE)

    def _correction_faults(self, one: NewEntry) -> Iterator[Finding]:
        held = self.corrected.get(one.corrects or 0)
        if held is None:
            yield rules.NOT_CORRECTABLE.at(f"{one.pointer}/corrects", id=one.corrects)
            return
        if one.day < held.day:
            first = held.day.isoformat()
            yield rules.BEFORE_CORRECTED.at(f"{one.pointer}/day", id=held.id, day=one.day.isoformat(), first=first)
        left, qty = held.qty - self.taken_back[held.id], rules.quantity(one.qty)
        home = self.home.get(held.id)
        if qty is not None and home is not None and qty > left - home.qty:
            facts = {"id": held.id, "home": plain(home.qty), "left": plain(left - home.qty), "found": plain(qty)}
            yield rules.CAME_HOME.at(f"{one.pointer}/qty", **facts)
        elif qty is not None and qty > left:
            yield rules.TAKEN_BACK.at(f"{one.pointer}/qty", id=held.id, left=plain(left), found=plain(qty))

    def _entry_faults(self, one: NewEntry) -> Iterator[Finding]:
        if one.kind not in KINDS:
            yield rules.UNKNOWN_KIND.at(f"{one.pointer}/kind", found=one.kind[:20])
            return
        line = self._line_of(one)
        if line is None:
            number = one.invt_no[:30] or "—"
            yield rules.NO_SUCH_LINE.at(f"{one.pointer}/invt_no", number=number, gnum=one.gnum)
            return
        row = self.lines[line]
        yield from self._goods_faults(one, line, row)
        yield from self._twice_home(one, line, row)
        if one.proof_id is None and one.kind in self._proof_kinds(row.zone_code):
            yield rules.PROOF_NEEDED.at(f"{one.pointer}/proof_id", kind=KINDS[one.kind])
        if one.reference and (one.kind, one.reference.strip(), line) in self.references:
            yield rules.REFERENCE_USED.at(
                f"{one.pointer}/reference", reference=one.reference.strip()[:60], kind=KINDS[one.kind]
            )

    def _twice_home(self, one: NewEntry, line: Line, row: Any) -> Iterator[Finding]:
        """Goods that a completed return has put on the ledger already."""
        if one.kind != Kind.RETURNED or one.apart:
            return
        for held in self.held[line]:
            home = self.home.get(held.id)
            if home is not None and home.made and one.day <= china_day(held.recorded_at):
                facts = {"number": row.invt_no, "gnum": row.gnum, "id": held.id, "reference": held.reference}
                yield rules.HOME_ALREADY.at(f"{one.pointer}/kind", qty=plain(held.qty), **facts)
                return

    def _goods_faults(self, one: NewEntry, line: Line, row: Any) -> Iterator[Finding]:
        at = f"{one.pointer}/invt_no"
        if not for_warehouse(row.trade_mode, row.business):
            yield rules.NOT_FOR_WAREHOUSE.at(at, number=row.invt_no, mode=row.trade_mode)
        elif row.status != State.CLOSED:
            yield rules.NOT_CLOSED.at(at, number=row.invt_no)
        else:
            left = china_day(row.left_at or row.closed_at)
            if one.day < left:
                yield rules.BEFORE_LEAVING.at(
                    f"{one.pointer}/day", day=one.day.isoformat(), number=row.invt_no, left=left.isoformat()
                )
        other = self._elsewhere(line, row)
        if other is not None:
            yield rules.OTHER_WAREHOUSE.at(at, number=row.invt_no, gnum=row.gnum, other=other)
        if one.kind == Kind.ARRIVED and not self._in_use(row.consignor_id, one.day):
            days = f"{self.house.valid_from} – {self.house.valid_to or self.house.lease_until or '…'}"
            yield rules.NOT_IN_USE.at(f"{one.pointer}/day", firm=row.ebc_name, day=one.day.isoformat(), days=days)

    def _elsewhere(self, line: Line, row: Any) -> int | None:
        """Another warehouse that the goods belong to: the one the checklist names, else the one they arrived in."""
        held = {one.warehouse_id for one in self.held.get(line, ())}
        named = row.warehouse_id if row.warehouse_id is not None else next(iter(held), None)
        return named if named is not None and named != self.house.id else None

    def _in_use(self, consignor_id: int, day: date) -> bool:
        house = self.house
        if house.state == "refused" or not in_use(house.valid_from, house.valid_to, house.lease_until, day):
            return False
        return any(
            one.subject_id == consignor_id and in_use(one.valid_from, one.valid_to, None, day) for one in self.users
        )

    # --- writing

    def _add(self, one: NewEntry, line: Line, qty: Decimal) -> None:
        held = self.corrected.get(one.corrects) if one.corrects is not None else None
        kind = held.kind if held else str(one.kind)
        signed = -qty if held else qty
        if held:
            self.taken_back[held.id] += qty
        reference = (one.reference or "").strip() or None
        if reference and not held:
            self.references.add((kind, reference, line))
        row = self.lines[line]
        self.postings[line].append(Posting(kind, signed, one.day))
        self.rows.append(
            WarehouseEntry(
                warehouse_id=self.house.id,
                zone_code=row.zone_code,
                consignor_id=row.consignor_id,
                checklist_id=line[0],
                gnum=line[1],
                kind=kind,
                qty=signed,
                day=one.day,
                corrects=one.corrects,
                proof_id=one.proof_id,
                reference=reference,
                note=(one.note or "").strip() or None,
                apart=one.apart and kind == Kind.RETURNED,
                recorded_by=self.by.who.name,
                recorded_at=self.at,
            )
        )

    def write(self) -> WarehouseBatch:
        """The batch, its entries and their events; what came home and waited for these entries is recorded as well."""
        batch = WarehouseBatch(
            warehouse_id=self.house.id,
            subject_id=self.by.who.firm_id,
            origin=self.by.origin,
            sha256=self.by.sha256,
            entries=len(self.rows),
            recorded_by=self.by.who.name,
            recorded_at=self.at,
        )
        self.session.add(batch)
        self.session.flush()
        for row in self.rows:
            row.batch_id = batch.id
        self.session.add_all(self.rows)
        self.session.flush()
        told = list(self._events(batch))
        told += settle(self.session, {row.checklist_id for row in self.rows}, actor=self.by.who.actor, at=self.at)
        append_events(self.session, told)
        return batch

    def _events(self, batch: WarehouseBatch) -> Iterable[NewEvent]:
        """One event for each checklist and kind, with the quantities of its lines."""
        groups: dict[tuple[int, str], list[WarehouseEntry]] = defaultdict(list)
        for row in self.rows:
            groups[row.checklist_id, "corrected" if row.corrects is not None else row.kind].append(row)
        for (checklist_id, word), rows in groups.items():
            told = self.lines[checklist_id, rows[0].gnum]
            yield NewEvent(
                at=self.at,
                kind=f"warehouse.{word}",
                subject_type=SUBJECT,
                subject_id=self.house.id,
                source="party",
                actor=self.by.who.actor,
                zone_code=told.zone_code,
                consignor_id=told.consignor_id,
                sender_id=self.by.who.firm_id,
                data={
                    "warehouse_id": self.house.id,
                    "batch_id": batch.id,
                    "checklist_id": checklist_id,
                    "invt_no": told.invt_no,
                    "lines": [self._told(row) for row in rows],
                },
            )

    def _told(self, row: WarehouseEntry) -> dict[str, Any]:
        line = self.lines[row.checklist_id, row.gnum]
        told: dict[str, Any] = {
            "entry_id": row.id,
            "gnum": row.gnum,
            "item_no": line.item_no,
            "kind": row.kind,
            "qty": plain(row.qty),
            "unit": line.unit,
            "day": row.day.isoformat(),
        }
        more = {"corrects": row.corrects, "reference": row.reference}
        return told | {key: value for key, value in more.items() if value is not None}


def line_of(session: Session, batch: WarehouseBatch) -> Line:
    """The line of the batch's first entry."""
    entry = WarehouseEntry
    query = select(entry.checklist_id, entry.gnum).where(entry.batch_id == batch.id).order_by(entry.id).limit(1)
    row = session.execute(query).one()
    return row.checklist_id, row.gnum
