"""Which rows somebody may see: an enterprise its own papers, an agency those of its zones.

query.where(visible_to(person()).rows(Checklist.zone_code, Checklist.consignor_id, Checklist.declarant_id))
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, false, or_

from app.access.persons import Person


@dataclass(frozen=True, slots=True)
class Scope:
    """`kind` is `enterprise` (rows that name it), `zones` (rows of these zones) or `nothing`."""

    kind: str
    enterprise_id: int | None = None
    zones: frozenset[str] = frozenset()

    def rows(self, zone: Any, *parties: Any) -> ColumnElement[bool]:
        """The condition on a table: its zone column, and the columns that name its parties."""
        if self.kind == "enterprise":
            return or_(false(), *(party == self.enterprise_id for party in parties))
        if self.kind == "zones":
            condition: ColumnElement[bool] = zone.in_(sorted(self.zones))
            return condition
        return false()

    def covers(self, zone_code: str | None, *parties: int | None) -> bool:
        """The same for a row at hand."""
        if self.kind == "enterprise":
            return self.enterprise_id in parties
        return self.kind == "zones" and zone_code in self.zones


def visible_to(who: Person) -> Scope:
    """What the person may see."""
    if who.enterprise_id is not None:
        return Scope("enterprise", enterprise_id=who.enterprise_id)
    if who.signed_in and who.zones:
        return Scope("zones", zones=who.zones)
    return Scope("nothing")
