"""The conditions that month and scope put on the tables, and the plan that a million lines need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.clock import CHINA
from common.db import month_floor
from customs.proof.figures import Month, Scope

_PLAN = {
    # one pass over millions of rows: hashing in memory, on all cores, instead of sorting
    "work_mem": "256MB",
    "enable_sort": "off",
    "parallel_setup_cost": "0",
    "parallel_tuple_cost": "0",
}


@contextmanager
def wide_plan(session: Session) -> Iterator[None]:
    """The planner's settings for a proof, for this transaction and this block only."""
    for name, value in _PLAN.items():
        session.execute(text("SELECT set_config(:name, :value, true)"), {"name": name, "value": value})
    yield
    # after an error the transaction is lost, and the settings with it
    for name in _PLAN:
        session.execute(text(f"SET LOCAL {name} = DEFAULT"))


@dataclass(frozen=True, slots=True)
class Asked:
    """A month and a scope as conditions: on checklists `c` (the truth) and on rows of any table with its columns."""

    month: Month
    scope: Scope

    @property
    def facts(self) -> Mapping[str, Any]:
        """The parameters that the conditions name."""
        start, end = (datetime.combine(one.first, time(), CHINA) for one in (self.month, self.month.next))
        return {
            "start": start,
            "end": end,
            "first": self.month.first,
            "past": self.month.next.first,
            "floor": month_floor(self.month.first),
            "zones": sorted(self.scope.zones or ()),
            "consignor": self.scope.consignor_id,
            "party": self.scope.party_id,
        }

    def closed(self, alias: str = "c") -> str:
        """A checklist that was closed within the month and the scope."""
        when = f"{alias}.status = '899' AND {alias}.closed_at >= :start AND {alias}.closed_at < :end"
        return " AND ".join([when, *self.within(alias)])

    def counted(self, alias: str = "r") -> str:
        """A statistics row of the month."""
        return f"{alias}.closed_on >= :first AND {alias}.closed_on < :past AND {alias}.id >= :floor"

    def within(self, alias: str) -> list[str]:
        """The scope on a table with zone, consignor and declarant."""
        found = []
        if self.scope.zones is not None:
            found.append(f"{alias}.zone_code = ANY(CAST(:zones AS text[]))")
        if self.scope.consignor_id is not None:
            found.append(f"{alias}.consignor_id = :consignor")
        if self.scope.party_id is not None:
            found.append(f"({alias}.consignor_id = :party OR {alias}.declarant_id = :party)")
        return found
