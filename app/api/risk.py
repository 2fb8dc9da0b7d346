"""Risk over the API: actual against expected shares, and the secrets of past days for the auditor."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from app.access import Role, allow, person
from app.api.fields import Day
from app.session import unit_of_work
from common import clock
from common.clock import day_written
from common.findings import DomainError, rule
from common.money import plain
from customs.risk import ShareRow, revealed_secret, shares

blueprint = Blueprint("api_risk", __name__, url_prefix="/api/v1/risk", description="Risk tiers and random draws")

CU3043 = rule(
    "CU3043",
    title=("日期写法不对", "Not a day"),
    say=("请按YYYY-MM-DD写日期，例如2026-11-24。", "Write the day as YYYY-MM-DD, such as 2026-11-24."),
    basis="接口说明",
    kind="format",
)


class SharesQuery(ma.Schema):
    """Which day (today where left out) and zone (all of one's own where left out)."""

    day = Day()
    zone_code = ma.fields.String(validate=ma.validate.Length(equal=6))


@blueprint.get("/shares")
@allow(Role.CUSTOMS_OFFICER, Role.CUSTOMS_SUPERVISOR, Role.ZONE_MANAGER, Role.AUDITOR)
@blueprint.arguments(SharesQuery, location="query")
def read_shares(asked: dict[str, Any]) -> dict[str, Any]:
    """Tierings of a day by zone and tier: count, those raised by the draw alone, actual and expected share."""
    day = asked.get("day") or clock.today()
    with unit_of_work() as session:
        rows = shares(session, _zones(asked.get("zone_code")), day)
    return {"day": day.isoformat(), "items": [_view(row) for row in rows]}


def _zones(wanted: str | None) -> frozenset[str]:
    """The asker's zones, narrowed to the wanted one; an auditor may name any."""
    asking = person()
    own = asking.zones or frozenset({asking.zone_code} if asking.zone_code else ())
    if wanted is None:
        return frozenset(own)
    return frozenset({wanted}) if wanted in own or asking.role == Role.AUDITOR else frozenset()


def _view(row: ShareRow) -> dict[str, Any]:
    return {
        "zone_code": row.zone_code,
        "tier": row.tier,
        "count": row.count,
        "drawn": row.drawn,
        "share": plain(row.share) if row.share is not None else None,
        "expected_share": plain(row.expected_share),
        "random_share": plain(row.random_share) if row.random_share is not None else None,
    }


@blueprint.get("/secrets/<day>")
@allow(Role.AUDITOR)
def read_secret(day: str) -> dict[str, str]:
    """The secret of a day that has ended; with it anybody can draw the lots of that day's checklists again."""
    try:
        wanted = day_written(day)
    except ValueError:
        raise DomainError(CU3043.at("/day")) from None
    with unit_of_work() as session:
        secret = revealed_secret(session, wanted, clock.now())
    return {
        "day": wanted.isoformat(),
        "secret": secret.hex(),
        "lot": "first 8 bytes of HMAC-SHA256(secret, checklist id in decimal digits), divided by 2^64",
    }
