"""Relay mode (转报): papers of offices where customs' own system decides.

Our checks, matching and tiering run and are stored as everywhere; the papers then wait in the outbox for the zone's
connector, and only a response received from customs moves the state. Differences from our tiering are counted.
A checklist goes out with its order, receipt and waybill (`handing_over`), every other paper by itself (`alone`).
"""

from customs.relay.alone import hand_over_papers
from customs.relay.differences import Differences, covered, differences, differing
from customs.relay.handing_over import hand_over
from customs.relay.receiving import Received, receive
from customs.relay.recorded import recorded
from customs.relay.sending import fetch, outbox_state, report_sent

__all__ = [
    "Differences",
    "Received",
    "covered",
    "differences",
    "differing",
    "fetch",
    "hand_over",
    "hand_over_papers",
    "outbox_state",
    "receive",
    "recorded",
    "report_sent",
]
