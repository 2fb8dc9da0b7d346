"""What orders, payment receipts, waybills and checklists have in common: new, change, delete against a business key.

A paper is never overwritten silently: a change raises its revision and its event keeps what stood there before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from common import outbox
from common.clock import CHINA
from common.events import NewEvent
from common.findings import Finding, Text
from common.money import plain
from customs.intake.batch import Batch, Filed
from customs.rules.intake import BOUND_TO_CHECKLIST, KNOWN_KEY, NOT_FOUND, STALE, TWICE_IN_MESSAGE
from customs.rules.moves import STORED_OR_FURTHER, State
from customs.rules.relay import CU8016

NEW, CHANGE, DELETE = "1", "2", "3"
DRAFT = "1"
_TIME = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Held:
    """The live paper behind a business key, and the live checklist it goes with."""

    id: int
    status: str
    app_time: datetime
    pre_no: str
    consignor_id: int | None
    checklist_id: int | None = None
    checklist_status: str | None = None
    checklist_no: str | None = None


@dataclass(slots=True)
class Judge:
    """Decides what becomes of each document of a batch whose papers are known by a business key."""

    what: Text
    batch: Batch
    number: str
    """The head element that people know the paper by."""
    seen: set[Any] = field(default_factory=set)

    def verdict(self, one: Filed, key: Any, held: Held | None) -> str | None:
        """NEW, CHANGE or DELETE where it may be done, else None with the finding added; a draft is declared anew."""
        found = self._fault(one, key, held)
        self.seen.add(key)
        if found is not None:
            one.findings.append(found)
            return None
        if one.app_type == NEW and held is not None:
            return CHANGE
        return one.app_type

    def _fault(self, one: Filed, key: Any, held: Held | None) -> Finding | None:
        at, number = one.at_head(self.number), one.head(self.number)[:60]
        if key in self.seen:
            return TWICE_IN_MESSAGE.at(at, what=self.what, number=number)
        if one.app_type == NEW:
            if held is not None and held.status != DRAFT:
                return KNOWN_KEY.at(at, what=self.what, number=number, pre_no=held.pre_no)
            return None
        return self._change_fault(one, at, number, held)

    def _change_fault(self, one: Filed, at: str, number: str, held: Held | None) -> Finding | None:
        consignor = one.parties.get("consignor")
        stranger = held is not None and held.consignor_id is not None and consignor is not None
        if held is None or (stranger and consignor is not None and held.consignor_id != consignor.id):
            return NOT_FOUND.at(at, what=self.what, number=number)
        if one.app_time <= held.app_time:
            return STALE.at(one.at_head("appTime"), written=_time(one.app_time), stored=_time(held.app_time))
        if held.checklist_status in STORED_OR_FURTHER:
            return BOUND_TO_CHECKLIST.at(at, what=self.what, number=number, checklist=held.checklist_no)
        return None


def _time(at: datetime) -> str:
    return at.astimezone(CHINA).strftime(_TIME)


def common(batch: Batch, one: Filed, zone_code: str) -> dict[str, Any]:
    """The columns that every paper has, for a new row."""
    assert one.id is not None
    return {
        "id": one.id,
        "message_id": batch.message_id,
        "guid": one.head("guid"),
        "zone_code": zone_code,
        "sender_id": batch.sender.id,
        "received_at": batch.at,
        "app_time": one.app_time,
        "status": state_of(one),
        "pre_no": one.pre_no,
        "revision": 1,
        "withdrawn_at": None,
        "note": one.optional("note"),
    }


def with_customs(session: Session, one: Filed, number: str, subject_type: str, row: Any) -> bool:
    """Whether a document would take back a paper that customs' own system has or may have; then it has its finding.

    `number` is the head element that people know the paper by, `row` the stored paper (None: nothing stored). What
    customs has refused may be taken back.
    """
    if row is None or row.status == State.REJECTED or not (one.app_type == DELETE or is_draft(one)):
        return False
    if not outbox.gone_out(session, subject_type, row.id):
        return False
    one.findings.append(CU8016.at(one.at_head(number), number=one.head(number)[:60]))
    return True


def state_of(one: Filed) -> str:
    """暂存 (1) for a draft, else 申报中 (2)."""
    return State.DRAFT if one.head("appStatus") == DRAFT else State.DECLARED


def is_draft(one: Filed) -> bool:
    """Whether the document is only kept (暂存)."""
    return one.head("appStatus") == DRAFT


def change_row(session: Session, table: Any, id: int, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Write new contents into a paper's row; gives what changed: field → {"before", "after"} as text."""
    mapped: Table = table.__table__
    columns = [mapped.c[name] for name in values]
    before = session.execute(select(*columns).where(mapped.c.id == id)).mappings().one()
    session.execute(update(mapped).where(mapped.c.id == id).values(**values, revision=mapped.c.revision + 1))
    return {
        name: {"before": _shown(before[name]), "after": _shown(value)}
        for name, value in values.items()
        if before[name] != value and name not in BOOKKEEPING
    }


BOOKKEEPING = frozenset({"message_id", "guid", "sender_id", "app_time", "status", "pre_no", "withdrawn_at"})
"""Columns that every change touches: they are not contents."""


def _shown(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


@dataclass(frozen=True, slots=True)
class Kind:
    """A paper known by a business key: its table, how its events begin (`order` → order.changed), their subject."""

    table: Any
    event: str
    subject_type: str


def withdraw(batch: Batch, one: Filed, kind: Kind, held: Held, zone_code: str) -> None:
    """Delete the held paper on the document's word; the caller frees its key."""
    one.id, one.zone_code = held.id, zone_code
    change_row(batch.session, kind.table, held.id, _header(batch, one) | {"withdrawn_at": batch.at})
    note(batch, one, kind=f"{kind.event}.withdrawn", subject_type=kind.subject_type, state=state_of(one))


def change(
    batch: Batch, one: Filed, kind: Kind, held: Held, zone_code: str, contents: dict[str, Any], **data: Any
) -> None:
    """Write the document's `contents` over the held paper; `data` is what its event tells beside what changed."""
    one.id, one.zone_code = held.id, zone_code
    values = _header(batch, one) | contents | {"status": state_of(one), "note": one.optional("note")}
    changed = change_row(batch.session, kind.table, held.id, values)
    state = state_of(one)
    note(batch, one, kind=f"{kind.event}.changed", subject_type=kind.subject_type, state=state, changed=changed, **data)


def _header(batch: Batch, one: Filed) -> dict[str, Any]:
    return {"message_id": batch.message_id, "guid": one.head("guid"), "app_time": one.app_time}


def note(batch: Batch, one: Filed, *, kind: str, subject_type: str, state: str | None, **data: Any) -> None:
    """Record a change or deletion of a paper; the event is also its response."""
    assert one.id is not None
    one.status = state
    consignor, declarant = one.parties.get("consignor"), one.parties.get("declarant")
    batch.events.append(
        NewEvent(
            at=batch.at,
            kind=kind,
            subject_type=subject_type,
            subject_id=one.id,
            source="party",
            actor=f"subject:{batch.sender.id}",
            zone_code=one.zone_code or batch.sender_zone,
            consignor_id=consignor.id if consignor else None,
            declarant_id=declarant.id if declarant else None,
            sender_id=batch.sender.id,
            data={"message_id": batch.message_id, **data},
        )
    )
