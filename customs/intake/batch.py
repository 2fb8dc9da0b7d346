"""What travels through intake: the batch of one message and its documents.

A handler gets the whole batch and works on `batch.open()`, the documents without errors so far; it looks everything up
in bulk, adds findings, and appends rows, events and moves to the batch. Nothing is written before `flush`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.clock import CHINA, china_day
from common.db import copy_rows, new_ids
from common.events import NewEvent, append_events
from common.findings import Finding, has_errors
from common.law import law
from customs.moves import Moving, Step, walk

if TYPE_CHECKING:
    from credit.subjects import SubjectFacts
    from customs.messages.fields import MessageSpec
    from customs.messages.reading import ReadDocument

_STAMP = re.compile(r"^\d{14}$")


def stamp(written: str) -> datetime | None:
    """An instant written `YYYYMMDDhhmmss` in China time; None where it does not exist."""
    if not _STAMP.match(written):
        return None
    try:
        return datetime.strptime(written, "%Y%m%d%H%M%S").replace(tzinfo=CHINA)
    except ValueError:
        return None


@dataclass(slots=True)
class Filed:
    """One document on its way through intake.

    `parties` are the subjects named in the head, by role: consignor (ebc), platform (ebp), declarant (agent), carrier
    (logistics), payer (pay), operator, owner. `on` is the China-time day of appTime: the law and the codes of that day
    apply. `status` is the first answer: a state, or the negative code of a refusal.
    """

    doc: ReadDocument
    spec: MessageSpec
    on: date
    app_time: datetime
    findings: list[Finding] = field(default_factory=list)
    parties: dict[str, SubjectFacts] = field(default_factory=dict)
    zone_code: str | None = None
    relayed: bool = False
    """Whether customs' own system decides at its office (of papers that are placed by their office)."""
    id: int | None = None
    pre_no: str = ""
    status: str | None = None
    answer: list[Step] = field(default_factory=list)

    def head(self, element: str) -> str:
        """The head element's text; empty where it is absent."""
        return self.doc.head.get(element, "")

    def optional(self, element: str) -> str | None:
        """The head element's text; None where it is absent or empty."""
        return self.doc.head.get(element) or None

    @property
    def ok(self) -> bool:
        """Whether nothing so far stops this document."""
        return not has_errors(self.findings)

    @property
    def app_type(self) -> str:
        """1 new (新增), 2 change (变更), 3 delete (删除)."""
        return self.head("appType")

    def at_head(self, element: str) -> str:
        """The pointer to a head element."""
        where = f"/{self.spec.element}/{self.doc.index}"
        return f"{where}/{self.spec.head}/{element}" if self.spec.head else f"{where}/{element}"

    def at_line(self, line: int, element: str) -> str:
        """The pointer to an element of a line, counted from 0."""
        return f"/{self.spec.element}/{self.doc.index}/{self.spec.list}/{line}/{element}"


@dataclass(slots=True)
class Batch:
    """The documents of one message with everything that is to be written for them."""

    session: Session
    message_id: int
    message_type: str
    sender: SubjectFacts
    sender_zone: str
    at: datetime
    codes: Any
    filed: list[Filed]
    rows: dict[str, list[Sequence[Any]]] = field(default_factory=dict)
    columns: dict[str, Sequence[str]] = field(default_factory=dict)
    events: list[NewEvent] = field(default_factory=list)
    walks: list[tuple[Moving, Sequence[Step]]] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    """Checklists that new or changed papers concern: matched once everything is written."""
    outgoing: set[tuple[str, int]] = field(default_factory=set)
    """Papers (kind and id) that customs' own system must hear of: handed over once everything is written."""

    def open(self) -> Iterator[Filed]:
        """The documents that nothing has stopped so far."""
        return (f for f in self.filed if f.ok)

    def number(self, letter: str | None = None) -> None:
        """Give every document, refused ones too, its preNo: letter, day, serial; letter and digits are the day's law.

        `letter` is for types that do not begin with the letter of checklists.
        """
        serials: Iterable[int] = self.session.execute(
            text("SELECT nextval('pre_no_serial') FROM generate_series(1, :n)"), {"n": len(self.filed)}
        ).scalars()
        today = china_day(self.at)
        first = letter or law().value("customs.checklist.pre_number_prefix", today).text
        day, digits = today.strftime("%Y%m%d"), law().value("customs.checklist.pre_number_serial_digits", today).integer
        for filed, serial in zip(self.filed, serials, strict=True):
            filed.pre_no = f"{first}{day}{serial:0{digits}d}"

    def ids(self, count: int) -> list[int]:
        """Fresh paper ids of the month of receipt."""
        return new_ids(self.session, count, self.at.astimezone(CHINA).date())

    def add(self, table: str, row: Mapping[str, Any]) -> None:
        """Queue one row for COPY; all rows of a table name the same columns."""
        columns = self.columns.setdefault(table, tuple(row))
        self.rows.setdefault(table, []).append([row[c] for c in columns])

    def accept(self, filed: Filed, *, kind: str, subject_type: str, state: str, **data: Any) -> None:
        """Record that a paper was taken in with its first state; the event is also its response."""
        assert filed.id is not None
        filed.status = state
        consignor, declarant = filed.parties.get("consignor"), filed.parties.get("declarant")
        self.events.append(
            NewEvent(
                at=self.at,
                kind=kind,
                subject_type=subject_type,
                subject_id=filed.id,
                source="party",
                actor=f"subject:{self.sender.id}",
                state=state,
                zone_code=filed.zone_code or self.sender_zone,
                consignor_id=consignor.id if consignor else None,
                declarant_id=declarant.id if declarant else None,
                sender_id=self.sender.id,
                data={"message_id": self.message_id, **data},
            )
        )

    def flush(self) -> None:
        """Write rows (one COPY per table), then moves of stored checklists, then events."""
        for table, rows in self.rows.items():
            copy_rows(self.session, table, self.columns[table], rows)
        append_events(self.session, self.events)
        walk(self.session, self.walks, at=self.at)
