"""Zones as they are looked after: parks, customs offices with their dated settings, supervised sites.

A setting is never overwritten: each change adds the row that counts from its day on (`credit.tables.zones`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.findings import DomainError, NotFoundError
from credit.refusals import CR0006, CR0009, CR0011, CR0012
from credit.subjects import subjects_by_ids
from credit.tables import Park, SupervisedSite, Zone, ZoneOffice

MODES = ("decide", "relay")
_OFFICE = re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True)
class OfficeSetting:
    """How an office is to handle a zone's declarations from `valid_from` on; `open` false ends it."""

    zone_code: str
    office_code: str
    valid_from: date
    mode: str = "decide"
    early_declaration: bool = False
    open: bool = True
    verified: bool = False
    successor_code: str | None = None
    source: str = ""


def all_zones(session: Session) -> Sequence[Zone]:
    """The pilot zones by code."""
    return session.scalars(select(Zone).order_by(Zone.code)).all()


def require_zone(session: Session, code: str) -> Zone:
    """The zone; raises `NotFoundError` naming those there are."""
    zone = session.get(Zone, code)
    if zone is None:
        known = "、".join(one.code for one in all_zones(session)) or "—"
        raise NotFoundError(CR0009.at("/zone_code", code=code, allowed=known))
    return zone


def parks_on(session: Session, zone_code: str | None, on: date) -> Sequence[Park]:
    """The parks in being on the day, of one zone or of all."""
    query = select(Park).where(Park.valid_from <= on, Park.valid_to.is_(None) | (Park.valid_to >= on))
    if zone_code is not None:
        query = query.where(Park.zone_code == zone_code)
    return session.scalars(query.order_by(Park.zone_code, Park.id)).all()


def add_park(session: Session, zone_code: str, name_zh: str, name_en: str, *, core: bool, on: date) -> Park:
    """Recognise a park of a zone from `on`."""
    require_zone(session, zone_code)
    park = Park(zone_code=zone_code, name_zh=name_zh, name_en=name_en, core=core, valid_from=on)
    session.add(park)
    session.flush()
    return park


def set_office(session: Session, setting: OfficeSetting, *, by: str, at: datetime) -> ZoneOffice:
    """Add a dated setting of an office; a later row with the same day corrects an earlier one."""
    require_zone(session, setting.zone_code)
    if setting.mode not in MODES:
        raise DomainError(CR0006.at("/mode", value=setting.mode, allowed="、".join(MODES)))
    for pointer, code in (("/office_code", setting.office_code), ("/successor_code", setting.successor_code)):
        if code is not None and not _OFFICE.fullmatch(code):
            raise DomainError(CR0011.at(pointer, code=code))
    row = ZoneOffice(
        zone_code=setting.zone_code,
        office_code=setting.office_code,
        mode=setting.mode,
        early_declaration=setting.early_declaration,
        open=setting.open,
        verified=setting.verified,
        successor_code=setting.successor_code,
        source=setting.source,
        valid_from=setting.valid_from,
        set_by=by,
        set_at=at,
    )
    session.add(row)
    session.flush()
    return row


def office_history(session: Session, office_code: str) -> Sequence[ZoneOffice]:
    """All rows of an office, newest setting first."""
    return session.scalars(
        select(ZoneOffice).where(ZoneOffice.office_code == office_code).order_by(ZoneOffice.id.desc())
    ).all()


def set_site(
    session: Session,
    office_code: str,
    loct_no: str,
    name: str,
    operator_id: int | None,
    *,
    valid_from: date,
    by: str,
    at: datetime,
) -> SupervisedSite:
    """Say who operates a supervised site from a day on; None closes it. The operator must have that role by then."""
    if not _OFFICE.fullmatch(office_code):
        raise DomainError(CR0011.at("/office_code", code=office_code))
    if operator_id is not None:
        operator = subjects_by_ids(session, [operator_id], valid_from).get(operator_id)
        if operator is None or "operator" not in operator.roles:
            raise DomainError(CR0012.at("/operator_id", name=operator.name if operator else operator_id))
    site = SupervisedSite(
        office_code=office_code,
        loct_no=loct_no,
        name=name,
        operator_id=operator_id,
        valid_from=valid_from,
        set_by=by,
        set_at=at,
    )
    session.add(site)
    session.flush()
    return site
