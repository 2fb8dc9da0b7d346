"""Which module takes in which message type.

A handler gets a batch whose documents were read, checked field by field and allowed by the filing rights; their
parties are resolved and their preNo is issued. It locks the business keys of all its open documents with one call of
`common.db.lock_keys` before it reads anything that those keys guard, then works on the batch in bulk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from customs.intake import (
    arrivals,
    cancellations,
    checklists,
    departures,
    master_lists,
    orders,
    payments,
    refund_applications,
    refund_tallies,
    summary_applications,
    waybills,
)
from customs.intake.batch import Batch

Handler = Callable[[Batch], None]

HANDLERS: Mapping[str, Handler] = {
    "CEB213": refund_applications.take,
    "CEB215": refund_tallies.take,
    "CEB303": orders.take,
    "CEB403": payments.take,
    "CEB505": waybills.take,
    "CEB507": arrivals.take,
    "CEB509": departures.take,
    "CEB603": checklists.take,
    "CEB605": cancellations.take,
    "CEB607": master_lists.take,
    "CEB701": summary_applications.take,
}
