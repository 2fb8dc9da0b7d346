"""Sharing a total out over parts so that the parts add up to it exactly (largest remainder)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Context, Decimal, localcontext

UNIT = Decimal("0.00001")
"""The finest weight that a message can say (N19,5)."""
_DIGITS = 60
"""Enough for the product of two N19,5 numbers: no step in between is rounded."""


def share_out(total: Decimal, weights: Sequence[Decimal], unit: Decimal = UNIT) -> list[Decimal]:
    """`total` in parts proportional to `weights`, each a multiple of `unit`, adding up to `total` exactly.

    Every part is at most one unit away from its exact share; the units left over after cutting go to the largest
    remainders, among equal ones to the earlier part. Where all weights are zero the parts are equal. `total` must be a
    multiple of `unit`, nothing negative; no weights give no parts. Raises `ValueError` otherwise.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("neither the total nor a weight may be negative")
    with localcontext(Context(prec=_DIGITS)):
        units = total / unit
        if units != units.to_integral_value():
            raise ValueError(f"{total} is not a multiple of {unit}")
        return [share * unit for share in _whole_units(int(units), weights)]


def _whole_units(units: int, weights: Sequence[Decimal]) -> list[int]:
    if not any(weights):
        weights = [Decimal(1)] * len(weights)
    together = sum(weights, Decimal(0))
    cut = [(units * weight / together).to_integral_value(rounding=ROUND_FLOOR) for weight in weights]
    # remainders are compared as products, so that a quotient without end cannot put two equal ones apart
    left = [units * weight - share * together for weight, share in zip(weights, cut, strict=True)]
    order = sorted(range(len(weights)), key=lambda n: (-left[n], n))
    extra = set(order[: units - int(sum(cut, Decimal(0)))])
    return [int(share) + (n in extra) for n, share in enumerate(cut)]
