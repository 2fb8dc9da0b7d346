"""The daily check: months that may have changed are proven, results kept, and what differs is raised once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from common.clock import china_day
from common.db import lock_keys
from common.events import NewEvent, append_events
from common.money import plain
from customs.proof.asking import Asked
from customs.proof.figures import Balance, Difference, Month, Part, Proof, Scope, Sum, balances_of
from customs.proof.listing import digest
from customs.proof.proving import prove
from customs.tables import ProofCheck, ProofDifference

_TOUCHED = text(
    "SELECT DISTINCT to_char(closed_on, 'YYYY-MM') FROM closed_line WHERE cause <> 'closed' AND recorded_at >= :since "
    "UNION SELECT DISTINCT to_char(r.closed_on, 'YYYY-MM') FROM declaration AS d "
    "JOIN declaration_source AS s ON s.declaration_id = d.id "
    "JOIN closed_line AS r ON r.checklist_id = s.checklist_id AND r.gnum = s.gnum "
    "WHERE d.made_at >= :since OR d.cancelled_at >= :since"
)
_WRITTEN_SINCE = (
    "SELECT EXISTS (SELECT FROM closed_line AS r WHERE r.recorded_at >= :since AND {counted}) OR EXISTS ("
    "SELECT FROM declaration AS d WHERE d.zone_code = :zone AND d.closed_from < :past AND d.closed_to >= :first "
    "AND greatest(d.made_at, d.state_at, d.amended_at, d.cancelled_at) >= :since)"
)
_COMMITTED = timedelta(minutes=10)
"""What was written so shortly before a check may have been committed after it."""
_ALL_MONTHS = text("SELECT DISTINCT to_char(closed_on, 'YYYY-MM') FROM closed_line")
_BALANCES = ("truth", "counted", "summarised", "open", "declared", "elsewhere")


def check_months(session: Session, at: datetime) -> int:
    """Prove the running month, the one before, and every month touched since the last check; how many differences.

    Months with open differences are proven again as well, until these are gone; the first check proves all months.
    """
    wanted = {Month.of(china_day(at)), Month.of(china_day(at)).before}
    last = session.scalar(select(func.max(ProofCheck.checked_at)))
    touched = session.execute(_ALL_MONTHS if last is None else _TOUCHED, {} if last is None else {"since": last})
    wanted |= _months(touched.scalars())
    wanted |= _months(session.scalars(select(ProofDifference.period).where(ProofDifference.cleared_at.is_(None))))
    return sum(len(check(session, month, at=at)) for month in sorted(wanted, key=str))


def _months(written: Iterable[str]) -> set[Month]:
    return {month for one in set(written) if (month := Month.parse(one)) is not None}


def check(session: Session, month: Month, *, at: datetime, zones: frozenset[str] | None = None) -> list[Difference]:
    """Prove one month (of some zones), keep the results, raise what is new and clear what is gone.

    Each difference that was not open before is an event `proof.differs`, each gone `proof.cleared`.
    """
    lock_keys(session, [f"proof:{month}"])
    proof = prove(session, month, Scope(zones=zones), at=at)
    _store(session, proof)
    _raise(session, proof, zones)
    return list(proof.differences)


def _store(session: Session, proof: Proof) -> None:
    by_zone: dict[str, list[Part]] = defaultdict(list)
    for part in proof.parts:
        by_zone[part.zone_code].append(part)
    for zone, parts in by_zone.items():
        scope = Scope(zones=frozenset({zone}))
        balances = balances_of(parts)
        row = {
            "zone_code": zone,
            "period": str(proof.month),
            "checked_at": proof.at,
            "checklists": sum(one.checklists for one in parts),
            "lines": sum(one.truth.lines for one in balances),
            "open_lines": sum(one.open.lines for one in balances),
            "differences": sum(one.zone_code == zone for one in proof.differences),
            "digest": digest(session, proof.month, scope),
            "parts": [stored_part(one) for one in parts],
        }
        query = insert(ProofCheck).values(row)
        session.execute(query.on_conflict_do_update(index_elements=["zone_code", "period"], set_=row))


def stored_part(part: Part) -> dict[str, Any]:
    """A part as JSON: figures as decimal strings; `_read_part` reads it back."""
    return {
        "zone_code": part.zone_code,
        "consignor_id": part.consignor_id,
        "declarant_id": part.declarant_id,
        "flag": part.flag,
        "checklists": part.checklists,
        "gross": plain(part.gross),
        "net": plain(part.net),
        "balances": [stored_balance(one) for one in part.balances.values()],
    }


def stored_balance(balance: Balance) -> dict[str, Any]:
    """A balance as JSON, by currency: lines as integers, amounts and weights as decimal strings."""
    return {"currency": balance.currency} | {name: _stored_sum(getattr(balance, name)) for name in _BALANCES}


def _stored_sum(one: Sum) -> dict[str, Any]:
    return {"lines": one.lines, "amount": plain(one.amount), "gross": plain(one.gross), "net": plain(one.net)}


def still_holding(session: Session, zone_code: str, month: Month) -> ProofCheck | None:
    """The stored result of a zone's month where it found nothing and nothing was written about the month since.

    None where the month has to be proven to know: it was never checked, something differed, or lines of it were closed,
    corrected, declared or answered since.
    """
    row = session.get(ProofCheck, (zone_code, str(month)))
    if row is None or row.differences:
        return None
    asked = Asked(month, Scope(zones=frozenset({zone_code})))
    written = text(_WRITTEN_SINCE.format(counted=" AND ".join([asked.counted(), *asked.within("r")])))
    facts = {**asked.facts, "zone": zone_code, "since": row.checked_at - _COMMITTED}
    return None if session.scalar(written, facts) else row


def proof_of(row: ProofCheck) -> Proof:
    """A stored result without differences as the proof that it was."""
    month = Month.parse(row.period)
    assert month is not None and not row.differences
    return Proof(month, row.checked_at, tuple(_read_part(one) for one in row.parts), ())


def _read_part(stored: Mapping[str, Any]) -> Part:
    part = Part(
        stored["zone_code"],
        stored["consignor_id"],
        stored["declarant_id"],
        stored["flag"],
        stored["checklists"],
        Decimal(stored["gross"]),
        Decimal(stored["net"]),
    )
    for one in stored["balances"]:
        balance = part.balance(one["currency"])
        for name in _BALANCES:
            setattr(balance, name, _read_sum(one[name]))
    return part


def _read_sum(stored: Mapping[str, Any]) -> Sum:
    figures = (Decimal(stored[name]) for name in ("amount", "gross", "net"))
    return Sum(stored["lines"], *figures)


def _raise(session: Session, proof: Proof, zones: frozenset[str] | None) -> None:
    query = select(ProofDifference).where(
        ProofDifference.period == str(proof.month), ProofDifference.cleared_at.is_(None)
    )
    if zones is not None:
        query = query.where(ProofDifference.zone_code.in_(zones))
    open_ones = {_key(one): one for one in session.scalars(query)}
    found = {one.key: one for one in proof.differences}
    fresh = [_row(one, proof) for key, one in found.items() if key not in open_ones]
    # where more was found than is listed, an unlisted one may only have been left out: nothing is called gone then
    gone = [row for key, row in open_ones.items() if key not in found] if not proof.more else []
    for row in gone:
        row.cleared_at = proof.at
    session.add_all(fresh)
    session.flush()
    append_events(
        session,
        [_event("proof.differs", one, proof.at) for one in fresh]
        + [_event("proof.cleared", one, proof.at) for one in gone],
    )


def _key(row: ProofDifference) -> tuple[object, ...]:
    return (row.rule, row.checklist_id, row.gnum, row.declaration_id, row.line_no, row.field)


def _row(one: Difference, proof: Proof) -> ProofDifference:
    return ProofDifference(period=str(proof.month), seen_at=proof.at, **asdict(one))


def difference_of(row: ProofDifference) -> Difference:
    """A stored difference as the proof gave it."""
    return Difference(
        row.rule,
        row.zone_code,
        row.consignor_id,
        row.declarant_id,
        row.number,
        row.expected,
        row.found,
        row.field,
        row.checklist_id,
        row.gnum,
        row.declaration_id,
        row.line_no,
    )


def _event(kind: str, row: ProofDifference, at: datetime) -> NewEvent:
    return NewEvent(
        at=at,
        kind=kind,
        subject_type="proof",
        subject_id=row.id,
        source="rule",
        rule=row.rule,
        zone_code=row.zone_code,
        consignor_id=row.consignor_id,
        declarant_id=row.declarant_id,
        data={
            "month": row.period,
            "say": difference_of(row).say().as_dict(),
            "expected": row.expected,
            "found": row.found,
            "checklist_id": row.checklist_id,
            "gnum": row.gnum,
            "declaration_id": row.declaration_id,
        },
    )


def open_differences(session: Session, zones: Iterable[str]) -> Sequence[ProofDifference]:
    """What differs in zones and is not gone yet, oldest first."""
    return session.scalars(
        select(ProofDifference)
        .where(ProofDifference.cleared_at.is_(None), ProofDifference.zone_code.in_(sorted(zones)))
        .order_by(ProofDifference.id)
    ).all()


def count_open(session: Session, zones: Iterable[str]) -> int:
    """How many differences stand open in zones."""
    query = select(func.count()).where(
        ProofDifference.cleared_at.is_(None), ProofDifference.zone_code.in_(sorted(zones))
    )
    return session.scalar(query) or 0


def results(session: Session, zones: Iterable[str], period: str | None = None) -> Sequence[ProofCheck]:
    """The newest check of each zone and month, newest month first."""
    query = select(ProofCheck).where(ProofCheck.zone_code.in_(sorted(zones)))
    if period is not None:
        query = query.where(ProofCheck.period == period)
    return session.scalars(query.order_by(ProofCheck.period.desc(), ProofCheck.zone_code)).all()
