"""Rules of goods returns: the table of moves, grounds, shares that add up, quantities that never exceed a line."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customs.rules.moves import Cause
from customs.rules.returns import (
    DECISIONS,
    HOLDING,
    MOVES,
    OPEN,
    PROOFS,
    STATE_NAMES,
    Amounts,
    Grounds,
    ReturnState,
    came_back,
    decisions_from,
    grounds_faults,
    may_move,
    part_of,
    share,
)

QUANTITIES = st.decimals(min_value="0.00001", max_value="99999999999999.99999", places=5)


def test_every_state_has_a_name_and_can_be_reached():
    assert set(STATE_NAMES) == set(ReturnState)
    reached = {end for _, end in MOVES}
    assert reached == set(ReturnState)


def test_an_officer_decides_from_review_inspection_and_suspension_and_takes_back_what_was_handed_over():
    assert decisions_from("300") == ["release", "inspect", "suspend", "hand_over", "reject"]
    assert decisions_from("500") == ["release", "suspend", "hand_over", "reject"]
    assert decisions_from("600") == ["release", "inspect", "hand_over", "reject"]
    assert decisions_from("505") == ["inspect", "reject"]
    for state in set(ReturnState) - set(OPEN):
        assert decisions_from(state) == []


@pytest.mark.parametrize("start", [None, *ReturnState])
@pytest.mark.parametrize("end", list(ReturnState))
def test_only_officers_decide_and_only_the_party_files(start, end):
    if end in (ReturnState.DRAFT, ReturnState.DECLARED):
        assert not may_move(start, end, Cause.OFFICER)
        assert not may_move(start, end, Cause.RULE)
    else:
        assert not may_move(start, end, Cause.PARTY)
    if end in {state for state, _ in DECISIONS.values()} - {ReturnState.SUSPENDED}:
        assert not may_move(start, end, Cause.RULE)


@pytest.mark.parametrize("start", [one for one in ReturnState if one not in ("1", "100")])
def test_customs_own_system_passes_states_over_but_never_leads_back(start):
    ends = {end for end in ReturnState if may_move(start, end, Cause.CUSTOMS)}
    assert not ends & {ReturnState.DRAFT, ReturnState.DECLARED, start}
    assert (ReturnState.REJECTED in ends) == (start != ReturnState.RELEASED)
    assert (ReturnState.STORED in ends) == (start == ReturnState.DECLARED)
    assert (ReturnState.RELEASED in ends) == (start != ReturnState.RELEASED)


@pytest.mark.parametrize("start", ["1", "100"])
def test_customs_answers_neither_a_draft_nor_what_it_rejected(start):
    assert not any(may_move(start, end, Cause.CUSTOMS) for end in ReturnState)


def test_a_draft_and_a_rejected_return_hold_nothing():
    assert set(ReturnState) - set(HOLDING) == {ReturnState.DRAFT, ReturnState.REJECTED}


@pytest.mark.parametrize(("proof", "reason"), [(proof, reason) for proof, (reason, _) in PROOFS.items()])
def test_a_proof_goes_with_its_reason_only(proof, reason):
    assert grounds_faults(Grounds(reason, proof), "/grounds") == []
    other = {"unsold": "returned", "returned": "unsold"}[reason]
    assert [one.pointer for one in grounds_faults(Grounds(other, proof), "/grounds")] == ["/grounds/proof"]


@pytest.mark.parametrize("kind", ["repaid", "not_refunded"])
def test_a_certificate_has_a_number_and_a_number_a_certificate(kind):
    assert grounds_faults(Grounds("unsold", "self_declaration", kind, "440200-1"), "") == []
    for grounds in (
        Grounds(certificate=kind),
        Grounds(certificate_no="1"),
        Grounds(certificate=kind, certificate_no="9" * 41),
    ):
        assert [one.rule for one in grounds_faults(grounds, "")] == ["CU6322"]


def test_unknown_grounds_are_named_with_the_choices():
    found = grounds_faults(Grounds("broken", "photo", "maybe"), "/grounds")
    assert [one.pointer for one in found] == ["/grounds/reason", "/grounds/proof", "/grounds/certificate"]
    assert "unsold、returned" in found[0].message.zh


# A line of 5 pieces, 150.00: three returns of 1, 1 and 3 pieces; and thirds of 100.00, which no two decimals hold.
@pytest.mark.parametrize(
    ("total", "whole", "parts", "shares"),
    [
        ("150", "5", ["1", "1", "3"], ["30", "30", "90"]),
        ("100", "3", ["1", "1", "1"], ["33.33333", "33.33334", "33.33333"]),
        ("0.00001", "2", ["1", "1"], ["0.00001", "0"]),
    ],
)
def test_shares_of_successive_returns(total, whole, parts, shares):
    before, found = Decimal(0), []
    for part in map(Decimal, parts):
        found.append(share(Decimal(total), Decimal(whole), before, part))
        before += part
    assert found == list(map(Decimal, shares))


@given(QUANTITIES, st.lists(st.decimals(min_value="0.00001", max_value="999999999", places=5), min_size=1, max_size=20))
def test_the_shares_of_all_parts_add_up_to_the_line_and_none_is_negative(total, parts):
    whole, before, found = sum(parts, Decimal(0)), Decimal(0), []
    for part in parts:
        found.append(share(total, whole, before, part))
        before += part
    assert sum(found) == total
    assert min(found) >= 0


@given(QUANTITIES, QUANTITIES, st.lists(st.integers(1, 10), min_size=1, max_size=8))
def test_parts_of_a_line_never_exceed_it_in_any_unit_and_the_last_takes_the_rest(qty1, qty2, weights):
    whole = Amounts(Decimal(sum(weights)), qty1, qty2)
    left = whole
    for weight in weights:
        part = part_of(whole, left, Decimal(weight))
        assert part.qty1 >= 0
        left = left.minus(part)
        assert min(left.qty, left.qty1, left.qty2 or Decimal(0)) >= 0
    assert left == Amounts(Decimal(0), Decimal(0), Decimal(0))


@pytest.mark.parametrize(("found", "counts"), [("0", "0"), ("1", "1"), ("2", "2"), ("3", "2")])
def test_what_counts_as_come_back_is_what_was_found_but_never_more_than_was_asked_for(found, counts):
    assert came_back(Amounts(Decimal(2), Decimal(2), None), Decimal(found)).qty == Decimal(counts)
