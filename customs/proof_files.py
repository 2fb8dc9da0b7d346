"""What a zone takes as proof files: the one place where amendments, returns and warehouses read it."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from common.law.zones import zone_parameter
from customs.rules.files import Limits

REQUESTS = "customs.proof_file.types"
"""Formats of proof of requests (amendments, cancellations, goods returns)."""
STOCK = "customs.proof_file.stock_types"
"""Formats of proof of what happened in a warehouse."""


def proof_limits(session: Session, zone_code: str | None, on: date, types: str = REQUESTS) -> Limits:
    """The limits of a zone on a day (the platform's own where the zone is not known); `types` names the formats."""
    return Limits(
        size=zone_parameter(session, zone_code, "customs.proof_file.bytes", on).integer,
        files=zone_parameter(session, zone_code, "customs.proof_file.files", on).integer,
        formats=zone_parameter(session, zone_code, types, on).codes,
    )
