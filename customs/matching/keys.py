"""How a stored checklist finds the keys it claims: the same words as `customs.intake.parties.platform_key`."""

from __future__ import annotations

PLATFORM_OF = (
    "coalesce({c}.platform_id::text, "
    "CASE WHEN {c}.ebp_code = '无' THEN 'none:' || {c}.consignor_id ELSE 'code:' || {c}.ebp_code END)"
)
"""SQL for `sale.platform` of a checklist row named `{c}`."""

FREE_SALE = (
    "UPDATE sale AS s SET checklist_id = NULL FROM checklist AS c WHERE c.id = ANY(CAST(:ids AS bigint[])) "
    "AND s.platform = @platform AND s.order_no = c.order_no AND s.checklist_id = c.id"
).replace("@platform", PLATFORM_OF.format(c="c"))
"""Lets go of the orders that checklists name."""

FREE_PARCEL = (
    "UPDATE parcel AS p SET checklist_id = NULL FROM checklist AS c WHERE c.id = ANY(CAST(:ids AS bigint[])) "
    "AND p.carrier_id = c.carrier_id AND p.logistics_no = c.logistics_no AND p.checklist_id = c.id"
)
"""Lets go of the waybills that checklists name."""
