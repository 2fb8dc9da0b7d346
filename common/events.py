"""The append-only event: what happened to which record, when, by whom, from which source, under which rule.

Events are the history of a paper, the source of its responses (回执) and the feed that clients re-read. A feed cursor
is (transaction, id) and only moves past finished transactions, so an event of a transaction that commits late is
never skipped (design §8: a sequence number is taken before commit).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypedDict

import msgspec
from sqlalchemy import Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import UserDefinedType

from common.clock import china_day
from common.db import Base, copy_rows, month_floor


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name in SQL."""
        return "xid8"


class Event(Base):
    """One event; partitioned by the month in which it happened."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_subject", "subject_id"),
        Index("ix_event_zone_feed", "zone_code", "xid", "id"),
        Index("ix_event_consignor_feed", "consignor_id", "xid", "id"),
        Index("ix_event_declarant_feed", "declarant_id", "xid", "id"),
        Index("ix_event_sender_feed", "sender_id", "xid", "id"),
        {"postgresql_partition_by": "RANGE (id)"},
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    xid: Mapped[int] = mapped_column(Xid8, server_default=text("pg_current_xact_id()"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(Text)
    subject_type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int]
    zone_code: Mapped[str | None] = mapped_column(Text)
    consignor_id: Mapped[int | None]
    declarant_id: Mapped[int | None]
    sender_id: Mapped[int | None]
    state: Mapped[str | None] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    rule: Mapped[str | None] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)


@dataclass(slots=True)
class NewEvent:
    """An event about to be written.

    `source` says where it comes from: `rule` (this platform), `officer` (decided here), `customs` (a response
    received from customs' own system), `party` (somebody filed or recorded something). `state` is customs' code when
    the event is a move; `data` carries reason texts `{"zh","en"}`, findings and references.
    """

    at: datetime
    kind: str
    subject_type: str
    subject_id: int
    source: str
    actor: str = "platform"
    state: str | None = None
    rule: str | None = None
    zone_code: str | None = None
    consignor_id: int | None = None
    declarant_id: int | None = None
    sender_id: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


class Belonging(Protocol):
    """A record that belongs to a zone, a consignor, a declarant and a sender."""

    @property
    def zone_code(self) -> str:
        """Its pilot zone."""

    @property
    def consignor_id(self) -> int | None:
        """Its consignor."""

    @property
    def declarant_id(self) -> int | None:
        """Its declaring unit."""

    @property
    def sender_id(self) -> int | None:
        """Who sent it in."""


class Whose(TypedDict):
    """Whose feeds an event belongs to, as arguments of `NewEvent`."""

    zone_code: str
    consignor_id: int | None
    declarant_id: int | None
    sender_id: int | None


def whose(record: Belonging) -> Whose:
    """The feeds that an event about this record belongs to."""
    return {
        "zone_code": record.zone_code,
        "consignor_id": record.consignor_id,
        "declarant_id": record.declarant_id,
        "sender_id": record.sender_id,
    }


_COLUMNS = (
    "id",
    "at",
    "kind",
    "subject_type",
    "subject_id",
    "zone_code",
    "consignor_id",
    "declarant_id",
    "sender_id",
    "state",
    "actor",
    "source",
    "rule",
    "data",
)


def append_events(session: Session, events: Sequence[NewEvent]) -> None:
    """Write events in the order given; one COPY."""
    if not events:
        return
    serials: Iterable[int] = session.execute(
        text("SELECT nextval('event_serial') FROM generate_series(1, :n)"), {"n": len(events)}
    ).scalars()
    copy_rows(session, "event", _COLUMNS, (_row(event, serial) for event, serial in zip(events, serials, strict=True)))


def _row(event: NewEvent, serial: int) -> tuple[Any, ...]:
    return (
        month_floor(china_day(event.at)) + serial,
        event.at,
        event.kind,
        event.subject_type,
        event.subject_id,
        event.zone_code,
        event.consignor_id,
        event.declarant_id,
        event.sender_id,
        event.state,
        event.actor,
        event.source,
        event.rule,
        msgspec.json.encode(event.data).decode(),
    )
