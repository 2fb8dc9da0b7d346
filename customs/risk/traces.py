"""Traces of tierings: stored small, read in full.

Thousands of tierings a minute rest on the same parameters. They are kept once, under the hash of their content; a
stored step holds rule, answer and figures only, and its first step names the settings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from common.law import DECISION_STEPS, ParameterValue, law
from common.law.zones import ZoneParameters, zone_defaults, zone_parameters
from customs.rules.risk.tiering import STEP_PARAMETERS
from customs.tables import RiskSettings

LIMITS: Mapping[str, str] = {
    "9610": "customs.simplified.b2c.max_ticket_cny",
    "1210": "customs.simplified.b2c.max_ticket_cny",
    "9710": "customs.simplified.b2b.max_ticket_cny",
    "9810": "customs.simplified.b2b.max_ticket_cny",
}
"""The law behind the ticket limit of each supervision mode."""

_LAW_STEPS: Mapping[str, tuple[str, ...]] = {
    "CU3022": ("customs.simplified.b2c.max_ticket_cny", "customs.simplified.b2b.max_ticket_cny"),
    "CU3023": ("customs.simplified.b2c.max_ticket_cny", "customs.simplified.b2b.max_ticket_cny"),
}


class Settings:
    """All parameters of tiering for a zone on a day; calling it gives one by name."""

    def __init__(self, held: ZoneParameters, zone_code: str, on: date) -> None:
        self._values = {n: held.value(zone_code, n, on) for n in zone_defaults() if n.startswith("customs.risk.")}
        for name in set(LIMITS.values()):
            parameter = law().parameter(name)
            value = parameter.on(on) if parameter else None
            if value:
                self._values[name] = value
        self.content = {name: value.as_dict() for name, value in self._values.items()}
        self.id = hashlib.sha256(msgspec.json.encode(self.content, order="deterministic")).hexdigest()[:16]

    def __call__(self, name: str) -> ParameterValue:
        """The parameter's value; raises `KeyError` for a name that is not one of tiering."""
        return self._values[name]

    def limit(self, trade_mode: str) -> ParameterValue | None:
        """The ticket limit of a mode on the day, None where the mode has none or the law of the day is not known."""
        return self._values.get(LIMITS.get(trade_mode, ""))


_KNOWN: WeakKeyDictionary[ZoneParameters, dict[tuple[str, date], Settings]] = WeakKeyDictionary()
"""Settings worked out so far, for as long as this process uses that snapshot of zone parameters."""


def settings_of(session: Session, zone_code: str, on: date) -> Settings:
    """The settings of a zone on a day; worked out once per process and state of the zone parameters."""
    snapshot = zone_parameters(session)
    known = _KNOWN.setdefault(snapshot, {})
    if (zone_code, on) not in known:
        known[zone_code, on] = Settings(snapshot, zone_code, on)
    return known[zone_code, on]


def keep(session: Session, settings: Sequence[Settings]) -> None:
    """Store settings that stored traces name; what is there already stays."""
    rows = {one.id: {"id": one.id, "parameters": one.content} for one in settings}
    known = set(session.scalars(select(RiskSettings.id).where(RiskSettings.id.in_(rows))))
    new = [row for id, row in sorted(rows.items()) if id not in known]
    if new:
        session.execute(insert(RiskSettings).values(new).on_conflict_do_nothing())


def full_trace(session: Session, stored: Sequence[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """A stored trace as interfaces.md §4 shows traces: each step with its title and the parameters it used."""
    if not stored:
        return []
    settings_id = stored[0].get("settings")
    settings = session.get(RiskSettings, settings_id) if settings_id else None
    parameters = settings.parameters if settings else {}
    return [_full(step, parameters) for step in stored]


def _full(step: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    id = step["rule"]
    names = STEP_PARAMETERS.get(id, ()) + _LAW_STEPS.get(id, ())
    return {
        "rule": id,
        "title": DECISION_STEPS[id].title.as_dict(),
        "met": step["met"],
        "inputs": step["inputs"],
        "parameters": [parameters[name] for name in names if name in parameters],
    }
