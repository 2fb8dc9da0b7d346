"""Exact amounts: parsing from text, rounding, writing. No float comes near money, rates or quantities."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

_PLAIN = re.compile(r"-?[0-9]{1,14}(\.[0-9]{1,10})?")
CENT = Decimal("0.01")


def parse_decimal(text: str) -> Decimal | None:
    """A plain decimal written with digits and one point; None for anything else (`1e5`, `NaN`, `1,000`)."""
    return Decimal(text) if _PLAIN.fullmatch(text) else None


def half_up(amount: Decimal, unit: Decimal = CENT) -> Decimal:
    """`amount` rounded half up to `unit` (a cent unless said otherwise)."""
    return amount.quantize(unit, rounding=ROUND_HALF_UP)


def decimals(text: str) -> int:
    """How many digits stand behind the point as written."""
    return len(text.partition(".")[2])


def plain(amount: Decimal) -> str:
    """`amount` without exponent and without trailing zeros behind the point: `12.5`, `100`."""
    written = format(amount, "f")
    return written.rstrip("0").rstrip(".") if "." in written else written
