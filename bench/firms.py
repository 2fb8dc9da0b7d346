"""The firms of the benchmark: e-commerce firms of the patterns' zones and the customs brokers who declare for some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session
from stdnum.cn import uscc

from common.audit import PLATFORM, set_context
from credit.mandates import ALL, NewMandate, grant
from credit.registering import NewSubject, register_subject

FIRMS, AGENTS = 300, 20
OWN = 3
"""Every third firm declares for itself."""

REGISTERED_ON = date(2022, 3, 1)
_BODY = "91440200MA5{:06d}"


@dataclass(frozen=True, slots=True)
class Party:
    """A registered firm: its id, customs code and name."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm that sells, and who declares for it."""

    consignor: Party
    declarant: Party
    zone_code: str


def register(session: Session, patterns: Sequence[int], at: datetime, count: int = FIRMS) -> list[Firm]:
    """Register the firms; they are spread over the zones of the patterns, in order of the zones' codes."""
    set_context(session, actor=PLATFORM, at=at)
    zones: Sequence[str] = (
        session.execute(
            text("SELECT DISTINCT zone_code FROM checklist WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY zone_code"),
            {"ids": list(patterns)},
        )
        .scalars()
        .all()
    )
    agents = [_party(session, n, zones[n % len(zones)], "agent") for n in range(AGENTS)]
    found = []
    for n in range(count):
        zone = zones[n % len(zones)]
        consignor = _party(session, AGENTS + n, zone, "seller")
        declarant = consignor if n % OWN == 0 else agents[n % AGENTS]
        if declarant is not consignor:
            new = NewMandate(consignor.id, declarant.id, (ALL,), REGISTERED_ON)
            grant(session, new, by=PLATFORM, at=at)
        found.append(Firm(consignor, declarant, zone))
    return found


def _party(session: Session, number: int, zone_code: str, role: str) -> Party:
    body = _BODY.format(number)
    code, name = f"440298{number:04d}", f"测试企业{number:04d}"
    new = NewSubject(
        kind="firm",
        name=name,
        uscc=body + uscc.calc_check_digit(body),
        customs_code=code,
        roles=(role,),
        filing="declaring_unit",
        trade_kind="trader",
        taxpayer_kind="general",
        customs_grade="常规企业",
        zone_code=zone_code,
    )
    return Party(register_subject(session, new, on=REGISTERED_ON).id, code, name)
