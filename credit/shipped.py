"""The zones, parks and offices that the product ships with; an administrator's own rows are left alone."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.audit import PLATFORM
from common.law.loader import read_yaml
from credit.tables import Park, Zone, ZoneOffice
from credit.zones import OfficeSetting, add_park, set_office

_FILE = Path(__file__).parent / "data" / "zones.yaml"
_SOURCE = "出厂数据：海关总署关区代码表（2018年12月版）按城市名对应"


@lru_cache(maxsize=1)
def shipped_zones() -> dict[str, Any]:
    """The file's content by zone code."""
    content: dict[str, Any] = read_yaml(_FILE)
    return content


def load_zones(session: Session, *, at: datetime) -> None:
    """Add what is missing: zones, the parks of a zone that has none, offices nobody has set."""
    there = set(session.scalars(select(Zone.code)))
    with_parks = set(session.scalars(select(Park.zone_code).distinct()))
    set_offices = set(session.scalars(select(ZoneOffice.office_code).distinct()))
    for code, raw in shipped_zones().items():
        start = date.fromisoformat(raw["approved_on"])
        if code not in there:
            session.add(Zone(code=code, name_zh=raw["name_zh"], name_en=raw["name_en"], approved_on=start))
            session.flush()
        if code not in with_parks:
            for park in raw["parks"]:
                add_park(session, code, park["zh"], park["en"], core=park.get("core") == "true", on=start)
        for office in raw["offices"]:
            if office["code"] not in set_offices:
                set_office(session, _setting(code, office, start), by=PLATFORM, at=at)


def _setting(zone_code: str, raw: dict[str, str], start: date) -> OfficeSetting:
    return OfficeSetting(
        zone_code=zone_code,
        office_code=raw["code"],
        valid_from=start,
        early_declaration=raw["early"] == "true",
        verified=raw["verified"] == "true",
        source=_SOURCE,
    )
