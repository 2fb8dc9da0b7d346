"""Zone parameters: what each zone may set for itself (shares, hours, tolerances, windows), by date.

The newest row of the zone counts, else the newest row for all zones, else the default shipped with the product in
`<domain>/parameters/zone_defaults.yaml`. Rows are cached per process; every session checks once whether they changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.findings import DomainError, Text, rule
from common.law.loader import LawFileError, convert, read_text, read_yaml
from common.law.store import DOMAINS, ROOT
from common.law.tables import ZoneParameterRow
from common.law.values import ParameterValue, Status

CU0002 = rule(
    "CU0002",
    title=("参数值不符合类型", "The value does not fit the parameter"),
    say=(
        "参数“{name}”的类型是{kind}，“{value}”不符合。请按该类型填写。",
        "Parameter “{name}” is of type {kind}; “{value}” is not. Enter a value of that type.",
    ),
    basis="平台设置",
)
CU0003 = rule(
    "CU0003",
    title=("没有这个参数", "No such zone parameter"),
    say=(
        "没有名为“{name}”的综试区参数。请从参数表中选择。",
        "There is no zone parameter “{name}”. Choose one from the table.",
    ),
    basis="平台设置",
)

_KEYS = {"description", "type", "unit", "value", "basis"}
_SESSION_KEY = "zone_parameters"


@dataclass(frozen=True, slots=True)
class ZoneDefault:
    """A zone parameter as the product ships it: what it means, its type and unit, and the value nobody has changed."""

    name: str
    type: str
    unit: str
    description: Text
    value: ParameterValue


@lru_cache(maxsize=1)
def zone_defaults() -> dict[str, ZoneDefault]:
    """All zone parameters there are, by name; raises `LawFileError` naming file and key."""
    found: dict[str, ZoneDefault] = {}
    for domain in DOMAINS:
        path = ROOT / domain / "parameters" / "zone_defaults.yaml"
        if path.exists():
            found |= read_defaults(path)
    return found


def read_defaults(path: Path) -> dict[str, ZoneDefault]:
    """The defaults of one file."""
    content = read_yaml(path)
    return {name: _default(path, name, raw) for name, raw in content.items()}


def _default(path: Path, name: str, raw: Any) -> ZoneDefault:
    where = f"{path}: {name}"
    if not isinstance(raw, dict) or set(raw) != _KEYS:
        raise LawFileError(f"{where}: exactly the keys {', '.join(sorted(_KEYS))} are expected")
    value = ParameterValue(
        name=name,
        value=convert(raw["type"], raw["value"], where),
        unit=raw["unit"],
        start=None,
        end=None,
        document=raw["basis"],
        article="",
    )
    return ZoneDefault(name, raw["type"], raw["unit"], read_text(raw["description"], f"{where}: description"), value)


class ZoneParameters:
    """All rows at one moment; look-ups need no database."""

    def __init__(self, version: tuple[int, int], rows: list[ZoneParameterRow]) -> None:
        self.version = version
        self._rows: dict[tuple[str | None, str], list[ParameterValue]] = {}
        for row in rows:
            self._rows.setdefault((row.zone_code, row.name), []).append(_row_value(row))

    def value(self, zone_code: str | None, name: str, on: date) -> ParameterValue:
        """The setting for a zone on a day; raises `KeyError` for a name without a default (a slip in code)."""
        default = zone_defaults()[name].value
        places = (zone_code, None) if zone_code is not None else (None,)
        for place in places:
            for row in self._rows.get((place, name), ()):
                if row.start is not None and row.start <= on and (row.end is None or on <= row.end):
                    return row
        return default


class _Cache:
    """This process's newest snapshot."""

    snapshot: ZoneParameters | None = None


def zone_parameters(session: Session) -> ZoneParameters:
    """The snapshot to use in this session: checked against the table once per session, shared by the process."""
    held = session.info.get(_SESSION_KEY)
    if isinstance(held, ZoneParameters):
        return held
    last, count = session.execute(
        select(func.coalesce(func.max(ZoneParameterRow.id), 0), func.count(ZoneParameterRow.id))
    ).one()
    snapshot = _Cache.snapshot
    if snapshot is None or snapshot.version != (last, count):
        newest_first = select(ZoneParameterRow).order_by(ZoneParameterRow.valid_from.desc(), ZoneParameterRow.id.desc())
        snapshot = _Cache.snapshot = ZoneParameters((last, count), list(session.scalars(newest_first)))
    session.info[_SESSION_KEY] = snapshot
    return snapshot


def zone_parameter(session: Session, zone_code: str | None, name: str, on: date) -> ParameterValue:
    """The value of one zone parameter on a day (see the module's docstring for which row counts)."""
    return zone_parameters(session).value(zone_code, name, on)


def set_zone_parameter(
    session: Session,
    zone_code: str | None,
    name: str,
    value: str,
    *,
    valid_from: date,
    valid_to: date | None = None,
    document: str,
    set_by: str,
    at: datetime,
) -> ZoneParameterRow:
    """Add a dated setting; refuses a name without a default and a value that is not of its type."""
    default = zone_defaults().get(name)
    if default is None:
        raise DomainError(CU0003.at("/name", name=name))
    row = ZoneParameterRow(
        zone_code=zone_code,
        name=name,
        value=value,
        valid_from=valid_from,
        valid_to=valid_to,
        document=document,
        set_by=set_by,
        set_at=at,
    )
    try:
        _row_value(row)
    except LawFileError as error:
        raise DomainError(CU0002.at("/value", name=name, kind=default.type, value=value)) from error
    session.add(row)
    session.flush()
    session.info.pop(_SESSION_KEY, None)
    return row


def _row_value(row: ZoneParameterRow) -> ParameterValue:
    default = zone_defaults()[row.name]
    raw = row.value.split() if default.type == "list" else row.value
    return ParameterValue(
        name=row.name,
        value=convert(default.type, raw, row.name),
        unit=default.unit,
        start=row.valid_from,
        end=row.valid_to,
        document=row.document,
        article="",
        status=Status.VERIFIED,
    )
