"""Sharing out a weight: nothing is lost, nothing invented, nobody gets more than a unit beside the fair share."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customs.rules.shares import UNIT, share_out

AMOUNTS = st.decimals(min_value=0, max_value=10**13, places=5)
WEIGHTS = st.lists(AMOUNTS, min_size=1, max_size=50)


@given(total=AMOUNTS, weights=WEIGHTS)
def test_parts_add_up_exactly_and_stay_within_a_unit_of_the_fair_share(total, weights):
    parts = share_out(total, weights)
    assert sum(map(Fraction, parts)) == Fraction(total)
    fair = list(map(Fraction, weights)) if any(weights) else [Fraction(1)] * len(weights)
    for part, weight in zip(parts, fair, strict=True):
        assert abs(Fraction(part) - Fraction(total) * weight / sum(fair)) < Fraction(UNIT)
        assert Fraction(part) % Fraction(UNIT) == 0


def test_the_unit_left_over_goes_to_the_largest_remainder_and_among_equals_to_the_first():
    assert share_out(Decimal("0.00010"), [Decimal(1), Decimal(1), Decimal(1)]) == [
        Decimal("0.00004"), Decimal("0.00003"), Decimal("0.00003"),
    ]  # fmt: skip
    # 0.00007 over 1:2:4 is exactly 1, 2 and 4 units; over 1:1:5 it is 1, 1 and 5
    assert share_out(Decimal("0.00007"), [Decimal(1), Decimal(2), Decimal(4)])[2] == Decimal("0.00004")
    # 0.00002 over 1:2: 0.67 and 1.33 units, one cut for the second, the one left over to the larger remainder
    assert share_out(Decimal("0.00002"), [Decimal(1), Decimal(2)]) == [Decimal("0.00001"), Decimal("0.00001")]


def test_lines_without_value_share_equally_and_no_lines_get_nothing():
    assert share_out(Decimal("0.5"), [Decimal(0), Decimal(0)]) == [Decimal("0.25"), Decimal("0.25")]
    assert share_out(Decimal("0.5"), []) == []


@pytest.mark.parametrize(
    ("total", "weights"), [("-1", ["1"]), ("1", ["-1"]), ("0.000001", ["1"])], ids=["total", "weight", "unit"]
)
def test_what_cannot_be_shared_is_refused(total, weights):
    with pytest.raises(ValueError, match=r"negative|multiple"):
        share_out(Decimal(total), [Decimal(one) for one in weights])
