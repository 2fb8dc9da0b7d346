"""Sealing the audit trail: a chain of hashes per zone over finished entries.

A seal covers the entries of all transactions from `from_xid` up to, without, `until_xid`. Only transactions below the
oldest one still running are sealed, so an entry that is committed late falls into a later seal and is never lost
(design §8: a sequence number is taken before commit). A changed, removed or inserted entry breaks its seal; a changed
seal breaks the next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from common.db import Base
from common.events import Xid8

NO_ZONE = "-"
"""The chain of entries that belong to no zone."""

GENESIS = "0" * 64
"""What stands before a chain's first seal."""

_ENTRIES = text(
    "SELECT id, xid::text, extract(epoch FROM at)::text, actor, action, subject_type, subject_id, zone_code, "
    "request_id, before::text, after::text FROM audit_entry "
    "WHERE zone_code IS NOT DISTINCT FROM :zone AND xid >= CAST(:low AS xid8) AND xid < CAST(:high AS xid8) "
    "ORDER BY xid, id"
)


class AuditSeal(Base):
    """One link of a zone's chain."""

    __tablename__ = "audit_seal"

    zone_code: Mapped[str] = mapped_column(Text, primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    from_xid: Mapped[int] = mapped_column(Xid8)
    until_xid: Mapped[int] = mapped_column(Xid8)
    from_id: Mapped[int]
    to_id: Mapped[int]
    entries: Mapped[int]
    entries_hash: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)
    sealed_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Link:
    """The content of a seal that its hash covers."""

    zone_code: str
    seq: int
    from_xid: int
    until_xid: int
    from_id: int
    to_id: int
    entries: int
    entries_hash: str
    previous_hash: str
    sealed_at: datetime

    @property
    def hash(self) -> str:
        """SHA-256 over all members."""
        members = (
            self.zone_code,
            self.seq,
            self.from_xid,
            self.until_xid,
            self.from_id,
            self.to_id,
            self.entries,
            self.entries_hash,
            self.previous_hash,
            int(self.sealed_at.timestamp() * 1_000_000),
        )
        return hashlib.sha256("\x1f".join(map(str, members)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Broken:
    """The first link of a chain that does not hold, and why (`entries`, `seal`, `chain`)."""

    zone_code: str
    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: how many seals and entries hold, and what does not."""

    seals: int
    entries: int
    broken: tuple[Broken, ...]


@dataclass(frozen=True, slots=True)
class _Digest:
    hash: str
    count: int
    first: int
    last: int


def seal(session: Session, *, at: datetime) -> int:
    """Seal what has finished since the last seals, zone by zone; how many seals were written."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('audit_seal'))"))
    until = int(session.execute(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")).scalar_one())
    written = 0
    for zone, start in _open_chains(session, until):
        last = _last(session, zone)
        digest = _digest(session, zone, start, until)
        link = Link(
            zone_code=zone,
            seq=last.seq + 1 if last else 1,
            from_xid=start,
            until_xid=until,
            from_id=digest.first,
            to_id=digest.last,
            entries=digest.count,
            entries_hash=digest.hash,
            previous_hash=last.hash if last else GENESIS,
            sealed_at=at,
        )
        _write(session, link)
        written += 1
    return written


def verify(session: Session) -> Verdict:
    """Check every chain from its first seal; each broken chain is reported once, at its first broken link."""
    zones: Sequence[str] = session.scalars(text("SELECT DISTINCT zone_code FROM audit_seal ORDER BY 1")).all()
    seals, entries, broken = 0, 0, []
    for zone in zones:
        previous: Link | None = None
        for link, stored in _chain(session, zone):
            why = _fault(session, link, stored, previous)
            if why:
                broken.append(Broken(zone, link.seq, why))
                break
            seals, entries, previous = seals + 1, entries + link.entries, link
    return Verdict(seals, entries, tuple(broken))


def _fault(session: Session, link: Link, stored: str, previous: Link | None) -> str | None:
    if link.hash != stored:
        return "seal"
    seq, before, start = (previous.seq + 1, previous.hash, previous.until_xid) if previous else (1, GENESIS, 0)
    if (link.seq, link.previous_hash, link.from_xid) != (seq, before, start):
        return "chain"
    digest = _digest(session, link.zone_code, link.from_xid, link.until_xid)
    if (digest.hash, digest.count) != (link.entries_hash, link.entries):
        return "entries"
    return None


def _open_chains(session: Session, until: int) -> list[tuple[str, int]]:
    """Zones with finished entries beyond their last seal, and the transaction from which the next seal starts."""
    rows = session.execute(
        text(
            "SELECT z.zone, coalesce(s.until_xid, '0'::xid8)::text AS start FROM "
            "(SELECT code AS zone FROM zone UNION ALL SELECT :none) AS z "
            "LEFT JOIN LATERAL (SELECT until_xid FROM audit_seal WHERE zone_code = z.zone ORDER BY seq DESC LIMIT 1) "
            "AS s ON true WHERE EXISTS (SELECT 1 FROM audit_entry AS e "
            "WHERE e.zone_code IS NOT DISTINCT FROM nullif(z.zone, :none) "
            "AND e.xid >= coalesce(s.until_xid, '0'::xid8) AND e.xid < CAST(:until AS xid8)) ORDER BY 1"
        ),
        {"none": NO_ZONE, "until": str(until)},
    )
    return [(row.zone, int(row.start)) for row in rows]


def _last(session: Session, zone: str) -> AuditSeal | None:
    return session.query(AuditSeal).filter_by(zone_code=zone).order_by(AuditSeal.seq.desc()).first()


def _digest(session: Session, zone: str, low: int, high: int) -> _Digest:
    facts = {"zone": None if zone == NO_ZONE else zone, "low": str(low), "high": str(high)}
    sha, count, first, last = hashlib.sha256(), 0, 0, 0
    for row in session.execute(_ENTRIES, facts, execution_options={"yield_per": 1000}):
        # lengths before texts: no entry can pass for the end of one and the start of the next
        for value in row:
            part = b"-" if value is None else str(value).encode()
            sha.update(b"%d:" % len(part) + part)
        first, last, count = first or row.id, row.id, count + 1
    return _Digest(sha.hexdigest(), count, first, last)


def _write(session: Session, link: Link) -> None:
    session.execute(
        text(
            "INSERT INTO audit_seal (zone_code, seq, from_xid, until_xid, from_id, to_id, entries, entries_hash, "
            "previous_hash, hash, sealed_at) VALUES (:zone_code, :seq, CAST(:from_xid AS xid8), "
            "CAST(:until_xid AS xid8), :from_id, :to_id, :entries, :entries_hash, :previous_hash, :hash, :sealed_at)"
        ),
        {
            "zone_code": link.zone_code,
            "seq": link.seq,
            "from_xid": str(link.from_xid),
            "until_xid": str(link.until_xid),
            "from_id": link.from_id,
            "to_id": link.to_id,
            "entries": link.entries,
            "entries_hash": link.entries_hash,
            "previous_hash": link.previous_hash,
            "hash": link.hash,
            "sealed_at": link.sealed_at,
        },
    )


def _chain(session: Session, zone: str) -> Iterator[tuple[Link, str]]:
    rows = session.execute(
        text(
            "SELECT zone_code, seq, from_xid::text, until_xid::text, from_id, to_id, entries, entries_hash, "
            "previous_hash, sealed_at, hash FROM audit_seal WHERE zone_code = :zone ORDER BY seq"
        ),
        {"zone": zone},
    ).all()
    for row in rows:
        link = Link(row[0], row[1], int(row[2]), int(row[3]), *row[4:10])
        yield link, row[10]
