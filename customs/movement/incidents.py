"""Incidents: a departure notice named a parcel that was not free to leave. Opened at once, closed by a supervisor."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common.clock import CHINA
from common.events import NewEvent, append_events
from common.findings import ConflictError, DomainError, NotFoundError, Text
from customs.desk.officers import Officer
from customs.intake.batch import Batch, Filed
from customs.movement.parcels import Key, ParcelAtHand
from customs.rules import movement as rules
from customs.rules import site as site_rules
from customs.rules.desk import CU5008
from customs.rules.movement import written
from customs.tables import Incident

UNRELEASED = "unreleased_departure"
_CLOSE = Text("办结案件", "close a case")

_OPEN = text(
    "SELECT i.id, i.carrier_id, i.logistics_no, i.zone_code "
    "FROM unnest(CAST(:carriers AS bigint[]), CAST(:numbers AS text[])) AS k(carrier_id, logistics_no) "
    "JOIN incident AS i USING (carrier_id, logistics_no) WHERE i.closed_at IS NULL"
)


@dataclass(slots=True)
class Cases:
    """The incidents of one batch: one open case per parcel, however often its departure is reported."""

    batch: Batch
    _wanted: list[tuple[Filed, ParcelAtHand, str, datetime]] = field(default_factory=list)

    def want(self, one: Filed, parcel: ParcelAtHand, rule: str, leave_time: datetime) -> None:
        """Note that this document reported the departure of a parcel that `rule` stops."""
        self._wanted.append((one, parcel, rule, leave_time))

    def open(self) -> None:
        """Queue the cases and their events."""
        if not self._wanted:
            return
        standing = self._standing([parcel.key for _, parcel, _, _ in self._wanted])
        ids = iter(self.batch.ids(len(self._wanted)))
        for one, parcel, rule, leave_time in self._wanted:
            if parcel.key in standing:
                self._tell("incident.repeated", standing[parcel.key], one, parcel, rule)
                continue
            standing[parcel.key] = id = next(ids)
            self._add(id, one, parcel, rule, leave_time)
            self._tell("incident.opened", id, one, parcel, rule)

    def _standing(self, keys: Iterable[Key]) -> dict[Key, int]:
        wanted = sorted(set(keys))
        asked = {"carriers": [key[0] for key in wanted], "numbers": [key[1] for key in wanted]}
        rows = self.batch.session.execute(_OPEN, asked)
        return {(row.carrier_id, row.logistics_no): row.id for row in rows}

    def _add(self, id: int, one: Filed, parcel: ParcelAtHand, rule: str, leave_time: datetime) -> None:
        checklist = parcel.checklist
        self.batch.add(
            "incident",
            {
                "id": id,
                "kind": UNRELEASED,
                "zone_code": _zone(self.batch, one, parcel),
                "carrier_id": parcel.carrier_id,
                "carrier_name": one.parties["carrier"].name,
                "logistics_no": parcel.number,
                "checklist_id": checklist.id if checklist else None,
                "status": checklist.status if checklist else None,
                "rule": rule,
                "message_id": self.batch.message_id,
                "cop_no": one.head("copNo"),
                "leave_time": leave_time,
                "opened_at": self.batch.at,
                "set_by": f"subject:{self.batch.sender.id}",
                "set_at": self.batch.at,
            },
        )

    def _tell(self, kind: str, id: int, one: Filed, parcel: ParcelAtHand, rule: str) -> None:
        data: dict[str, Any] = {
            "message_id": self.batch.message_id,
            "logistics_no": parcel.number,
            "checklist_id": parcel.checklist.id if parcel.checklist else None,
        }
        zone = _zone(self.batch, one, parcel)
        self.batch.events.append(
            NewEvent(self.batch.at, kind, "incident", id, "rule", rule=rule, zone_code=zone, data=data)
        )


def _zone(batch: Batch, one: Filed, parcel: ParcelAtHand) -> str:
    """The zone whose supervisor it concerns: the checklist's, else the notice's."""
    if parcel.checklist is not None:
        return parcel.checklist.moving.zone_code
    return one.zone_code or batch.sender_zone


def incidents(
    session: Session, zones: Collection[str], *, open_only: bool, after: int, limit: int
) -> Sequence[Incident]:
    """A page of the zones' incidents, oldest first; `after` is the last id of the page before."""
    query = select(Incident).where(Incident.zone_code.in_(sorted(zones)), Incident.id > after)
    if open_only:
        query = query.where(Incident.closed_at.is_(None))
    return session.scalars(query.order_by(Incident.id).limit(limit)).all()


def close(session: Session, officer: Officer, incident_id: int, words: str, *, at: datetime) -> Incident:
    """A supervisor closes a case, saying what was found and done.

    Raises `DomainError` without words, `NotFoundError` outside the zones, `ConflictError` for anybody who is no
    supervisor and for a closed case.
    """
    if not rules.usable(words):
        raise DomainError(rules.TEXT_NEEDED.at("/text", most=rules.MAX_TEXT))
    row = session.scalars(
        select(Incident)
        .where(Incident.id == incident_id, Incident.zone_code.in_(sorted(officer.zones)))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFoundError(site_rules.INCIDENT_NOT_FOUND.at(""))
    if not officer.supervisor:
        raise ConflictError(CU5008.at("", decision=_CLOSE))
    if row.closed_at is not None:
        since = written(row.closed_at.astimezone(CHINA))
        raise ConflictError(site_rules.INCIDENT_CLOSED.at("", who=row.closed_name, since=since))
    row.closed_at, row.closed_by, row.closed_name = at, officer.account_id, officer.name
    row.outcome, row.set_by, row.set_at = words.strip(), officer.actor, at
    session.flush()
    event = NewEvent(at, "incident.closed", "incident", row.id, "officer", officer.actor, zone_code=row.zone_code)
    append_events(session, [event])
    return row
