"""The asking person as the queries see them."""

from __future__ import annotations

from typing import Any

from app.access import Role, person
from customs.queries.scope import Viewer
from customs.tables import Checklist

OFFICERS = frozenset({Role.CUSTOMS_OFFICER, Role.CUSTOMS_SUPERVISOR, Role.AUDITOR})
"""Roles that see tier and trace."""


def viewer() -> Viewer:
    """Whose papers the asking person may see."""
    asking = person()
    if asking.enterprise_id is not None:
        return Viewer(asking.enterprise_id)
    return Viewer(None, asking.zones, officer=asking.role in OFFICERS)


TRANSPORT_FIELDS = frozenset(
    {
        "logisticsCode", "logisticsName", "logisticsNo", "grossWeight", "netWeight", "packNo", "wrapType", "freight",
        "insuredFee", "trafMode", "trafName", "voyageNo", "billNo", "totalPackageNo", "loctNo", "portCode", "ieDate",
    }
)  # fmt: skip
"""Last words of the pointers of findings that tell a carrier something about its own part."""


def carries_only(who: Viewer, row: Checklist) -> bool:
    """Whether the viewer has to do with a checklist as its carrier and in no other way.

    Such a viewer is shown what concerns transport: not the order, the receipt, their comparison or the prices.
    """
    others = (row.consignor_id, row.declarant_id, row.sender_id, row.platform_id)
    return who.enterprise_id is not None and who.enterprise_id == row.carrier_id and who.enterprise_id not in others


def concerns_transport(finding: dict[str, Any]) -> bool:
    """Whether a finding points at a field of transport."""
    return str(finding.get("pointer", "")).rpartition("/")[2] in TRANSPORT_FIELDS
