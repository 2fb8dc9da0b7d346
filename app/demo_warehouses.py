"""Overseas warehouses of the demo: two that are confirmed and open to every seller, one that waits for the zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo_accounts import HOME, REGISTERED_ON, demo_firms
from common.audit import PLATFORM
from common.clock import china_day
from credit.subjects import SubjectFacts, subjects_by_codes
from customs.codes import codes_snapshot
from customs.tables import OverseasWarehouse
from customs.warehouses import register
from customs.warehouses.register import Actor, NewWarehouse

_PLATFORM = Actor(PLATFORM, "平台演示")
_WAREHOUSES: Sequence[tuple[str, bool, NewWarehouse]] = (
    (
        "logistics",
        True,
        NewWarehouse(
            name_zh="安大略一号海外仓",
            name_en="Ontario Hub One",
            country="502",
            address="1200 Jurupa Street, Ontario, California",
            operator="Ontario Hub Fulfilment LLC",
            holding="leased",
            valid_from=REGISTERED_ON,
            lease_until=date(2031, 12, 31),
        ),
    ),
    (
        "logistics",
        True,
        NewWarehouse(
            name_zh="汉堡港海外仓",
            name_en="Hamburg Port Depot",
            country="304",
            address="Indiastrasse 8, 20457 Hamburg",
            operator="Hafen Depot Betriebs GmbH",
            holding="third_party",
            valid_from=REGISTERED_ON,
        ),
    ),
    (
        "seller",
        False,
        NewWarehouse(
            name_zh="里昂前置仓",
            name_en="Lyon Forward Store",
            country="305",
            address="12 Rue du Port, 69002 Lyon",
            operator="Lyon Fulfilment SAS",
            holding="owned",
            valid_from=date(2026, 10, 1),
        ),
    ),
)
"""Who registers, whether the zone has confirmed it (then all sellers may use it), and what is said. All invented."""


def seed_warehouses(session: Session, *, at: datetime) -> None:
    """Register the demo's warehouses where they are missing."""
    codes = {key: raw["uscc"] for key, raw in demo_firms().items()}
    found = subjects_by_codes(session, set(codes.values()), max(china_day(at), REGISTERED_ON))
    firms = {key: found[code] for key, code in codes.items()}
    house = OverseasWarehouse
    there = set(session.scalars(select(house.name_en)))
    for key, confirmed, new in _WAREHOUSES:
        if new.name_en not in there:
            _add(session, firms, firms[key], new, confirmed=confirmed, at=at)


def _add(
    session: Session,
    firms: Mapping[str, SubjectFacts],
    owner: SubjectFacts,
    new: NewWarehouse,
    *,
    confirmed: bool,
    at: datetime,
) -> None:
    who = Actor(f"subject:{owner.id}", owner.name, owner.id)
    row = register.register(session, new, who, codes_snapshot(session), at=at)
    if not confirmed:
        return
    register.decide(session, row.id, True, "", _PLATFORM, zones={HOME}, at=at)
    for firm in firms.values():
        if "seller" in firm.roles and firm.id != owner.id and firm.customs_code:
            register.allow_use(session, row.id, firm.customs_code, REGISTERED_ON, None, who, at=at)
