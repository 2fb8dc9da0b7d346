"""What customs' responses mean for a checklist, and how our tiering compares (message standard §5)."""

import pytest

from customs.rules.moves import NAMES, State
from customs.rules.relay import (
    Act,
    Meaning,
    Verdict,
    act_of,
    meaning,
    number_fault,
    paper_meaning,
    read_time,
    steps_to,
    verdict,
)


@pytest.mark.parametrize(
    ("current", "status", "steps"),
    [
        ("2", "120", ["120"]),
        ("3", "120", ["120"]),
        ("3", "800", ["120", "399", "800"]),
        ("3", "300", ["120", "300"]),
        ("3", "500", ["120", "399", "500"]),
        ("3", "502", ["120", "399", "500", "502"]),
        ("300", "800", ["399", "800"]),
        ("120", "899", ["399", "800", "899"]),
        ("3", "100", ["100"]),
        ("500", "100", ["100"]),
        ("4", "120", ["3", "120"]),
        ("501", "800", ["500", "800"]),
        ("2", "4", ["4"]),
        ("2", "3", ["3"]),
    ],
)
def test_states_that_customs_passed_over_are_filled_in(current, status, steps):
    assert meaning(status, current) == (Meaning.MOVE, steps)


@pytest.mark.parametrize(("current", "status"), [("3", "2"), ("3", "1"), ("120", "120"), ("120", "3"), ("800", "2")])
def test_the_exchange_s_own_steps_and_repeats_lead_nowhere_back(current, status):
    assert meaning(status, current) == (Meaning.NOTHING, [])


@pytest.mark.parametrize(("current", "status"), [("899", "800"), ("100", "120"), ("800", "120"), ("300", "120")])
def test_a_known_state_that_does_not_follow_moves_nothing(current, status):
    assert meaning(status, current) == (Meaning.IMPOSSIBLE, [])


@pytest.mark.parametrize("status", ["", "abc", "12O", "505", "600", "99999", "--1", "-"])
def test_a_code_outside_the_list_is_unknown(status):
    assert meaning(status, "3") == (Meaning.UNKNOWN, [])


def test_a_negative_code_fails_sending_until_customs_has_the_checklist():
    assert meaning("-603001", "3") == (Meaning.FAILED, ["4"])
    assert meaning("-304001", "120") == (Meaning.FAILED, [])
    assert meaning("-304001", "800") == (Meaning.FAILED, [])


def test_no_way_leads_through_a_rejection_or_a_detention():
    blaming = {"4", "100", "501", "502", "503", "599", "700"}
    for start in NAMES:
        for end in NAMES:
            assert not blaming & set(steps_to(start, end)[:-1])


def test_response_times_have_seventeen_digits_and_exist():
    assert read_time("20261124101530123") == (2026, 11, 24, 10, 15, 30, 123000)
    for wrong in ("", "20261124101530", "20260230101530123", "2026112410153012x", "202611241015301234"):
        assert read_time(wrong) is None


def test_customs_number_is_taken_once_and_only_in_its_form():
    number = "51902026E000000001"
    assert number_fault("", None) is None
    assert number_fault(number, None) is None
    assert number_fault(number, number) is None
    assert number_fault("51902026E000000002", number).rule == "CU8008"
    assert number_fault("nonsense", None).rule == "CU8008"


@pytest.mark.parametrize(
    ("states", "done"),
    [
        ([], Act.OPEN),
        (["3", "120"], Act.OPEN),
        (["120", "800"], Act.RELEASED),
        (["899"], Act.RELEASED),
        (["300", "399", "800"], Act.REVIEWED),
        (["300", "500", "800"], Act.INSPECTED),
        (["502"], Act.INSPECTED),
        (["300", "100"], Act.REJECTED),
    ],
)
def test_what_customs_did_is_the_gravest_thing_it_answered(states, done):
    assert act_of(states) is done


@pytest.mark.parametrize(
    ("tier", "done", "found"),
    [
        ("low", Act.RELEASED, Verdict.SAME),
        ("low", Act.INSPECTED, Verdict.STRICTER),
        ("low", Act.REJECTED, Verdict.STRICTER),
        ("medium", Act.REVIEWED, Verdict.SAME),
        ("medium", Act.RELEASED, Verdict.MILDER),
        ("high", Act.INSPECTED, Verdict.SAME),
        ("high", Act.REVIEWED, Verdict.MILDER),
        (None, Act.REJECTED, Verdict.SAME),
        (None, Act.RELEASED, Verdict.MILDER),
        ("low", Act.OPEN, Verdict.OPEN),
    ],
)
def test_differences_are_told_by_direction(tier, done, found):
    assert verdict(tier, done) is found


def test_every_state_has_one_meaning():
    assert all(meaning(status, State.SENT)[0] is not Meaning.UNKNOWN for status in NAMES)


@pytest.mark.parametrize("subject", ["cancellation", "return_tally", "arrival", "departure", "master_list", "waybill"])
def test_an_answer_about_a_paper_takes_or_refuses_it(subject):
    for status in ("100", "120", "399"):
        assert paper_meaning(subject, status) is Meaning.MOVE
    for status in ("300", "500", "505", "600", "800", "899"):
        assert paper_meaning(subject, status) is Meaning.IMPOSSIBLE


def test_an_answer_about_a_return_has_the_states_of_ceb214():
    for status in ("100", "120", "300", "500", "505", "600", "800"):
        assert paper_meaning("goods_return", status) is Meaning.MOVE
    for status in ("399", "501", "700", "899"):
        assert paper_meaning("goods_return", status) is Meaning.IMPOSSIBLE


@pytest.mark.parametrize("subject", ["goods_return", "cancellation"])
@pytest.mark.parametrize(
    ("status", "found"),
    [("1", "nothing"), ("2", "nothing"), ("3", "nothing"), ("4", "nothing"), ("-1", "failed"), ("", "unknown")],
)
def test_the_exchange_s_own_steps_and_errors_move_no_paper(subject, status, found):
    assert paper_meaning(subject, status) == found
