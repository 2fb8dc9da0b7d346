"""Records of the site operator: surplus parcels (no paper), missing ones (papers, no parcel), unreadable labels.

A record is open until the paper comes, the parcel is found, or the operator says how it ended; its age is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.orm import Session

from common.clock import CHINA, china_day
from common.db import lock_keys, new_ids
from common.events import NewEvent, append_events
from common.findings import ConflictError, DomainError, NotFoundError
from credit.subjects import zone_offices
from customs.movement.parcels import Key, Parcels, locks
from customs.movement.sites import Operator, carrier_by_code, own_site
from customs.rules import movement as rules
from customs.rules import site as site_rules
from customs.rules.movement import written
from customs.rules.site import RecordKind
from customs.tables import SiteRecord

RESOLVED = "site_record.resolved"
PAPER_CAME, PARCEL_FOUND, SETTLED = "paper_came", "parcel_found", "settled"
"""How a record ends: by a checklist, by an arrival, by the operator's word."""

_FOUND = text(
    "UPDATE site_record AS r SET resolved_at = :at, resolution = 'parcel_found', set_by = :actor, set_at = :at "
    "FROM unnest(CAST(:carriers AS bigint[]), CAST(:numbers AS text[])) AS k(carrier_id, logistics_no) "
    "WHERE r.kind = 'missing' AND r.resolved_at IS NULL AND r.carrier_id = k.carrier_id "
    "AND r.logistics_no = k.logistics_no RETURNING r.id, r.zone_code"
)
_CAME = text(
    "UPDATE site_record AS r SET resolved_at = :at, resolution = 'paper_came', checklist_id = c.id, "
    "set_by = 'platform', set_at = :at FROM parcel AS p JOIN checklist AS c ON c.id = p.checklist_id "
    "WHERE r.kind = 'surplus' AND r.resolved_at IS NULL AND p.carrier_id = r.carrier_id "
    "AND p.logistics_no = r.logistics_no AND c.withdrawn_at IS NULL AND c.status NOT IN ('1', '100') "
    "RETURNING r.id, r.zone_code"
)
_MISSING = text(
    "SELECT r.carrier_id, r.logistics_no "
    "FROM unnest(CAST(:carriers AS bigint[]), CAST(:numbers AS text[])) AS k(carrier_id, logistics_no) "
    "JOIN site_record AS r USING (carrier_id, logistics_no) WHERE r.kind = 'missing' AND r.resolved_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class NewRecord:
    """What an operator writes down; `loct_no` may be left out where the operator has one site of the office."""

    kind: str
    customs_code: str
    loct_no: str | None
    description: str
    logistics_code: str | None = None
    logistics_no: str | None = None


def record(session: Session, operator: Operator, new: NewRecord, *, at: datetime) -> SiteRecord:
    """Write down a find at the operator's own site.

    Raises `DomainError` for an unknown kind, office, site or carrier and for a missing waybill number or description,
    `ConflictError` where papers speak against it or an open record of the same kind exists.
    """
    day = china_day(at)
    _check(new)
    office = zone_offices(session, day).get(new.customs_code)
    if office is None:
        raise DomainError(rules.OFFICE_NOT_OPEN.at("/customs_code", office=new.customs_code[:20]))
    site = own_site(session, operator, new.customs_code, new.loct_no, day)
    carrier = None
    if new.logistics_code:
        carrier = carrier_by_code(session, new.logistics_code, day, "/logistics_code")
    if carrier is not None and new.logistics_no:
        lock_keys(session, locks([(carrier.id, new.logistics_no)]))
        _check_parcel(session, new.kind, (carrier.id, new.logistics_no), at)
    row = SiteRecord(
        id=new_ids(session, 1, day)[0],
        kind=new.kind,
        zone_code=office.zone_code,
        customs_code=new.customs_code,
        loct_no=site,
        operator_id=operator.subject_id,
        carrier_id=carrier.id if carrier else None,
        logistics_code=new.logistics_code or None,
        logistics_no=new.logistics_no or None,
        description=new.description.strip(),
        recorded_at=at,
        recorded_by=operator.name,
        set_by=operator.actor,
        set_at=at,
    )
    session.add(row)
    session.flush()
    _tell(session, [(row.id, row.zone_code)], "site_record.opened", operator.actor, at, record=new.kind)
    return row


def _check(new: NewRecord) -> None:
    if new.kind not in list(RecordKind):
        raise DomainError(rules.UNKNOWN_WORD.at("/kind", value=new.kind[:40], known=", ".join(RecordKind)))
    if not rules.usable(new.description):
        raise DomainError(rules.TEXT_NEEDED.at("/description", most=rules.MAX_TEXT))
    if new.kind != RecordKind.UNREADABLE and not (new.logistics_code and new.logistics_no):
        raise DomainError(site_rules.RECORD_NEEDS_WAYBILL.at("/logistics_no", kind=site_rules.RECORD_NAMES[new.kind]))


def _check_parcel(session: Session, kind: str, key: Key, at: datetime) -> None:
    number = key[1][:60]
    taken = select(SiteRecord.id).where(
        SiteRecord.kind == kind,
        SiteRecord.carrier_id == key[0],
        SiteRecord.logistics_no == key[1],
        SiteRecord.resolved_at.is_(None),
    )
    if session.scalar(taken) is not None:
        raise ConflictError(site_rules.RECORD_OPEN.at("/logistics_no", number=number))
    parcel = Parcels.load(session, [key], at).get(key)
    if kind == RecordKind.SURPLUS and parcel.checklist is not None:
        raise ConflictError(site_rules.SURPLUS_DECLARED.at("/logistics_no", number=number))
    if kind == RecordKind.MISSING and (not parcel.known or parcel.left):
        raise ConflictError(site_rules.MISSING_UNKNOWN.at("/logistics_no", number=number))


def resolve(session: Session, operator: Operator, record_id: int, note: str, *, at: datetime) -> SiteRecord:
    """Say how a find ended, in the operator's own words.

    Raises `DomainError` without words, `NotFoundError` for somebody else's record, `ConflictError` for a resolved one.
    """
    if not rules.usable(note):
        raise DomainError(rules.TEXT_NEEDED.at("/note", most=rules.MAX_TEXT))
    row = session.scalars(
        select(SiteRecord)
        .where(SiteRecord.id == record_id, SiteRecord.operator_id == operator.subject_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFoundError(site_rules.RECORD_NOT_FOUND.at(""))
    if row.resolved_at is not None:
        raise ConflictError(site_rules.RECORD_RESOLVED.at("", since=written(row.resolved_at.astimezone(CHINA))))
    row.resolved_at, row.resolution, row.resolution_note = at, SETTLED, note.strip()
    row.set_by, row.set_at = operator.actor, at
    session.flush()
    _tell(session, [(row.id, row.zone_code)], RESOLVED, operator.actor, at, resolution=SETTLED)
    return row


def parcels_found(session: Session, keys: Iterable[Key], *, actor: str, at: datetime) -> int:
    """Close the records of missing parcels that an arrival notice names; how many."""
    wanted = sorted(set(keys))
    if not wanted:
        return 0
    asked = {"carriers": [key[0] for key in wanted], "numbers": [key[1] for key in wanted]}
    closed = session.execute(_FOUND, asked | {"actor": actor, "at": at}).all()
    _tell(session, [(row.id, row.zone_code) for row in closed], RESOLVED, actor, at, resolution=PARCEL_FOUND)
    return len(closed)


def papers_came(session: Session, *, at: datetime) -> int:
    """Close the records of surplus parcels that have a live checklist by now; how many. Cheap where none is open."""
    closed = session.execute(_CAME, {"at": at}).all()
    _tell(session, [(row.id, row.zone_code) for row in closed], RESOLVED, "platform", at, resolution=PAPER_CAME)
    return len(closed)


def missing(session: Session, keys: Iterable[Key]) -> set[Key]:
    """Which of these parcels a site operator reports missing."""
    wanted = sorted(set(keys))
    if not wanted:
        return set()
    asked = {"carriers": [key[0] for key in wanted], "numbers": [key[1] for key in wanted]}
    return {(row.carrier_id, row.logistics_no) for row in session.execute(_MISSING, asked)}


def records(
    session: Session, visible: ColumnElement[bool], *, open_only: bool, kind: str | None, after: int, limit: int
) -> Sequence[SiteRecord]:
    """A page of the records that `visible` allows, oldest first; `after` is the last id of the page before."""
    query = select(SiteRecord).where(visible, SiteRecord.id > after)
    if open_only:
        query = query.where(SiteRecord.resolved_at.is_(None))
    if kind is not None:
        query = query.where(SiteRecord.kind == kind)
    return session.scalars(query.order_by(SiteRecord.id).limit(limit)).all()


def age_days(row: SiteRecord, at: datetime) -> int:
    """China-time days that a record has stood, or stood until it was resolved."""
    return (china_day(row.resolved_at or at) - china_day(row.recorded_at)).days


def _tell(
    session: Session, records: Sequence[tuple[int, str]], kind: str, actor: str, at: datetime, **data: Any
) -> None:
    """Events for the zone; a site's finds are no party's."""
    append_events(
        session,
        [
            NewEvent(
                at=at,
                kind=kind,
                subject_type="site_record",
                subject_id=id,
                source="rule" if actor == "platform" else "party",
                actor=actor,
                zone_code=zone,
                data=data,
            )
            for id, zone in records
        ],
    )
