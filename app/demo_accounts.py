"""Firms and accounts of the demo, and the file that tells their logins and tokens (interfaces.md §1).

`var/demo-accounts.json` is written at the first start and kept on later ones; an account whose entry or token no
longer works gets a new password and token.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.accounts import add_account, add_token, person_by_token
from app.access.passwords import hash_password, new_secret
from app.access.roles import Role
from app.access.tables import Account
from common.audit import PLATFORM
from common.clock import china_day
from common.law.loader import read_yaml
from credit.mandates import ALL, NewMandate, grant
from credit.registering import NewSubject, join_zone, register_subject
from credit.shipped import shipped_zones
from credit.subjects import SubjectFacts, mandates_held_by, sites_operated_by, subjects_by_codes
from credit.zones import set_site

FILE = "demo-accounts.json"
HOME = "440200"
REGISTERED_ON = date(2022, 3, 1)
"""Long before any demo day, so that no demo firm counts as new."""

_FIRMS = Path(__file__).parent / "demo_firms.yaml"
_MANDATES = (
    ("seller", "agent", (ALL,)),
    ("seller", "platform", ("CEB303", "CEB403")),
    ("seller2", "platform", ("CEB303", "CEB403")),
)
_OFFICIALS: tuple[tuple[str, str, str], ...] = (
    ("customs_officer", "customs_officer", "李审单"),
    ("customs_officer2", "customs_officer", "王审单"),
    ("customs_supervisor", "customs_supervisor", "张主管"),
    ("customs_supervisor2", "customs_supervisor", "陈主管"),
    ("tax_officer", "tax_officer", "刘税务"),
    ("forex_officer", "forex_officer", "周外汇"),
    ("bank_clerk", "bank_clerk", "吴柜员"),
    ("bank_clerk2", "bank_clerk", "郑柜员"),
    ("market_officer", "market_officer", "孙市监"),
    ("market_officer2", "market_officer", "朱市监"),
    ("zone_manager", "zone_manager", "赵区管"),
    ("park_operator", "park_operator", "钱园区"),
    ("data_steward", "data_steward", "冯数据"),
    ("auditor", "auditor", "何审计"),
    ("administrator", "administrator", "高管理"),
)
_ALL_ZONES = frozenset({Role.DATA_STEWARD, Role.AUDITOR, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account of the demo: its key, role, name, zone, and the firm it acts for."""

    key: str
    role: Role
    name: str
    zone_code: str
    firm: SubjectFacts | None


@lru_cache(maxsize=1)
def demo_firms() -> dict[str, Any]:
    """The invented firms by key."""
    content: dict[str, Any] = read_yaml(_FIRMS)
    return content


def seed_demo(session: Session, folder: Path, *, at: datetime) -> None:
    """Make the demo's firms, mandates, sites and accounts where they are missing, and write the accounts' file."""
    firms = _firms(session, max(china_day(at), REGISTERED_ON))
    _mandates(session, firms, at)
    _sites(session, firms, at)
    known = _read(folder / FILE)
    entries = [_entry(session, one, known.get(one.key), at) for one in _accounts(firms)]
    if entries != list(known.values()):
        _write(folder / FILE, entries)


def _firms(session: Session, on: date) -> dict[str, SubjectFacts]:
    uscc = {key: raw["uscc"] for key, raw in demo_firms().items()}
    there = subjects_by_codes(session, set(uscc.values()), on)
    for key, raw in demo_firms().items():
        if raw["uscc"] not in there:
            subject = register_subject(session, _new_firm(raw), on=REGISTERED_ON)
            if key == "logistics":
                for zone in shipped_zones():
                    if zone != raw["zone_code"]:
                        join_zone(session, subject.id, zone, on=REGISTERED_ON)
    found = subjects_by_codes(session, set(uscc.values()), on)
    return {key: found[code] for key, code in uscc.items()}


def _new_firm(raw: dict[str, Any]) -> NewSubject:
    return NewSubject(
        kind="firm",
        name=raw["name"],
        uscc=raw["uscc"],
        customs_code=raw["customs_code"],
        roles=tuple(raw["roles"]),
        filing=raw["filing"],
        trade_kind=raw.get("trade_kind"),
        taxpayer_kind="general",
        customs_grade=raw.get("customs_grade", "常规企业"),
        zone_code=raw["zone_code"],
        dxp_id=raw["dxp_id"],
    )


def _mandates(session: Session, firms: dict[str, SubjectFacts], at: datetime) -> None:
    for principal, agent, types in _MANDATES:
        held = mandates_held_by(session, firms[agent].id, REGISTERED_ON)
        # asked for the first day: a mandate that was revoked since is not given again at the next start
        if not any(giver == firms[principal].id for giver, _ in held):
            new = NewMandate(firms[principal].id, firms[agent].id, types, REGISTERED_ON)
            grant(session, new, by=PLATFORM, at=at)


def _sites(session: Session, firms: dict[str, SubjectFacts], at: datetime) -> None:
    for zone, raw in shipped_zones().items():
        operator = firms["operator" if zone == HOME else f"operator_{zone}"]
        office = raw["offices"][0]["code"]
        if not sites_operated_by(session, operator.id, REGISTERED_ON):
            name = operator.name.split("监管")[0] + "跨境电商监管作业场所"
            set_site(session, office, f"{office}01", name, operator.id, valid_from=REGISTERED_ON, by=PLATFORM, at=at)


def _accounts(firms: dict[str, SubjectFacts]) -> list[DemoAccount]:
    of_firms = [
        DemoAccount(key, Role(raw["roles"][0]), f"{firms[key].name[:4]}经办", raw["zone_code"], firms[key])
        for key, raw in demo_firms().items()
    ]
    officials = [DemoAccount(key, Role(role), name, HOME, None) for key, role, name in _OFFICIALS]
    return of_firms + officials


def _entry(session: Session, one: DemoAccount, known: dict[str, Any] | None, at: datetime) -> dict[str, Any]:
    account = session.scalars(select(Account).where(Account.login == one.key)).one_or_none()
    if account is not None and known is not None:
        who = person_by_token(session, known["token"], at=at)
        if who is not None and who.account_id == account.id:
            return known
    password, token = new_secret()[:20], new_secret()
    if account is None:
        account = _add(session, one, password, at)
    else:
        account.password_hash = hash_password(password)
    add_token(session, account.id, "demo", at=at, token=token)
    return {
        "key": one.key,
        "role": one.role.value,
        "login": one.key,
        "password": password,
        "token": token,
        "zone_code": one.zone_code,
        "enterprise": _enterprise(one.firm),
    }


def _add(session: Session, one: DemoAccount, password: str, at: datetime) -> Account:
    zones = sorted(shipped_zones()) if one.role in _ALL_ZONES else [one.zone_code]
    return add_account(
        session,
        login=one.key,
        name=one.name,
        role=one.role,
        password=password,
        at=at,
        enterprise_id=one.firm.id if one.firm else None,
        level="owner" if one.firm else None,
        zone_code=one.zone_code,
        zones=zones,
    )


def _enterprise(firm: SubjectFacts | None) -> dict[str, Any] | None:
    if firm is None:
        return None
    return {
        "id": firm.id,
        "name": firm.name,
        "customs_code": firm.customs_code,
        "uscc": firm.uscc,
        "dxp_id": firm.dxp_id,
    }


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        entries: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return {one["key"]: one for one in entries if one["token"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _write(path: Path, entries: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(entries, file, ensure_ascii=False, indent=1)
    fresh.replace(path)
