"""The outbox: messages that wait until somebody outside fetches them, and what became of each.

A row is committed together with what it tells about, so nothing is lost while the fetcher is away; it is handed out
under a lease and comes again until it is reported sent (at least once). What goes out together forms a bundle; within
a zone the oldest comes first. A bundle that a newer one of the same subject replaces before it went out is never sent.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Identity, Index, Integer, LargeBinary, Text, func, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from common.db import Base

LEASE = timedelta(minutes=5)
"""How long a fetched message is nobody else's; longer than any transmission takes, short enough to try again soon."""

_OPEN = text("sent_at IS NULL AND superseded_at IS NULL")


class OutboxMessage(Base):
    """One message to be sent, one already sent, or one that was replaced before it went out."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("uq_outbox_message_bundle_kind", "bundle", "kind", "part", unique=True),
        Index("ix_outbox_message_open", "zone_code", "id", postgresql_where=_OPEN),
        Index("ix_outbox_message_subject", "subject_type", "subject_id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    zone_code: Mapped[str] = mapped_column(Text)
    office: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    subject_type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int]
    revision: Mapped[int] = mapped_column(Integer)
    bundle: Mapped[str] = mapped_column(Text)
    part: Mapped[int] = mapped_column(Integer, server_default="1")
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    leased_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(Text)
    superseded_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]

    @property
    def open(self) -> bool:
        """Whether it still has to be sent."""
        return self.sent_at is None and self.superseded_at is None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message about to be put in: for which zone and office, of which kind, about what, in which bundle.

    `part` tells the messages of a split paper apart, which share bundle and kind.
    """

    zone_code: str
    office: str
    kind: str
    subject_type: str
    subject_id: int
    revision: int
    bundle: str
    payload: bytes
    part: int = 1


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for a zone's fetcher: how many, since when, how many were tried and failed."""

    zone_code: str
    waiting: int
    oldest_at: datetime
    failed: int


def put(session: Session, messages: Sequence[Outgoing], at: datetime) -> list[OutboxMessage]:
    """Append messages in the order given; the caller holds the lock of their subject."""
    rows = [
        OutboxMessage(
            zone_code=one.zone_code,
            office=one.office,
            kind=one.kind,
            subject_type=one.subject_type,
            subject_id=one.subject_id,
            revision=one.revision,
            bundle=one.bundle,
            part=one.part,
            payload=one.payload,
            created_at=at,
        )
        for one in messages
    ]
    for row in rows:
        session.add(row)
        session.flush()  # one by one: the numbers rise in this order
    return rows


def lease(
    session: Session, zone_codes: Collection[str], *, at: datetime, after: int = 0, limit: int = 100
) -> Sequence[OutboxMessage]:
    """Open messages of the zones that nobody holds, oldest first; they are the caller's until the lease ends.

    `after` is for going on within one pass: of messages handed out before, only those behind it come. A message never
    handed out comes whatever its number, so one that was committed late is not passed over.
    """
    rows = session.scalars(
        select(OutboxMessage)
        .where(
            OutboxMessage.zone_code.in_(sorted(zone_codes)),
            _OPEN,
            or_(OutboxMessage.leased_until.is_(None), OutboxMessage.leased_until <= at),
            or_(OutboxMessage.attempts == 0, OutboxMessage.id > after),
        )
        .order_by(OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.attempts += 1
        row.leased_until = at + LEASE
    session.flush()
    return rows


def report(session: Session, row: OutboxMessage, *, failure: str | None, at: datetime) -> None:
    """Write down that a message went out, or that it did not: then it comes again once its lease has ended."""
    if failure is None:
        row.sent_at, row.failed_at, row.failure = at, None, None
    else:
        row.failed_at, row.failure, row.leased_until = at, failure, at + LEASE
    session.flush()


def supersede(session: Session, zone_code: str, prefix: str, at: datetime) -> None:
    """Take back the zone's open messages whose bundle starts with `prefix`."""
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.zone_code == zone_code, OutboxMessage.bundle.startswith(prefix, autoescape=True), _OPEN)
        .values(superseded_at=at)
    )


def gone_out(session: Session, subject_type: str, subject_id: int) -> bool:
    """Whether any message about a subject has gone out, or may have: fetched, and neither reported sent nor failed.

    Its messages stay locked until the transaction ends, so that nobody fetches one meanwhile.
    """
    rows = session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.subject_type == subject_type, OutboxMessage.subject_id == subject_id)
        .order_by(OutboxMessage.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    return any(row.sent_at is not None or (row.attempts > 0 and row.failed_at is None) for row in rows)


def bundle_of(session: Session, bundle: str) -> Sequence[OutboxMessage]:
    """The messages of a bundle in their order."""
    return session.scalars(select(OutboxMessage).where(OutboxMessage.bundle == bundle).order_by(OutboxMessage.id)).all()


def known_bundles(session: Session, bundles: Collection[str]) -> set[str]:
    """Those of the bundles of which a message was put in, in one query."""
    asked = select(OutboxMessage.bundle).where(OutboxMessage.bundle.in_(sorted(bundles))).distinct()
    return set(session.scalars(asked))


def last_sent(session: Session, kind: str, subject_ids: Collection[int]) -> dict[int, int]:
    """The newest revision that went out, by subject, for messages of one kind."""
    rows = session.execute(
        select(OutboxMessage.subject_id, func.max(OutboxMessage.revision))
        .where(
            OutboxMessage.kind == kind,
            OutboxMessage.subject_id.in_(sorted(subject_ids)),
            OutboxMessage.sent_at.is_not(None),
        )
        .group_by(OutboxMessage.subject_id)
    )
    return {row[0]: row[1] for row in rows}


def proved_sent(session: Session, bundle: str, at: datetime) -> None:
    """Write down that a bundle must have gone out, because an answer to it came before anybody reported it sent.

    What nobody has fetched yet cannot have gone out: the answer is to an earlier bundle.
    """
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.bundle == bundle, OutboxMessage.attempts > 0, _OPEN)
        .values(sent_at=at)
    )


def answered(session: Session, subject_type: str, subject_ids: Collection[int], at: datetime) -> None:
    """Write down that an answer about these subjects came; the first one counts."""
    session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.subject_type == subject_type,
            OutboxMessage.subject_id.in_(sorted(subject_ids)),
            OutboxMessage.sent_at.is_not(None),
            OutboxMessage.answered_at.is_(None),
        )
        .values(answered_at=at)
    )


def backlog(session: Session, zone_codes: Collection[str]) -> list[Backlog]:
    """What waits in each zone, so that everybody sees when nobody fetches."""
    rows = session.execute(
        select(
            OutboxMessage.zone_code,
            func.count(),
            func.min(OutboxMessage.created_at),
            func.count(OutboxMessage.failed_at),
        )
        .where(OutboxMessage.zone_code.in_(sorted(zone_codes)), _OPEN)
        .group_by(OutboxMessage.zone_code)
        .order_by(OutboxMessage.zone_code)
    )
    return [Backlog(*row) for row in rows]


def waiting(session: Session, zone_code: str, limit: int) -> Sequence[OutboxMessage]:
    """The open messages of a zone, oldest first."""
    return session.scalars(
        select(OutboxMessage).where(OutboxMessage.zone_code == zone_code, _OPEN).order_by(OutboxMessage.id).limit(limit)
    ).all()
