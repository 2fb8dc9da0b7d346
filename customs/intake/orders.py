"""Orders and warehouse bookings (CEB303): from checked documents to rows, events and moves."""

from __future__ import annotations

from customs.intake.batch import Batch


def take(batch: Batch) -> None:
    """Take in the batch's open documents."""
