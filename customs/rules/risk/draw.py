"""The random draw: the same checklist always draws the same lot, and nobody can know it before the day is over.

A lot is HMAC-SHA256(secret of the day of receipt, checklist id in decimal digits); its first eight bytes as a number
between 0 and 1. Whoever holds the secret can work it out again.
"""

from __future__ import annotations

import hmac
from decimal import Decimal

_BYTES = 8
_SPACE = Decimal(2 ** (8 * _BYTES))


def lot(secret: bytes, checklist_id: int) -> Decimal:
    """The lot of a checklist, at least 0 and below 1."""
    digest = hmac.digest(secret, str(checklist_id).encode(), "sha256")
    return int.from_bytes(digest[:_BYTES]) / _SPACE
