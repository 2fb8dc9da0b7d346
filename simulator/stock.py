"""What becomes of goods in overseas warehouses: they arrive, some are sold; recorded as any seller records it.

The platform refuses what was recorded before, so a run that is played again records nothing twice.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from simulator.papers import Parcel
from simulator.playing import CLOSED, Play

RECEIPT = b"%PDF-1.4\n% goods received\n%%EOF\n"
JSON, PDF = "application/json", "application/pdf"


def stock(play: Play) -> int:
    """Record arrival and first sales of the closed 9810 parcels that were not yet; gives how many."""
    coming = [one for one in play.parcels if one.warehouse and one.status == CLOSED and not one.stocked]
    for one in coming:
        one.stocked = True
        _record(play, one)
    return len(coming)


def _record(play: Play, one: Parcel) -> None:
    houses = play.client.warehouses(one.seller)
    house = next((found for found in houses if found["name"]["zh"] == one.warehouse), None)
    number = play.client.checklist(one.seller, one.checklist)["invt_no"]
    if house is None or not number:
        return
    proof = _proof(play, one.seller)
    entries = _entries(one, number, play.now.date().isoformat(), proof)
    body = json.dumps({"entries": entries}).encode()
    play.client.call("POST", f"/api/v1/warehouses/{house['id']}/entries", one.seller, body, JSON)


def _proof(play: Play, key: str) -> int | None:
    status, kept = play.client.call("POST", "/api/v1/warehouse-proofs?name=received.pdf", key, RECEIPT, PDF)
    return kept["id"] if status == 201 else None


def _entries(one: Parcel, number: str, day: str, proof: int | None) -> Sequence[dict[str, Any]]:
    """All lines arrive; of every other parcel half of each line is sold."""
    common = {"invt_no": number, "day": day, "proof_id": proof}
    found = [
        {**common, "gnum": n, "kind": "arrived", "qty": str(line.qty), "reference": f"RK{one.number}"}
        for n, line in enumerate(one.lines, 1)
    ]
    if int(one.number[-1]) % 2 == 0:
        found += [
            {**common, "gnum": n, "kind": "sold", "qty": str(line.qty // 2), "reference": f"XS{one.number}"}
            for n, line in enumerate(one.lines, 1)
            if line.qty > 1
        ]
    return found
