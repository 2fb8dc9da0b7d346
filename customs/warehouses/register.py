"""The register of overseas warehouses: registering, confirming, who may use one, ending, and filings of the business.

Use cases take the session, plain values and the instant; they do not commit.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from common.clock import CHINA, china_day
from common.db import lock_keys
from common.events import NewEvent, append_events
from common.findings import ConflictError, DomainError, Finding, NotAllowedError, NotFoundError, Text
from credit.subjects import SubjectFacts, subject_by_id, subjects_by_codes
from customs.codes import Codes
from customs.rules import warehouses as rules
from customs.tables import OverseasWarehouse, WarehouseFiling, WarehouseUser

SUBJECT = "overseas_warehouse"
CHINA_CODE = "142"


@dataclass(frozen=True, slots=True)
class NewWarehouse:
    """What a firm says of a warehouse; `country` is customs' code, `holding` owned, leased or third_party."""

    name_zh: str
    name_en: str
    country: str
    address: str
    operator: str
    holding: str
    valid_from: date
    lease_until: date | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: how events name the person (`account:7`), the person's name, and the firm, None for an official."""

    actor: str
    name: str
    firm_id: int | None = None


_TEXTS = {
    "name_zh": Text("海外仓中文名称", "the Chinese name"),
    "name_en": Text("海外仓外文名称", "the foreign name"),
    "address": Text("地址", "the address"),
    "operator": Text("经营者", "the operator"),
}


def register(session: Session, new: NewWarehouse, who: Actor, codes: Codes, *, at: datetime) -> OverseasWarehouse:
    """Register a warehouse for the person's firm, which may use it from its first day.

    Raises `DomainError` with every fault of what was said, `ConflictError` where the firm has it on record.
    """
    firm = _firm(session, who, china_day(at))
    faults = list(_faults(new, codes, china_day(at)))
    if faults:
        raise DomainError(*faults)
    lock_keys(session, [f"warehouse_register:{firm.id}"])
    _not_twice(session, firm.id, new, china_day(at))
    row = OverseasWarehouse(
        zone_code=firm.zone_code or min(firm.member_of),
        registered_by=firm.id,
        name_zh=new.name_zh.strip(),
        name_en=new.name_en.strip(),
        country=new.country,
        address=new.address.strip(),
        operator=new.operator.strip(),
        holding=new.holding,
        lease_until=new.lease_until,
        valid_from=new.valid_from,
        valid_to=None,
        state="registered",
        registered_at=at,
        set_by=who.actor,
        set_at=at,
    )
    session.add(row)
    session.flush()
    _add_user(session, row, firm, new.valid_from, None, who, at)
    _tell(session, row, "warehouse.registered", who, at)
    return row


def _firm(session: Session, who: Actor, on: date) -> SubjectFacts:
    """The person's firm; raises `NotAllowedError` for a person without one, or a firm of no zone."""
    firm = subject_by_id(session, who.firm_id, on) if who.firm_id is not None else None
    if firm is None or not (firm.zone_code or firm.member_of):
        raise NotAllowedError(rules.USER_UNKNOWN.at("", code=(firm.customs_code if firm else None) or "—"))
    return firm


def _faults(new: NewWarehouse, codes: Codes, on: date) -> Sequence[Finding]:
    found = [
        rules.TEXT_UNUSABLE.at(f"/{field}", what=what, most=rules.MOST_TEXT)
        for field, what in _TEXTS.items()
        if not rules.usable_text(getattr(new, field))
    ]
    if new.country == CHINA_CODE or codes.entry("country", new.country, on) is None:
        found.append(rules.UNKNOWN_COUNTRY.at("/country", found=new.country[:20] or "—"))
    leased = new.holding == "leased"
    if new.holding not in rules.HOLDINGS:
        found.append(rules.HOLDING_UNKNOWN.at("/holding"))
    elif leased != (new.lease_until is not None) or (new.lease_until and new.lease_until < new.valid_from):
        found.append(rules.HOLDING_UNKNOWN.at("/lease_until"))
    return found


def _not_twice(session: Session, firm_id: int, new: NewWarehouse, on: date) -> None:
    house = OverseasWarehouse
    rows = session.scalars(
        select(house).where(
            house.registered_by == firm_id,
            house.country == new.country,
            house.state != "refused",
            *(or_(end.is_(None), end >= on) for end in (house.valid_to, house.lease_until)),
        )
    )
    wanted = {rules.same_name(new.name_zh), rules.same_name(new.name_en)}
    for row in rows:
        if wanted & {rules.same_name(row.name_zh), rules.same_name(row.name_en)}:
            raise ConflictError(rules.REGISTERED_ALREADY.at("/name_zh", id=row.id))


def _reversed(start: date, last: date) -> Finding:
    return rules.DAYS_REVERSED.at("/last_day", start=start.isoformat(), end=last.isoformat())


def decide(
    session: Session, warehouse_id: int, confirm: bool, reason: str, who: Actor, *, zones: Collection[str], at: datetime
) -> OverseasWarehouse:
    """The zone's manager confirms or, with a reason, refuses a registration; once only.

    Raises `NotFoundError` outside the manager's zones, `DomainError` without a reason, `ConflictError` if decided.
    """
    row = _locked(session, warehouse_id)
    if row is None or row.zone_code not in zones:
        raise NotFoundError(rules.NOT_FOUND.at(""))
    if row.state != "registered":
        since = row.decided_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if row.decided_at else "—"
        raise ConflictError(rules.DECIDED_ALREADY.at("", since=since, who=row.decided_by or "—"))
    if not confirm and not rules.usable_text(reason, rules.MOST_REASON):
        raise DomainError(rules.REASON_NEEDED.at("/reason", most=rules.MOST_REASON))
    row.state = "confirmed" if confirm else "refused"
    row.decided_at, row.decided_by, row.reason = at, who.name, reason.strip() or None
    row.set_by, row.set_at = who.actor, at
    session.flush()
    _tell(session, row, f"warehouse.{row.state}", who, at, source="officer", reason=row.reason)
    return row


def end(session: Session, warehouse_id: int, last_day: date, who: Actor, *, at: datetime) -> OverseasWarehouse:
    """The registering firm ends the use of its warehouse; what lies there stays on the ledger.

    Raises `NotFoundError`, `NotAllowedError` for another firm, `ConflictError` where it ended, `DomainError` for a day
    before the first.
    """
    row = _own(session, warehouse_id, who)
    if row.valid_to is not None:
        raise ConflictError(rules.USE_ENDED.at("", end=row.valid_to.isoformat()))
    if last_day < row.valid_from:
        raise DomainError(_reversed(row.valid_from, last_day))
    row.valid_to, row.set_by, row.set_at = last_day, who.actor, at
    session.flush()
    _tell(session, row, "warehouse.ended", who, at, last_day=last_day.isoformat())
    return row


def renew_lease(session: Session, warehouse_id: int, until: date, who: Actor, *, at: datetime) -> OverseasWarehouse:
    """The registering firm extends (or shortens) its lease. Raises as `end`, also where nothing is leased."""
    row = _own(session, warehouse_id, who)
    if row.holding != "leased" or until < row.valid_from:
        raise DomainError(rules.HOLDING_UNKNOWN.at("/lease_until"))
    row.lease_until, row.set_by, row.set_at = until, who.actor, at
    session.flush()
    _tell(session, row, "warehouse.lease_renewed", who, at, until=until.isoformat())
    return row


def allow_use(
    session: Session, warehouse_id: int, code: str, start: date, last: date | None, who: Actor, *, at: datetime
) -> WarehouseUser:
    """The registering firm lets another firm use its warehouse, by that firm's code.

    Raises as `end`, `DomainError` for an unknown firm or days in the wrong order, `ConflictError` where the firm may
    use it already within these days.
    """
    row = _own(session, warehouse_id, who)
    firm = subjects_by_codes(session, [code], china_day(at)).get(code)
    if firm is None or not (firm.zone_code or firm.member_of):
        raise DomainError(rules.USER_UNKNOWN.at("/code", code=code[:20]))
    if last is not None and last < start:
        raise DomainError(_reversed(start, last))
    user = WarehouseUser
    overlapping = [
        user.warehouse_id == warehouse_id,
        user.subject_id == firm.id,
        or_(user.valid_to.is_(None), user.valid_to >= start),
    ]
    if last is not None:
        overlapping.append(user.valid_from <= last)
    if session.scalar(select(user.id).where(*overlapping).limit(1)) is not None:
        raise ConflictError(rules.USER_ALREADY.at("/code", name=firm.name))
    added = _add_user(session, row, firm, start, last, who, at)
    _tell(session, row, "warehouse.use_granted", who, at, firm=firm.name, subject_id=firm.id)
    return added


def end_use(
    session: Session, warehouse_id: int, user_id: int, last: date, who: Actor, *, at: datetime
) -> WarehouseUser:
    """The registering firm ends another firm's use. Raises as `allow_use`."""
    row = _own(session, warehouse_id, who)
    user = session.scalars(
        select(WarehouseUser).where(WarehouseUser.id == user_id, WarehouseUser.warehouse_id == warehouse_id)
    ).one_or_none()
    if user is None:
        raise NotFoundError(rules.NOT_FOUND.at(""))
    if user.subject_id == row.registered_by:
        raise DomainError(rules.OWN_USE.at(""))
    if user.valid_to is not None and user.valid_to < china_day(at):
        raise ConflictError(rules.USE_ENDED.at("", end=user.valid_to.isoformat()))
    if last < user.valid_from:
        raise DomainError(_reversed(user.valid_from, last))
    user.valid_to, user.set_by, user.set_at = last, who.actor, at
    session.flush()
    _tell(session, row, "warehouse.use_ended", who, at, subject_id=user.subject_id, last_day=last.isoformat())
    return user


def record_filing(
    session: Session,
    code: str,
    filing_no: str,
    start: date,
    last: date | None,
    who: Actor,
    *,
    zones: Collection[str],
    at: datetime,
) -> WarehouseFiling:
    """The zone's manager records a firm's filing of its warehouse business (海外仓业务模式备案).

    Raises `DomainError` for an unknown firm of these zones, an unusable number, or days in the wrong order.
    """
    firm = subjects_by_codes(session, [code], china_day(at)).get(code)
    member = (firm.member_of | {firm.zone_code}) & set(zones) if firm else set()
    if firm is None or not member:
        raise DomainError(rules.USER_UNKNOWN.at("/code", code=code[:20]))
    if not rules.usable_text(filing_no, 60):
        raise DomainError(rules.TEXT_UNUSABLE.at("/filing_no", what=Text("备案编号", "the filing number"), most=60))
    if last is not None and last < start:
        raise DomainError(_reversed(start, last))
    row = WarehouseFiling(
        subject_id=firm.id,
        zone_code=firm.zone_code if firm.zone_code in zones else min(one for one in member if one),
        filing_no=filing_no.strip(),
        valid_from=start,
        valid_to=last,
        set_by=who.actor,
        set_at=at,
    )
    session.add(row)
    session.flush()
    return row


# --- reading


def seen_by(scope_of_users: ColumnElement[bool]) -> ColumnElement[bool]:
    """The warehouses among whose users is one that the condition on `WarehouseUser` lets see."""
    return OverseasWarehouse.id.in_(select(WarehouseUser.warehouse_id).where(scope_of_users))


def warehouses(
    session: Session, condition: ColumnElement[bool], *, after: int, limit: int
) -> Sequence[OverseasWarehouse]:
    """A page of warehouses by number."""
    house = OverseasWarehouse
    return session.scalars(select(house).where(condition, house.id > after).order_by(house.id).limit(limit)).all()


def waiting(session: Session, zones: Collection[str]) -> int:
    """How many registrations in these zones wait for their manager."""
    house = OverseasWarehouse
    query = select(func.count(house.id)).where(house.zone_code.in_(sorted(zones)), house.state == "registered")
    return session.scalar(query) or 0


def users(session: Session, warehouse_id: int) -> Sequence[WarehouseUser]:
    """All who may or might use a warehouse, first ones first."""
    user = WarehouseUser
    return session.scalars(select(user).where(user.warehouse_id == warehouse_id).order_by(user.id)).all()


def filings(session: Session, condition: ColumnElement[bool]) -> Sequence[WarehouseFiling]:
    """Filings of the warehouse business, newest first; at most 500."""
    row = WarehouseFiling
    return session.scalars(select(row).where(condition).order_by(row.id.desc()).limit(500)).all()


def _locked(session: Session, warehouse_id: int) -> OverseasWarehouse | None:
    return session.scalars(
        select(OverseasWarehouse)
        .where(OverseasWarehouse.id == warehouse_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _own(session: Session, warehouse_id: int, who: Actor) -> OverseasWarehouse:
    """The locked warehouse of the person's own firm."""
    row = _locked(session, warehouse_id)
    if row is None:
        raise NotFoundError(rules.NOT_FOUND.at(""))
    if row.registered_by == who.firm_id:
        return row
    user = WarehouseUser
    sees = select(user.id).where(user.warehouse_id == warehouse_id, user.subject_id == who.firm_id).limit(1)
    if session.scalar(sees) is None:
        raise NotFoundError(rules.NOT_FOUND.at(""))
    raise NotAllowedError(rules.NOT_REGISTRANT.at(""))


def _add_user(
    session: Session,
    row: OverseasWarehouse,
    firm: SubjectFacts,
    start: date,
    last: date | None,
    who: Actor,
    at: datetime,
) -> WarehouseUser:
    added = WarehouseUser(
        warehouse_id=row.id,
        subject_id=firm.id,
        zone_code=firm.zone_code or min(firm.member_of),
        valid_from=start,
        valid_to=last,
        set_by=who.actor,
        set_at=at,
    )
    session.add(added)
    session.flush()
    return added


def _tell(
    session: Session, row: OverseasWarehouse, kind: str, who: Actor, at: datetime, *, source: str = "party", **data: Any
) -> None:
    append_events(
        session,
        [
            NewEvent(
                at=at,
                kind=kind,
                subject_type=SUBJECT,
                subject_id=row.id,
                source=source,
                actor=who.actor,
                state=row.state,
                zone_code=row.zone_code,
                consignor_id=row.registered_by,
                sender_id=who.firm_id,
                data={"name": {"zh": row.name_zh, "en": row.name_en}, "country": row.country, **data},
            )
        ],
    )
